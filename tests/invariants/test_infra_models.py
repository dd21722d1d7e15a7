"""Tables of the template against the row classes: keys, indexes and endings are the same on both sides."""

from typing import Any

import pytest
from pynamodb.attributes import Attribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection

from chalicelib.foundation.register import lookup
from chalicelib.foundation.store.attributes import Expiry
from chalicelib.foundation.store.planner import row_class
from chalicelib.foundation.store.row import Row
from infra.local.template import load
from infra.tree import ROOT

TEMPLATE = load(ROOT / "infra" / "resources.yaml")
TABLES: dict[str, dict[str, Any]] = {
    one["Properties"]["TableName"]["Fn::Sub"].rpartition("-")[2]: one["Properties"]
    for one in TEMPLATE["Resources"].values()
    if one.get("Type") == "AWS::DynamoDB::Table"
}
ROWS: list[type[Row]] = [row_class(entry) for entry in lookup.rows()]
SHARED = {"by_person": ["person_id", "kind"], "due": ["due_shard", "due_at"]}
"""Indexes that many row classes stand in, asked without a class; all others belong to one."""
NUMBERS = {"expires_at"}
IDLE = {("ephemeral", "due")}
"""In the template, and nothing stands in it yet: an index can't be added together with another later on."""


def name_of(row: type[Row]) -> str:
    return f"{row.table}/{row.row_kind}"


def indexes(noun: str) -> dict[str, tuple[list[str], dict[str, Any]]]:
    """Give a table's indexes: their keys in order, and what they project."""
    stated = TABLES[noun].get("GlobalSecondaryIndexes", [])
    return {one["IndexName"]: ([k["AttributeName"] for k in one["KeySchema"]], one["Projection"]) for one in stated}


def own_indexes(row: type[Row]) -> list[GlobalSecondaryIndex[Any]]:
    """Give the indexes that a row class declares."""
    found = {
        name: getattr(row, name) for name in dir(row) if isinstance(getattr(row, name, None), GlobalSecondaryIndex)
    }
    return list(found.values())


def projection(index: GlobalSecondaryIndex[Any]) -> dict[str, Any]:
    """Say what an index projects, as a template does."""
    said = index.Meta.projection
    if isinstance(said, IncludeProjection):
        return {"ProjectionType": "INCLUDE", "NonKeyAttributes": said.non_key_attributes}
    kinds = {AllProjection: "ALL", KeysOnlyProjection: "KEYS_ONLY"}
    return {"ProjectionType": kinds[type(said)]}


@pytest.mark.parametrize("noun", TABLES)
def test_a_table_has_the_keys_that_its_rows_have_and_says_no_more(noun: str):
    assert [key["AttributeName"] for key in TABLES[noun]["KeySchema"]] == ["pk", "sk"]
    used = {"pk", "sk"} | {key for keys, _ in indexes(noun).values() for key in keys}
    typed = {one["AttributeName"]: one["AttributeType"] for one in TABLES[noun]["AttributeDefinitions"]}
    assert typed == {name: "N" if name in NUMBERS else "S" for name in used}


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_a_row_stands_in_every_index_that_it_declares(row: type[Row]):
    assert (row._hash_keyname, row._range_keyname) == ("pk", "sk")
    for index in own_indexes(row):
        keys, projected = indexes(row.table)[index.Meta.index_name]
        keyed = [one for one in vars(type(index)).values() if isinstance(one, Attribute)]
        declared = [one.attr_name for one in sorted(keyed, key=lambda one: not one.is_hash_key)]
        assert (keys, projected) == (declared, projection(index))
        assert set(keys) <= {attribute.attr_name for attribute in row.get_attributes().values()}


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_what_a_row_declares_for_an_index_has_that_index(row: type[Row]):
    stored = {attribute.attr_name for attribute in row.get_attributes().values()}
    for name, keys in SHARED.items():
        if keys[0] in stored:
            assert set(keys) <= stored
            assert indexes(row.table)[name] == (keys, {"ProjectionType": "KEYS_ONLY"})


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_what_ends_by_itself_lies_where_time_to_live_runs(row: type[Row]):
    ends = {attribute.attr_name for attribute in row.get_attributes().values() if isinstance(attribute, Expiry)}
    live = TABLES[row.table].get("TimeToLiveSpecification")
    assert ends <= {"expires_at"}
    assert not ends or live == {"AttributeName": "expires_at", "Enabled": True}


@pytest.mark.parametrize("noun", TABLES)
def test_every_index_of_the_template_is_used_by_some_row_or_known_to_be_idle(noun: str):
    rows = [row for row in ROWS if row.table == noun]
    assert rows
    stored = {attribute.attr_name for row in rows for attribute in row.get_attributes().values()}
    declared = {index.Meta.index_name for row in rows for index in own_indexes(row)}
    for name, (keys, _) in indexes(noun).items():
        used = name in declared or (SHARED.get(name) == keys and set(keys) <= stored)
        assert used is ((noun, name) not in IDLE), name
