"""Every route times whoever may come: nobody, a forger, somebody frozen or leaving, and a stranger."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.register import lookup
from chalicelib.foundation.web.decode import PREFIXES
from chalicelib.foundation.web.route import Route, Who
from tests.support.edges import Http, Reply
from tests.support.goods import on_sale
from tests.support.lives import make_account
from tests.support.people import Someone, expired_token, make_person
from tests.support.photographs import jpeg
from tests.support.publishing import Town
from tests.support.routes import ROUTES, named
from tests.support.trading import Shop, key

PERSONAL = [route for route in ROUTES if route.who is Who.PERSON]
OPEN_TO_GUESTS = [route for route in ROUTES if route.who is Who.GUEST]
SHARED = {"POST /v1/posts/{post_id}/comments"}
"""What is there for everyone, though only people may use it."""
BODIES: dict[str, dict[str, Any]] = {"begin_payment": {"code": "a-code-of-wechat"}}
"""What a route with an id in its path must be sent besides."""


def path_of(route: Route, **ids: str) -> str:
    """Fill in a route's path: with these ids, else with such as nobody has."""
    path = route.path
    for name in route.parameters:
        path = path.replace(f"{{{name}}}", ids.get(name) or (new_id(PREFIXES[name]) if name in PREFIXES else "x.y"))
    return path


def send(http: Http, route: Route, path: str, who: Someone | None = None, **headers: str) -> Reply:
    """Send what a route asks for."""
    given = {**key(), "If-Match": '"1"', **headers}
    return http(route.method, path, BODIES.get(route.name), who=who, headers=given)


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_a_route_says_who_may_call_it_for_what(route: Route):
    assert isinstance(route.who, Who)
    if (route.who, route.method) == (Who.GUEST, "GET"):  # nothing is known of a reader, so there is nothing to serve
        assert route.purpose == ""
    else:
        assert lookup.purpose(route.purpose)
    assert route.function.__doc__
    assert route.returns is not None or route.html or route.status in {204, 303}


@pytest.mark.promise("K4")
@pytest.mark.parametrize("route", PERSONAL, ids=named)
def test_nobody_gets_in_without_a_session_that_lives(http: Http, route: Route):
    someone = make_person()
    signed, _, mark = someone.token.rpartition(".")
    other = make_person().token.split(".")[1]
    tokens = [
        "",
        someone.token[:-2] + "xx",
        f"{signed}.{mark[::-1]}",
        someone.token.replace(signed.split(".")[1], other),
    ]
    tokens += [expired_token(someone), "eyJhbGciOiJub25lIn0.e30."]
    for token in tokens:
        answer = send(http, route, path_of(route), Authorization=f"Bearer {token}")
        assert (answer.status, answer.code) == (401, "session.invalid")
    assert send(http, route, path_of(route)).code == "session.invalid"


@pytest.mark.promise("K6", "J7")
@pytest.mark.parametrize(("status", "code"), [("frozen", "account.frozen"), ("closing", "account.closing")])
@pytest.mark.parametrize("route", PERSONAL, ids=named)
def test_nobody_acts_who_may_not(http: Http, route: Route, status: str, code: str):
    assert send(http, route, path_of(route), make_person(status=status, recent=True)).code == code


@pytest.mark.promise("A1")
@pytest.mark.parametrize("route", OPEN_TO_GUESTS, ids=named)
def test_what_is_open_to_guests_asks_for_no_session(http: Http, route: Route):
    assert send(http, route, path_of(route), Authorization="Bearer nonsense").status != 401


class Belongings(msgspec.Struct):
    """One thing of each kind, all of one owner."""

    ids: dict[str, str]
    owner: Someone


@pytest.fixture
def owned(shop: Shop, town: Town) -> Belongings:
    """Give somebody one of everything."""
    owner = make_account()
    http = shop.http
    order_id = shop.placed(owner, on_sale())
    media_id = town.upload(owner, jpeg())
    post = http("POST", "/v1/posts", {"text": "我的模型", "affirmed_others": True}, who=owner, headers=key())
    town.settle()
    path = f"/v1/posts/{post.json['post_id']}/comments"
    comment = http("POST", path, {"text": "好", "affirmed_others": True}, who=owner, headers=key())
    request = http("POST", "/v1/requests/copies", who=owner, headers=key())
    town.settle()
    inbox = http("GET", "/v1/inbox", who=owner).json["data"]
    ids = {
        "order_id": order_id,
        "media_id": media_id,
        "post_id": post.json["post_id"],
        "comment_id": comment.json["comment_id"],
        "session_id": owner.session_id,
        "request_id": request.json["request_id"],
        "message_id": inbox[0]["message_id"] if inbox else "",
    }
    return Belongings(ids, owner)


def told(answer: Reply) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Give what an answer tells, but for what differs from one request to the next."""
    body = {name: value for name, value in answer.json.items() if name != "request_id"}
    passing = {"X-Request-Id", "RateLimit"}
    return answer.status, body, {name: value for name, value in answer.headers.items() if name not in passing}


OWNED = [
    route for route in PERSONAL if route.parameters and named(route) not in SHARED and route.parameters != ["purpose"]
]


@pytest.mark.promise("K4", "D5")
def test_what_is_somebody_elses_answers_like_what_is_not_there(shop: Shop, owned: Belongings):
    stranger = make_person(recent=True, now=datetime.now(UTC))
    for route in OWNED:
        theirs = send(shop.http, route, path_of(route, **owned.ids), stranger)
        missing = send(shop.http, route, path_of(route), stranger)
        assert theirs.status == 404, named(route)
        assert told(theirs) == told(missing), named(route)
