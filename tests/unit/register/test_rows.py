"""Row declarations against the register."""

import pytest
from pynamodb.attributes import UnicodeAttribute

from chalicelib.foundation.store.attributes import Sealed, Text
from chalicelib.foundation.store.declare import Ending, Personal, Technical
from chalicelib.foundation.store.row import Row
from infra.register.broken import RegisterBroken
from infra.register.rows import path_of, problems_of, row_classes, row_index

KEY = Technical("key")


class GoodRow(Row, table="people", kind="good"):
    pk = Text(Personal("account.person_id"), hash_key=True)
    sk = Text(KEY, range_key=True)
    mobile = Sealed(Personal("account.mobile"))
    recipient = Sealed(Personal("order.recipient", Ending.KEEP, "other", "trade"), attr_name="r")


class BadRow(Row, table="people", kind="bad"):
    pk = Text(KEY, hash_key=True)
    sk = Text(KEY, range_key=True)
    undeclared = UnicodeAttribute()
    unknown = Text(Personal("no.such"))
    in_the_clear = Text(Personal("account.mobile"))
    over_sealed = Sealed(Personal("post.public"))
    nameless = Sealed(Technical("secret"))
    elsewhere = Text(Personal("media.picture"))
    for_ever = Text(Personal("account.person_id", Ending.KEEP))
    unreadable = Sealed(Personal("order.recipient", Ending.KEEP))


def test_a_row_is_described_by_its_declarations(register):
    (entry,) = row_index(register, [GoodRow])
    assert (entry.path, entry.table, entry.kind, entry.keys) == (path_of(GoodRow), "people", "good", ("pk", "sk"))
    said = {attribute.name: attribute for attribute in entry.attributes}
    assert list(said) == ["kind", "mobile", "pk", "recipient", "sk"]
    assert (said["mobile"].item, said["mobile"].ending, said["mobile"].ground) == ("account.mobile", "erase", "main")
    assert (said["recipient"].stored_as, said["recipient"].whose, said["recipient"].ending) == ("r", "other", "keep")
    assert (said["sk"].item, said["sk"].why) == ("", "key")


@pytest.mark.parametrize(
    ("attribute", "problem"),
    [
        ("undeclared", "declares neither a data item nor that it is technical"),
        ("unknown", "unknown item no.such"),
        ("in_the_clear", "item account.mobile is sealed, the attribute is not sealed"),
        ("over_sealed", "item post.public is public, the attribute is sealed"),
        ("nameless", "sealed, so it must name its data item"),
        ("elsewhere", "item media.picture is held in media, not in rows"),
        ("for_ever", "kept beyond the person, but item account.person_id has no period (account.life)"),
        ("unreadable", "kept beyond the person, so it can't be sealed under main"),
    ],
)
def test_a_wrong_declaration_fails_the_build(register, attribute, problem):
    assert f"{path_of(BadRow)}.{attribute}: {problem}" in list(problems_of(BadRow, register))


def test_nothing_else_is_found_wrong(register):
    assert len(list(problems_of(BadRow, register))) == 8
    with pytest.raises(RegisterBroken):
        row_index(register, [GoodRow, BadRow])


def test_rows_of_the_house_are_found_and_rows_of_tests_are_not():
    paths = [path_of(row) for row in row_classes()]
    assert "chalicelib.foundation.standing.rows:StandingRow" in paths
    assert paths == sorted(paths)
    assert all(path.startswith("chalicelib.") for path in paths)
