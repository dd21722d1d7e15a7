"""The standing row: read by the edge on every authenticated request, changed by accounts, consent and rights."""

from ..store.attributes import Bytes, Instant, Integer, Json, Text, Texts
from ..store.declare import EPOCH, KEY, LAST_RANK, TIME, Personal, Technical
from ..store.row import Row

ACTIVE = "active"
FROZEN = "frozen"
CLOSING = "closing"
OWNER = "owner"
"""Who froze an account by number and code; staff are named with their ground."""


class StandingRow(Row, table="people", kind="standing"):
    """What must be known before anything else may be done for this person.

    `consents` are the purposes agreed to now; `keys` the data key ids by ground; `ended` maps sessions ended
    in the last minutes to the time their access tokens die (epoch seconds), so that log-out bites at once;
    `frozen_by` says who froze the account and why, `OWNER` or `staff:<ground>`; only the first is the owner's to lift.
    """

    erase_rank = LAST_RANK

    pk = Text(Personal("account.person_id"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    status = Text(Personal("account.standing"))
    epoch = Integer(EPOCH)
    session_epoch = Integer(Technical("raised to end every session"))
    policy_version = Text(Personal("consent.state"))
    consents = Texts(Personal("consent.state"), null=True)
    keys = Json(Technical("ids of data keys"))
    salt = Bytes(Technical("random salt of the evidence reference; erasing it cuts the evidence loose"))
    ended = Json(Technical("sessions ended within the life of an access token"))
    frozen_by = Text(Personal("account.standing"), null=True)
    created_at = Instant(TIME)
    frozen_at = Instant(Personal("account.standing"), null=True)
