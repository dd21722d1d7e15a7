"""What a route declares must make sense before anybody calls it; and every route of the app does."""

from collections.abc import Callable, Iterator
from typing import Any, get_args, get_origin

import msgspec
import pytest
from msgspec import inspect

import app
from chalicelib.accounts.contracts.outward import AuthorizationQuery
from chalicelib.foundation.kernel.call import Role
from chalicelib.foundation.kernel.errors import Failure
from chalicelib.foundation.register import lookup
from chalicelib.foundation.web.limits import Limit
from chalicelib.foundation.web.openapi import failures_of
from chalicelib.foundation.web.problem import STATUS
from chalicelib.foundation.web.route import REGISTERED, Contradiction, Route, Who

assert app.app is not None
ROUTES = sorted(REGISTERED.values(), key=lambda route: (route.path, route.method))
NAMES = [f"{route.method} {route.path}" for route in ROUTES]
BEHIND_A_TOKEN = {"POST /v1/oauth/authorize", "POST /v1/oauth/token", "GET /v1/oauth/userinfo"}
"""Where the consent is answered, or a link that it made is used: tests/api/accounts/test_outward_standing.py."""
OF_ANOTHER = {"POST /v1/desk/cases/{case_id}/identity/verified"}
"""Where it is whoever is compared that agreed, and without that nobody is: tests/service/support, tests/api/support."""
AS_THE_PROTOCOL_SAYS = {AuthorizationQuery}
"""What a client says beside what is known is left alone (RFC 6749 section 3.1)."""


def route(**declared: Any) -> Route:
    given = {"method": "POST", "path": "/v1/x", "function": print, "purpose": "", "returns": None, **declared}
    return Route(**given)


CONTRADICTIONS = {
    "a guest's key": {"who": Who.GUEST, "idempotent": True},
    "a provider's key": {"who": Who.PROVIDER, "idempotent": True},
    "a guest's limit per person": {"who": Who.GUEST, "limits": (Limit("x", 1, 60, per="person"),)},
    "a guest's proof of identity": {"who": Who.GUEST, "recent": True},
    "a guest's data key": {"who": Who.GUEST, "with_key": True},
    "a person's answer in shared caches": {"who": Who.PERSON, "cache_s": 60},
    "a route of staff without roles": {"who": Who.STAFF},
    "a person's route with roles": {"who": Who.PERSON, "roles": (Role.AUDITOR,)},
    "a guest's route with roles": {"who": Who.GUEST, "roles": (Role.AUDITOR,)},
    "a person's route for the trained": {"who": Who.PERSON, "trained": True},
    "a route of staff with a person's key": {"who": Who.STAFF, "roles": (Role.AUDITOR,), "with_key": True},
    "a route of staff that is a guest's in shared caches": {"who": Who.STAFF, "roles": (Role.AUDITOR,), "cache_s": 60},
    "a replay of nothing": {"who": Who.PERSON, "replay": print},
    "a page that refuses where there are none": {"who": Who.GUEST, "refused": print},
}


