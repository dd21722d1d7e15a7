"""Guardians without an account: known by a number whose code they read, and as adults by the authority."""

import hashlib
import hmac
from typing import Final

from chalicelib.foundation.audit.disclosures import disclosed
from chalicelib.foundation.gateways import identity
from chalicelib.foundation.gateways.disclosure import disclose
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import NotFound
from chalicelib.foundation.kernel.ids import letters, new_id
from chalicelib.foundation.standing.access import commit
from chalicelib.foundation.standing.minors import stage_of
from chalicelib.foundation.vault.blind import blind
from chalicelib.foundation.vault.wrapping import secret
from chalicelib.foundation.web.limits import Limit, spend

from ..contracts.guardians import AnswerAsGuardian, AnswerByNumber, ClaimWard, WardView, WithdrawByNumber
from ..errors import CodeInvalid, GuardianNotVerified
from ..rules.ages import minor_born
from ..rules.identities import NUMBER_LIMIT, born_of, number_of, real_name_of
from ..rules.numbers import mobile_of
from ..tables import guardians as tables
from ..tables.codes import use_code
from .codes import mobile_index, prove_code
from .guardians import Said, settle_answer, take_answer, take_over
from .invitations import open_invitation
from .profile import mobile_of as own_mobile
from .proven import Voice, verified_adult

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
        GuardianNotVerified: no adult, or the authority does not know them so: one answer for both.
        InvitationOver, NotUnderAge, TooManyGuardians: as for everybody.
        NoticeUnsuited, NoticeNotCurrent, TextUnknown, ShownAtImplausible: not the rules as published for that age.
    """
    index = mobile_index(mobile_of(command.mobile))
    name, number = real_name_of(command.name), number_of(command.number, call.now.date())
    open_invitation(call, command.invitation)
    code = prove_code(call, PURPOSE, index, code=command.code)
    spend(_PER_NUMBER, blind("identity", number), call.now).refuse_when_over()
    if stage_of(minor_born(born_of(number), "verified"), call.now) is not None:
        raise GuardianNotVerified
    items = ("verification.name", "verification.number")
    under = disclose(identity.RECIPIENT, items, purpose=call.purpose, at=call.now)
    commit(call, [disclosed(call, under, reference=_TO_AUTHORITY, subject_id=new_id("vrf"))])
    if identity.check_name(name, number, under=under).finding is not identity.Finding.CONSISTENT:
        raise GuardianNotVerified
    answer = AnswerAsGuardian(invitation=command.invitation, notice=command.notice, answer=command.answer)
    return take_answer(call, voice_of(index), answer, also=[use_code(code, CodeInvalid)])


def withdraw_by_number(call: Call, command: WithdrawByNumber) -> WardView:
    """Withdraw what was agreed to by a number, for whoever reads its code.

    Keeps: M2.2

    Raises:
        CodeInvalid: the number is not proved.
        NotFound: nothing was agreed to by this number under that name.
    """
    index = mobile_index(mobile_of(command.mobile))
    code = prove_code(call, PURPOSE, index, code=command.code)
    voice = voice_of(index)
    found = _agreed(voice, command.guardianship_id)
    return settle_answer(call, Said(voice, found.pk, "withdrawn"), more=[use_code(code, CodeInvalid)])


def claim_ward(call: Call, command: ClaimWard) -> WardView:
    """Have what a guardian agreed to by number be the account's which was opened with it, without the minor's doing.

    The account proved the number and its holder's identity; the id of what is between the two was shown to that
    guardian alone, so that whoever is given the number later has nothing to claim.

    Keeps: M2.1, M2.2

    Raises:
        GuardianNotVerified: the caller is no adult whose identity is verified.
        NotFound: nothing of that name was agreed to by the account's number for the age that the minor has now.
        TooManyGuardians: so many wards are not plausible.
    """
    if not verified_adult(call.who, call.now):
        raise GuardianNotVerified
    index = mobile_index(own_mobile(call.who.person_id) or "")
    return take_over(call, _agreed(voice_of(index), command.guardianship_id))


def _agreed(voice: Voice, guardianship_id: str) -> tables.GuardianRow:
    rows = (tables.guardian_of(child_id, voice.ref) for child_id in tables.wards_of(voice.ref))
    found = next((row for row in rows if row is not None and row.guardianship_id == guardianship_id), None)
    if found is None or found.answer != "agreed":
        raise NotFound
    return found


def voice_of(index: str) -> Voice:
    """Name a guardian by a keyed digest of their number, which leads to nobody without our key."""
    digest = hmac.digest(secret("guardian"), f"number\0{index}".encode(), hashlib.sha256)
    return Voice(f"ref_{letters(digest)}", "real_name_and_number")
