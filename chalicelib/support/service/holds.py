"""Freezing the account of a case with a ground, and letting it go: by different roles, told, and on record."""

from typing import Final

from chalicelib.accounts.service.recognising import person_called
from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import Busy, NotFound
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.rows import ACTIVE, FROZEN, OWNER, StandingRow
from chalicelib.foundation.store.outbox import announce
from chalicelib.foundation.store.write import Write
from chalicelib.foundation.web.limits import Limit, spend
from chalicelib.notifications.contracts import HoldTemplate, HoldTold

from .. import rules
from ..contracts.holds import FreezeAccount, FreezeForSafety, HoldView, SafetyFreezeView, ThawAccount
from ..errors import AlreadyFrozen, CaseClosed, NotFrozen, NotIdentified
from .desk import acting, assigned
from .looks import identified

_STAFF: Final = "staff"
_NOBODY: Final = "per_nobody"
_PER_STAFF: Final = Limit("safety_freezes", 20, 86400)


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
    if not _open(seen):
        raise AlreadyFrozen
    frozen = access.freeze(seen, f"{_STAFF}:{command.ground}", call.now, otherwise=AlreadyFrozen)
    access.commit(call, [frozen, *_told(call, seen, case_id=case_id, verb="frozen", ground=command.ground)])
    return HoldView(case_id=case_id, status="frozen", ground=command.ground, at=call.now)


def freeze_for_safety(call: Call, case_id: str, command: FreezeForSafety) -> SafetyFreezeView:
    """Freeze an account for its owner's sake, by number, user name or id, without knowing who asks.

    The answer is the same where there is none, or it is frozen already; nothing of it is shown. Letting it go takes
    the full check.

    Keeps: K6.7

    Raises:
        NotFound, NotAssigned: not a case of the caller's.
        CaseClosed: it is over.
        TooMany: the caller has frozen as many today as one member of staff may.
        Busy: the account was changed at the same moment.
    """
    if assigned(call, case_id).state == rules.CLOSED:
        raise CaseClosed
    spend(_PER_STAFF, call.officer.ref, call.now).refuse_when_over()
    seen = access.load(person_called(command.account) or _NOBODY)
    done = f"staff:account:frozen_for_safety:{command.ground}"
    writes = [record(call, done, reference=call.officer.ref, subject_id=case_id)]
    if seen is not None and _open(seen):
        whose = access.person_of(seen)
        writes += [
            access.freeze(seen, f"{_STAFF}:{command.ground}", call.now, otherwise=Busy),
            record(call, done, reference=whose.ref, subject_id=case_id, actor=acting(call)),
            announce(call, "notices", HoldTold(template="account_frozen", subject_id=case_id), person=whose),
        ]
    access.commit(call, writes)
    return SafetyFreezeView(case_id=case_id, ground=command.ground, at=call.now)


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


def _open(seen: StandingRow) -> bool:
    """Say whether staff may freeze it: active, or frozen by its owner."""
    return seen.status == ACTIVE or (seen.status == FROZEN and seen.frozen_by == OWNER)


def _standing(call: Call, case_id: str) -> StandingRow:
    row, whose = identified(call, case_id)
    if row.identified_how == rules.DISPUTE:
        raise NotIdentified
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
