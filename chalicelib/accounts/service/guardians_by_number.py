"""Guardians without an account: known by a number whose code they read, and as adults by the authority."""

from typing import Final

from chalicelib.foundation.audit.disclosures import disclosed
from chalicelib.foundation.gateways import identity
from chalicelib.foundation.gateways.disclosure import disclose
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import NotFound
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing.access import commit, person
from chalicelib.foundation.standing.minors import stage_of
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import Write, check
from chalicelib.foundation.vault.blind import blind
from chalicelib.foundation.web.limits import Limit, spend

from ..contracts.guardians import AnswerAsGuardian, AnswerByNumber, ClaimWard, WardView, WithdrawByNumber
from ..errors import CodeInvalid, GuardianNotVerified
from ..rules.ages import minor_born
from ..rules.identities import NUMBER_LIMIT, born_of, number_of, real_name_of
from ..rules.numbers import mobile_of
from ..tables import guardians as tables
from ..tables.codes import use_code
from ..tables.guardians import InvitationRow
from ..tables.logins import MobileLoginRow, mobile_door
from .codes import mobile_index, prove_code
from .guardians import Said, settle_answer, take_answer, take_over
from .invitations import open_invitation
from .profile import mobile_of as own_mobile
from .proven import Voice, number_voice, proven_guardian, same_human

PURPOSE: Final = "guardian"
"""What the code is good for."""
_TO_AUTHORITY: Final = f"RECIPIENT#{identity.RECIPIENT}"
_PER_NUMBER: Final = Limit("identity_number", NUMBER_LIMIT, 86400)


def answer_by_number(call: Call, command: AnswerByNumber) -> WardView:
    """Take the answer of a guardian without an account; neither name nor number is kept, nor is the mobile number.

    Keeps: I2.3, M1.1, M2.1, M2.2

    Raises:
        InvalidInput: no such name or number can exist.
        CodeInvalid: the number is not proved.
        GuardianNotVerified: no adult, the authority does not know them so, or not with this number, or the number is
            that of somebody under age: one answer for all.
        InvitationOver, NotUnderAge, TooManyGuardians: as for everybody.
        NoticeUnsuited, NoticeNotCurrent, TextUnknown, ShownAtImplausible: not the rules as published for that age.
    """
    mobile = mobile_of(command.mobile)
    index = mobile_index(mobile)
    name, number = real_name_of(command.name), number_of(command.number, call.now.date())
    invited = open_invitation(call, command.invitation)
    code = prove_code(call, PURPOSE, index, code=command.code)
    anothers = _refuse_minors_number(call, invited, index)
    spend(_PER_NUMBER, blind("identity_tries", number), call.now).refuse_when_over()
    if stage_of(minor_born(born_of(number), "verified"), call.now) is not None:
        raise GuardianNotVerified
    items = ("verification.name", "verification.number", "account.mobile")
    under = disclose(identity.RECIPIENT, items, purpose=call.purpose, at=call.now)
    commit(call, [disclosed(call, under, reference=_TO_AUTHORITY, subject_id=new_id("vrf"))])
    if identity.check_phone(name, number, mobile, under=under).finding is not identity.Finding.CONSISTENT:
        raise GuardianNotVerified
    answer = AnswerAsGuardian(invitation=command.invitation, notice=command.notice, answer=command.answer)
    voice = number_voice(index, identity=blind("identity", number))
    return take_answer(call, voice, answer, also=[use_code(code, CodeInvalid), *anothers])


def withdraw_by_number(call: Call, command: WithdrawByNumber) -> WardView:
    """Withdraw what was agreed to by a number, for whoever reads its code.

    Keeps: M2.2

    Raises:
        CodeInvalid: the number is not proved.
        NotFound: nothing was agreed to by this number under that name.
    """
    index = mobile_index(mobile_of(command.mobile))
    code = prove_code(call, PURPOSE, index, code=command.code)
    voice = number_voice(index)
    found = _agreed(voice, command.guardianship_id)
    return settle_answer(call, Said(voice, found.pk, "withdrawn"), more=[use_code(code, CodeInvalid)])


def claim_ward(call: Call, command: ClaimWard) -> WardView:
    """Have what a guardian agreed to by number be the account's which was opened with it, without the minor's doing.

    The account proved the number and its holder's identity; the id of what is between the two was shown to that
    guardian alone, so that whoever is given the number later has nothing to claim.

    Keeps: M2.1, M2.2

    Raises:
        GuardianNotVerified: the caller is no adult whose identity is verified by phone or face.
        NotFound: nothing of that name was agreed to by the account's number and holder for the minor's age of now.
        TooManyGuardians: so many wards are not plausible.
    """
    voice = proven_guardian(call.who, call.now)
    index = mobile_index(own_mobile(call.who.person_id) or "")
    found = _agreed(number_voice(index), command.guardianship_id)
    if not same_human(voice, found.guardianship_id, found.digest):
        raise NotFound
    return take_over(call, voice, found)


def _agreed(voice: Voice, guardianship_id: str) -> tables.GuardianRow:
    rows = (tables.guardian_of(child_id, voice.ref) for child_id in tables.wards_of(voice.ref))
    found = next((row for row in rows if row is not None and row.guardianship_id == guardianship_id), None)
    if found is None or found.answer != "agreed":
        raise NotFound
    return found


def _refuse_minors_number(call: Call, invited: InvitationRow, index: str) -> list[Write]:
    """Stop an answer by the number that asks, or by that of anybody who is known to be under age.

    A child's card is often a parent's by name, so the authority would say yes to the child's own number. Gives what
    holds it in the transaction: the number does not become the minor's meanwhile.

    Raises:
        GuardianNotVerified: whoever answers by that number may be the child.
    """
    door = mobile_door(index)
    login = get(*door.key)
    if invited.declared_by == index or (login is not None and login.person_id == invited.person_id):
        raise GuardianNotVerified
    holder = None if login is None else person(login.person_id)
    if holder is not None and stage_of(holder.minor, call.now) is not None:
        raise GuardianNotVerified
    if invited.person_id is None:
        return []
    others = MobileLoginRow.kind.does_not_exist() | (MobileLoginRow.person_id != invited.person_id)
    return [check(door.key, others, GuardianNotVerified)]
