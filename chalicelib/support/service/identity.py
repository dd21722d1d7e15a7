"""Who is asking: a code to the account's number, read back; nothing else is asked, and nothing is shown for it."""

from chalicelib.accounts.service.recognising import person_by_code, send_identity_code
from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.standing import access
from chalicelib.foundation.store.write import Write

from .. import rules, tables
from ..contracts.cases import CheckIdentity, DeskCaseView, IdentityCodeView, SendIdentityCode
from ..errors import AlreadyIdentified, CaseClosed, CaseMoved
from ..tables import CaseRow, MessageRow
from .desk import acting, assigned, read_identified

CODE = "code"


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
    access.commit(
        call,
        [
            used,
            *_theirs(call, row, whose),
            access.still_there(whose, otherwise=CaseMoved),
            record(call, "staff:identity:checked", reference=whose.ref, subject_id=row.pk, actor=acting(call)),
            record(call, "staff:identity:checked", reference=call.officer.ref, subject_id=row.pk),
        ],
    )
    return read_identified(call, case_id)


def _theirs(call: Call, row: CaseRow, whose: Person) -> list[Write]:
    said = tables.messages(row.pk)
    for one in said:
        one.text = MessageRow.text.seal(whose.keys, one.text.reveal())
    theirs = [
        CaseRow.state.set(rules.IDENTIFIED),
        CaseRow.identified_how.set(CODE),
        CaseRow.person_id.set(whose.person_id),
        CaseRow.epoch.set(whose.epoch),
        CaseRow.key_id.remove(),
    ]
    if row.contact is not None:
        theirs.append(CaseRow.contact.set(CaseRow.contact.seal(whose.keys, row.contact.reveal())))
    owned = tables.make_theirs(row, said, person_id=whose.person_id, epoch=whose.epoch, now=call.now)
    return [tables.move(row, theirs), *owned]


def _unidentified(call: Call, case_id: str) -> CaseRow:
    row = assigned(call, case_id)
    if row.state == rules.CLOSED:
        raise CaseClosed
    if row.state != rules.OPEN:
        raise AlreadyIdentified
    return row
