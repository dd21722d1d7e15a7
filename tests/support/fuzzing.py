"""Hooks of schemathesis, loaded into its process: who calls, and what no schema can say about a right request."""

import itertools
import json
import os
import random
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from urllib.parse import parse_qsl

import schemathesis
from schemathesis import Case, GenerationMode
from schemathesis.generation.meta import CoveragePhaseData, CoverageScenario, TestPhase

from infra.local.club import attempt

from .accounts import new_name
from .bindings import notice
from .consents import answer_body
from .fuzz_outward import SERVICE
from .fuzz_recovery import notice_of_recovery
from .lives import PASSWORD

OFTEN = 0.7
"""How often a request that can't be right by chance is made right, once one of its kind was; the rest goes as it is."""
_TOLD: dict[str, Any] = json.loads(os.environ.get("FUZZ_PEOPLE", "{}"))
_PEOPLE: dict[str, list[dict[str, Any]]] = _TOLD.get("people", {})
"""By the operation that they alone call, or none for those who call all the others."""
_TURNS: dict[tuple[str, str], Iterator[dict[str, Any]]] = {}
"""By those who may call, and by the operation where only few of them can do it: each goes round by itself."""
_BY_TOKEN = {one["token"]: one for people in _PEOPLE.values() for one in people}
_AT_WORK = {one["staff_id"] for people in _PEOPLE.values() for one in people if "staff_id" in one}
_GIFTS: dict[str, list[Any]] = _TOLD.get("gifts", {})
_DICE = random.Random(1)
_SERVED: set[str] = set()
_VERSIONS: dict[str, str] = {}
"""The latest version of each caller's profile, as they were told."""
_LIKE = {
    "begin_payment": "show_order",
    "sync_payment": "show_order",
    "cancel_order": "show_order",
    "list_comments": "show_post",
    "write_comment": "show_post",
    "claim_copy": "show_request",
    "write_message": "show_case",
}
"""Which thing an operation is about, where not one of its own; each also takes what others leave."""
_MINOR = f"{date.today().year - 15}-01-01"  # noqa: DTZ011 - the middle of the teens, whatever the zone
_CITIZEN = {"name": "王小明", "number": "11010519491231002X"}
"""Somebody whom the authority knows."""
_PLAIN = {"field": "residence", "version": "1.0.0", "feature": "account.membership", "purpose": "account.membership"}


@schemathesis.auth(refresh_interval=None)
class Bearers:
    """People in turn, so that the limits of one don't hide what is behind them."""

    def get(self, case: Case, _context: Any) -> str | None:
        """Choose who calls."""
        part = _name(case) if _name(case) in _PEOPLE else ""
        if part not in _PEOPLE:
            return None
        if case.meta is not None and case.meta.phase.name is TestPhase.STATEFUL:
            return str(_PEOPLE[part][0]["token"])  # a story is one person's
        return str(_next(part, _name(case))["token"])

    def set(self, case: Case, data: str | None, _context: Any) -> None:
        """Let them call."""
        if data is not None:
            case.headers = case.headers or {}
            case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.check
def undeclared_method_is_missing(_context: Any, response: Any, case: Case) -> None:
    """Hold that API Gateway answers a method that a path has not like a path that is not there.

    It has no other way (docs/decisions/0018): a 405 would have to be declared for each path. OPTIONS is a browser's
    own question, and answered.
    """
    data = case.meta.phase.data if case.meta else None
    if case.method.upper() == "OPTIONS":
        assert response.status_code == 200, f"OPTIONS answered {response.status_code}"
    elif isinstance(data, CoveragePhaseData) and data.scenario is CoverageScenario.UNSPECIFIED_HTTP_METHOD:
        assert response.status_code == 404, f"{response.request.method} answered {response.status_code}"


@schemathesis.hook
def before_call(_context: Any, case: Case, _kwargs: dict[str, Any]) -> None:
    """Mend in a right request what its schema can't say: things that exist, our cursors, whole numbers."""
    if (case.path_parameters or {}).get("staff_id") in _AT_WORK:  # lists name them; who lost a role could not go on
        case.path_parameters["staff_id"] = "stf_" + "a" * 26
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    if case.headers and "X-Device" in case.headers:
        case.headers["X-Device"] = "%E5%B0%8F%E7%B1%B3%2014"  # of the escapes that the pattern allows few are UTF-8
    if isinstance(case.query, dict) and "cursor" in case.query:
        case.query["cursor"] = ""
    if isinstance(case.body, dict):
        case.body = _possible(_whole(case.body))
    if _PEOPLE and (_name(case) not in _SERVED or _DICE.random() < OFTEN):
        _make_right(case, _caller(case))


