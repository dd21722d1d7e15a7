"""That staff looked: at which data items of whose, in which case, for which purpose, open or masked. No value."""

from collections.abc import Iterable
from datetime import datetime

from ..kernel.call import Call
from ..store.attributes import Instant, Text
from ..store.declare import TIME, Ending, Personal
from ..store.write import Write
from .evidence import EvidenceRow, append


class LookRow(EvidenceRow, table="evidence", kind="look"):
    """One look of a member of staff, or the leave to look until a time.

    `items` are what was open, `masked` what was shown in part only, both ids of data items, parted by commas. `look_id`
    joins the entry of whoever looked to that of whose data they are, which names a role and nobody.
    """

    look_id = Text(Personal("evidence.entry", Ending.KEEP))
    action = Text(Personal("evidence.entry", Ending.KEEP))
    actor = Text(Personal("evidence.entry", Ending.KEEP))
    case_id = Text(Personal("evidence.entry", Ending.KEEP))
    purpose = Text(Personal("evidence.entry", Ending.KEEP))
    items = Text(Personal("evidence.entry", Ending.KEEP))
    masked = Text(Personal("evidence.entry", Ending.KEEP), null=True)
    until = Instant(TIME, null=True)


def looked(
    call: Call,
    whose: str,
    *,
    look_id: str,
    case_id: str,
    actor: str,
    items: Iterable[str],
    masked: Iterable[str] = (),
    until: datetime | None = None,
) -> list[Write]:
    """Put a look on record under both, before anything is shown.

    Args:
        call: the request of the member of staff, for the purpose that is told.
        whose: reference of the person whose data they are.
        look_id: joins both entries.
        case_id: the case it is for.
        actor: `staff:<role>`.
        items: data items that are open.
        masked: data items of which a part is shown.
        until: for a leave to look, when it ends.

    Keeps: K4.7, J11.1
    """
    told = {
        "look_id": look_id,
        "action": "staff:look:opened" if until is None else "staff:look:granted",
        "actor": actor,
        "case_id": case_id,
        "purpose": call.purpose,
        "items": ",".join(sorted(items)),
        "masked": ",".join(sorted(masked)) or None,
        "until": until,
    }
    return [append(LookRow.entry(call, reference, **told)) for reference in (whose, call.officer.ref)]


def looked_as_guardian(
    call: Call, whose: str, *, look_id: str, guardianship_id: str, items: Iterable[str]
) -> list[Write]:
    """Put a guardian's look at a minor's data on record under both, before anything is shown.

    Keeps: M2.2, J11.1
    """
    told = {
        "look_id": look_id,
        "action": "guardian:look:opened",
        "actor": "guardian:guardian",
        "case_id": guardianship_id,
        "purpose": call.purpose,
        "items": ",".join(sorted(items)),
    }
    return [append(LookRow.entry(call, reference, **told)) for reference in (whose, call.who.ref)]
