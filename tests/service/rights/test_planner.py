"""What is held about a person, and what becomes of it: found by stale indexes, guarded, cut loose, digested."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.accounts.tables.logins import MobileLoginRow
from chalicelib.accounts.tables.profile import ProfileRow
from chalicelib.community.tables import CommentRow
from chalicelib.foundation.register import lookup
from chalicelib.foundation.register.periods import end_of
from chalicelib.foundation.store import planner
from chalicelib.foundation.store.declare import Ending, Personal
from chalicelib.foundation.store.erase import execute
from chalicelib.foundation.store.planner import Found, fates, plan, plan_hash, read, traverse
from chalicelib.foundation.store.row import Row, get
from chalicelib.media.tables import MediaRow
from chalicelib.orders.tables import OrderRow, PaymentRow
from tests.support.cloud import TestCloud
from tests.support.people import Someone, make_person
from tests.support.planted import owned_classes, plant, stored_now

NOW = datetime.now(UTC)
KEPT_CLASSES = [row for row in owned_classes() if row.kept_from is not Row.kept_from]
EVERY_CLASS = pytest.mark.parametrize("row", owned_classes(), ids=lambda row: row.__name__)


def kept(row: Row) -> bool:
    return row.kept_from() is not None


def erased(who: Someone, now: datetime = NOW, rows: list[type[Row]] | None = None) -> dict[str, int]:
    """Carry out what the planner says, leaving standing; gives how many of what."""
    removed: list[tuple[str, str]] = []
    classes = [row for row in planner.ranked() if row.row_kind != "standing"] if rows is None else rows
    done: dict[str, int] = {}
    for fate in execute(fates(who.person_id, now, classes), lambda *where: removed.append(where)):
        name = f"{fate.found.row.row_kind}:{fate.verb}"
        done[name] = done.get(name, 0) + 1
    return done


@pytest.mark.promise("J1.1", "J3.2")
@EVERY_CLASS
def test_a_row_of_every_class_is_found_by_its_owner_and_by_nobody_else(cloud: TestCloud, row: type[Row]):
    who, other = make_person(), make_person()
    planted = plant(who, row).row
    places = {(one.row, one.pk, one.sk) for one in traverse(who.person_id)}
    assert (row, planted.pk, planted.sk) in places
    assert (row, planted.pk, planted.sk) not in {(one.row, one.pk, one.sk) for one in traverse(other.person_id)}


@pytest.mark.promise("J3.2", "K2.2")
@pytest.mark.parametrize(
    "row", [row for row in owned_classes() if row.row_kind != "standing"], ids=lambda row: row.__name__
)
def test_a_row_of_every_class_goes_or_is_cut_loose(cloud: TestCloud, row: type[Row]):
    who = make_person()
    planted = plant(who, row)
    stays = kept(planted.row)
    assert erased(who, rows=[row]) == {f"{row.row_kind}:{'cut' if stays else 'delete'}": 1}
    assert [one for one in traverse(who.person_id) if one.row is row] == []
    assert (get(row, planted.row.pk, planted.row.sk) is not None) == stays
    assert erased(who, rows=[row]) == {}


@pytest.mark.promise("K2.2")
@pytest.mark.parametrize("row", KEPT_CLASSES, ids=lambda row: row.__name__)
def test_what_is_cut_loose_keeps_only_what_the_law_wants(cloud: TestCloud, row: type[Row]):
    who = make_person()
    planted = plant(who, row)
    since = planted.row.kept_from()
    erased(who, now=since + timedelta(days=1))
    left = get(row, planted.row.pk, planted.row.sk)
    assert left is not None
    said = dict(planner.personal(row))
    present = {name for name in said if getattr(left, name) is not None}
    assert present == {name for name, one in said.items() if one.ending is Ending.KEEP and name in planted.canaries}
    assert (left.person_id, left.epoch) == (None, None)
    ends = max(end_of(lookup.retention(lookup.item(said[name].item).retention).period, since) for name in present)
    assert timedelta(0) <= left.due_at - ends < timedelta(days=1)
    assert left.due_shard.startswith("due#")
    assert who.person_id not in str(cloud.items(row.table))


@pytest.mark.promise("K1.2", "K2.1")
@pytest.mark.parametrize("row", KEPT_CLASSES, ids=lambda row: row.__name__)
def test_what_has_had_its_years_goes_with_the_person(cloud: TestCloud, row: type[Row]):
    who = make_person()
    planted = plant(who, row)
    later = planted.row.kept_from() + timedelta(days=3 * 366)
    assert erased(who, now=later, rows=[row]) == {f"{row.row_kind}:delete": 1}


@pytest.mark.promise("J3.2")
def test_a_guard_taken_over_by_somebody_else_is_left_alone(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch):
    """The index still shows the number's guard as the old owner's; its key is made of the number."""
    before, after = make_person(), make_person()
    guard = stored_now(before, MobileLoginRow, pk="MOBILE_LOGIN#index", sk="LOGIN").row
    stale = [Found(MobileLoginRow, guard.pk, guard.sk, before.person_id)]
    taken = stored_now(after, MobileLoginRow, pk=guard.pk, sk=guard.sk).row
    monkeypatch.setattr(planner, "traverse", lambda *_: iter(stale))
    assert erased(before, rows=[MobileLoginRow]) == {}
    left = get(MobileLoginRow, guard.pk, guard.sk)
    assert (left.person_id, left.password) == (after.person_id, taken.password)


@pytest.mark.promise("J2.1")
def test_what_changed_hands_or_went_is_not_read_for_the_owner_before(cloud: TestCloud):
    before, after = make_person(), make_person()
    row = stored_now(after, MobileLoginRow, pk="MOBILE_LOGIN#index", sk="LOGIN").row
    stale = [
        Found(MobileLoginRow, row.pk, row.sk, before.person_id),
        Found(ProfileRow, "per_gone", "PROFILE", before.person_id),
    ]
    assert list(read(iter(stale))) == []
    assert [one.pk for one in read(iter([Found(MobileLoginRow, row.pk, row.sk, after.person_id)]))] == [row.pk]


@pytest.mark.promise("K2")
def test_a_record_cut_loose_already_is_not_counted_again(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch):
    who = make_person()
    row = plant(who, OrderRow).row
    found = list(traverse(who.person_id, [OrderRow]))
    assert erased(who, rows=[OrderRow]) == {"order:cut": 1}
    monkeypatch.setattr(planner, "traverse", lambda *_: iter(found))
    assert erased(who, rows=[OrderRow]) == {}
    assert get(OrderRow, row.pk, row.sk) is not None


@pytest.mark.promise("J3.2")
def test_objects_go_before_the_row_that_leads_to_them(cloud: TestCloud):
    who = make_person()
    row = plant(who, MediaRow).row
    seen: list[tuple[tuple[str, str], bool]] = []

    def remove(bucket: str, key: str) -> None:
        seen.append(((bucket, key), get(MediaRow, row.pk, row.sk) is not None))

    list(execute(fates(who.person_id, NOW, [MediaRow]), remove))
    assert [where for where, _ in seen] == list(row.objects())
    assert all(there for _, there in seen)
    assert get(MediaRow, row.pk, row.sk) is None


def test_children_go_before_what_leads_to_them():
    ranks = [row.erase_rank for row in planner.ranked()]
    assert ranks == sorted(ranks, reverse=True)
    names = [row.row_kind for row in planner.ranked()]
    assert names.index("session") < names.index("mobile_login") < names.index("comment") < names.index("post")
    assert names[-1] == "standing"


@pytest.mark.promise("J3.2")
def test_more_than_a_batch_of_several_tables_goes_and_each_is_counted(cloud: TestCloud):
    who = make_person()
    for _ in range(60):
        plant(who, CommentRow)
    for _ in range(30):
        plant(who, ProfileRow)
    plant(who, OrderRow)
    assert erased(who) == {"comment:delete": 60, "profile:delete": 30, "order:cut": 1}
    assert [one.row.row_kind for one in traverse(who.person_id)] == ["standing"]


@pytest.mark.promise("J7.2")
def test_a_plan_says_what_goes_what_stays_until_when(cloud: TestCloud):
    who = make_person()
    order, payment = plant(who, OrderRow).row, plant(who, PaymentRow).row
    plant(who, CommentRow)
    lines, blocks = plan(who.person_id, NOW)
    assert blocks == []
    by_kind = {line.kind: line for line in lines}
    assert (by_kind["comment"].verb, by_kind["comment"].until, by_kind["comment"].kept_items) == ("delete", "", ())
    for row in (order, payment):
        line = by_kind[row.row_kind]
        ends = end_of("P3Y", row.completed_at)
        assert (line.verb, line.retention, line.count) == ("cut", "trade.legal", 1)
        assert timedelta(0) <= datetime.fromisoformat(f"{line.until}T00:00Z") - ends < timedelta(days=1)
        assert "order.state" in line.kept_items
        assert set(line.items).isdisjoint(line.kept_items)
    assert "order.recipient" in by_kind["order"].items


@pytest.mark.promise("J7.1")
def test_what_is_open_blocks(cloud: TestCloud):
    who = make_person()
    stored_now(who, OrderRow, state="paid", completed_at=None)
    assert plan(who.person_id, NOW)[1] == ["order_open"]


@pytest.mark.promise("J7.3")
def test_the_hash_changes_with_what_lasts_and_not_with_what_passes(cloud: TestCloud):
    who = make_person()
    before = plan_hash(plan(who.person_id, NOW)[0])
    for row in owned_classes():
        if row.table in planner.PASSING or row.comes_by_itself:
            plant(who, row)
    lines, _ = plan(who.person_id, NOW)
    assert {"session", "outbox", "idempotency", "inbox"} <= {line.kind for line in lines}
    assert plan_hash(lines) == before
    plant(who, CommentRow)
    assert plan_hash(plan(who.person_id, NOW)[0]) != before


def test_the_plan_of_nobody_is_empty(cloud: TestCloud):
    assert plan(f"per_{secrets.token_hex(13)}", NOW) == ([], [])


def declared(row: type[Row]) -> Iterator[tuple[str, Any]]:
    for name, attribute in row.get_attributes().items():
        if isinstance(attribute.says, Personal):
            yield name, attribute


def test_a_key_of_a_kept_record_says_nothing_that_must_go():
    assert KEPT_CLASSES
    for row in KEPT_CLASSES:
        keys = [attribute for _, attribute in declared(row) if attribute.is_hash_key or attribute.is_range_key]
        assert all(attribute.says.ending is Ending.KEEP for attribute in keys)
        assert row.get_attributes()["person_id"].null
        assert "due_at" in row.get_attributes()
