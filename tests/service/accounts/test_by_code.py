"""A code to the number logs in, proves again and replaces a forgotten password: once, for its purpose, and no more."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chalicelib.accounts.contracts.accounts import SendOwnCode
from chalicelib.accounts.contracts.codes import ReauthenticateByCode
from chalicelib.accounts.service import by_code, codes
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.rows import CLOSING, FROZEN, StandingRow
from chalicelib.foundation.store.write import commit, delete, update
from chalicelib.foundation.web import tokens
from tests.support.accounts import PASSWORD, Member, caller, enrol, new_mobile
from tests.support.clocks import began
from tests.support.passwords import FAILED, NEXT, try_in
from tests.support.ways_in import (
    INVALID,
    alive,
    code_to,
    log_in,
    outcome,
    recorded,
    told,
    try_log_in,
    try_reset,
    wrong,
)

BEFORE = timedelta(minutes=5)


@pytest.fixture
def who(counterparties) -> Member:
    return enrol(counterparties, began() - BEFORE)


@pytest.mark.promise("A5", "K4.3")
def test_a_code_logs_in_once_to_the_account_of_its_number(who, counterparties, cloud):
    code = code_to(counterparties, who.mobile, "log_in")
    came = log_in(who, code)
    assert came.person_id == who.person_id
    assert alive(who) == {who.session_id, came.session_id}
    assert try_log_in(who.mobile, code) == INVALID
    assert recorded(cloud, "person:session:begun") == 1


@pytest.mark.promise("K4.3", "K4.4")
def test_a_right_code_to_a_number_without_an_account_answers_like_a_wrong_one(counterparties, cloud):
    mobile = new_mobile()
    for purpose, attempt in (("log_in", try_log_in), ("reset_password", try_reset)):
        at = began() + (timedelta() if purpose == "log_in" else timedelta(minutes=2))
        code = code_to(counterparties, mobile, purpose, at)
        assert attempt(mobile, wrong(code), at=at) == attempt(mobile, code, at=at) == INVALID
    assert cloud.items("people") == []


@pytest.mark.promise("K4.4", "B1.5")
def test_a_wrong_code_takes_the_same_call_and_no_digest_whether_there_is_an_account_or_not(
    who, counterparties, aws_calls, monkeypatch
):
    monkeypatch.setattr(by_code, "digest_of", None)
    unknown, at = new_mobile(), began()
    for purpose, attempt in (("log_in", try_log_in), ("reset_password", try_reset)):
        seen = []
        for mobile in (who.mobile, unknown):
            code = code_to(counterparties, mobile, purpose, at)
            aws_calls.clear()
            assert attempt(mobile, wrong(code), at=at) == INVALID
            seen.append([call.operation for call in aws_calls])
        assert seen[0] == seen[1] == ["UpdateItem"]
        at += timedelta(minutes=2)


@pytest.mark.promise("K4.3")
@pytest.mark.parametrize("purpose", ["sign_up", "reset_password", "prove", "change_mobile", "freeze", "thaw"])
def test_a_code_for_something_else_logs_nobody_in(who, counterparties, purpose):
    assert try_log_in(who.mobile, code_to(counterparties, who.mobile, purpose)) == INVALID
    assert alive(who) == {who.session_id}


@pytest.mark.parametrize(("status", "code"), [(FROZEN, "account.frozen"), (CLOSING, "account.closing")])
def test_whoever_may_not_act_learns_it_with_the_right_code_only(who, counterparties, status, code):
    commit([update((StandingRow, who.person_id, access.SK), [StandingRow.status.set(status)])])
    right = code_to(counterparties, who.mobile, "log_in")
    assert try_log_in(who.mobile, wrong(right)) == INVALID
    assert try_log_in(who.mobile, right) == code
    later = began() + timedelta(minutes=2)
    right = code_to(counterparties, who.mobile, "reset_password", later)
    assert try_reset(who.mobile, wrong(right), at=later) == INVALID
    assert try_reset(who.mobile, right, at=later) == code
    commit([update((StandingRow, who.person_id, access.SK), [StandingRow.status.set("active")])])
    assert try_in(who.mobile, PASSWORD, later) == "in"


def test_a_code_to_a_number_whose_person_is_gone_leads_nowhere(who, counterparties):
    commit([delete((StandingRow, who.person_id, access.SK))])
    assert try_log_in(who.mobile, code_to(counterparties, who.mobile, "log_in")) == INVALID


@pytest.mark.promise("K4.3")
def test_of_many_who_come_with_one_code_one_comes_in(who, counterparties):
    code = code_to(counterparties, who.mobile, "log_in")
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: try_log_in(who.mobile, code), range(8)))
    assert answers.count("done") == 1
    assert set(answers) <= {"done", INVALID, "service.unavailable"}
    assert len(alive(who)) == 2


@pytest.mark.promise("K4.3")
def test_proving_again_by_code_marks_the_token_once(who, counterparties):
    codes.send_own_code(caller(who, began()), SendOwnCode(purpose="prove"))
    code = str(counterparties.sms(f"+86{who.mobile}"))
    call = caller(who, began(), purpose="account.security")
    assert outcome(by_code.reauthenticate_by_code, call, ReauthenticateByCode(code=wrong(code))) == INVALID
    view = by_code.reauthenticate_by_code(call, ReauthenticateByCode(code=code))
    proved = tokens.read(view.access_token, began())
    assert (proved.reauthenticated_at, proved.session_id) == (began(), who.session_id)
    assert outcome(by_code.reauthenticate_by_code, call, ReauthenticateByCode(code=code)) == INVALID


@pytest.mark.promise("K4.3")
def test_a_code_to_one_persons_number_proves_nobody_else(who, counterparties):
    other = enrol(counterparties, began() - BEFORE)
    code = code_to(counterparties, other.mobile, "prove")
    call = caller(who, began(), purpose="account.security")
    assert outcome(by_code.reauthenticate_by_code, call, ReauthenticateByCode(code=code)) == INVALID


@pytest.mark.promise("I2.3")
def test_a_code_to_ones_own_number_is_on_record_as_ones_own(who, cloud):
    codes.send_own_code(caller(who, began(), purpose="account.security"), SendOwnCode(purpose="prove"))
    mine = [i for i in cloud.items("evidence") if i["pk"]["S"] == caller(who).who.ref and "recipient" in i]
    assert [i["purpose"]["S"] for i in mine] == ["account.service", "account.security"]


@pytest.mark.promise("B1.5", "K4.3")
def test_a_forgotten_password_is_replaced_on_both_ways_in_and_every_session_ends(who, counterparties, cloud):
    code = code_to(counterparties, who.mobile, "reset_password")
    assert try_reset(who.mobile, code) == "done"
    assert [try_in(login, NEXT) for login in (who.mobile, who.user_name)] == ["in", "in"]
    assert [try_in(login, PASSWORD) for login in (who.mobile, who.user_name)] == [FAILED, FAILED]
    assert who.session_id not in alive(who)
    assert (told(cloud, "password_reset"), recorded(cloud, "person:password:reset")) == (1, 1)
    assert try_reset(who.mobile, code) == INVALID


def test_a_reset_ends_the_wait_after_failures(who, counterparties):
    for _ in range(6):
        assert try_in(who.mobile, "somebody else's guess") == FAILED
    assert try_reset(who.mobile, code_to(counterparties, who.mobile, "reset_password")) == "done"
    assert try_in(who.mobile, NEXT) == "in"


@pytest.mark.promise("B1.5")
def test_a_weak_password_wastes_no_code_and_what_it_is_like_is_told_to_who_has_proved_the_number(who, counterparties):
    code = code_to(counterparties, who.mobile, "reset_password")
    assert try_reset(who.mobile, wrong(code), f"{who.user_name}!!") == INVALID
    for _ in range(6):
        assert try_reset(who.mobile, code, f"{who.user_name}!!") == "accounts.password_weak"
    assert try_reset(who.mobile, code, "password1") == "accounts.password_weak"
    assert try_reset(who.mobile, code) == "done"


@pytest.mark.promise("K4.3")
def test_of_two_resets_by_one_code_one_counts(who, counterparties):
    code, words = code_to(counterparties, who.mobile, "reset_password"), [NEXT, "归去也无风雨也无晴 8"]
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda word: try_reset(who.mobile, code, word), words))
    assert answers.count("done") == 1
    entered = [word for word in words if try_in(who.mobile, word) == "in"]
    assert entered == [words[answers.index("done")]]
    assert try_in(who.user_name, entered[0]) == "in"
