"""A refresh token works once; one that comes back ends its session, and what is ended stays ended."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ReadTimeoutError

from chalicelib.accounts.contracts.sessions import ChangePassword, LogIn, RefreshSession, TokensView
from chalicelib.accounts.service import logging_in, sessions
from chalicelib.foundation.kernel.errors import Failure, NotFound, Unauthenticated
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.access import AccountFrozen
from chalicelib.foundation.standing.rows import FROZEN, StandingRow
from chalicelib.foundation.store import write
from chalicelib.foundation.store.write import commit, update
from tests.support.accounts import PASSWORD, Member, caller, enrol, guest
from tests.support.clocks import began
from tests.support.cloud import TestCloud

ALTERED = ["", "x", "ses_x.per_x.y.z", "日本語.a.b.c", "a" * 200]


@pytest.fixture
def who(counterparties) -> Member:
    return enrol(counterparties, began())


def refresh(token: str, at: datetime | None = None, **changes: Any) -> TokensView:
    return sessions.refresh_session(guest(at or began(), **changes), RefreshSession(refresh_token=token))


def another(who: Member, device: str = "iPad", at: datetime | None = None) -> Member:
    view = logging_in.log_in(guest(at or began(), device=device), LogIn(login=who.mobile, password=PASSWORD))
    return who.holding(msgspec.to_builtins(view))


def is_refused(token: str, at: datetime | None = None, **changes: Any) -> bool:
    try:
        refresh(token, at or began(), **changes)
    except Unauthenticated:
        return True
    return False


def stored(cloud: TestCloud) -> list[dict]:
    return [item for item in cloud.items("ephemeral") if item["kind"]["S"] == "session"]


def ended(who: Member) -> dict[str, int]:
    row = access.load(who.person_id)
    assert row is not None
    return dict(row.ended)


@pytest.mark.promise("K4.3")
def test_each_refresh_gives_another_token_for_the_same_session(who):
    tokens = [who.tokens["refresh_token"]]
    for _ in range(3):
        view = refresh(tokens[-1])
        assert (view.session_id, view.person_id) == (who.session_id, who.person_id)
        tokens.append(view.refresh_token)
    assert len(set(tokens)) == 4


@pytest.mark.promise("K4.3")
def test_a_token_that_comes_back_ends_the_session_whoever_holds_the_next(who, cloud):
    first = who.tokens["refresh_token"]
    second = refresh(first).refresh_token
    assert is_refused(first, began() + timedelta(seconds=11))
    assert is_refused(second)
    assert stored(cloud) == []
    assert ended(who).keys() == {who.session_id}
    actions = [item["action"]["S"] for item in cloud.items("evidence") if "action" in item]
    assert actions.count("system:session:reused") == 1
    assert [m["event"] for m in announced(cloud)].count("session_reused") == 1


@pytest.mark.promise("K4.3")
def test_a_token_that_we_never_made_is_refused_without_a_look(who, aws_calls):
    session_id, person_id, secret, mark = who.tokens["refresh_token"].split(".")
    forged = [f"{session_id}.{person_id}.{secret[::-1]}.{mark}", f"{session_id}.{person_id}.{secret}.{mark[::-1]}"]
    for token in [*ALTERED, *forged, who.tokens["access_token"]]:
        assert is_refused(token)
    assert aws_calls == []
    assert refresh(who.tokens["refresh_token"])


def test_a_lost_answer_to_our_own_write_is_no_reuse(who, monkeypatch):
    """The SDK repeats a call whose answer was lost; the second one finds the first one's work."""
    dynamodb = write.client("dynamodb")
    honest, calls = dynamodb.update_item, []

    def losing(**asked):
        calls.append(asked)
        honest(**asked)
        return honest(**asked)

    monkeypatch.setattr(dynamodb, "update_item", losing)
    view = refresh(who.tokens["refresh_token"])
    monkeypatch.undo()
    assert len(calls) == 1
    assert refresh(view.refresh_token).session_id == who.session_id


@pytest.mark.promise("K4.3")
def test_a_session_ends_thirty_days_after_its_last_use_by_our_own_check(who):
    token = who.tokens["refresh_token"]
    token = refresh(token, began() + timedelta(days=29)).refresh_token
    token = refresh(token, began() + timedelta(days=58)).refresh_token
    assert sessions.list_sessions(caller(who, began() + timedelta(days=87))).data
    assert sessions.list_sessions(caller(who, began() + timedelta(days=89))).data == []
    assert is_refused(token, began() + timedelta(days=88, seconds=1))


@pytest.mark.promise("K4.1")
def test_neither_token_nor_device_is_stored_readable(who, cloud):
    kept = json.dumps(stored(cloud), default=lambda raw: raw.decode("latin-1"))
    for part in who.tokens["refresh_token"].split(".")[2:]:
        assert part not in kept
    assert "Pixel" not in kept


@pytest.mark.promise("N2.2")
def test_sessions_are_listed_with_device_channel_and_last_use(who):
    tablet = another(who, "iPad Air; iPadOS 26", began() + timedelta(minutes=5))
    refresh(tablet.tokens["refresh_token"], began() + timedelta(hours=1))
    listed = sessions.list_sessions(caller(who, began() + timedelta(hours=1))).data
    assert [s.session_id for s in listed] == [tablet.session_id, who.session_id]
    assert [s.device for s in listed] == ["iPad Air; iPadOS 26", "Pixel 9; Android 16"]
    assert [s.current for s in listed] == [False, True]
    assert listed[0].last_used_at - listed[0].started_at == timedelta(minutes=55)


