"""Whoever is in proves once more who it is, or changes the password; no stranger has a say in that."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chalicelib.accounts.contracts.sessions import ChangePassword, Reauthenticate
from chalicelib.accounts.errors import PasswordWeak, PasswordWrong
from chalicelib.accounts.service import logging_in
from chalicelib.foundation.kernel.errors import Failure
from chalicelib.foundation.web import tokens
from tests.support.accounts import PASSWORD, Member, caller, enrol
from tests.support.clocks import began
from tests.support.passwords import FAILED, NEXT, WRONG, logins, try_in


@pytest.fixture
def who(counterparties) -> Member:
    return enrol(counterparties, began())


def claims(token: str) -> tokens.Claims:
    return tokens.read(token, began())


@pytest.mark.promise("K4.3")
def test_proving_again_marks_the_token_and_a_plain_log_in_does_not(who):
    assert claims(who.tokens["access_token"]).reauthenticated_at is None
    view = logging_in.reauthenticate(caller(who, began()), Reauthenticate(password=PASSWORD))
    proved = claims(view.access_token)
    assert proved.reauthenticated_at == began()
    assert (proved.person_id, proved.session_id) == (who.person_id, who.session_id)


@pytest.mark.promise("K4.3")
def test_proving_again_counts_its_tries_too(who, compared):
    for _ in range(7):
        with pytest.raises(PasswordWrong):
            logging_in.reauthenticate(caller(who, began()), Reauthenticate(password=WRONG))
    assert len(compared) == 5
    with pytest.raises(PasswordWrong):
        logging_in.reauthenticate(caller(who, began()), Reauthenticate(password=PASSWORD))
    later = began() + timedelta(minutes=1)
    assert logging_in.reauthenticate(caller(who, later), Reauthenticate(password=PASSWORD))


@pytest.mark.promise("K4")
def test_a_stranger_who_guesses_at_the_number_locks_nobody_out_who_is_in(who):
    for _ in range(7):
        assert try_in(who.mobile, WRONG) == FAILED
    assert try_in(who.mobile) == FAILED
    assert logging_in.reauthenticate(caller(who, began()), Reauthenticate(password=PASSWORD))
    assert try_in(who.mobile) == FAILED
    logging_in.change_password(caller(who, began()), ChangePassword(current_password=PASSWORD, new_password=NEXT))
    assert try_in(who.mobile, NEXT) == "in"


def test_whoever_guesses_from_inside_does_not_close_the_way_in(who):
    for _ in range(6):
        with pytest.raises(PasswordWrong):
            logging_in.reauthenticate(caller(who, began()), Reauthenticate(password=WRONG))
    assert try_in(who.mobile) == "in"
    with pytest.raises(PasswordWrong):
        logging_in.reauthenticate(caller(who, began()), Reauthenticate(password=PASSWORD))


@pytest.mark.promise("K4.3")
def test_a_new_password_works_on_both_ways_in_and_the_old_one_on_none(who, cloud):
    logging_in.change_password(caller(who, began()), ChangePassword(current_password=PASSWORD, new_password=NEXT))
    assert [try_in(login, NEXT) for login in (who.mobile, who.user_name)] == ["in", "in"]
    assert [try_in(login, PASSWORD) for login in (who.mobile, who.user_name)] == [FAILED, FAILED]


@pytest.mark.parametrize(
    ("current", "new", "refusal"),
    [(WRONG, NEXT, PasswordWrong), (PASSWORD, PASSWORD, PasswordWeak), (PASSWORD, "12345678", PasswordWeak)],
)
def test_a_password_is_not_changed_without_the_old_one_or_to_a_weak_one(who, current, new, refusal):
    before = [row.password for row in logins(who)]
    with pytest.raises(refusal):
        logging_in.change_password(caller(who, began()), ChangePassword(current_password=current, new_password=new))
    assert [row.password for row in logins(who)] == before


@pytest.mark.promise("K4.3")
def test_of_two_password_changes_at_once_one_counts(who):
    words = ["回首向来萧瑟处 9", "归去也无风雨也无晴 8"]

    def change(word: str) -> str:
        try:
            logging_in.change_password(
                caller(who, began()), ChangePassword(current_password=PASSWORD, new_password=word)
            )
        except Failure as refused:
            return refused.code
        return "changed"

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(change, words))
    assert "changed" in answers
    alive = [word for word in words if try_in(who.mobile, word, began() + timedelta(minutes=2)) == "in"]
    assert len(alive) == 1
    assert try_in(who.user_name, alive[0], began() + timedelta(minutes=2)) == "in"
