"""What time ends: files of copies and their records, kept trade records and their key, cases, uploads, messages."""

from datetime import datetime, timedelta

import pytest

from chalicelib.foundation.gateways import objects
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.config import config
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.store.keys import DataKeyRow
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import commit, update
from chalicelib.foundation.vault import keyring
from chalicelib.foundation.vault.keyring import KeyDestroyed
from chalicelib.media import rules as media_rules
from chalicelib.media.service.pictures import folder_of
from chalicelib.media.tables import MediaRow
from chalicelib.notifications.tables import InboxRow
from chalicelib.orders.tables import OrderRow, PaymentRow
from chalicelib.rights.jobs import sweep_retention
from chalicelib.rights.service import copies, retention
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.copies import ask, lying, make, stored
from tests.support.counterparties import Counterparties
from tests.support.leaving import leave
from tests.support.lives import make_account
from tests.support.people import Someone, make_person
from tests.support.planted import stored_now
from tests.support.schedules import tick


def ready(cloud: TestCloud, who: Someone) -> str:
    request_id = ask(who, clock.now())
    assert make(cloud) == []
    return request_id


def kinds(cloud: TestCloud, table: str) -> list[str]:
    return sorted(item["kind"]["S"] for item in cloud.items(table))


def sweep_at(hands: Hands, at: datetime) -> None:
    hands.to(at)
    tick(sweep_retention)


@pytest.mark.promise("K1.2")
def test_a_file_that_nobody_fetched_goes_after_seven_days_with_every_version(cloud: TestCloud, hands: Hands):
    who = make_person()
    request_id = ready(cloud, who)
    row = stored(request_id)
    s3, where = cloud.client("s3"), {"Bucket": config().bucket("exports"), "Key": row.object_key}
    s3.put_object(**where, Body=b"an older or newer version")
    s3.delete_object(**where)
    s3.create_multipart_upload(**where)
    assert len(lying(cloud)) == 4
    sweep_at(hands, row.ready_at + timedelta(days=7) - timedelta(seconds=5))
    assert len(lying(cloud)) == 4
    sweep_at(hands, row.ready_at + timedelta(days=7, seconds=1))
    assert lying(cloud) == []
    left = stored(request_id)
    assert (left.state, left.object_key, left.size_bytes) == ("expired", None, None)
    assert copies.show_request(who.call(), request_id).state == "expired"


@pytest.mark.promise("K1.2")
def test_a_file_that_was_fetched_goes_within_the_hour(cloud: TestCloud, hands: Hands):
    who = make_person()
    request_id = ready(cloud, who)
    copies.claim_link(who.call(clock.now()), request_id)
    sweep_at(hands, clock.now() + timedelta(minutes=50))
    assert len(lying(cloud)) == 1
    sweep_at(hands, clock.now() + timedelta(minutes=15))
    assert lying(cloud) == []
    assert stored(request_id).state == "claimed"


@pytest.mark.promise("K1.2")
def test_the_record_of_a_request_stays_three_years_from_its_end(cloud: TestCloud, hands: Hands):
    request_id = ready(cloud, make_person())
    sweep_at(hands, stored(request_id).ready_at + timedelta(days=8))
    ends = stored(request_id).due_at
    assert timedelta(days=3 * 365) <= ends - stored(request_id).ready_at <= timedelta(days=3 * 366 + 8)
    sweep_at(hands, ends - timedelta(hours=1))
    assert stored(request_id)
    sweep_at(hands, ends + timedelta(seconds=1))
    assert kinds(cloud, "cases") == []


@pytest.mark.promise("K1.2")
def test_a_file_whose_removal_failed_is_tried_again_and_stops_no_other_ending(
    cloud: TestCloud, hands: Hands, monkeypatch: pytest.MonkeyPatch
):
    who = make_person()
    request_id = ready(cloud, who)
    message = stored_now(who, InboxRow, sk="NOTICE#1", due_shard="due#0", due_at=clock.now()).row

    def failing(key: str) -> None:
        raise OSError(key)

    hands.by(days=8)
    with monkeypatch.context() as patched:
        patched.setattr(retention, "remove_file", failing)
        with pytest.raises(OSError, match="copies"):
            tick(sweep_retention)
    assert len(lying(cloud)) == 1
    assert get(InboxRow, message.pk, message.sk) is None
    tick(sweep_retention)
    assert lying(cloud) == []
    assert stored(request_id).state == "expired"


