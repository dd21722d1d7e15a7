"""Every route says who may call it for what, and lets in nobody else: no forger, nobody frozen or leaving."""

import pytest

from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.register import lookup
from chalicelib.foundation.web.decode import PREFIXES
from chalicelib.foundation.web.route import Route, Who
from tests.support.edges import Http, Reply
from tests.support.people import Someone, expired_token, make_person
from tests.support.routes import ROUTES, named
from tests.support.staff import make_staff
from tests.support.trading import key

UNTRAINED = {
    "POST /v1/staff/sessions/logout": "ends one's own session, and shows nobody",
    "GET /v1/staff/me": "shows what is held about oneself, and whether one is trained",
    "DELETE /v1/staff/members/{staff_id}/sessions": "takes access away at once, and shows nobody",
    "DELETE /v1/staff/members/{staff_id}": "takes access away at once, and shows nobody",
}
"""What staff may do before training and exam, and why."""
KNOWN = [route for route in ROUTES if route.who in {Who.PERSON, Who.STAFF}]
PERSONAL = [route for route in ROUTES if route.who is Who.PERSON]


def path_of(route: Route) -> str:
    """Fill in a route's path with ids that nobody has; who may not come in is told so before anything is looked for."""
    path = route.path
    for name in route.parameters:
        path = path.replace(f"{{{name}}}", new_id(PREFIXES[name]) if name in PREFIXES else "x.y")
    return path


def send(http: Http, route: Route, who: Someone | None = None, **headers: str) -> Reply:
    """Send a request to a route."""
    return http(route.method, path_of(route), who=who, headers={**key(), "If-Match": '"1"', **headers})


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_a_route_says_who_may_call_it_for_what(route: Route):
    assert isinstance(route.who, Who)
    if (route.who, route.method) == (Who.GUEST, "GET"):  # nothing is known of a reader, so there is nothing to serve
        assert route.purpose == ""
    else:
        assert lookup.purpose(route.purpose)
    assert route.function.__doc__
    assert bool(route.roles) == (route.who is Who.STAFF)
    assert route.returns is not None or route.html or route.status in {204, 303}


@pytest.mark.promise("K7.1")
def test_staff_do_nothing_untrained_but_what_is_listed_with_a_reason():
    assert {named(route) for route in ROUTES if route.who is Who.STAFF and not route.trained} == set(UNTRAINED)
    assert all(UNTRAINED.values())


@pytest.mark.promise("K4.3")
@pytest.mark.parametrize("route", KNOWN, ids=named)
def test_nobody_gets_in_without_a_session_that_lives(http: Http, route: Route):
    someone = make_person() if route.who is Who.PERSON else make_staff(*route.roles)
    signed, _, mark = someone.token.rpartition(".")
    other = (make_person() if route.who is Who.PERSON else make_staff(*route.roles)).token.split(".")[1]
    tokens = [
        "",
        someone.token[:-2] + "xx",
        f"{signed}.{mark[::-1]}",
        someone.token.replace(signed.split(".")[1], other),
    ]
    tokens += [expired_token(make_person()), "eyJhbGciOiJub25lIn0.e30."]
    for token in tokens:
        answer = send(http, route, Authorization=f"Bearer {token}")
        assert (answer.status, answer.code) == (401, "session.invalid")
    assert send(http, route).code == "session.invalid"


@pytest.mark.promise("J7.4")
@pytest.mark.parametrize(("status", "code"), [("frozen", "account.frozen"), ("closing", "account.closing")])
@pytest.mark.parametrize("route", PERSONAL, ids=named)
def test_nobody_acts_who_may_not(http: Http, route: Route, status: str, code: str):
    assert send(http, route, make_person(status=status, recent=True)).code == code
