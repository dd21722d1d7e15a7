"""That something left: who got which data items for which purpose, when. No value, and no name."""

from ..gateways.disclosure import Disclosure
from ..kernel.call import Call
from ..store.attributes import Text
from ..store.declare import Ending, Personal
from ..store.write import Write
from .evidence import EvidenceRow, append


class DisclosureRow(EvidenceRow, table="evidence", kind="disclosure"):
    """One disclosure to one recipient; `items` are ids of data items, parted by commas."""

    recipient = Text(Personal("evidence.entry", Ending.KEEP))
    items = Text(Personal("evidence.entry", Ending.KEEP))
    purpose = Text(Personal("evidence.entry", Ending.KEEP))
    subject_id = Text(Personal("evidence.entry", Ending.KEEP), null=True)


def disclosed(call: Call, under: Disclosure, *, reference: str = "", subject_id: str = "") -> Write:
    """Put a disclosure on record; commit it before anything leaves, so that none goes unrecorded.

    Args:
        call: the request or message that discloses.
        under: what the register allowed.
        reference: whose data leave; the caller's unless named.
        subject_id: id of the thing disclosed (order, post, picture), never of a person.

    Keeps: I2.3, J11.1
    """
    row = DisclosureRow.entry(
        call,
        reference or call.who.ref,
        recipient=under.recipient,
        items=",".join(under.items),
        purpose=under.purpose,
        subject_id=subject_id or None,
    )
    return append(row)
