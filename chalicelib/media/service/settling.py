"""The outcome of an upload: noted once, under the standing of its owner, and told to whoever waits for it."""

from typing import NamedTuple

import msgspec

from ...foundation.kernel.call import Call
from ...foundation.standing import access
from ...foundation.standing.rows import ACTIVE
from ...foundation.store.outbox import announce
from ...foundation.store.write import Write
from .. import rules, tables
from ..contracts import Ground, MediaJudged
from ..rules import State
from ..tables import MediaRow


class Outcome(NamedTuple):
    """What came of an upload, and what is noted with it."""

    state: State
    ground: Ground | None = None
    label: str | None = None
    width: int | None = None
    height: int | None = None
    fingerprint: str | None = None


def owned_call(call: Call, row: MediaRow) -> Call | None:
    """Act for the owner of an upload; None when they are gone, going, frozen, or came back as somebody new."""
    owner = access.person(row.person_id)
    if owner is None or owner.status != ACTIVE or owner.epoch != row.epoch:
        return None
    return msgspec.structs.replace(call, person=owner)


def settle_writes(call: Call, row: MediaRow, outcome: Outcome) -> list[Write]:
    """Note the outcome of an upload, once, and tell whoever waits for it."""
    facts = outcome._asdict()
    settled = tables.settle(row, facts.pop("state"), call.now + rules.UNUSED_KEPT, **facts)
    return [settled, announce(call, "community", MediaJudged(media_id=row.pk))]