@pytest.mark.parametrize("declared", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_route_that_contradicts_itself_is_not_made(declared: dict[str, Any]):
    with pytest.raises(Contradiction):
        route(**declared)


def test_a_route_that_does_not_is_made():
    limits = (Limit("x", 1, 60), Limit("y", 1, 60, per="person"))
    made = route(who=Who.PERSON, idempotent=True, replay=print, recent=True, with_key=True, limits=limits)
    assert made.parameters == []
    assert route(who=Who.GUEST, path="/v1/a/{b}/c/{d}", cache_s=5).parameters == ["b", "d"]


def test_there_are_routes_to_look_at():
    assert len(ROUTES) > 40


@pytest.mark.promise("A2.2", "A4.1", "H3")
@pytest.mark.parametrize("declared", ROUTES, ids=NAMES)
def test_a_purpose_that_needs_consent_needs_a_person(declared: Route):
    """Consent is checked for whoever is authenticated; a guest's route must not need any."""
    if declared.purpose:
        purpose = lookup.purpose(declared.purpose)
        apart = f"{declared.method} {declared.path}" in BEHIND_A_TOKEN | OF_ANOTHER
        assert purpose.essential or declared.who is Who.PERSON or apart
    else:
        assert declared.who is not Who.PERSON


@pytest.mark.parametrize("declared", ROUTES, ids=NAMES)
def test_what_moves_something_is_no_get(declared: Route):
    if declared.method == "GET":
        assert not declared.idempotent
        assert declared.body is None
    assert declared.method in {"GET", "POST", "PUT", "DELETE"}
    assert declared.path.startswith("/v1/")


@pytest.mark.parametrize("declared", ROUTES, ids=NAMES)
def test_each_refusal_of_a_route_has_a_code_and_a_status(declared: Route):
    for failure in failures_of(declared):
        assert issubclass(failure, Failure)
        assert failure.kind in STATUS


SHAPES = [s for s in dict.fromkeys(s for r in ROUTES for s in (r.body, r.query)) if s is not None]


LISTS = dict.fromkeys((inspect.ListType, inspect.VarTupleType, inspect.SetType))
INSIDE: dict[type, Callable[[Any, str], list[tuple[Any, str]]]] = {
    inspect.StructType: lambda shape, at: [(field.type, f"{at}/{field.name}") for field in shape.fields],
    inspect.UnionType: lambda shape, at: [(one, at) for one in shape.types],
    inspect.Metadata: lambda shape, at: [(shape.type, at)],
    **dict.fromkeys(LISTS, lambda shape, at: [(shape.item_type, f"{at}[]")]),
}
LOOSE: dict[type, Callable[[Any], bool]] = {
    inspect.StrType: lambda shape: shape.max_length is None and not _ends(shape.pattern),
    inspect.IntType: lambda shape: shape.ge is shape.gt is None or shape.le is shape.lt is None,
    **dict.fromkeys(LISTS, lambda shape: shape.max_length is None),
    **dict.fromkeys((inspect.AnyType, inspect.DictType, inspect.FloatType), lambda _shape: True),
}


def unbounded(shape: Any, at: str = "") -> Iterator[str]:
    """Name every place of a contract where a client may say as much as it likes."""
    if LOOSE.get(type(shape), lambda _shape: False)(shape):
        yield at
    for inner, place in INSIDE.get(type(shape), lambda _shape, _at: [])(shape, at):
        yield from unbounded(inner, place)


def _ends(pattern: str | None) -> bool:
    return bool(pattern) and pattern.startswith("^") and pattern.endswith("$") and not {"*", "+"} & set(pattern)


@pytest.mark.parametrize("shape", SHAPES, ids=[shape.__name__ for shape in SHAPES])
def test_whatever_a_client_may_say_has_an_end(shape: type[msgspec.Struct]):
    assert list(unbounded(inspect.type_info(shape))) == []
    assert shape.__struct_config__.forbid_unknown_fields == (shape not in AS_THE_PROTOCOL_SAYS)
    assert shape.__struct_config__.frozen


def test_the_look_for_endless_input_finds_it():
    class Loose(msgspec.Struct):
        text: str
        count: int
        tags: list[str]
        more: dict[str, str]
        other: Any = None
        maybe: str | None = None

    found = list(unbounded(inspect.type_info(Loose)))
    assert [line.split(":")[0] for line in found] == [
        "/text",
        "/count",
        "/tags",
        "/tags[]",
        "/more",
        "/other",
        "/maybe",
    ]


def test_no_view_shows_a_stored_row():
    for declared in ROUTES:
        shown = declared.returns
        inner = get_args(shown) if get_origin(shown) else (shown,)
        assert all(one is None or issubclass(one, msgspec.Struct) for one in inner)


@pytest.mark.promise("K1.1", "K2.1")
@pytest.mark.parametrize("entry", lookup.rows(), ids=lambda entry: entry.kind)
def test_what_a_kept_row_keeps_ends_together_and_names_nobody_by_its_key(entry: Any):
    """A row is cut loose as one: its key stays, and its last attribute's end is everybody's."""
    kept = [a for a in entry.attributes if a.item and a.ending == "keep"]
    if not kept or not any(a.stored_as == "person_id" for a in entry.attributes):
        return
    assert len({lookup.item(a.item).retention for a in kept}) == 1
    keys = [a for a in entry.attributes if a.name in entry.keys]
    assert [a.name for a in keys if a.item and a.ending == "erase"] == []
