"""Consents over HTTP: one purpose at a time, one's own only, and every refusal says why."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.foundation.register import lookup
from chalicelib.foundation.standing.rows import CLOSING, FROZEN
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.consents import answer_body
from tests.support.edges import Http, Reply
from tests.support.people import Someone, expired_token, make_person

MEMBERSHIP, PLACE = "account.membership", "community.place"
RECOVERY = "account.recovery"
OWN = [
    ("GET", "/v1/consents", None),
    ("POST", "/v1/consents", answer_body()),
    ("DELETE", f"/v1/consents/{MEMBERSHIP}", None),
    ("GET", "/v1/consents/history", None),
]


def agree(http: Http, who: Someone, purpose: str = MEMBERSHIP, **how) -> Reply:
    return http("POST", "/v1/consents", answer_body(purpose, **how), who=who)


def additional(http: Http, who: Someone) -> dict[str, dict]:
    return {entry["purpose"]: entry for entry in http("GET", "/v1/consents", who=who).json["additional"]}


def nothing_written(cloud: TestCloud) -> bool:
    return not cloud.items("evidence") and not [i for i in cloud.items("people") if i["kind"]["S"] != "standing"]


@pytest.mark.parametrize(("method", "path", "body"), OWN)
def test_guests_are_asked_to_log_in(http: Http, cloud: TestCloud, method, path, body):
    for headers in ({}, {"Authorization": "Bearer x.y.z"}, {"Authorization": f"Bearer {expired_token(make_person())}"}):
        answer = http(method, path, body, headers=headers)
        assert (answer.status, answer.code) == (401, "session.invalid")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert nothing_written(cloud)


@pytest.mark.parametrize(
    ("status", "code", "number"), [(FROZEN, "account.frozen", 403), (CLOSING, "account.closing", 410)]
)
@pytest.mark.parametrize(("method", "path", "body"), OWN)
def test_whoever_may_not_act_is_told_so(http: Http, cloud: TestCloud, method, path, body, status, code, number):
    answer = http(method, path, body, who=make_person(status=status))
    assert (answer.status, answer.code) == (number, code)
    assert nothing_written(cloud)


@pytest.mark.promise("A2.2", "J6.3")
def test_every_additional_purpose_is_off_at_first_and_every_basic_one_says_why_it_stays(http: Http):
    listed = http("GET", "/v1/consents", who=make_person(), headers={"Accept-Language": "en"}).json
    assert {e["purpose"]: e["state"] for e in listed["additional"]} == {
        p.id: "off" for p in lookup.purposes() if p.asks and p.id != RECOVERY
    }
    assert [e["purpose"] for e in listed["each_time"]] == [RECOVERY]
    assert {e["purpose"]: e["ground"] for e in listed["basic"]} == {
        p.id: p.ground for p in lookup.purposes() if not p.asks
    }
    assert all("cancel" in e["reason"] and not e["withdrawable"] for e in listed["basic"])
    assert listed["policy_version"] == "1.0.0"


@pytest.mark.promise("A2.2", "A4.1")
def test_what_is_asked_each_time_is_no_choice_of_an_account(http: Http):
    who = make_person()
    refused = agree(http, who, RECOVERY)
    assert (refused.status, refused.code) == (422, "consent.notice_unsuited")
    assert refused.json["errors"] == [{"pointer": "/purpose", "code": "asked_elsewhere"}]
    assert http("DELETE", f"/v1/consents/{RECOVERY}", who=who).status == 404
    (told,) = http("GET", "/v1/consents", who=who).json["each_time"]
    assert told.keys() == {"purpose", "title", "clause", "separate", "how"}


@pytest.mark.promise("A2.2", "A3.3", "J6.1")
def test_a_person_agrees_sees_it_and_withdraws_as_told(http: Http):
    who = make_person()
    assert agree(http, who).json["state"] == "agreed"
    seen = additional(http, who)[MEMBERSHIP]
    assert (seen["state"], seen["notice"]) == ("agreed", {"feature": MEMBERSHIP, "version": "1", "language": "zh-CN"})
    assert abs(datetime.fromisoformat(seen["since"]) - datetime.now(UTC)) < timedelta(minutes=1)
    how = seen["withdraw"]
    for _ in range(2):
        answer = http(how["method"], how["path"], who=who)
        assert (answer.status, answer.json["state"]) == (200, "withdrawn")
    assert additional(http, who)[MEMBERSHIP]["state"] == "withdrawn"
    assert additional(http, who)[PLACE]["state"] == "off"


@pytest.mark.promise("A2")
def test_a_refusal_is_kept(http: Http):
    who = make_person()
    assert agree(http, who, answer="refuse").json["state"] == "refused"
    assert additional(http, who)[MEMBERSHIP]["state"] == "refused"


def test_nobody_sees_or_touches_the_consents_of_another(http: Http):
    owner, stranger = make_person(), make_person()
    agree(http, owner)
    assert http("DELETE", f"/v1/consents/{MEMBERSHIP}", who=stranger).json["state"] == "off"
    assert additional(http, stranger)[MEMBERSHIP]["state"] == "off"
    assert http("GET", "/v1/consents/history", who=stranger).json["data"] == []
    assert additional(http, owner)[MEMBERSHIP]["state"] == "agreed"


@pytest.mark.promise("A2.2", "A4.1")
@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"purpose": [MEMBERSHIP, PLACE]}, "/purpose"),
        ({"purposes": [MEMBERSHIP, PLACE]}, ""),
        ({"purpose": f"{MEMBERSHIP} {PLACE}"}, "/purpose"),
        ({"answer": True}, "/answer"),
        ({"answer": "maybe"}, "/answer"),
        ({"notice": None}, "/notice"),
        ({"notice": [{}, {}]}, "/notice"),
    ],
)
def test_consents_can_not_be_bundled_or_implied(http: Http, cloud: TestCloud, change, pointer):
    answer = http("POST", "/v1/consents", {**answer_body(), **change}, who=make_person())
    assert (answer.status, answer.code) == (400, "request.invalid")
    assert [where for where, _ in answer.errors] == [pointer]
    assert nothing_written(cloud)


@pytest.mark.promise("A3.3")
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (answer_body(version=99), 409, "consent.notice_not_current"),
        (answer_body(sha256="0" * 64), 422, "consent.text_unknown"),
        (answer_body(sha256=lookup.notice(PLACE).sha256["zh-CN"]), 422, "consent.text_unknown"),
        (answer_body(at=datetime(2020, 1, 1, tzinfo=UTC)), 422, "consent.shown_at_implausible"),
        (answer_body(at=datetime(2999, 1, 1, tzinfo=UTC)), 422, "consent.shown_at_implausible"),
        (answer_body(PLACE, feature=MEMBERSHIP), 422, "consent.notice_unsuited"),
        ({**answer_body(), "purpose": "no.such"}, 422, "consent.purpose_unknown"),
        ({**answer_body(), "purpose": "order.fulfil"}, 409, "consent.essential"),
    ],
)
def test_only_what_is_published_now_can_be_answered(http: Http, cloud: TestCloud, body, status, code):
    answer = http("POST", "/v1/consents", body, who=make_person())
    assert (answer.status, answer.code) == (status, code)
    assert len(answer.errors) == 1
    assert nothing_written(cloud)


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "A" * 64},
        {"sha256": "0" * 65},
        {"version": 1.5},
        {"version": 0},
        {"version": 10**30},
        {"language": "fr"},
        {"shown_at": "2026-12-01"},
        {"shown_at": "2026-12-01T12:00:00"},
        {"feature": "../../etc/passwd"},
        {"person_id": "per_aaaaaaaaaaaaaaaaaaaaaaaaaa"},
    ],
)
def test_a_malformed_notice_is_refused_without_an_echo(http: Http, cloud: TestCloud, change):
    body = answer_body()
    answer = http("POST", "/v1/consents", {**body, "notice": {**body["notice"], **change}}, who=make_person())
    assert (answer.status, answer.code) == (400, "request.invalid")
    assert "passwd" not in answer.text
    assert nothing_written(cloud)


@pytest.mark.parametrize(
    ("raw", "kind", "status"),
    [
        (b'{"purpose": NaN}', "application/json", 400),
        (b'{"purpose": "\xff"}', "application/json", 400),
        (b'{"purpose": "\\ud800"}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"notice":' * 5_000 + b"1" + b"}" * 5_000, "application/json", 400),
        (b"", "application/json", 400),
        (b"null", "application/json", 400),
        (b"purpose=account.membership", "application/x-www-form-urlencoded", 415),
        (b'{"purpose": "' + b"a" * 300_000 + b'"}', "application/json", 413),
    ],
)
def test_hostile_bodies_end_in_a_clear_refusal(http: Http, cloud: TestCloud, raw, kind, status):
    answer = http("POST", "/v1/consents", raw=raw, headers={"Content-Type": kind}, who=make_person())
    assert answer.status == status
    assert answer.code
    assert nothing_written(cloud)


@pytest.mark.promise("J6.3")
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_what_is_basic_answers_why_and_where_to_go(http: Http, cloud: TestCloud, language):
    answer = http("DELETE", "/v1/consents/order.fulfil", who=make_person(), headers={"Accept-Language": language})
    assert (answer.status, answer.code) == (409, "consent.essential")
    assert answer.errors == [("/purposes/order.fulfil", "contract")]
    assert "/v1/cancellation" in answer.json["title"]
    assert nothing_written(cloud)


@pytest.mark.parametrize("purpose", ["no.such", "..", "%2e%2e%2f", "a" * 65, "%00"])
def test_an_unknown_purpose_has_nothing_to_withdraw(http: Http, purpose):
    answer = http("DELETE", f"/v1/consents/{purpose}", who=make_person())
    assert (answer.status, answer.code) == (404, "request.not_found")


@pytest.mark.promise("A3.3", "J6.2", "J11.2")
def test_the_history_tells_every_step_newest_first_page_by_page(http: Http):
    who, now = make_person(), datetime.now(UTC)
    client = {"X-Client": "wxmp/3.2.1", "X-Device": "device-canary-55"}
    for seconds, said in enumerate(["refuse", "agree"]):
        body = answer_body(answer=said, at=now - timedelta(seconds=9 - seconds))
        http("POST", "/v1/consents", body, who=who, headers=client)
    http(
        "DELETE", f"/v1/consents/{MEMBERSHIP}", who=who, headers={"X-Client": "app/1.0", "X-Device": "device-canary-56"}
    )
    pages, cursor = [], ""
    while cursor is not None:
        page = http(
            "GET",
            f"/v1/consents/history?limit=2&cursor={cursor}" if cursor else "/v1/consents/history?limit=2",
            who=who,
        )
        assert "device-canary" not in page.text
        pages.append(page.json["data"])
        cursor = page.json["next_cursor"]
        assert page.json["has_more"] == (cursor is not None)
    entries = [entry for page in pages for entry in page]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [e["at"] for e in entries] == sorted((e["at"] for e in entries), reverse=True)
    assert (entries[0]["step"], entries[0]["channel"]) == ("withdrawn", "app")
    assert entries[0]["device"] not in {None, entries[1]["device"]}
    by_id = {e["entry_id"]: e for e in entries}
    for entry in entries[1:]:
        assert (entry["text_sha256"], entry["channel"]) == (lookup.notice(MEMBERSHIP).sha256["zh-CN"], "wxmp")
        assert entry["device"].startswith("dev_")
        if entry["step"] == "answered":
            assert by_id[entry["follows"]]["step"] == "shown"


def test_a_cursor_works_for_its_reader_only(http: Http):
    owner, stranger = make_person(), make_person()
    agree(http, owner)
    agree(http, stranger)
    cursor = http("GET", "/v1/consents/history?limit=1", who=owner).json["next_cursor"]
    for who, given in ((stranger, cursor), (owner, cursor[:-2] + "AA"), (owner, "x"), (owner, "%F0%9F%98%80")):
        answer = http("GET", f"/v1/consents/history?limit=1&cursor={given}", who=who)
        assert (answer.status, answer.errors) == (400, [("/cursor", "cursor_invalid")])


@pytest.mark.promise("A3.3")
@pytest.mark.parametrize(
    ("headers", "errors"),
    [
        ({"X-Client": ""}, [("/headers/X-Client", "required")]),
        ({"X-Client": "app"}, [("/headers/X-Client", "format")]),
        ({"X-Device": ""}, [("/headers/X-Device", "required")]),
        ({"X-Device": "%E5%B0"}, [("/headers/X-Device", "format")]),
        ({"X-Client": "", "X-Device": "%0A"}, [("/headers/X-Client", "required"), ("/headers/X-Device", "format")]),
    ],
)
def test_no_choice_goes_on_record_without_channel_and_device(http: Http, cloud: TestCloud, headers, errors):
    who = make_person()
    for method, path, body in (("POST", "/v1/consents", answer_body()), ("DELETE", f"/v1/consents/{MEMBERSHIP}", None)):
        answer = http(method, path, body, who=who, headers=headers)
        assert (answer.status, answer.code, answer.errors) == (400, "client.unnamed", errors)
    assert cloud.items("evidence") == []
    assert http("GET", "/v1/consents", who=who, headers=headers).status == 200


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "limit=NaN", "limit=1&limit=2", "ref=ref_x"])
def test_a_page_of_history_has_bounds(http: Http, query):
    assert http("GET", f"/v1/consents/history?{query}", who=make_person()).code == "request.invalid"


def test_choices_are_limited_per_person(http: Http, hands: Hands):
    hands.into_window(60)
    who = make_person()
    answers = [http("DELETE", f"/v1/consents/{MEMBERSHIP}", who=who) for _ in range(31)]
    assert [a.status for a in answers[:30]] == [200] * 30
    assert answers[-1].code == "rate.limited"
    assert int(answers[-1].headers["Retry-After"]) <= 60
    assert http("DELETE", f"/v1/consents/{MEMBERSHIP}", who=make_person()).status == 200


@pytest.mark.promise("K4.2")
def test_neither_log_nor_ledger_names_the_person(http: Http, cloud: TestCloud, capsys):
    who = make_person()
    agree(http, who)
    http("DELETE", f"/v1/consents/{MEMBERSHIP}", who=who)
    assert who.person_id not in str(cloud.items("evidence"))
    assert who.person_id not in capsys.readouterr().out
