"""Clocks in Shanghai, the order of erasure, when to look again, when what is kept ends."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.foundation.store.planner import last_day
from chalicelib.foundation.store.row import Row
from chalicelib.orders.contracts import OrderState
from chalicelib.orders.rules import PAY_WITHIN
from chalicelib.orders.tables import OrderRow, PaymentRow
from chalicelib.rights import rules
from tests.support.planted import owned_classes

START = datetime(2026, 1, 1, tzinfo=UTC)
TIMES = st.timedeltas(timedelta(0), timedelta(days=25_000)).map(START.__add__)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.promise("J10.2")
@pytest.mark.parametrize(
    ("requested_at", "day"),
    [
        ("2026-03-01T00:00:00Z", date(2026, 3, 31)),
        ("2026-03-01T15:59:59.999Z", date(2026, 3, 31)),  # 23:59 in Shanghai
        ("2026-03-01T16:00:00Z", date(2026, 4, 1)),  # midnight in Shanghai
        ("2026-12-31T16:30:00Z", date(2027, 1, 31)),  # the year has turned in Shanghai
        ("2028-01-31T02:00:00Z", date(2028, 3, 1)),  # over a leap day
        ("2026-01-31T02:00:00Z", date(2026, 3, 2)),
    ],
)
def test_an_answer_is_due_thirty_days_on_by_the_calendar_of_shanghai(requested_at, day):
    assert rules.answer_by(datetime.fromisoformat(requested_at)) == day


@pytest.mark.promise("J10.2")
@given(TIMES)
def test_the_clock_agrees_with_the_zone_data_and_never_gives_less_than_thirty_days(at):
    day = rules.answer_by(at)
    assert day == (at.astimezone(SHANGHAI) + timedelta(days=30)).date()
    ends = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(days=1)
    assert timedelta(days=30) < ends - at <= timedelta(days=31)


@pytest.mark.promise("J7.4")
def test_the_steps_of_an_erasure_follow_each_other_once():
    walked = [rules.STEPS[0]]
    while walked[-1] != "done":
        walked.append(rules.next_step(walked[-1]))
    assert tuple(walked) == rules.STEPS
    assert len(set(walked)) == len(walked)
    assert walked.index("key") < walked.index("guards") < walked.index("rows") < walked.index("settle")
    assert walked.index("settle") < walked.index("second") < walked.index("standing") < walked.index("notices")


def test_there_is_nothing_after_the_end():
    with pytest.raises(IndexError):
        rules.next_step("done")


@pytest.mark.parametrize(
    ("waited", "wait"),
    [
        (timedelta(0), timedelta(minutes=2)),
        (timedelta(minutes=2), timedelta(minutes=2)),
        (timedelta(minutes=30), timedelta(minutes=30)),
        (timedelta(hours=6), timedelta(hours=6)),
        (timedelta(days=6), timedelta(hours=6)),
    ],
)
def test_waits_double_up_to_six_hours(waited, wait):
    now = datetime(2026, 11, 22, tzinfo=UTC)
    assert rules.look_again(now - waited, now) == now + wait


@pytest.mark.promise("K2.1")
@given(TIMES)
def test_what_is_kept_stays_to_the_last_moment_and_not_a_day_longer(ends):
    midnight = rules.midnight(last_day(ends).isoformat())
    assert timedelta(0) <= midnight - ends < timedelta(days=1)


@pytest.mark.promise("J7.1")
@pytest.mark.parametrize("code", sorted(rules.BLOCKS))
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_block_says_what_it_is_and_the_way_out(code, language):
    view = rules.block(code, language)
    assert view.code == code
    assert view.text
    assert view.way_out
    assert (view.text, view.way_out) != tuple(rules.BLOCKS[code][2:] if language == "zh-CN" else rules.BLOCKS[code][:2])


@pytest.mark.promise("J7.1")
def test_what_blocks_is_a_closed_list_and_only_orders_can():
    blocking = {row.__name__ for row in owned_classes() if row.blocks is not Row.blocks}
    assert blocking == {"OrderRow", "PaymentRow", "RefundRow"}
    named = {OrderRow(pk="ord_x", state=str(state)).blocks(START) for state in OrderState}
    named |= {PaymentRow(pk="ord_x", begun_at=begun_at).blocks(START) for begun_at in (START, START - PAY_WITHIN)}
    assert named == {"", *rules.BLOCKS}
