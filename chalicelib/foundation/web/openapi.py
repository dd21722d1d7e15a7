"""OpenAPI 3.1 from the routes' own declarations."""

from collections.abc import Iterable
from typing import Any

import msgspec

from ..kernel.errors import (
    Busy,
    ConsentRequired,
    Failure,
    Internal,
    InvalidInput,
    NotFound,
    ReauthenticationRequired,
    TooMany,
    Unauthenticated,
)
from ..standing.access import AccountClosing, AccountFrozen
from ..standing.minors import GuardianConsentRequired, NotForChildren
from ..standing.staff import RoleMissing, TrainingMissing
from .answer import VersionMissing, VersionStale
from .cookies import ASKED, BY_COOKIE, SESSION, CrossSite
from .decode import PLAIN, PREFIXES, BodyTooLarge, WrongMediaType
from .idempotency import CLIENT_KEY, KeyMissing, KeyReused
from .navigation import NotNavigated
from .problem import CONTENT_TYPE, STATUS, Problem
from .route import REGISTERED, Route, Who
from .versions import CLIENT, DEVICE, MOST_CHARACTERS, ClientTooOld, ClientUnnamed

_REF = "#/components/schemas/{name}"
_ELSEWHERE = 303
_COOKIE = f"For the website: with `{ASKED}: {BY_COOKIE}`, from its own origin, and without a bearer token."
_LIMITED = ("RateLimit", "RateLimit-Policy")
_HEADERS = {
    "ETag": "Strong version of the thing, for `If-Match` or `If-None-Match`.",
    "Idempotency-Replayed": "`true` when the key had been used for this very request before.",
    "Location": "What was made, or where to look for what comes of it.",
    "RateLimit": "What is left of the window, as in draft-ietf-httpapi-ratelimit-headers.",
    "RateLimit-Policy": "The window.",
    "Retry-After": "Seconds to wait.",
    "Set-Cookie": "The website's session, where it asked for cookies; twice, once for each.",
    "WWW-Authenticate": "`Bearer`.",
}
_REFUSED_WITH = {"401": ("WWW-Authenticate",), "429": ("Retry-After", *_LIMITED), "503": ("Retry-After",)}


def document(version: str) -> dict[str, Any]:
    """Describe every registered route."""
    routes = [REGISTERED[key] for key in sorted(REGISTERED, key=lambda k: (k[1], k[0]))]
    shapes = [
        Problem,
        *dict.fromkeys(s for r in routes for s in (r.body, r.form, r.returns, r.query, r.refuses) if s is not None),
    ]
    schemas, components = msgspec.json.schema_components(shapes, ref_template=_REF)
    refs = dict(zip(map(_key, shapes), schemas, strict=True))
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, refs, components)
    for route in routes:
        if route.query is not None:
            components.pop(route.query.__name__, None)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Jule API",
            "version": version,
            "summary": "Shop and community of 聚乐部落",
            "description": "Every answer carries `X-Request-Id`; name it when you ask us about it.",
            "license": {"name": "Proprietary", "identifier": "LicenseRef-Proprietary"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "headers": {name: {"description": says, "schema": {"type": "string"}} for name, says in _HEADERS.items()},
            "securitySchemes": {
                "session": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "staff": {"type": "http", "scheme": "bearer", "description": "A session of staff; see `x-roles`."},
                "cookie": {"type": "apiKey", "in": "cookie", "name": SESSION, "description": _COOKIE},
            },
        },
    }


def failures_of(route: Route) -> list[type[Failure]]:
    """List every failure a route may answer with: its own and those of its declaration."""
    declared: list[tuple[object, tuple[type[Failure], ...]]] = [
        (True, (Internal, Busy, ClientTooOld, *route.errors)),
        (route.parameters or route.replay, (NotFound,)),  # what a repeat would show again may be gone
        (route.body is not None, (InvalidInput, BodyTooLarge, WrongMediaType)),
        (route.form is not None and route.who is not Who.PROVIDER, (InvalidInput, BodyTooLarge, WrongMediaType)),
        (route.query is not None, (InvalidInput,)),
        (route.who is Who.PERSON, (Unauthenticated, ConsentRequired, AccountFrozen, AccountClosing, CrossSite)),
        (route.guarded, (GuardianConsentRequired, NotForChildren)),
        (route.who is Who.STAFF, (Unauthenticated, RoleMissing)),
        (route.trained, (TrainingMissing,)),
        (route.begins_session, (CrossSite,)),
        (route.navigated, (NotNavigated,)),
        (route.recent, (ReauthenticationRequired,)),
        (route.on_record, (ClientUnnamed,)),
        (route.limits, (TooMany,)),
        (route.idempotent, (KeyMissing, KeyReused)),
        (route.if_match, (VersionMissing, VersionStale)),
    ]
    found = [failure for applies, failures in declared if applies for failure in failures]
    return list(dict.fromkeys(found))


