"""What a merge asks of accounts: proof that somebody holds another one too, and whether others rest on it.

The proof is a session on it, begun or confirmed within five minutes.
"""

from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.store.row import get
from chalicelib.foundation.web.identify import RECENT, bearer

from ..tables.guardians import wards_of
from ..tables.sessions import SESSION, SessionRow


def fresh_holder(call: Call, token: str) -> Person | None:
    """Give whose access token this is, if they came in just now; None when that was longer ago.

    Raises:
        Unauthenticated: no valid token, or its session has ended.
        AccountFrozen, AccountClosing: it is of an account that may not act.
    """
    other = bearer(f"Bearer {token}", call.now, with_key="both")
    row = get(SessionRow, other.session_id, SESSION)
    if row is None or row.person_id != other.person_id:
        return None
    shown = max(row.started_at, other.reauthenticated_at or row.started_at)
    return other if call.now - shown <= RECENT else None


def is_guardian(who: Person) -> bool:
    """Say whether somebody answers for a minor."""
    return bool(wards_of(who.ref))
