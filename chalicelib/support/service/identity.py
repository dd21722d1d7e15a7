"""Who is asking: a code to the account's number, read back; without the phone, the verified identity.

Nothing else is asked, and nothing is shown for it.
"""

from typing import Final

from chalicelib.accounts.contracts.recovery import CheckedByIdentity
from chalicelib.accounts.service.recognising import person_by_code, person_by_identity, send_identity_code
from chalicelib.foundation.audit import approvals
from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.standing import access
from chalicelib.foundation.store.outbox import announce
from chalicelib.foundation.store.write import Write
from chalicelib.foundation.web.limits import Limit, spend
from chalicelib.notifications.contracts import DoneInCase

from .. import rules, tables
from ..contracts.cases import CheckByIdentity, CheckIdentity, DeskCaseView, IdentityCodeView, SendIdentityCode
from ..errors import AlreadyIdentified, CaseClosed, CaseMoved
from ..tables import CaseRow, MessageRow
from .desk import acting, assigned, read_identified

IDENTITY_ITEMS: Final = ("verification.name", "verification.number")
_PER_CASE: Final = Limit("identity_case", 3, 86400)
_PER_STAFF: Final = Limit("identity_staff", 20, 86400)


def send_code_for_case(call: Call, case_id: str, command: SendIdentityCode) -> IdentityCodeView:
    """Send a code to a number that somebody says is their account's, whether or not an account has it.

    Keeps: E1.1

    Raises:
        NotFound, NotAssigned: not a case of the caller's.
        CaseClosed, AlreadyIdentified: there is nothing to check.
        InvalidInput: no mobile number of mainland China.
        TooMany, CodesPaused: too often.
    """
    _unidentified(call, case_id)
    sent = send_identity_code(call, command.mobile)
    return IdentityCodeView(expires_in_s=sent.expires_in_s, resend_after_s=sent.resend_after_s)


def check_identity(call: Call, case_id: str, command: CheckIdentity) -> DeskCaseView:
    """Take a case for the account whose number's code was read back; what was said in it goes under its person's key.

    Keeps: E1.1

    Raises:
        NotFound, NotAssigned: not a case of the caller's.
        CaseClosed, AlreadyIdentified: there is nothing to check.
        CodeInvalid: the code is wrong, or no account has that number.
        CaseMoved: it was changed at the same moment.
    """
    row = _unidentified(call, case_id)
    person_id, used = person_by_code(call, command.mobile, command.code)
    whose = access.person(person_id)
    if whose is None:
        raise CaseMoved
    access.commit(call, [used, *_theirs(call, row, whose, how=rules.CODE)])
    return read_identified(call, case_id)


def check_by_identity(call: Call, case_id: str, command: CheckByIdentity) -> DeskCaseView:
    """Take a case for the account whose verified identity somebody without their phone knows, with a second person.

    Nothing of what was said is kept or shown. The account's number, lost or not, and its inbox are told.

    Keeps: E1.1, K6.6

    Raises:
        NotFound, NotAssigned: not a case of the caller's.
        CaseClosed, AlreadyIdentified: there is nothing to check.
        ApprovalRequired: no second person has approved this check.
        InvalidInput: no such name or number can exist.
        TooMany: too many tries in this case, by this member of staff, on this account or this number.
        IdentityUnproved: it is not theirs, as far as we know.
        CaseMoved: it was changed at the same moment.
    """
    row = _unidentified(call, case_id)
    used = approvals.use(call, command.approval_id, "identity", what=IDENTITY_ITEMS, subject_id=row.pk)
    spend(_PER_CASE, row.pk, call.now).refuse_when_over()
    spend(_PER_STAFF, call.officer.ref, call.now).refuse_when_over()
    whose = person_by_identity(call, command.account, name=command.name, number=command.number)
    told = [
        announce(call, "withdrawals", CheckedByIdentity(case_id=row.pk), person=whose),
        announce(call, "notices", DoneInCase(template="case_identified", subject_id=row.pk), person=whose),
    ]
    access.commit(call, [*used, *told, *_theirs(call, row, whose, how=rules.IDENTITY)])
    return read_identified(call, case_id)


def _theirs(call: Call, row: CaseRow, whose: Person, *, how: str) -> list[Write]:
    said = tables.messages(row.pk)
    for one in said:
        one.text = MessageRow.text.seal(whose.keys, one.text.reveal())
    theirs = [
        CaseRow.state.set(rules.IDENTIFIED),
        CaseRow.identified_how.set(how),
        CaseRow.person_id.set(whose.person_id),
        CaseRow.epoch.set(whose.epoch),
        CaseRow.key_id.remove(),
    ]
    if row.contact is not None:
        theirs.append(CaseRow.contact.set(CaseRow.contact.seal(whose.keys, row.contact.reveal())))
    owned = tables.make_theirs(row, said, person_id=whose.person_id, epoch=whose.epoch, now=call.now)
    checked = "staff:identity:checked" if how == rules.CODE else "staff:identity:checked_by_identity"
    return [
        tables.move(row, theirs),
        *owned,
        access.still_there(whose, otherwise=CaseMoved),
        record(call, checked, reference=whose.ref, subject_id=row.pk, actor=acting(call)),
        record(call, checked, reference=call.officer.ref, subject_id=row.pk),
    ]


def _unidentified(call: Call, case_id: str) -> CaseRow:
    row = assigned(call, case_id)
    if row.state == rules.CLOSED:
        raise CaseClosed
    if row.state != rules.OPEN:
        raise AlreadyIdentified
    return row