def _operation(route: Route, refs: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    lines = (route.function.__doc__ or "").strip().split("\n")
    described: dict[str, Any] = {
        "operationId": route.name,
        "tags": [_domain(route)],
        "summary": lines[0],
        "parameters": _parameters(route, components),
        "responses": _responses(route, refs),
        "x-purpose": route.purpose,
    }
    if route.who is Who.PERSON:
        described["security"] = [{"session": []}, {"cookie": []}]
    if route.who is Who.STAFF:
        described["security"] = [{"staff": []}]
        described["x-roles"] = [str(role) for role in route.roles]
    for shape, kind in ((route.body, "application/json"), (route.form, "application/x-www-form-urlencoded")):
        if shape is not None:
            described["requestBody"] = {"required": True, "content": {kind: {"schema": refs[_key(shape)]}}}
    return described


def _parameters(route: Route, components: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name in route.parameters:
        prefix = PREFIXES.get(name)
        pattern = f"^{prefix}_[a-z2-7]{{26}}$" if prefix else f"^{PLAIN}$"
        schema = {"type": "string", "pattern": pattern}
        found.append({"name": name, "in": "path", "required": True, "schema": schema})
    if route.query is not None:
        shape = components[route.query.__name__]
        for name, schema in shape["properties"].items():
            required = name in shape.get("required", [])
            found.append({"name": name, "in": "query", "required": required, "schema": schema})
    if route.idempotent:
        schema = {"type": "string", "pattern": f"^{CLIENT_KEY}$"}
        found.append({"name": "Idempotency-Key", "in": "header", "required": True, "schema": schema})
    if route.if_match:
        schema = {"type": "string", "pattern": '^"[0-9]{1,18}"$'}
        found.append({"name": "If-Match", "in": "header", "required": True, "schema": schema})
    if route.begins_session:
        # Any text: what comes beside a bearer token counts for nothing.
        described = {"description": _COOKIE, "schema": {"type": "string"}}
        found.append({"name": ASKED, "in": "header", "required": False, **described})
    return found + ([] if route.who is Who.PROVIDER else _who_sends(on_record=route.on_record))


def _who_sends(*, on_record: bool) -> list[dict[str, Any]]:
    """Describe the headers that name client and device; where neither goes on record, any text may come."""
    return [
        {
            "name": name,
            "in": "header",
            "required": on_record,
            "description": described,
            "schema": {"type": "string", **({"pattern": f"^{pattern}$"} if on_record else {})},
        }
        for name, pattern, described in (
            ("X-Client", CLIENT, "Channel and version, such as `wxmp/2.3.1`; without it the website."),
            ("X-Device", DEVICE, f"Model in percent-encoded UTF-8, at most {MOST_CHARACTERS} characters decoded."),
        )
    ]


def _responses(route: Route, refs: dict[str, Any]) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    ok: dict[str, Any] = {"description": "Done.", **_headers(_said_with(route))}
    if route.html and route.status != _ELSEWHERE:
        ok["content"] = {"text/html": {"schema": {"type": "string"}}}
    elif route.returns is not None:
        ok["content"] = {"application/json": {"schema": refs[_key(route.returns)]}}
    answers[str(route.status)] = ok
    if route.cache_s:
        answers["304"] = {"description": "Not changed: the client has exactly this (`If-None-Match`)."}
    if route.redirects and route.status != _ELSEWHERE:
        answers[str(_ELSEWHERE)] = {"description": "Go on there.", **_headers(("Location",))}
    own = {} if route.refuses is None else {"application/json": {"schema": refs[_key(route.refuses)]}}
    if route.html:
        own["text/html"] = {"schema": {"type": "string"}}
    by_status: dict[str, list[str]] = {}
    for failure in failures_of(route):
        by_status.setdefault(str(STATUS[failure.kind]), []).append(failure.code)
    for status, codes in sorted(by_status.items()):
        answers[status] = {
            "description": ", ".join(sorted(set(codes))),
            **_headers(_REFUSED_WITH.get(status, ())),
            "content": {CONTENT_TYPE: {"schema": refs[_key(Problem)]}, **own},
        }
    return answers


def _said_with(route: Route) -> list[str]:
    """List the headers that tell a client something about a good answer."""
    edited = any(one.if_match for (_, path), one in REGISTERED.items() if path == route.path)
    told = [
        (route.cache_s or edited, ("ETag",)),
        (route.limits, _LIMITED),
        (route.idempotent, ("Idempotency-Replayed",)),
        (route.begins_session, ("Set-Cookie",)),
        (route.place or route.status == _ELSEWHERE, ("Location",)),
    ]
    return [name for applies, names in told if applies for name in names]


def _headers(names: Iterable[str]) -> dict[str, Any]:
    said = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    return {"headers": said} if said else {}


def _domain(route: Route) -> str:
    _, domain, *rooms = route.function.__module__.split(".")
    return domain if domain != "foundation" else rooms[0]


def _key(shape: Any) -> str:  # noqa: ANN401 - a struct class or a generic alias
    return repr(shape)
