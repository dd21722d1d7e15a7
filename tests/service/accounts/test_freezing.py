"""Frozen at once by number and code, every session ended; thawed by number, code and password, if it is one's own."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chalicelib.accounts.contracts.sessions import RefreshSession
from chalicelib.accounts.service import sessions
from chalicelib.foundation.kernel.errors import Busy
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.access import AccountClosing, AccountFrozen
from chalicelib.foundation.standing.rows import CLOSING, StandingRow
from chalicelib.foundation.store.write import commit as write_all
from chalicelib.foundation.store.write import update
from tests.support.accounts import PASSWORD, Member, enrol, guest, new_mobile
from tests.support.clocks import began
from tests.support.passwords import FAILED, WRONG, try_in
from tests.support.ways_in import (
    FROZEN,
    INVALID,
    alive,
    code_to,
    outcome,
    recorded,
    standing,
    told,
    try_freeze,
    try_log_in,
    try_reset,
    try_thaw,
    wrong,
)


@pytest.fixture
def who(counterparties) -> Member:
    return enrol(counterparties, began() - timedelta(minutes=5))


def frozen(who: Member, counterparties) -> Member:
    assert try_freeze(who.mobile, code_to(counterparties, who.mobile, "freeze")) == "done"
    return who


def by_staff(who: Member, ground: str) -> None:
    write_all([access.freeze(standing(who), f"staff:{ground}", began(), otherwise=Busy)])


@pytest.mark.promise("K6.1")
def test_number_and_code_freeze_at_once_and_end_every_session(who, counterparties, cloud):
    frozen(who, counterparties)
    row = standing(who)
    assert (row.status, row.frozen_by, row.frozen_at) == ("frozen", "owner", began())
    assert alive(who) == set()
    with pytest.raises(AccountFrozen):
        sessions.refresh_session(guest(began()), RefreshSession(refresh_token=who.tokens["refresh_token"]))
    assert [item for item in cloud.items("ephemeral") if item["kind"]["S"] == "session"] == []
    assert (told(cloud, "frozen_by_code"), recorded(cloud, "person:account:frozen")) == (1, 1)


@pytest.mark.promise("K6.1", "K4.4")
def test_a_wrong_code_freezes_nobody_and_an_unknown_number_answers_alike(who, counterparties):
    code, unknown = code_to(counterparties, who.mobile, "freeze"), new_mobile()
    assert try_freeze(who.mobile, wrong(code)) == INVALID
    assert try_freeze(unknown, code_to(counterparties, unknown, "freeze")) == INVALID
    assert standing(who).status == "active"


@pytest.mark.promise("K6.4", "K4.3")
def test_strangers_who_guess_at_the_number_do_not_keep_its_owner_from_thawing(who, counterparties):
    frozen(who, counterparties)
    at = began()
    for minutes in (0, 2, 6, 16, 61, 241):
        at += timedelta(minutes=minutes)
        for _ in range(5):
            assert try_in(who.mobile, WRONG, at) == FAILED
    assert try_in(who.mobile, PASSWORD, at) == FAILED
    code = code_to(counterparties, who.mobile, "thaw", at)
    assert try_thaw(who.mobile, code, at=at) == "done"


@pytest.mark.promise("K6.4", "K4.3")
def test_whoever_reads_the_codes_guesses_five_times_and_then_waits(who, counterparties):
    frozen(who, counterparties)
    at = began() + timedelta(hours=1)
    code = code_to(counterparties, who.mobile, "thaw", at)
    assert [try_thaw(who.mobile, code, WRONG, at) for _ in range(4)] == [FAILED] * 4
    at += timedelta(minutes=1)
    code = code_to(counterparties, who.mobile, "thaw", at)
    assert [try_thaw(who.mobile, code, password, at) for password in (WRONG, PASSWORD)] == [FAILED] * 2
    at += timedelta(hours=5)
    assert try_thaw(who.mobile, code_to(counterparties, who.mobile, "thaw", at), at=at) == "done"


@pytest.mark.promise("K6.4")
def test_number_code_and_password_together_thaw_and_no_two_of_them(who, counterparties, cloud):
    frozen(who, counterparties)
    later = began() + timedelta(minutes=2)
    code = code_to(counterparties, who.mobile, "thaw", later)
    assert try_thaw(who.mobile, wrong(code), at=later) == INVALID
    assert try_thaw(who.mobile, code, WRONG, at=later) == FAILED
    assert standing(who).status == "frozen"
    assert try_in(who.mobile, PASSWORD, later) == FROZEN
    assert try_thaw(who.mobile, code, at=later) == "done"
    row = standing(who)
    assert (row.status, row.frozen_by, row.frozen_at) == ("active", None, None)
    assert alive(who, later) == set()
    assert try_in(who.mobile, PASSWORD, later) == "in"
    assert (told(cloud, "thawed_by_code"), recorded(cloud, "person:account:thawed")) == (1, 1)
    assert try_thaw(who.mobile, code, at=later) == INVALID


@pytest.mark.promise("K6.4")
def test_a_code_alone_does_not_make_the_password_that_thaws(who, counterparties):
    frozen(who, counterparties)
    later = began() + timedelta(minutes=2)
    assert try_reset(who.mobile, code_to(counterparties, who.mobile, "reset_password", later), at=later) == FROZEN
    later += timedelta(minutes=2)
    assert try_log_in(who.mobile, code_to(counterparties, who.mobile, "log_in", later), later) == FROZEN


@pytest.mark.promise("K4.4")
def test_thawing_an_unknown_number_takes_the_same_calls_and_answers_like_a_wrong_password(
    who, counterparties, aws_calls
):
    frozen(who, counterparties)
    later, seen = began() + timedelta(minutes=2), []
    for mobile in (who.mobile, new_mobile()):
        code = code_to(counterparties, mobile, "thaw", later)
        aws_calls.clear()
        assert try_thaw(mobile, code, WRONG, at=later) == FAILED
        seen.append([call.operation for call in aws_calls])
    assert seen[0] == seen[1] == ["UpdateItem", "UpdateItem", "BatchGetItem"]


@pytest.mark.promise("K6.4")
def test_whoever_is_not_frozen_is_thawed_to_no_effect(who, counterparties, cloud):
    assert try_thaw(who.mobile, code_to(counterparties, who.mobile, "thaw")) == "done"
    assert alive(who) == {who.session_id}
    assert recorded(cloud, "person:account:thawed") == 0


def test_frozen_twice_stays_frozen_once(who, counterparties):
    frozen(who, counterparties)
    later = began() + timedelta(minutes=2)
    assert try_freeze(who.mobile, code_to(counterparties, who.mobile, "freeze", later), later) == "done"
    later += timedelta(minutes=2)
    assert try_thaw(who.mobile, code_to(counterparties, who.mobile, "thaw", later), at=later) == "done"


@pytest.mark.promise("K6.5")
@pytest.mark.parametrize("ground", ["owner_asked", "fraud"])
def test_a_freeze_of_staff_is_not_the_owners_to_lift_whichever_came_first(who, counterparties, cloud, ground):
    by_staff(who, ground)
    assert alive(who) == set()
    frozen(who, counterparties)
    assert standing(who).frozen_by == f"staff:{ground}"
    later = began() + timedelta(minutes=2)
    assert try_thaw(who.mobile, code_to(counterparties, who.mobile, "thaw", later), at=later) == FROZEN
    assert standing(who).status == "frozen"


@pytest.mark.promise("K6.5")
def test_a_freeze_of_staff_takes_over_from_the_owners(who, counterparties):
    frozen(who, counterparties)
    by_staff(who, "fraud")
    later = began() + timedelta(minutes=2)
    assert try_thaw(who.mobile, code_to(counterparties, who.mobile, "thaw", later), at=later) == FROZEN


@pytest.mark.promise("K6.5")
def test_a_freeze_without_a_ground_is_nobodys_to_lift_by_proof(who, counterparties):
    write_all([update((StandingRow, who.person_id, access.SK), [StandingRow.status.set("frozen")])])
    assert try_freeze(who.mobile, code_to(counterparties, who.mobile, "freeze")) == "done"
    later = began() + timedelta(minutes=2)
    assert try_thaw(who.mobile, code_to(counterparties, who.mobile, "thaw", later), at=later) == FROZEN


def test_an_account_that_is_being_cancelled_is_neither_frozen_nor_thawed(who, counterparties):
    write_all([update((StandingRow, who.person_id, access.SK), [StandingRow.status.set(CLOSING)])])
    assert try_freeze(who.mobile, code_to(counterparties, who.mobile, "freeze")) == AccountClosing.code
    later = began() + timedelta(minutes=2)
    code = code_to(counterparties, who.mobile, "thaw", later)
    assert try_thaw(who.mobile, code, at=later) == AccountClosing.code
    assert standing(who).status == CLOSING


@pytest.mark.promise("K6.1")
def test_whoever_logs_in_while_it_is_frozen_holds_no_session_afterwards(who, counterparties):
    code = code_to(counterparties, who.mobile, "freeze")
    with ThreadPoolExecutor(6) as threads:
        freezing_now = threads.submit(try_freeze, who.mobile, code)
        entering = [threads.submit(try_in, who.mobile) for _ in range(5)]
        answers = {one.result() for one in entering}
    assert freezing_now.result() in {"done", "service.unavailable"}
    assert answers <= {"in", FROZEN, FAILED, "session.invalid", "service.unavailable"}
    if freezing_now.result() == "done":
        assert alive(who) == set()


@pytest.mark.promise("K6.4")
def test_of_many_thaws_by_one_code_one_counts(who, counterparties, cloud):
    frozen(who, counterparties)
    later = began() + timedelta(minutes=2)
    code = code_to(counterparties, who.mobile, "thaw", later)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: try_thaw(who.mobile, code, at=later), range(4)))
    assert answers.count("done") == 1
    assert set(answers) <= {"done", INVALID, "service.unavailable"}
    assert recorded(cloud, "person:account:thawed") == 1


@pytest.mark.promise("K6.5")
def test_a_freeze_by_staff_and_a_thaw_at_once_leave_one_of_the_two(who, counterparties):
    frozen(who, counterparties)
    row = standing(who)
    over = [access.freeze(row, "staff:fraud", began(), otherwise=Busy)]
    lifted = [access.thaw(row, otherwise=Busy)]
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda writes: outcome(lambda: write_all(writes)), (over, lifted)))
    assert sorted(answers) == ["done", "service.unavailable"]
    assert (standing(who).status, standing(who).frozen_by) in {("frozen", "staff:fraud"), ("active", None)}
