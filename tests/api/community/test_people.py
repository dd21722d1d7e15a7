"""One's own things and people's pages over HTTP: versions, the way in by a byline, never cached, missing alike."""

import pytest

from chalicelib.foundation.kernel.ids import new_id
from tests.support.consents import answer_body
from tests.support.edges import Http
from tests.support.lives import RESIDENCE, make_account
from tests.support.minors import agreed, make_guardian, make_minor
from tests.support.page_recipes import ALL, open_page
from tests.support.people import Someone
from tests.support.publishing import Town
from tests.support.trading import key

PATH = "/v1/profile/visibility"
OFF = dict.fromkeys(ALL, False)


@pytest.fixture
def owner(town: Town) -> Someone:
    """Give somebody with an account, once there is a town."""
    assert town.objects("media") == set()
    return make_account()


def post(http: Http, town: Town, who: Someone, text: str = "完成了") -> str:
    body = {"text": text, "affirmed_others": True}
    made = http("POST", "/v1/posts", body, who=who, headers=key())
    assert made.status == 201, made.text
    town.settle()
    return str(made.json["post_id"])


@pytest.mark.promise("A2.2", "B5.2")
def test_a_page_is_agreed_to_opened_changed_and_closed(http: Http, owner: Someone):
    first = http("GET", PATH, who=owner)
    closed = {"open": False, "public_id": None, **OFF, "version": 1}
    assert (first.status, first.headers["ETag"], first.json) == (200, '"1"', closed)
    tag = {"If-Match": '"1"'}
    assert http("PUT", PATH, {"posts": True}, who=owner, headers=tag).code == "consent.required"
    assert http("POST", "/v1/consents", answer_body("account.public_page"), who=owner).status == 200
    assert http("PUT", PATH, {"posts": True}, who=owner).code == "version.required"
    opened = http("PUT", PATH, {"posts": True}, who=owner, headers=tag)
    assert (opened.status, opened.headers["ETag"]) == (200, '"2"')
    assert {**opened.json, "public_id": None} == {**closed, "open": True, "posts": True, "version": 2}
    assert http("PUT", PATH, ALL, who=owner, headers=tag).code == "version.stale"
    assert http("GET", "/v1/profile", who=owner).headers["ETag"] == '"2"', "one version for all of the profile"
    public = f"/v1/people/{opened.json['public_id']}"
    seen = http("GET", public)
    assert seen.json == {
        "public_id": opened.json["public_id"],
        "name": "收藏家甲",
        "avatar": None,
        "badges": [],
        "posts": True,
        "comments": False,
    }
    assert RESIDENCE not in seen.text
    gone = http("DELETE", PATH, who=owner, headers={"If-Match": '"2"'})
    assert (gone.status, gone.headers["ETag"], gone.json) == (200, '"3"', {**closed, "version": 3})
    assert http("GET", public).code == "request.not_found"


@pytest.mark.promise("B5.2", "J6.1")
def test_a_withdrawal_over_http_shuts_the_page_with_the_next_look(http: Http, owner: Someone):
    public = f"/v1/people/{open_page(http, owner)}"
    assert http("GET", public).status == 200
    assert http("DELETE", "/v1/consents/account.public_page", who=owner).status == 200
    assert http("GET", public).status == 404
    assert http("GET", PATH, who=owner).json["open"] is False


@pytest.mark.promise("B5.2")
def test_a_byline_leads_guests_to_a_page_and_to_none_where_there_is_none(http: Http, town: Town, owner: Someone):
    path = f"/v1/posts/{post(http, town, owner)}"
    assert http("GET", path).json["author"]["public_id"] is None
    public_id = open_page(http, owner)
    byline = http("GET", path).json["author"]
    assert byline == {"name": "收藏家甲", "avatar": None, "public_id": public_id}
    listed = http("GET", f"/v1/people/{public_id}/posts")
    assert [(one["text"], one["author"]) for one in listed.json["data"]] == [("完成了", byline)]
    assert (
        listed.headers["Cache-Control"] == http("GET", f"/v1/people/{public_id}").headers["Cache-Control"] == "no-store"
    )


@pytest.mark.promise("B5.2")
def test_what_is_not_shown_is_missing_like_what_never_was(http: Http, owner: Someone):
    public_id = open_page(http, owner, posts=True)
    never = http("GET", f"/v1/people/{new_id('pub')}").json
    for path in (f"/v1/people/{public_id}/comments", f"/v1/people/{new_id('pub')}/posts", "/v1/people/pub_x"):
        missing = http("GET", path)
        assert missing.status == 404
        assert {**missing.json, "request_id": ""} == {**never, "request_id": ""}


@pytest.mark.parametrize("query", ["limit=0", "limit=51", "limit=x", "cursor=x", "limit=1&limit=2", "state=pending"])
def test_a_list_takes_no_other_questions(http: Http, owner: Someone, query: str):
    public_id = open_page(http, owner)
    for name in ("posts", "comments"):
        assert http("GET", f"/v1/people/{public_id}/{name}?{query}").status == 400


@pytest.mark.parametrize("body", [{"posts": "yes"}, {"posts": None}, {"followers": True}, {"page": True}, []])
def test_only_what_can_be_shown_can_be_chosen(http: Http, owner: Someone, body: object):
    open_page(http, owner, posts=True)
    assert http("PUT", PATH, body, who=owner, headers={"If-Match": '"2"'}).status == 400
    assert http("GET", PATH, who=owner).json["version"] == 2


@pytest.mark.promise("B5.1")
def test_ones_own_things_are_in_one_place(http: Http, town: Town, owner: Someone):
    shown, waiting = post(http, town, owner), {"text": "还在等", "affirmed_others": True}
    held = http("POST", "/v1/posts", waiting, who=owner, headers=key()).json["post_id"]
    mine = http("GET", "/v1/me", who=owner)
    assert (mine.status, mine.headers["Cache-Control"]) == (200, "no-store")
    assert mine.json["profile"] == http("GET", "/v1/profile", who=owner).json
    assert mine.json["visibility"] == http("GET", PATH, who=owner).json
    assert mine.json["orders"] == http("GET", "/v1/orders?limit=10", who=owner).json
    assert mine.json["activity"] == http("GET", "/v1/activity?limit=10", who=owner).json
    assert [(one["post_id"], one["state"]) for one in mine.json["activity"]["data"]] == [
        (held, "pending"),
        (shown, "visible"),
    ]
    for path in ("/v1/me", "/v1/activity"):
        assert http("GET", path).code == "session.invalid"


@pytest.mark.promise("B5.2", "M2.2")
def test_a_guardian_sees_what_others_see_of_a_ward_and_takes_it_away(http: Http):
    guardian, teen = make_guardian(), make_minor(15)
    agreed(http, guardian, teen)
    public_id, ward = open_page(http, teen), f"/v1/wards/{teen.person_id}"
    assert http("GET", ward, who=guardian).json["visibility"]["public_id"] == public_id
    assert http("PUT", f"{ward}/limits", {"purposes": ["account.public_page"]}, who=guardian).status == 200
    assert http("GET", f"/v1/people/{public_id}").status == 404
    assert http("PUT", f"{ward}/limits", {"purposes": []}, who=guardian).status == 200
    assert http("GET", f"/v1/people/{public_id}").status == 200
    assert http("DELETE", f"{ward}/profile/page", who=guardian).status == 200
    assert http("GET", f"/v1/people/{public_id}").status == 404
    assert http("GET", PATH, who=teen).json["public_id"] is None
