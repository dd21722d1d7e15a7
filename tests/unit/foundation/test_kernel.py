"""Ids, cursors, money, time, configuration and the log: small things that everything hangs on."""

import base64
import io
import json
import re
import sys
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.foundation.kernel import backoff, clock, config, ids, log, paging
from chalicelib.foundation.kernel.deadlines import Deadline
from chalicelib.foundation.kernel.errors import InvalidInput
from chalicelib.foundation.kernel.money import Money
from tests.support.clocks import Hands

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
CANARY = "canary-7f3a"


def test_ids_are_prefixed_random_and_of_128_bits():
    made = {ids.new_id("ord") for _ in range(1000)}
    assert len(made) == 1000
    assert all(ids.is_id("ord", one) and not ids.is_id("prd", one) for one in made)
    assert {len(one) for one in made} == {30}
    first_letters = {one[4] for one in made}
    assert len(first_letters) > 24


def test_a_derived_id_hangs_on_every_part_and_on_the_key():
    made = ids.derived_id("ord", KEY, "per_1", "POST /v1/orders", "key")
    assert made == ids.derived_id("ord", KEY, "per_1", "POST /v1/orders", "key")
    assert ids.is_id("ord", made)
    others = [
        ids.derived_id("ord", OTHER_KEY, "per_1", "POST /v1/orders", "key"),
        ids.derived_id("ord", KEY, "per_2", "POST /v1/orders", "key"),
        ids.derived_id("ord", KEY, "per_1", "POST /v1/orderskey", ""),
        ids.derived_id("ord", KEY, "per_1POST", " /v1/orders", "key"),
        ids.derived_id("req", KEY, "per_1", "POST /v1/orders", "key"),
    ]
    assert len({made[4:], *(one[4:] for one in others)}) == 6


SCOPE = "orders|per_1|open"
LAST = {"pk": "per_1", "sk": "ORDER#2026"}


def test_a_cursor_opens_in_its_own_scope():
    assert paging.open_cursor(KEY, SCOPE, paging.seal_cursor(KEY, SCOPE, LAST)) == LAST


@pytest.mark.parametrize("scope", ["", "orders|per_2|open", "orders|per_1|all", "orders|per_1", SCOPE + "\0"])
def test_a_cursor_of_another_list_filter_or_reader_is_refused(scope: str):
    with pytest.raises(InvalidInput):
        paging.open_cursor(KEY, scope, paging.seal_cursor(KEY, SCOPE, LAST))


def test_a_cursor_under_another_key_is_refused():
    with pytest.raises(InvalidInput):
        paging.open_cursor(OTHER_KEY, SCOPE, paging.seal_cursor(KEY, SCOPE, LAST))


def test_no_altered_character_of_a_cursor_goes_through():
    cursor = paging.seal_cursor(KEY, SCOPE, LAST)
    for place, letter in enumerate(cursor[:-1]):  # the last letter has bits that say nothing
        with pytest.raises(InvalidInput):
            paging.open_cursor(KEY, SCOPE, f"{cursor[:place]}{'A' if letter != 'A' else 'B'}{cursor[place + 1 :]}")


@given(st.text() | st.binary().map(lambda raw: raw.hex()))
def test_any_text_given_as_a_cursor_is_refused(text: str):
    with pytest.raises(InvalidInput) as caught:
        paging.open_cursor(KEY, SCOPE, text)
    assert [(e.pointer, e.code) for e in caught.value.errors] == [("/cursor", "cursor_invalid")]


def test_where_a_scope_ends_and_the_key_begins_is_not_the_clients_to_say():
    sealed = paging.seal_cursor(KEY, 'posts|q=x\0{"pk":"per_2"}', LAST)
    with pytest.raises(InvalidInput):
        paging.open_cursor(KEY, "posts|q=x", sealed)
    raw = b'{"pk":"per_2"}\0' + msgspec.json.encode(LAST)
    tag = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))[:16]
    forged = base64.urlsafe_b64encode(tag + raw).decode().rstrip("=")
    with pytest.raises(InvalidInput):
        paging.open_cursor(KEY, "posts|q=x", forged)


