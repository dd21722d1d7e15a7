"""Which data key seals what: nothing outlives the key it is sealed under, and no key outlives what it may open."""

from chalicelib.foundation.register import lookup
from chalicelib.foundation.store.attributes import Sealed
from chalicelib.foundation.store.declare import Ending, Personal
from chalicelib.foundation.store.planner import row_class


def sealed() -> list[tuple[str, Personal]]:
    rows = [row_class(entry) for entry in lookup.rows()]
    return [
        (f"{row.__name__}.{name}", attribute.says)
        for row in rows
        for name, attribute in row.get_attributes().items()
        if isinstance(attribute, Sealed) and isinstance(attribute.says, Personal)
    ]


def test_what_is_erased_with_the_person_is_never_sealed_under_a_key_that_lives_on():
    """A backup of the table and the trade key, which lives for years, would open it again."""
    assert [name for name, says in sealed() if says.ending is Ending.ERASE and says.ground == "trade"] == []


def test_what_is_kept_is_never_sealed_under_the_key_that_erasure_destroys():
    kept = [says for _, says in sealed() if says.ending is Ending.KEEP]
    assert kept
    assert {says.ground for says in kept} == {"trade"}
