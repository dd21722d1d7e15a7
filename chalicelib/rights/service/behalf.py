"""Rights of whoever can't use them alone, frozen or without a phone: used by customer service at their word.

Nothing that is held is shown for it. A copy goes to nobody but whoever knows the account's password.
"""

from collections.abc import Callable
from typing import TypeVar

from ...accounts.contracts.profile import SetGender, SetNickname, SetResidence
from ...accounts.service import profile
from ...consent.service import withdraw_consent
from ...foundation.kernel.call import Call
from ...foundation.kernel.errors import FieldError, InvalidInput, Unauthenticated
from ...foundation.standing import access
from ...support.contracts.behalf import DoneView, InTheirName
from ...support.errors import CaseMoved
from ...support.service.behalf import acting_for
from ..contracts import CancelAccount, CancelForThem, CancellationPreview, CorrectForThem, WithdrawForThem
from . import cancellation, copies

T = TypeVar("T")
_CORRECTED = ("residence", "gender", "nickname", "remove")


def request_copy(call: Call, case_id: str, command: InTheirName) -> DoneView:
    """Ask for a copy for the person of a case; only they can fetch it.

    Keeps: J2.3, K6.6

    Raises:
        NotFound, NotAssigned, CaseClosed, NotIdentified, ApprovalRequired, CaseFull, CaseMoved: as for any such act.
        CopyUnderWay: one is being made, or waits to be fetched.
    """
    theirs = acting_for(call, case_id, command, verb="copy")
    made = _done(lambda: copies.request_copy(theirs, case_id=case_id))
    return DoneView(case_id=case_id, at=call.now, request_id=made.request_id)


def correct(call: Call, case_id: str, command: CorrectForThem) -> DoneView:
    """Put one thing right in the profile of a case's person, as far as their own choices allow it to be kept.

    Keeps: K6.6

    Raises:
        NotFound, NotAssigned, CaseClosed, NotIdentified, ApprovalRequired, CaseFull, CaseMoved: as for any such act.
        InvalidInput: it names none or several, or says what can't be.
        ConsentRequired: its purpose is not agreed to.
        NicknameRefused, NicknameTaken, NicknameTooSoon: as for the person.
    """
    if sum(getattr(command, name) is not None for name in _CORRECTED) != 1:
        raise InvalidInput((FieldError("", "one_of"),))
    theirs = acting_for(call, case_id, command, verb="correct")
    _done(lambda: _corrected(theirs, command))
    return DoneView(case_id=case_id, at=call.now)


def withdraw(call: Call, case_id: str, command: WithdrawForThem) -> DoneView:
    """Withdraw a consent of a case's person; what it allowed stops at once.

    Keeps: J6.1, K6.6

    Raises:
        NotFound, NotAssigned, CaseClosed, NotIdentified, ApprovalRequired, CaseFull, CaseMoved: as for any such act.
        NotFound: no such purpose.
        Essential: the purpose rests on no consent.
        StandingMoved: consents kept changing meanwhile.
    """
    theirs = acting_for(call, case_id, command, verb="withdraw")
    _done(lambda: withdraw_consent(theirs, command.purpose))
    return DoneView(case_id=case_id, at=call.now)


def preview_cancellation(call: Call, case_id: str, command: InTheirName) -> CancellationPreview:
    """Show, to be told the person of a case, what cancelling would do: kinds and numbers of records, no content.

    Keeps: J7.1, J7.2, K6.6

    Raises:
        NotFound, NotAssigned, CaseClosed, NotIdentified, ApprovalRequired, CaseFull, CaseMoved: as for any such act.
    """
    theirs = acting_for(call, case_id, command, verb="preview")
    _done(lambda: access.commit(theirs, []))
    return cancellation.preview_cancellation(theirs)


def cancel_account(call: Call, case_id: str, command: CancelForThem) -> DoneView:
    """Cancel the account of a case's person as it was previewed; a second person has approved it.

    Keeps: J7.1, J7.4, K6.6

    Raises:
        NotFound, NotAssigned, CaseClosed, NotIdentified, ApprovalRequired, CaseFull, CaseMoved: as for any such act.
        CancellationBlocked, PlanChanged, ReceiptUsed: as for the person.
    """
    asked = CancelAccount(plan_hash=command.plan_hash, receipt=command.receipt)
    theirs = acting_for(call, case_id, command, verb="cancel")
    begun = _done(lambda: cancellation.cancel_account(theirs, asked))
    return DoneView(case_id=case_id, at=call.now, request_id=begun.request_id)


def _corrected(theirs: Call, command: CorrectForThem) -> None:
    version = profile.own(theirs).version
    if command.residence is not None:
        profile.set_residence(theirs, SetResidence(residence=command.residence), version)
    elif command.gender is not None:
        profile.set_gender(theirs, SetGender(gender=command.gender), version)
    elif command.nickname is not None:
        profile.set_nickname(theirs, SetNickname(nickname=command.nickname), version)
    elif command.remove is not None:
        profile.remove_field(theirs, command.remove, version)


def _done(act: Callable[[], T]) -> T:
    """Do it; where somebody's standing moved meanwhile, that says nothing against the session of staff."""
    try:
        return act()
    except Unauthenticated:
        raise CaseMoved from None
