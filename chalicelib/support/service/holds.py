"""Freezing the account of a case with a ground, and letting it go: by different roles, told, and on record."""

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import NotFound
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.rows import ACTIVE, FROZEN, OWNER, StandingRow
from chalicelib.foundation.store.outbox import announce
from chalicelib.foundation.store.write import Write
from chalicelib.notifications.contracts import HoldTemplate, HoldTold

from ..contracts.holds import FreezeAccount, HoldView, ThawAccount
from ..errors import AlreadyFrozen, NotFrozen
from .desk import acting
from .looks import identified

_STAFF = "staff"


def freeze_account(call: Call, case_id: str, command: FreezeAccount) -> HoldView:
    """Freeze the account of a case at once; every session of it ends.

    What its owner has frozen may be frozen over, and is then no longer the owner's to lift.

    Keeps: K6.1, K6.5

    Raises:
        NotFound, NotAssigned: not a case of the caller's.
        CaseClosed: it is over.
        NotIdentified: it was not checked whose it is.
        AlreadyFrozen: staff have frozen it, or it was changed at the same moment.
    """
    seen = _standing(call, case_id)
    if not (seen.status == ACTIVE or (seen.status == FROZEN and seen.frozen_by == OWNER)):
        raise AlreadyFrozen
    frozen = access.freeze(seen, f"{_STAFF}:{command.ground}", call.now, otherwise=AlreadyFrozen)
    access.commit(call, [frozen, *_told(call, seen, case_id=case_id, verb="frozen", ground=command.ground)])
    return HoldView(case_id=case_id, status="frozen", ground=command.ground, at=call.now)


def thaw_account(call: Call, case_id: str, command: ThawAccount) -> HoldView:
    """Let a frozen account go; its person logs in anew.

    Raises:
        NotFound, NotAssigned: not a case of the caller's.
        CaseClosed: it is over.
        NotIdentified: it was not checked whose it is.
        NotFrozen: it is not, or was changed at the same moment.
    """
    seen = _standing(call, case_id)
    if seen.status != FROZEN:
        raise NotFrozen
    thawed = access.thaw(seen, otherwise=NotFrozen)
    access.commit(call, [thawed, *_told(call, seen, case_id=case_id, verb="thawed", ground=command.ground)])
    return HoldView(case_id=case_id, status="active", ground=command.ground, at=call.now)


def _standing(call: Call, case_id: str) -> StandingRow:
    _, whose = identified(call, case_id)
    seen = access.load(whose.person_id)
    if seen is None or seen.epoch != whose.epoch:
        raise NotFound
    return seen


def _told(call: Call, seen: StandingRow, *, case_id: str, verb: str, ground: str) -> list[Write]:
    """Put it on record under both, and tell the person."""
    whose = access.person_of(seen)
    done = f"staff:account:{verb}:{ground}"
    templates: dict[str, HoldTemplate] = {"frozen": "account_frozen", "thawed": "account_thawed"}
    return [
        record(call, done, reference=whose.ref, subject_id=case_id, actor=acting(call)),
        record(call, done, reference=call.officer.ref, subject_id=case_id),
        announce(call, "notices", HoldTold(template=templates[verb], subject_id=case_id), person=whose),
    ]
