"""The standing row: read by the edge on every authenticated request, changed by accounts, consent and rights."""

from ..store.attributes import Bytes, Flag, Instant, Integer, Json, Text, Texts
from ..store.declare import EPOCH, KEY, LAST_RANK, TIME, OnMerge, Personal, Technical
from ..store.row import Row

ACTIVE = "active"
FROZEN = "frozen"
CLOSING = "closing"
MERGING = "merging"
"""Its things are on their way to another account of the same person; after that it is closing."""
OWNER = "owner"
"""Who froze an account by number and code; staff are named with their ground."""


class StandingRow(Row, table="people", kind="standing"):
    """What must be known before anything else may be done for this person.

    `consents` are the purposes agreed to now; `keys` the data key ids by ground; `ended` maps sessions ended
    in the last minutes to the time their access tokens die (epoch seconds), so that log-out bites at once;
    `frozen_by` says who froze the account and why, `OWNER` or `staff:<ground>`; only the first is the owner's to lift.
    `child_until` and `minor_until` are there for whoever is known to be under 14 or 18 until then, however that became
    known (`age_from`).
    """

    on_merge = OnMerge.YIELD

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
    merge_id = Text(Technical("request that is bringing another account of theirs in"), null=True)
    created_at = Instant(TIME)
    frozen_at = Instant(Personal("account.standing"), null=True)
    child_until = Instant(Personal("minor.age"), null=True)
    minor_until = Instant(Personal("minor.age"), null=True)
    age_from = Text(Personal("minor.age"), null=True)
    guarded = Text(Personal("minor.guarded"), null=True)
    limited = Texts(Personal("minor.guarded"), null=True)
    identified = Flag(Personal("account.standing"), null=True)
    revision = Integer(Technical("raised with what is known of age, guardians and identity"), null=True)