@pytest.mark.promise("K1.2", "K2.1")
def test_kept_trade_records_and_their_key_end_together_after_three_years(
    cloud: TestCloud, counterparties: Counterparties, hands: Hands
):
    who = make_account()
    completed_at = clock.now() - timedelta(days=100)
    order = stored_now(who, OrderRow, completed_at=completed_at, state="received").row
    stored_now(who, PaymentRow, completed_at=completed_at)
    left = leave(who)
    left.go_on()
    assert left.certificate().state == "done"
    assert kinds(cloud, "trade") == ["order", "payment"]
    kept = get(OrderRow, order.pk, order.sk)
    assert kept.goods.reveal()
    sweep_at(hands, kept.due_at - timedelta(hours=1))
    assert kinds(cloud, "trade") == ["order", "payment"]
    keyring.forget()
    assert kept.goods.reveal()
    sweep_at(hands, kept.due_at + timedelta(seconds=1))
    assert kinds(cloud, "trade") == []
    keyring.forget()
    with pytest.raises(KeyDestroyed):
        kept.goods.reveal()
    assert kept.due_at >= completed_at + timedelta(days=3 * 365)


@pytest.mark.promise("K1.2")
def test_records_of_the_living_are_left_to_their_own_domain(cloud: TestCloud, hands: Hands):
    who = make_person()
    now = clock.now()
    stored_now(who, OrderRow, state="unpaid", completed_at=None, due_shard="due#0", due_at=now)
    sweep_at(hands, now + timedelta(days=1))
    assert kinds(cloud, "trade") == ["order"]


@pytest.mark.promise("K1")
def test_a_key_whose_end_was_moved_is_not_destroyed(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch):
    """A hold moves the date; the index may still tell the old one."""
    who, now = make_person(), clock.now()
    key_id = who.keys["trade"]
    held = [DataKeyRow.due_shard.set("due#0"), DataKeyRow.due_at.set(now + timedelta(days=30))]
    commit([update((DataKeyRow, key_id, "KEY"), held)])
    monkeypatch.setattr(retention, "due", lambda table, *_: iter([(key_id, "KEY")] if table == "keys" else []))
    tick(sweep_retention)
    keyring.forget()
    assert keyring.data_key(key_id)


def test_a_copy_whose_time_was_moved_stays(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch):
    request_id = ready(cloud, make_person())
    monkeypatch.setattr(retention, "due", lambda table, *_: iter([(request_id, "COPY")] if table == "cases" else []))
    tick(sweep_retention)
    assert stored(request_id).state == "ready"
    assert len(lying(cloud)) == 1


@pytest.mark.promise("K1.2")
def test_a_finished_case_stays_three_years_with_its_certificate(
    cloud: TestCloud, counterparties: Counterparties, hands: Hands
):
    left = leave(make_account())
    left.go_on()
    row = left.case()
    assert row.due_shard
    assert timedelta(days=3 * 365) <= row.due_at - row.finished_at <= timedelta(days=3 * 366)
    sweep_at(hands, row.due_at - timedelta(hours=1))
    assert left.certificate().state == "done"
    sweep_at(hands, row.due_at + timedelta(seconds=1))
    assert kinds(cloud, "cases") == []


@pytest.mark.promise("J7.4")
def test_a_case_that_is_not_finished_is_never_swept(cloud: TestCloud, counterparties: Counterparties, hands: Hands):
    left = leave(make_account())
    sweep_at(hands, clock.now() + timedelta(days=4 * 366))
    assert left.case().step == "entrances"


@pytest.mark.promise("K1.2")
def test_an_upload_that_is_in_no_post_goes_with_its_objects(cloud: TestCloud, hands: Hands):
    who, media_id = make_person(), new_id("med")
    due = {"due_shard": "due#0", "due_at": clock.now() + timedelta(days=1), "post_id": None}
    row = stored_now(who, MediaRow, pk=media_id, sk="MEDIA", state="ready", folder=folder_of(media_id), **due).row
    for key in media_rules.picture_keys(row.folder):
        objects.put("media", key, b"x", content_type="image/jpeg")
    assert len(lying(cloud, "media")) == 3
    hands.by(days=1, seconds=1)
    tick(sweep_retention)
    assert kinds(cloud, "community") == []
    assert lying(cloud, "media") == []


@pytest.mark.promise("K1.2")
def test_an_original_that_was_never_dealt_with_goes_after_its_hour_and_the_post_is_told(cloud: TestCloud, hands: Hands):
    who, media_id = make_person(), new_id("med")
    due = {"due_shard": "due#0", "due_at": clock.now() + timedelta(hours=1), "post_id": new_id("pst")}
    row = stored_now(who, MediaRow, pk=media_id, sk="MEDIA", state="uploading", folder=folder_of(media_id), **due).row
    objects.put("quarantine", media_rules.original_key(media_id), b"x", content_type="image/jpeg")
    hands.by(hours=1, seconds=1)
    tick(sweep_retention)
    assert get(MediaRow, row.pk, row.sk).state == "refused"
    assert lying(cloud, "quarantine") == []
    assert len(cloud.messages("community")) == 1


def test_short_of_time_a_sweep_stops(cloud: TestCloud, hands: Hands):
    request_id = ready(cloud, make_person())
    hands.by(days=8)
    tick(sweep_retention, left_ms=5000)
    assert len(lying(cloud)) == 1
    tick(sweep_retention, left_ms=60_000)
    assert lying(cloud) == []
    assert stored(request_id).state == "expired"