@pytest.mark.parametrize("amount", [-1, 10_000_000_001, 1.0, "1", None, True])
def test_money_is_whole_fen_within_bounds(amount: object):
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode({"amount_fen": amount}), type=Money)


def test_time_sorts_as_its_text_does():
    at = datetime(2028, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC)
    assert clock.rfc3339(at) == "2028-02-29T23:59:59.999Z"
    assert clock.parse("2028-02-29T23:59:59.999Z") == at.replace(microsecond=999_000)
    east = timezone(timedelta(hours=8))
    assert clock.rfc3339(at.astimezone(east)) == clock.rfc3339(at)
    assert clock.rfc3339(at) < clock.rfc3339(at + timedelta(milliseconds=1))


@given(st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC)), st.timedeltas(min_value=timedelta(0)))  # noqa: DTZ001 - hypothesis adds the zone
def test_texts_of_instants_sort_as_the_instants_do(at: datetime, later: timedelta):
    try:
        after = at + later
    except OverflowError:
        return
    assert clock.rfc3339(at) <= clock.rfc3339(after)


def test_a_missing_setting_is_named_and_nothing_else_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TENCENT_SECRET_KEY", CANARY)
    config.reset_config()
    with pytest.raises(config.ConfigMissing) as caught:
        config.config().bucket("nowhere")
    assert caught.value.args == ("BUCKET_NOWHERE",)
    assert CANARY not in repr(config.config())


def test_a_deadline_keeps_a_second_to_answer_in(hands: Hands):
    deadline = Deadline(10.0)
    assert 8.9 < deadline.left_s() <= 9.0
    assert not deadline.passed()
    hands.by(seconds=9.1)
    assert deadline.passed()
    hands.by(seconds=60)
    assert deadline.left_s() == 0.0


def test_waiting_between_tries_grows_and_is_bounded(monkeypatch: pytest.MonkeyPatch):
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    for attempt in range(1, backoff.TRIES + 1):
        for _ in range(200):
            backoff.pause(attempt)
    longest = [max(waited[n * 200 : n * 200 + 200]) for n in range(backoff.TRIES)]
    assert longest[:4] == sorted(longest[:4])
    assert longest[0] < 0.04 <= longest[2]
    assert max(waited) <= 1.0
    assert len(set(waited)) > 500


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.promise("K4.2")
def test_an_undeclared_key_is_a_fault_and_nothing_is_written(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(log.UndeclaredKey) as caught:
        log.event(log.Event.OUTBOX_DEFERRED, queue="notices", mobile=CANARY)
    assert CANARY not in str(caught.value)
    assert written(capsys) == []


def test_an_event_is_one_line_of_json_whatever_its_values(capsys: pytest.CaptureFixture[str]):
    log.event(log.Event.OUTBOX_DEFERRED, queue='a"\n{"event":"forged"}\r\u2028', count=1)
    log.event(log.Event.OUTBOX_DEFERRED, queue="聚乐\x1b[31m", count=2)
    lines = capsys.readouterr().out.split("\n")
    assert len(lines) == 3
    assert [json.loads(line)["count"] for line in lines if line] == [1, 2]
    assert "\x1b" not in "".join(lines)


def test_a_value_that_no_console_takes_is_logged_all_the_same(monkeypatch: pytest.MonkeyPatch):
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", narrow)
    log.event(log.Event.OUTBOX_DEFERRED, queue="聚\ud800", count=1)
    narrow.flush()
    assert json.loads(narrow.buffer.getvalue())["queue"] == "聚\ud800"


def test_no_event_declares_a_key_that_could_hold_content():
    keys = {key for event in log.Event for key in event.value[1]}
    assert not keys & {"body", "message", "error", "exception", "text", "headers", "mobile", "name", "address", "ip"}


def test_where_names_our_own_file_and_line_and_not_what_was_said():
    with pytest.raises(TypeError) as caught:
        paging.open_cursor(None, SCOPE, "A" * 40)
    assert re.fullmatch(r"foundation/kernel/paging\.py:\d+", log.where(caught.value))
    assert log.where(ValueError(CANARY)) == "unknown"
