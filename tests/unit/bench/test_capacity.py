"""Units by the rules of DynamoDB."""

from typing import Any

import pytest

from infra.bench import capacity
from infra.bench.capacity import Index
from infra.bench.recording import Item, Made

TABLE = "jule-test-trade"
KEY = {"pk": {"S": "a"}, "sk": {"S": "b"}}
PLACE = f"{TABLE}|a|b"
OWNED = Index("by_person", ("person_id", "kind"), frozenset({"pk", "sk", "person_id", "kind"}))
LISTED = Index("listing", ("list_key",), None)


def item(size: int = 0, **attributes: str) -> Item:
    """Make an item of about so many bytes."""
    return {
        **KEY,
        **{name: {"S": value} for name, value in attributes.items()},
        **({"x": {"S": "y" * size}} if size else {}),
    }


def made(operation: str, params: dict[str, Any], **more: Any) -> Made:
    return Made("dynamodb", operation, params, **more)


def put(before: Item | None, after: Item | None, *, operation: str = "PutItem") -> Made:
    step = {"TableName": TABLE, "Key": KEY}
    params = {"TransactItems": [{"Update": step}]} if operation == "TransactWriteItems" else step
    return made(operation, params, before={PLACE: before}, after={PLACE: after})


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "模型"}, 6),
        ({"N": "12345"}, 4),
        ({"B": b"abc"}, 3),
        ({"BOOL": True}, 1),
        ({"SS": ["ab", "c"]}, 3),
        ({"L": [{"S": "ab"}]}, 6),
        ({"M": {"a": {"S": "b"}}}, 6),
    ],
)
def test_values_are_measured_as_they_are_stored(value: dict[str, Any], size: int) -> None:
    assert capacity.size({"n": value}) == size + 1


@pytest.mark.parametrize(("size", "strong", "units"), [(0, False, 0.5), (0, True, 1), (4000, True, 1), (4100, True, 2)])
def test_a_read_counts_blocks_of_four_kilobytes(size: int, units: float, *, strong: bool) -> None:
    call = made("GetItem", {"ConsistentRead": strong}, answer={"Item": item(size)})
    assert capacity.read_units([call]) == units


def test_a_missing_item_costs_a_read_all_the_same() -> None:
    assert capacity.read_units([made("GetItem", {}, answer={})]) == 0.5
    asked = {"RequestItems": {TABLE: {"Keys": [KEY, KEY], "ConsistentRead": True}}}
    assert capacity.read_units([made("BatchGetItem", asked, answer={"Responses": {TABLE: [item()]}})]) == 2


def test_a_query_is_rounded_once_and_counts_what_its_filter_drops() -> None:
    answer = {"Items": [item(1000)] * 3, "Count": 3, "ScannedCount": 3}
    assert capacity.read_units([made("Query", {}, answer=answer)]) == 0.5
    assert capacity.read_units([made("Query", {}, answer={**answer, "ScannedCount": 6})]) == 1.0


@pytest.mark.parametrize(("size", "units"), [(0, 1), (900, 1), (1100, 2)])
def test_a_write_counts_kilobytes_of_the_larger_of_before_and_after(size: int, units: int) -> None:
    assert capacity.write_units([put(None, item(size))], {"trade": []}) == units
    assert capacity.write_units([put(item(size), None)], {"trade": []}) == units


def test_a_transaction_costs_double_with_its_indexes() -> None:
    call = put(None, item(person_id="p", kind="k"), operation="TransactWriteItems")
    assert capacity.write_units([call], {"trade": [OWNED]}) == 4


def test_a_condition_check_costs_a_write() -> None:
    check = {"TransactItems": [{"ConditionCheck": {"TableName": TABLE, "Key": KEY}}]}
    call = made("TransactWriteItems", check, before={PLACE: item()}, after={PLACE: item()})
    assert capacity.write_units([call], {"trade": [OWNED]}) == 2


@pytest.mark.parametrize(
    ("before", "after", "index", "units"),
    [
        (None, item(), OWNED, 1),  # stands in no index
        (None, item(person_id="p", kind="k"), OWNED, 2),  # enters
        (item(person_id="p", kind="k"), None, OWNED, 2),  # leaves
        (item(person_id="p", kind="k"), item(person_id="p", kind="k", state="s"), OWNED, 1),  # not projected
        (item(person_id="p", kind="k"), item(person_id="q", kind="k"), OWNED, 3),  # moves: out and in
        (item(list_key="l"), item(list_key="l", state="s"), LISTED, 2),  # projected, so written again
    ],
)
def test_an_index_costs_where_it_changes(before: Item | None, after: Item | None, index: Index, units: int) -> None:
    assert capacity.write_units([put(before, after)], {"trade": [index]}) == units


def test_indexes_are_those_of_the_template() -> None:
    known = capacity.indexes()
    assert {one.name for one in known["trade"]} == {"by_person", "due"}
    assert known["catalog"][0].projected is None
    assert known["people"][0].keys == ("person_id", "kind")
    assert "digest" in (known["evidence"][0].projected or ())