def _possible(body: dict[str, Any]) -> dict[str, Any]:
    """Mend what a format allows and nobody has."""
    for name, otherwise in (("residence", "上海"), ("text", "有人冒充客服")):
        if isinstance(body.get(name), str):
            body[name] = "".join(filter(str.isprintable, body[name])).strip() or otherwise
    if "purposes" in body:
        body["purposes"] = ["account.membership"]
    if "mobile" in body:
        body["mobile"] = _new_mobile()
    if "email" in body:
        body["email"] = f"someone{_DICE.randrange(10**8)}@example.com"
    if {"name", "number"} <= body.keys():
        body |= _CITIZEN
    if "birth_date" in body:
        body["birth_date"] = "1990-02-28"
    return body


@schemathesis.hook
def after_call(_context: Any, case: Case, response: Any) -> None:
    """Note which operations have done their work."""
    if response.status_code < 400:
        _SERVED.add(_name(case))
    if "/v1/profile" in case.path and "etag" in response.headers:
        _VERSIONS[_token(case)] = response.headers["etag"][0]


def _make_right(case: Case, who: dict[str, Any]) -> None:
    name = _name(case)
    if case.path_parameters and case.meta and case.meta.phase.name is not TestPhase.STATEFUL:
        case.path_parameters.update(_place(name, case.path_parameters, who))
    if name in _BODIES and isinstance(case.body, dict):
        case.body.update(_BODIES[name](case.body, who))
    if name == "show_authorization":
        case.query = dict(parse_qsl(attempt().query()))
    if name in _OF_SERVICES and case.headers is not None:
        case.headers["Authorization"] = _OF_SERVICES[name]()
    if case.headers and "If-Match" in case.headers:
        case.headers["If-Match"] = _VERSIONS.get(_token(case), '"1"')


def _place(name: str, parameters: dict[str, Any], who: dict[str, Any]) -> dict[str, Any]:
    """Name things of the caller's own, or that everyone may see."""
    found: dict[str, Any] = {}
    for parameter in parameters:
        if parameter == "product_id":
            found[parameter] = _DICE.choice(_GIFTS["products"])
        elif parameter == "public_id":
            found[parameter] = _DICE.choice(_GIFTS["pages"])
        elif parameter in _PLAIN:
            found[parameter] = _PLAIN[parameter]
        elif parameter == "session_id":
            found[parameter] = _taken(who.get("sessions", []), "session_id")
        elif owned := who.get("owns", {}).get(name) or who.get("owns", {}).get(_LIKE.get(name, _shown(parameter))):
            chosen = _DICE.choice(owned)
            found |= chosen if isinstance(chosen, dict) else {parameter: chosen}
    return {parameter: value for parameter, value in found.items() if value}


def _shown(parameter: str) -> str:
    return f"show_{parameter.removesuffix('_id')}"


def _taken(several: list[dict[str, Any]], field: str) -> str | None:
    """Take what serves once, from the end; none when all are gone."""
    return str(several.pop()[field]) if several else None


def _taken_of(gift: str) -> str:
    """Take a gift that serves once; empty when all are gone."""
    return str(_GIFTS[gift].pop()) if _GIFTS[gift] else ""


def _named(field: str, value: str) -> dict[str, str]:
    """Give a field its value, where there is one."""
    return {field: value} if value else {}


def _new_mobile() -> str:
    return f"138{_DICE.randrange(10**8):08d}"


def _once(several: list[dict[str, Any]]) -> dict[str, Any]:
    """Take what serves once as it goes into a body; nothing when all is gone."""
    return dict(several.pop()) if several else {}


def _of_sign_up(_: dict[str, Any], __: dict[str, Any]) -> dict[str, Any]:
    return dict(_GIFTS["sign_ups"].pop()) if _GIFTS["sign_ups"] else {}


