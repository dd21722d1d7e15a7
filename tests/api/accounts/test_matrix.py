"""Every route of accounts, for a guest, its owner, a stranger, and whoever may not act."""

from datetime import UTC, datetime

import pytest

from chalicelib.accounts import routes
from chalicelib.foundation.standing.rows import CLOSING, FROZEN
from chalicelib.foundation.web import tokens
from chalicelib.foundation.web.route import REGISTERED, Who
from tests.support.accounts import PASSWORD, Member
from tests.support.cloud import TestCloud
from tests.support.edges import Http
from tests.support.people import expired_token, make_person

NEXT = "回首向来萧瑟处 9"
OWN = [
    ("GET", "/v1/accounts/me", None),
    ("PUT", "/v1/accounts/password", {"current_password": PASSWORD, "new_password": NEXT}),
    ("GET", "/v1/sessions", None),
    ("DELETE", "/v1/sessions/ses_aaaaaaaaaaaaaaaaaaaaaaaaaa", None),
    ("POST", "/v1/sessions/logout", None),
    ("POST", "/v1/sessions/reauthentication", {"password": PASSWORD}),
    ("POST", "/v1/accounts/me/codes", {"purpose": "prove"}),
    ("PUT", "/v1/accounts/mobile", {"mobile": "13800138000", "code": "000000", "old_code": "000000"}),
    ("POST", "/v1/sessions/end-others", None),
    ("POST", "/v1/sessions/reauthentication/by-code", {"code": "000000"}),
    ("GET", "/v1/profile", None),
    ("PUT", "/v1/profile/residence", {"residence": "上海市"}),
    ("DELETE", "/v1/profile/residence", None),
    ("GET", "/v1/bindings", None),
    ("PUT", "/v1/bindings/wechat", {"code": "x"}),
    ("PUT", "/v1/bindings/apple", {"code": "x", "nonce": "n" * 43}),
    ("DELETE", "/v1/bindings/wechat", None),
    ("DELETE", "/v1/bindings/apple", None),
    ("PUT", "/v1/profile/gender", {"gender": "female"}),
    ("DELETE", "/v1/profile/gender", None),
    ("PUT", "/v1/profile/birth-date", {"birth_date": "1990-02-28"}),
    ("DELETE", "/v1/profile/birth-date", None),
    ("PUT", "/v1/profile/nickname", {"nickname": "拼装小能手"}),
    ("DELETE", "/v1/profile/nickname", None),
    ("PUT", "/v1/profile/avatar", {"media_id": "med_aaaaaaaaaaaaaaaaaaaaaaaaaa"}),
    ("DELETE", "/v1/profile/avatar", None),
    ("POST", "/v1/profile/email/codes", {"email": "someone@example.com"}),
    ("PUT", "/v1/profile/email", {"email": "someone@example.com", "code": "123456"}),
    ("DELETE", "/v1/profile/email", None),
]
GUEST = {
    *("/v1/accounts/codes", "/v1/accounts", "/v1/accounts/wechat", "/v1/accounts/wechat/proofs"),
    *("/v1/accounts/password/reset", "/v1/accounts/freeze", "/v1/accounts/thaw"),
    *("/v1/sessions", "/v1/sessions/refresh", "/v1/sessions/wechat", "/v1/sessions/apple", "/v1/sessions/by-code"),
}


def test_the_matrix_has_every_route():
    ours = [r for r in REGISTERED.values() if r.function.__module__.startswith(f"{routes.__name__}.")]
    elsewhere = (  # tests of their own
        *("/v1/staff/", "/v1/guardianships", "/v1/verification", "/v1/oauth/", "/v1/links"),
        *("/v1/recovery", "/v1/profile/visibility"),
    )
    ours = [r for r in ours if not r.path.startswith(elsewhere)]
    personal = {(r.method, r.path) for r in ours if r.who is Who.PERSON}
    assert personal == {(m, "/v1/sessions/{session_id}" if "ses_" in p else p) for m, p, _ in OWN}
    assert {r.path for r in ours if r.who is not Who.PERSON} == GUEST
    assert all(r.who is not Who.PROVIDER for r in ours)


