"""Fetching a copy that customer service asked for: whoever knows the account's password gets it, frozen or not."""

from typing import Final

import msgspec

from ...accounts.errors import LoginFailed
from ...accounts.service.recognising import person_by_password
from ...foundation.kernel.call import Call
from ...foundation.kernel.errors import Busy
from ...foundation.standing import access
from ...foundation.standing.rows import ACTIVE, FROZEN
from ...foundation.store.row import get
from ...foundation.store.write import ConditionFailed
from ..contracts import FetchCopy
from ..errors import CopyClaimed
from ..tables import COPY_SK, CopyRow
from . import copies

LEGAL_GROUND: Final = "rights"
"""What is written for whoever is not logged in, and may be frozen."""


def fetch_copy(call: Call, command: FetchCopy) -> str:
    """Hand a copy over that was asked for in a case, once; staff know the id, and never the password.

    Keeps: J2.3, K4.3, K6.6

    Raises:
        LoginFailed: no such account, a wrong password, a wait, or no such copy of theirs; it does not say which.
        CopyNotReady: it is being made.
        CopyClaimed: it was fetched, or its days are over.
    """
    row = get(CopyRow, command.request_id, COPY_SK)
    known = person_by_password(call, command.login, command.password)
    if known is None or row is None or row.case_id is None:
        raise LoginFailed
    whose, admitted = known
    if (row.person_id, row.epoch) != (whose.person_id, whose.epoch) or whose.status not in {ACTIVE, FROZEN}:
        raise LoginFailed
    theirs = msgspec.structs.replace(call, person=whose)
    copies.refuse_unready(theirs, row)
    writes = [*copies.fetched(theirs, row), admitted, access.still_there(whose, otherwise=Busy)]
    try:
        access.commit(theirs, writes, legal_ground=LEGAL_GROUND)
    except ConditionFailed:
        raise CopyClaimed from None
    return copies.link_to(row)
