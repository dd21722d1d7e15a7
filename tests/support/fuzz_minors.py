"""Minors, guardians and citizens for fuzzing: for each operation of theirs somebody who may do it, and to what."""

from typing import Any

from infra.demo.world import World

from .accounts import new_mobile, new_name
from .consents import answer_body
from .edges import Http
from .lives import make_account
from .minor_recipes import CITIZEN
from .minors import agreed, born, invite, make_guardian, make_minor, rules_shown
from .people import Someone
from .trading import key

_ENOUGH = 3
_WARDS = (
    "withdraw_as_guardian",
    "see_ward",
    "list_ward_records",
    "correct_ward",
    "correct_ward_age",
    "remove_ward_field",
    "limit_ward",
    "preview_ward_cancellation",
)


def at_home(http: Http, world: World) -> dict[str, list[dict[str, Any]]]:
    """Give, by operation, who may do it and to what."""
    world.control("POST", "/identity/citizens", {**CITIZEN, "mobiles": []})
    found: dict[str, list[dict[str, Any]]] = {name: [_guardian(http, name)] for name in _WARDS}
    found["declare_age"] = [_told(_somebody()) for _ in range(_ENOUGH)]
    found["invite_guardian"] = [_told(make_minor(15))]
    found["answer_as_guardian"] = [_told(make_guardian(), invitations=[_invitation(http) for _ in range(2 * _ENOUGH)])]
    found["remove_ward_post"] = [_with_posts(http)]
    found["cancel_ward"] = [_leaving(http) for _ in range(2)]
    for name in ("verify_name", "begin_face", "settle_face"):
        found[name] = [_told(_citizen(http, begun=name == "settle_face"))]
    return found


def children(world: World, http: Http) -> list[dict[str, str]]:
    """Have codes sent to children who have no account."""
    return [_child(world, http) for _ in range(_ENOUGH)]


def _child(world: World, http: Http) -> dict[str, str]:
    mobile = new_mobile()
    sent = http("POST", "/v1/accounts/codes", {"mobile": mobile, "purpose": "sign_up"})
    assert sent.status == 202, sent.text
    return {"mobile": mobile, "code": world.code_sent_to(f"+86{mobile}"), "birth_date": born(9).isoformat()}


def _somebody() -> Someone:
    return make_account(f"+86{new_mobile()}", new_name())


def _told(who: Someone, **more: Any) -> dict[str, Any]:
    return {"token": who.token, "owns": {}, **more}


def _guardian(http: Http, name: str) -> dict[str, Any]:
    guardian = make_guardian()
    return _told(guardian, owns={name: [_ward(http, guardian).person_id for _ in range(_ENOUGH)]})


def _ward(http: Http, guardian: Someone) -> Someone:
    child = make_minor(9, identified=True)
    agreed(http, guardian, child)
    return child


def _invitation(http: Http) -> dict[str, Any]:
    invited = invite(http, make_minor(9))["invitation"]
    return {"invitation": invited, "answer": "agree", "notice": rules_shown("child")}


def _with_posts(http: Http) -> dict[str, Any]:
    guardian = make_guardian()
    child = _ward(http, guardian)
    posts = [
        http("POST", "/v1/posts", {"text": "新作", "affirmed_others": True}, who=child, headers=key()).json["post_id"]
        for _ in range(_ENOUGH)
    ]
    places = [{"child_id": child.person_id, "post_id": post_id} for post_id in posts]
    return _told(guardian, owns={"remove_ward_post": places})


def _leaving(http: Http) -> dict[str, Any]:
    guardian = make_guardian()
    child = _ward(http, guardian)
    plan = http("GET", f"/v1/wards/{child.person_id}/cancellation", who=guardian).json
    return _told(guardian, owns={"cancel_ward": [child.person_id]}, plan_hash=plan["plan_hash"])


def _citizen(http: Http, *, begun: bool) -> Someone:
    who = _somebody()
    agreed_to = http("POST", "/v1/consents", answer_body("account.verification"), who=who)
    assert agreed_to.status == 200, agreed_to.text
    if begun:
        answer = http("POST", "/v1/verification/face", CITIZEN, who=who)
        assert answer.status == 201, answer.text
    return who