@pytest.mark.promise("K4.3")
@pytest.mark.parametrize(("method", "path", "body"), OWN)
def test_guests_are_asked_to_log_in(http: Http, cloud: TestCloud, method, path, body):
    for token in ("", "Bearer", "Bearer x.y.z", "Basic YTpi", f"Bearer {expired_token(make_person())}"):
        answer = http(method, path, body, headers={"Authorization": token, "If-Match": '"1"'})
        assert (answer.status, answer.code) == (401, "session.invalid")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert not cloud.items("evidence")
    assert not cloud.items("outbox")


@pytest.mark.parametrize(
    ("status", "code", "number"), [(FROZEN, "account.frozen", 403), (CLOSING, "account.closing", 410)]
)
@pytest.mark.parametrize(("method", "path", "body"), OWN)
def test_whoever_may_not_act_is_told_so(http: Http, cloud: TestCloud, method, path, body, status, code, number):
    answer = http(method, path, body, who=make_person(status=status), headers={"If-Match": '"1"'})
    assert (answer.status, answer.code) == (number, code)
    assert not cloud.items("evidence")


@pytest.mark.promise("K4.4")
def test_a_strangers_session_is_as_missing_as_one_that_never_was(http: Http, who: Member, stranger: Member):
    missing = http("DELETE", "/v1/sessions/ses_aaaaaaaaaaaaaaaaaaaaaaaaaa", who=stranger)
    theirs = http("DELETE", f"/v1/sessions/{who.session_id}", who=stranger)
    assert missing.status == theirs.status == 404
    shape = [{k: v for k, v in answer.json.items() if k != "request_id"} for answer in (missing, theirs)]
    assert shape[0] == shape[1]
    assert http("GET", "/v1/accounts/me", who=who).status == 200


@pytest.mark.promise("K4.4")
def test_each_sees_only_what_is_theirs(http: Http, who: Member, stranger: Member):
    for path in ("/v1/accounts/me", "/v1/profile", "/v1/sessions"):
        seen = http("GET", path, who=stranger).text
        assert who.user_name not in seen
        assert who.session_id not in seen
        assert who.mobile[-4:] not in seen or stranger.mobile[-4:] == who.mobile[-4:]


@pytest.mark.promise("K4.3")
@pytest.mark.parametrize("part", [0, 1, 2])
def test_an_altered_token_opens_nothing(http: Http, who: Member, part):
    parts = who.tokens["access_token"].split(".")
    parts[part] = parts[part][:-2] + ("AA" if not parts[part].endswith("AA") else "BB")
    answer = http("GET", "/v1/accounts/me", headers={"Authorization": f"Bearer {'.'.join(parts)}"})
    assert (answer.status, answer.code) == (401, "session.invalid")


@pytest.mark.promise("K4.3")
def test_a_refresh_token_is_no_access_token_and_the_other_way_round(http: Http, who: Member):
    headers = {"Authorization": f"Bearer {who.tokens['refresh_token']}"}
    assert http("GET", "/v1/accounts/me", headers=headers).status == 401
    body = {"refresh_token": who.tokens["access_token"]}
    assert http("POST", "/v1/sessions/refresh", body).status == 400


@pytest.mark.promise("K4.3")
def test_a_token_of_an_unknown_person_opens_nothing(http: Http, who: Member):
    claims = tokens.read(who.tokens["access_token"], datetime.now(UTC))
    forged = tokens.Claims("per_" + "a" * 26, claims.session_id, claims.session_epoch, claims.key_id, claims.expires_at)
    headers = {"Authorization": f"Bearer {tokens.issue(forged)}"}
    assert http("GET", "/v1/profile", headers=headers).status == 401
