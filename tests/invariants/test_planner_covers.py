"""No row that says something about a person is out of the planner's sight, unless it says here why."""

import pytest

from chalicelib.foundation.audit import reading
from chalicelib.foundation.register import lookup
from chalicelib.foundation.register.model import RowEntry
from chalicelib.foundation.store import planner
from chalicelib.foundation.store.attributes import Sealed
from chalicelib.foundation.store.declare import EPOCH, Ending, Personal
from chalicelib.foundation.store.row import Row
from infra.register.rows import row_classes

OWNER = {"account.person_id", "content.author", "staff.id"}
"""Items that say whose a row is."""
OUT_OF_SIGHT = {
    "code": "keyed hash of a number that may have no account; gone after ten minutes",
    "codes_sent": "keyed hash of a number that may have no account; gone after a day",
    "counter": "keyed hash of an address, or a reference that dies with standing; gone with its window",
    "child_declaration": "keyed hash of a number that has no account; gone after a week, or with the account it opens",
    "cancellation": "the checkpoint of the erasure itself: its last step cuts it loose",
}
ENTRIES = pytest.mark.parametrize("entry", lookup.rows(), ids=lambda entry: f"{entry.table}.{entry.kind}")
CLASSES = pytest.mark.parametrize("row", row_classes(), ids=lambda row: row.__name__)


def says_something(entry: RowEntry) -> bool:
    return any(attribute.item for attribute in entry.attributes)


def is_owned(entry: RowEntry) -> bool:
    return (entry.table, entry.kind) in planner.owned()


def names_an_owner(row: type[Row]) -> bool:
    return any(said.item in OWNER for _, said in planner.personal(row))


@pytest.mark.promise("J1.1", "J3.2")
@ENTRIES
def test_what_is_about_a_person_is_traversed_or_evidence_or_has_a_reason(entry: RowEntry):
    ways = [is_owned(entry), entry.kind in reading.kinds(), entry.kind in OUT_OF_SIGHT]
    assert sum(ways) == says_something(entry)


def test_every_reason_is_still_needed():
    about_people = {entry.kind for entry in lookup.rows() if says_something(entry)}
    assert set(OUT_OF_SIGHT) <= about_people


@ENTRIES
def test_what_is_out_of_sight_names_nobody_but_the_case_of_an_erasure(entry: RowEntry):
    if entry.kind in OUT_OF_SIGHT and entry.kind != "cancellation":
        assert not {attribute.item for attribute in entry.attributes} & OWNER
        assert "expires_at" in {attribute.name for attribute in entry.attributes}


@pytest.mark.promise("J3.2")
@CLASSES
def test_a_row_that_names_its_owner_stands_in_the_index_by_person(row: type[Row]):
    attributes = row.get_attributes()
    if row.row_kind in OUT_OF_SIGHT or not names_an_owner(row):
        assert "person_id" not in attributes
        return
    assert attributes["person_id"].attr_name == "person_id"
    assert isinstance(attributes["person_id"].says, Personal)
    assert attributes["person_id"].says.item in OWNER


@pytest.mark.promise("J3.2")
@CLASSES
def test_a_row_of_a_person_carries_the_epoch_it_was_written_under(row: type[Row]):
    attributes = row.get_attributes()
    if "person_id" in attributes:
        assert attributes["epoch"].attr_name == "epoch"
        assert attributes["epoch"].says is EPOCH


def test_kinds_are_unique_so_that_a_plan_can_name_them():
    kinds = [row.row_kind for row in row_classes()]
    assert len(set(kinds)) == len(kinds)


@pytest.mark.promise("K2.1")
@CLASSES
def test_what_outlives_the_person_is_not_sealed_under_what_dies_with_them(row: type[Row]):
    for attribute in row.get_attributes().values():
        if isinstance(attribute, Sealed) and attribute.says.ending is Ending.KEEP:
            assert attribute.says.ground == "trade"


@CLASSES
def test_what_is_sealed_for_the_last_notice_stands_in_the_case_alone(row: type[Row]):
    """The `cases` key is destroyed before the case is closed: nothing else may need it."""
    grounds = {one.says.ground for one in row.get_attributes().values() if isinstance(one, Sealed)}
    assert ("cases" in grounds) == (row.row_kind == "cancellation")


@pytest.mark.promise("K2.1", "K2.2")
@CLASSES
def test_a_row_that_can_be_kept_can_be_cut_loose_and_ends(row: type[Row]):
    if row.kept_from is Row.kept_from:
        assert row.row_kind in {*reading.kinds(), "cancellation"} or not keeps(row)
        return
    attributes = row.get_attributes()
    assert keeps(row)
    assert attributes["person_id"].null
    assert attributes["epoch"].null
    assert {"due_shard", "due_at"} <= set(attributes)
    for name, said in planner.personal(row):
        if said.ending is Ending.ERASE:
            assert attributes[name].null or name == "person_id"
            assert not attributes[name].is_hash_key
            assert not attributes[name].is_range_key


def keeps(row: type[Row]) -> bool:
    return any(said.ending is Ending.KEEP for _, said in planner.personal(row))


@pytest.mark.promise("K1.1")
@CLASSES
def test_what_is_kept_has_a_period_that_ends(row: type[Row]):
    for _, said in planner.personal(row):
        if said.ending is Ending.KEEP:
            assert lookup.retention(lookup.item(said.item).retention).period != "none"
