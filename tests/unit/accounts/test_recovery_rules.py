"""When a recovery stands, and who may finish it."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from chalicelib.accounts.rules.recovery import FINISH_WITHIN, Waiting, may_finish, stands

READY = datetime(2026, 11, 25, 8, tzinfo=UTC)
WAITING = Waiting("index", 3, READY, contested=False)
MOMENT = timedelta(microseconds=1)


@pytest.mark.promise("B6.4")
@pytest.mark.parametrize(
    ("at", "may"),
    [
        (READY - MOMENT, False),
        (READY, True),
        (READY + FINISH_WITHIN - MOMENT, True),
        (READY + FINISH_WITHIN, False),
    ],
)
def test_it_may_be_finished_from_the_end_of_the_wait_for_seven_days(at, may):
    assert may_finish(WAITING, 3, at, mobile_index="index") is may


@pytest.mark.promise("B6.4")
@pytest.mark.parametrize(
    ("changed", "session_epoch", "index"),
    [
        ({"contested": True}, 3, "index"),
        ({}, 4, "index"),
        ({}, 3, "other"),
    ],
)
def test_disputed_by_a_later_session_epoch_or_for_another_number_nobody_finishes(changed, session_epoch, index):
    assert not may_finish(msgspec.structs.replace(WAITING, **changed), session_epoch, READY, mobile_index=index)


def test_a_disputed_one_stands_until_its_end():
    disputed = msgspec.structs.replace(WAITING, contested=True)
    assert stands(disputed, 3, READY)
    assert not stands(disputed, 3, READY + FINISH_WITHIN)
    assert not stands(disputed, 4, READY)