def _of_order(body: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
    chosen = _DICE.sample(_GIFTS["variants"], 1)
    return {"lines": [{"variant_id": one, "quantity": 1} for one in chosen], "affirmed": body.get("for_other", False)}


def _of_refresh(_: dict[str, Any], who: dict[str, Any]) -> dict[str, Any]:
    token = _taken(who.get("sessions", []), "refresh_token")
    return {"refresh_token": token} if token else {}


def _of_payment(_: dict[str, Any], __: dict[str, Any]) -> dict[str, Any]:
    return {"code": _GIFTS["codes"].pop()} if _GIFTS["codes"] else {}


_BODIES: dict[str, Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]] = {
    "sign_up": _of_sign_up,
    "log_in": lambda _, who: {"login": who["login"], "password": PASSWORD},
    "refresh_session": _of_refresh,
    "reauthenticate": lambda _, __: {"password": PASSWORD},
    "change_password": lambda _, __: {"current_password": PASSWORD, "new_password": "another-password-2"},
    "set_nickname": lambda _, __: {"nickname": new_name()},
    "set_avatar": lambda _, who: {"media_id": who["owns"]["set_avatar"][0]} if "set_avatar" in who["owns"] else {},
    "set_email": lambda _, who: _once(who.get("emails", [])),
    "hand_over": lambda _, __: {"request": attempt().query()},
    "decide_authorization": lambda _, __: _named("ticket", _taken_of("tickets")) | {"answer": "agree"},
    "give_tokens": lambda _, __: {
        **SERVICE,
        "grant_type": "refresh_token",
        "scope": "",
        **_named("refresh_token", _taken_of("service_refreshes")),
    },
    "end_token": lambda _, __: SERVICE,
    "begin_recovery": lambda _, __: _once(_GIFTS["recoveries"]) | {"notice": notice_of_recovery()},
    "stop_by_code": lambda _, __: _once(_GIFTS["recovery_stops"]),
    "finish_recovery": lambda _, __: _once(_GIFTS["recovery_finishes"]),
    "answer_notice": lambda _, __: answer_body(),
    "declare_age": lambda _, __: {"birth_date": _MINOR},
    "declare_child": lambda _, __: _once(_GIFTS["children"]),
    "answer_as_guardian": lambda _, who: _once(who.get("invitations", [])),
    "correct_ward": lambda _, __: {"residence": "上海", "gender": "female", "nickname": None},
    "limit_ward": lambda _, __: {"purposes": ["community.publish"]},
    "cancel_ward": lambda _, who: {"plan_hash": who["plan_hash"]} if "plan_hash" in who else {},
    "verify_name": lambda _, __: _CITIZEN,
    "begin_face": lambda _, __: _CITIZEN,
    "place_order": _of_order,
    "begin_payment": _of_payment,
    "prove_number": lambda _, __: _once(_GIFTS["phone_codes"]),
    "sign_up_by_wechat": lambda _, __: _once(_GIFTS["wechat_sign_ups"]),
    "log_in_by_wechat": lambda _, who: _once(who.get("wechat", [])),
    "bind_wechat": lambda _, who: _once(who.get("wechat", [])),
    "log_in_by_apple": lambda _, who: {**_once(who.get("apple", [])), "notice": notice()},
    "bind_apple": lambda _, who: _once(who.get("apple", [])),
    "write_post": lambda _, __: {"affirmed_others": True, "affirmed_leaving": True, "media_ids": [], "place": None},
    "write_comment": lambda _, __: {"affirmed_others": True, "affirmed_leaving": True},
    "cancel_account": lambda _, who: {"plan_hash": who["plan_hash"]} if "plan_hash" in who else {},
    "open_case": lambda _, __: {"order_id": None},
    "record_training": lambda _, __: {"trained_on": "2026-01-05", "exam_passed_on": "2026-01-06"},
    "change_roles": lambda _, __: {"approval_id": ""},
    "open_fields": lambda _, __: {"approval_id": "", "fields": ["profile.residence"]},
    "correct_for_them": lambda _, __: {"residence": "上海", "gender": None, "nickname": None, "remove": None},
    "show_certificate": lambda _, __: {"receipt": _GIFTS["receipts"][0]},
}


_OF_SERVICES: dict[str, Callable[[], str]] = {
    "give_tokens": lambda: "",
    "end_token": lambda: "",
    "show_user_info": lambda: f"Bearer {_GIFTS['service_tokens'][0]}",
}
"""What a third party bears: its secret is in the form."""


def _name(case: Case) -> str:
    return str(case.operation.definition.raw.get("operationId", ""))


def _caller(case: Case) -> dict[str, Any]:
    """Tell whose the request is; whoever comes without a session has somebody's numbers at hand."""
    return _BY_TOKEN.get(_token(case)) or _next("", _name(case))


def _token(case: Case) -> str:
    return str((case.headers or {}).get("Authorization", "")).removeprefix("Bearer ")


def _next(part: str, operation: str) -> dict[str, Any]:
    """Tell whose turn it is: of those who own what an operation is about, where not everybody does."""
    able = [one for one in _PEOPLE[part] if _LIKE.get(operation, operation) in one.get("owns", {})]
    few = 0 < len(able) < len(_PEOPLE[part])
    turn = (part, operation if few else "")
    if turn not in _TURNS:
        _TURNS[turn] = itertools.cycle(able if few else _PEOPLE[part])
    return next(_TURNS[turn])


def _whole(value: Any) -> Any:
    """Write `4.0` as `4`: to a schema that is the same, to a contract it is no integer."""
    if isinstance(value, dict):
        return {name: _whole(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_whole(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
