"""The other optional fields over HTTP: versions, refusals, and what others are shown."""

import pytest

from chalicelib.foundation.kernel.ids import new_id
from tests.support.counterparties import Counterparties
from tests.support.edges import Http, Reply
from tests.support.lives import make_account
from tests.support.people import Someone
from tests.support.photographs import jpeg
from tests.support.publishing import Town

BODIES = {
    "gender": {"gender": "female"},
    "birth-date": {"birth_date": "1990-02-28"},
    "nickname": {"nickname": "拼装小能手"},
    "avatar": {"media_id": new_id("med")},
}
EACH = pytest.mark.parametrize("field", BODIES)


@pytest.fixture
def owner() -> Someone:
    """Give a person who has agreed to both purposes."""
    return make_account()


def put(http: Http, owner: Someone, field: str, body: object, version: int = 1) -> Reply:
    return http("PUT", f"/v1/profile/{field}", body, who=owner, headers={"If-Match": f'"{version}"'})


@EACH
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize(("tag", "status"), [(None, 428), ('"0"', 412), ('"2"', 412), ("*", 412)])
def test_an_edit_names_the_version_it_saw(http: Http, town: Town, owner: Someone, method, field, tag, status):
    body = BODIES[field] if field != "avatar" else {"media_id": town.picture(owner, jpeg())}
    headers = {} if tag is None else {"If-Match": tag}
    answer = http(method, f"/v1/profile/{field}", body if method == "PUT" else None, who=owner, headers=headers)
    assert (answer.status, answer.code) == (status, "version.required" if status == 428 else "version.stale")
    assert http("GET", "/v1/profile", who=owner).json["version"] == 1


@pytest.mark.promise("B2.2", "B2.3")
@pytest.mark.parametrize("field", ["gender", "birth-date", "nickname"])
def test_a_field_is_told_with_its_version_and_tier(http: Http, owner: Someone, field: str):
    (name, value), *_ = BODIES[field].items()
    answer = put(http, owner, field, BODIES[field])
    assert (answer.status, answer.headers["ETag"], answer.json[name]) == (200, '"2"', value)
    assert (answer.json["tier"], name in answer.json["missing"]) == ("member", False)
    assert http("GET", "/v1/profile", who=owner).json == answer.json
    removed = http("DELETE", f"/v1/profile/{field}", who=owner, headers={"If-Match": '"2"'})
    assert (removed.status, removed.headers["ETag"], removed.json[name]) == (200, '"3"', None)


@pytest.mark.parametrize(
    ("field", "body", "status", "error"),
    [
        ("gender", {"gender": "女"}, 400, ("/gender", "choice")),
        ("gender", {"gender": None}, 400, ("/gender", "type")),
        ("gender", {"gender": "female", "age": 3}, 400, ("", "unknown_field")),
        ("birth-date", {"birth_date": "1990-02-30"}, 400, ("/birth_date", "format")),
        ("birth-date", {"birth_date": "19900228"}, 400, ("/birth_date", "format")),
        ("birth-date", {"birth_date": "1990-02-28T00:00:00Z"}, 400, ("/birth_date", "format")),
        ("birth-date", {"birth_date": 19900228}, 400, ("/birth_date", "type")),
        ("birth-date", {"birth_date": "2199-01-01"}, 400, ("/birth_date", "range")),
        ("birth-date", {"birth_date": "0001-01-01"}, 400, ("/birth_date", "range")),
        ("nickname", {"nickname": ""}, 400, ("/nickname", "length")),
        ("nickname", {"nickname": "长" * 21}, 422, ("/nickname", "length")),
        ("nickname", {"nickname": "a\u202eb"}, 422, ("/nickname", "characters")),
        ("nickname", {"nickname": "客服小美"}, 422, ("/nickname", "reserved")),
        ("avatar", {"media_id": "med_1"}, 400, ("/media_id", "pattern")),
        ("avatar", {"media_id": "https://elsewhere.example/me.jpg"}, 400, ("/media_id", "pattern")),
        ("avatar", {"media_id": new_id("med")}, 422, ("/media_id", "unusable")),
    ],
)
def test_what_can_not_be_is_refused_with_the_reason(http: Http, owner: Someone, field, body, status, error):
    answer = put(http, owner, field, body)
    assert (answer.status, answer.errors) == (status, [error])
    assert http("GET", "/v1/profile", who=owner).json["version"] == 1


@pytest.mark.promise("B2.7")
def test_a_nickname_changed_too_soon_says_when_it_may_be(http: Http, owner: Someone):
    shown = put(http, owner, "nickname", BODIES["nickname"]).json
    answer = put(http, owner, "nickname", {"nickname": "别的名字"}, 2)
    assert (answer.status, answer.code) == (429, "accounts.nickname_too_soon")
    assert 3 * 86400 - 60 < int(answer.headers["Retry-After"]) <= 3 * 86400 + 1
    assert shown["nickname_changes_from"] is not None


@pytest.mark.promise("B2.4", "B2.5")
def test_everyone_sees_nickname_and_avatar_beside_a_post_and_nothing_else(http: Http, town: Town, owner: Someone):
    post = {"text": "完成了", "affirmed_others": True}
    written = http("POST", "/v1/posts", post, who=owner, headers={"Idempotency-Key": new_id("key")}).json
    town.settle()
    path = f"/v1/posts/{written['post_id']}"
    assert http("GET", path).json["author"] == {"name": "收藏家甲", "avatar": None, "public_id": None}
    for number, (field, body) in enumerate(BODIES.items(), 1):
        said = {"media_id": town.picture(owner, jpeg())} if field == "avatar" else body
        assert put(http, owner, field, said, number).status == 200
    seen = http("GET", path).json["author"]
    assert seen.keys() == {"name", "avatar", "public_id"}
    assert (seen["name"], seen["avatar"]["small"].endswith("/small")) == ("拼装小能手", True)
    assert http("GET", "/v1/posts").json["data"][0]["author"] == seen
    assert http("DELETE", "/v1/consents/account.public_profile", who=owner).status == 200
    assert http("GET", path).json["author"] == {"name": "收藏家甲", "avatar": None, "public_id": None}


@pytest.mark.promise("B2.6")
def test_an_e_mail_address_over_http(http: Http, owner: Someone, counterparties: Counterparties):
    address = "collector@example.com"
    bad = http("POST", "/v1/profile/email/codes", {"email": "a@b.cn\r\nBcc: c@d.cn"}, who=owner)
    assert (bad.status, bad.errors) == (400, [("/email", "email")])
    sent = http("POST", "/v1/profile/email/codes", {"email": address}, who=owner)
    assert (sent.status, sent.json) == (202, {"expires_in_s": 600, "resend_after_s": 60})
    again = http("POST", "/v1/profile/email/codes", {"email": address}, who=owner)
    assert (again.status, again.code) == (429, "rate.limited")
    code = counterparties.mail(address)
    wrong = put(http, owner, "email", {"email": "other@example.com", "code": code})
    assert (wrong.status, wrong.code) == (422, "accounts.code_invalid")
    answer = put(http, owner, "email", {"email": address, "code": code})
    assert (answer.status, answer.json["email"], answer.headers["ETag"]) == (200, "c***@example.com", '"2"')
    assert http("DELETE", "/v1/consents/account.email", who=owner).status == 200
    refused = http("POST", "/v1/profile/email/codes", {"email": address}, who=owner)
    assert (refused.status, refused.code) == (403, "consent.required")
    assert http("GET", "/v1/profile", who=owner).json["email"] is None
    assert http("DELETE", "/v1/profile/email", who=owner, headers={"If-Match": '"2"'}).status == 200
