"""One account, two ways in; tries are counted before they are compared, and a stranger learns nothing."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import argon2
import pytest

from chalicelib.accounts.contracts.sessions import ChangePassword, LogIn
from chalicelib.accounts.errors import LoginFailed
from chalicelib.accounts.service import logging_in, passwords, sessions
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.rows import CLOSING, FROZEN, StandingRow
from chalicelib.foundation.store.keys import destroy_key
from chalicelib.foundation.store.write import commit, delete, update
from chalicelib.foundation.vault import keyring
from tests.support.accounts import PASSWORD, Member, caller, enrol, guest, new_mobile, new_name
from tests.support.clocks import began
from tests.support.passwords import FAILED, NEXT, WRONG, logins, try_in, weaken


@pytest.fixture
def who(counterparties) -> Member:
    return enrol(counterparties, began())


@pytest.mark.promise("A5.1")
def test_number_and_name_lead_to_the_same_account_in_every_spelling(who):
    spellings = [who.mobile, f"+86 {who.mobile}", who.user_name, who.user_name.upper(), f"０{who.mobile}"[1:]]
    found = {logging_in.log_in(guest(began()), LogIn(login=s, password=PASSWORD)).person_id for s in spellings}
    assert found == {who.person_id}


@pytest.mark.promise("A5.1")
@pytest.mark.parametrize("channel", ["app", "web", "wxmp"])
def test_one_account_logs_in_from_every_channel(who, channel):
    view = logging_in.log_in(guest(began(), channel=channel), LogIn(login=who.mobile, password=PASSWORD))
    assert view.person_id == who.person_id
    listed = sessions.list_sessions(caller(who, began())).data
    assert {s.session_id: s.channel for s in listed}[view.session_id] == channel


def test_a_password_typed_on_another_keyboard_is_the_same(counterparties):
    who = enrol(counterparties, began(), password="ｈＴ７＃ｋｑＰｗ１")
    assert try_in(who.mobile, "hT7#kqPw1") == "in"


def test_log_in_takes_the_fewest_calls_and_a_look_at_the_devices_known(who, aws_calls):
    logging_in.log_in(guest(began()), LogIn(login=who.mobile, password=PASSWORD))
    assert [c.operation for c in aws_calls] == [
        "UpdateItem",
        "BatchGetItem",
        "Query",
        "BatchGetItem",
        "TransactWriteItems",
        "SendMessageBatch",
    ]


@pytest.mark.promise("K4.4")
def test_known_and_unknown_get_the_same_answer_by_the_same_calls_and_work(who, aws_calls, monkeypatch):
    verified: list[str] = []
    honest = argon2.PasswordHasher.verify
    monkeypatch.setattr(argon2.PasswordHasher, "verify", lambda self, d, p: verified.append(d) or honest(self, d, p))
    seen = {}
    for login in (who.mobile, who.user_name, new_mobile(), new_name(), "x", "'; DROP TABLE people; --"):
        aws_calls.clear()
        verified.clear()
        assert try_in(login, WRONG) == FAILED
        seen[login] = ([c.operation for c in aws_calls], len(verified))
    assert set(map(str, seen.values())) == {str((["UpdateItem", "BatchGetItem"], 1))}


@pytest.mark.promise("K4.4")
def test_known_and_unknown_take_the_same_time(counterparties):
    people = [enrol(counterparties, began()).mobile for _ in range(4)]
    took: dict[bool, list[float]] = {True: [], False: []}
    for number in range(16):
        for known in (True, False):
            login = people[number % 4] if known else new_mobile()
            first = time.process_time()
            assert try_in(login, WRONG) == FAILED
            took[known].append(time.process_time() - first)
    fastest = {known: sorted(times)[:5] for known, times in took.items()}
    ratio = sum(fastest[True]) / sum(fastest[False])
    assert 0.75 < ratio < 1.33


@pytest.mark.promise("K4.3")
def test_after_five_failures_the_wait_grows(who, compared):
    at = began()
    for wait_minutes in (1, 5, 15, 60, 240, 240):
        compared.clear()
        assert [try_in(who.mobile, WRONG, at) for _ in range(7)] == [FAILED] * 7
        assert len(compared) == 5
        assert try_in(who.mobile, PASSWORD, at) == FAILED
        almost = at + timedelta(minutes=wait_minutes) - timedelta(seconds=1)
        assert try_in(who.mobile, PASSWORD, almost) == FAILED
        assert len(compared) == 5
        at += timedelta(minutes=wait_minutes)
    assert try_in(who.mobile, PASSWORD, at) == "in"


@pytest.mark.promise("K4.3")
def test_success_forgets_failures(who):
    for _ in range(3):
        assert [try_in(who.mobile, WRONG) for _ in range(4)] == [FAILED] * 4
        assert try_in(who.mobile) == "in"


@pytest.mark.promise("K4.3")
def test_of_fifty_guesses_at_once_five_are_compared(who, compared):
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: try_in(who.mobile, WRONG), range(50)))
    assert answers == [FAILED] * 50
    assert len(compared) == 5


@pytest.mark.promise("K4.3")
def test_after_a_wait_many_at_once_begin_one_round(who, compared):
    for _ in range(5):
        assert try_in(who.mobile, WRONG) == FAILED
    compared.clear()
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda _: try_in(who.mobile, WRONG, began() + timedelta(minutes=1)), range(30)))
    assert len(compared) <= 5


def test_whoever_guesses_at_a_public_name_does_not_lock_the_number(who):
    for _ in range(6):
        assert try_in(who.user_name, WRONG) == FAILED
    assert try_in(who.user_name) == FAILED
    assert try_in(who.mobile) == "in"


@pytest.mark.parametrize(("status", "code"), [(FROZEN, "account.frozen"), (CLOSING, "account.closing")])
def test_whoever_may_not_act_learns_it_with_the_right_password_only(who, cloud, status, code):
    commit([update((StandingRow, who.person_id, access.SK), [StandingRow.status.set(status)])])
    before = len([i for i in cloud.items("ephemeral") if i["kind"]["S"] == "session"])
    assert try_in(who.mobile, WRONG) == FAILED
    assert try_in(who.mobile) == code
    assert len([i for i in cloud.items("ephemeral") if i["kind"]["S"] == "session"]) == before


@pytest.mark.promise("K4.3")
def test_a_digest_of_older_strength_is_made_anew_at_the_next_log_in(who):
    weaken(who)
    assert try_in(who.user_name) == "in"
    assert {row.password.reveal().split("$")[3] for row in logins(who)} == {"m=19456,t=2,p=1"}
    assert try_in(who.mobile) == "in"
    assert try_in(who.mobile, WRONG) == FAILED


@pytest.mark.promise("K4")
@pytest.mark.parametrize("digest", ["of today's strength", "of older strength"])
def test_a_password_that_is_replaced_while_it_is_compared_opens_nothing(who, monkeypatch, digest):
    if digest == "of older strength":
        weaken(who)
    honest, changes = passwords.is_right, [ChangePassword(current_password=PASSWORD, new_password=NEXT)]

    def change_meanwhile(stored: str, given: str) -> bool:
        right = honest(stored, given)
        if changes:
            logging_in.change_password(caller(who, began()), changes.pop())
        return right

    monkeypatch.setattr(passwords, "is_right", change_meanwhile)
    assert try_in(who.mobile) == "service.unavailable"
    assert [try_in(login, NEXT) for login in (who.mobile, who.user_name)] == ["in", "in"]
    assert [try_in(login, PASSWORD) for login in (who.mobile, who.user_name)] == [FAILED, FAILED]


def test_two_who_log_in_while_a_digest_is_made_anew_both_come_in_at_last(who):
    weaken(who)
    with ThreadPoolExecutor(2) as threads:
        answers = set(threads.map(try_in, (who.mobile, who.user_name)))
    assert "in" in answers
    assert answers <= {"in", "service.unavailable"}
    assert [try_in(login) for login in (who.mobile, who.user_name)] == ["in", "in"]


def test_a_way_in_whose_person_is_gone_leads_nowhere(who):
    main = caller(who, began()).who.keys["main"]
    commit([destroy_key(main)])
    keyring.forget([main])
    with pytest.raises(LoginFailed):
        logging_in.log_in(guest(began()), LogIn(login=who.mobile, password=PASSWORD))
    commit([delete((StandingRow, who.person_id, access.SK))])
    with pytest.raises(LoginFailed):
        logging_in.log_in(guest(began()), LogIn(login=who.mobile, password=PASSWORD))
