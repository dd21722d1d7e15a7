"""What a merge asks of accounts: proof that somebody holds another one too, whether others rest on it, its bindings.

The proof is a session on it, begun or confirmed within five minutes.
"""

from typing import Final, Literal

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.kernel.errors import Busy
from chalicelib.foundation.standing.access import still_there
from chalicelib.foundation.store.carry import Into
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import Write
from chalicelib.foundation.web.identify import RECENT, bearer

from ..rules.bindings import PURPOSES
from ..tables.bindings import ROWS, bindings_of, hand_over
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


Outcome = Literal["moves", "not_agreed", "has_own"]
KINDS: Final = {f"{provider}_{what}": provider for provider in ROWS for what in ("binding", "guard")}
"""The kinds of row that a binding consists of, and whose account it binds."""


def bindings_after(stays: Person, goes: Person, *, ended: frozenset[str] = frozenset()) -> dict[str, Outcome]:
    """Say, by provider, what becomes of what an account has bound when it comes into another one.

    A binding rests on a consent of its own. It moves where the account that stays agrees to it too, and has no such
    binding already; nobody is made to agree to anything by merging.

    Args:
        stays: the account that stays.
        goes: the account that comes in.
        ended: purposes that the merge ends on the account that stays.

    Keeps: A4.1, B4.6
    """
    found = bindings_of(stays.person_id, goes.person_id)
    own = {row.provider for row in found if row.person_id == stays.person_id}
    agreed = (stays.consents & goes.consents) - ended
    return {row.provider: _outcome(row.provider, own, agreed) for row in found if row.person_id == goes.person_id}


def binding_moves(call: Call, stays: Person, goes: Person, *, key_ids: frozenset[str]) -> list[list[Write]]:
    """Give, for each binding that moves, the transaction that hands it over while all of that is so.

    Keeps: A4.1, B4.6
    """
    after = bindings_after(stays, goes)
    into = Into(stays.person_id, stays.epoch, dict(stays.keys))
    return [
        [
            *hand_over(row, into, key_ids),
            still_there(stays, agreeing=PURPOSES[row.provider], otherwise=Busy),
            *(record(call, f"system:{row.provider}:moved", reference=one.ref, actor="system") for one in (goes, stays)),
        ]
        for row in bindings_of(goes.person_id)
        if after[row.provider] == "moves"
    ]


def _outcome(provider: str, own: set[str], agreed: frozenset[str]) -> Outcome:
    if provider in own:
        return "has_own"
    return "moves" if PURPOSES[provider] in agreed else "not_agreed"
