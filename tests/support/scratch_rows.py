"""Scratch rows that belong to a person: one that is kept, its children, and one with objects."""

from datetime import UTC, datetime

from chalicelib.foundation.store.attributes import Instant, Integer, Sealed, Text
from chalicelib.foundation.store.declare import EPOCH, GUARD_RANK, INDEX, KEY, STATE, TIME, Ending, Personal
from chalicelib.foundation.store.row import Row

COMPLETED_AT = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)


class GuardRow(Row, table="people", kind="scratch_guard"):
    erase_rank = GUARD_RANK
    pk = Text(Personal("account.mobile_index"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))


class LineRow(Row, table="trade", kind="scratch_line"):
    erase_rank = 10
    pk = Text(Personal("order.number"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))


class DealRow(Row, table="trade", kind="scratch_deal"):
    """Kept three years from completion; blocks while it is open."""

    pk = Text(Personal("order.number", Ending.KEEP), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"), null=True)
    epoch = Integer(EPOCH, null=True)
    state = Text(STATE)
    completed_at = Instant(TIME, null=True)
    amount = Sealed(Personal("order.amount", Ending.KEEP, ground="trade"), null=True)
    recipient = Sealed(Personal("order.recipient", Ending.KEEP, "other", "trade"), null=True)
    note = Sealed(Personal("post.text"), attr_name="n", null=True)
    due_shard = Text(INDEX, null=True)
    due_at = Instant(INDEX, null=True)

    def kept_from(self) -> datetime | None:
        return self.completed_at

    def blocks(self, _now: datetime) -> str:
        return "scratch.open" if self.state == "open" else ""


class PictureRow(Row, table="community", kind="scratch_picture"):
    pk = Text(KEY, hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))

    def objects(self) -> tuple[tuple[str, str], ...]:
        return (("media", f"{self.pk}/large"), ("media", f"{self.pk}/small"))


RANKED: list[type[Row]] = [GuardRow, LineRow, PictureRow, DealRow]
"""In the order erasure takes them."""