def test_a_client_that_names_no_device_is_listed_all_the_same(who):
    another(who, "")
    assert "" in [s.device for s in sessions.list_sessions(caller(who, began())).data]


@pytest.mark.promise("K4.3")
def test_an_ended_session_is_over_at_once_and_the_others_go_on(who):
    tablet = another(who)
    sessions.end_session(caller(who, began()), tablet.session_id)
    assert is_refused(tablet.tokens["refresh_token"])
    assert ended(who).keys() == {tablet.session_id}
    assert [s.session_id for s in sessions.list_sessions(caller(who, began())).data] == [who.session_id]
    assert refresh(who.tokens["refresh_token"])
    with pytest.raises(NotFound):
        sessions.end_session(caller(who, began()), tablet.session_id)


@pytest.mark.promise("K4.4")
def test_somebody_elses_session_is_not_there(who, counterparties):
    other = enrol(counterparties, began())
    with pytest.raises(NotFound):
        sessions.end_session(caller(other, began()), who.session_id)
    assert refresh(who.tokens["refresh_token"])
    assert ended(other) == ended(who) == {}


def test_log_out_ends_the_session_that_asks(who):
    tablet = another(who)
    sessions.log_out(caller(tablet, began()))
    assert is_refused(tablet.tokens["refresh_token"])
    assert not is_refused(who.tokens["refresh_token"])


def test_what_has_died_by_itself_is_dropped_from_the_list_of_ended_sessions(who):
    first, second = another(who), another(who)
    sessions.end_session(caller(who, began()), first.session_id)
    later = began() + timedelta(minutes=16)
    sessions.end_session(caller(who, later), second.session_id)
    assert ended(who) == {second.session_id: int((later + timedelta(minutes=15)).timestamp())}


def test_many_sessions_ended_at_once_are_all_ended(who):
    others = [another(who) for _ in range(4)]

    def end(other: Member) -> str:
        try:
            sessions.end_session(caller(who, began()), other.session_id)
        except Failure as refused:
            return refused.code
        return other.session_id

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(end, others))
    for other, answer in zip(others, answers, strict=True):
        if answer == "service.unavailable":
            sessions.end_session(caller(who, began()), other.session_id)
    assert ended(who).keys() == {other.session_id for other in others}


@pytest.mark.promise("K4.3")
def test_a_new_password_ends_every_other_session_and_carries_this_one_over(who, cloud):
    tablet = another(who)
    change = ChangePassword(current_password=PASSWORD, new_password="回首向来萧瑟处 9")
    view = logging_in.change_password(caller(who, began()), change)
    assert view.session_id == who.session_id
    assert is_refused(tablet.tokens["refresh_token"])
    assert [item["pk"]["S"] for item in stored(cloud)] == [who.session_id]
    assert refresh(view.refresh_token).session_id == who.session_id
    row = access.load(who.person_id)
    assert row is not None
    assert row.session_epoch == 2
    assert "password_changed" in [m["event"] for m in announced(cloud)]


@pytest.mark.promise("K4.3")
def test_clearing_away_ended_sessions_is_not_what_ends_them(who, monkeypatch):
    tablet = another(who)
    monkeypatch.setattr(logging_in, "_others", lambda _: [])
    change = ChangePassword(current_password=PASSWORD, new_password="回首向来萧瑟处 9")
    logging_in.change_password(caller(who, began()), change)
    assert [s.session_id for s in sessions.list_sessions(caller(who, began())).data] == [who.session_id]
    assert is_refused(tablet.tokens["refresh_token"])


def test_whoever_is_frozen_gets_no_new_token_and_keeps_the_old_one(who):
    key = (StandingRow, who.person_id, access.SK)
    commit([update(key, [StandingRow.status.set(FROZEN)])])
    with pytest.raises(AccountFrozen):
        refresh(who.tokens["refresh_token"])
    commit([update(key, [StandingRow.status.set("active")])])
    assert refresh(who.tokens["refresh_token"])


def test_a_refresh_takes_two_calls(who, aws_calls):
    refresh(who.tokens["refresh_token"])
    assert [call.operation for call in aws_calls] == ["GetItem", "UpdateItem"]


def test_an_outage_before_the_rotation_costs_no_token(who, monkeypatch):
    def down(*_, **__):
        raise ReadTimeoutError(endpoint_url="http://127.0.0.1")

    monkeypatch.setattr(sessions, "load", down)
    with pytest.raises(ReadTimeoutError):
        refresh(who.tokens["refresh_token"])
    monkeypatch.undo()
    assert refresh(who.tokens["refresh_token"])


@pytest.mark.promise("G1.2")
def test_each_log_in_is_announced_with_ids_only(who, cloud):
    tablet = another(who)
    told = announced(cloud)
    assert [m["event"] for m in told] == ["signed_up", "new_device"]
    assert told[1].keys() == {"event", "session_id", "channel", "at"}
    assert told[1]["session_id"] == tablet.session_id


def announced(cloud: TestCloud) -> list[dict]:
    """Give the security notices written to the outbox, in order."""
    rows = sorted(cloud.items("outbox"), key=lambda item: item["at"]["S"])
    bodies = [json.loads(item["body"]["S"]) for item in rows]
    found = [body["body"] for body in bodies if body["kind"] == "SecurityNotice"]
    order = ["signed_up", "signed_in", "new_device", "password_changed", "session_reused"]
    return sorted(found, key=lambda body: order.index(body["event"]))
