"""Children under 14 without an account: their word is all that is kept, until a guardian has agreed, for a week."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from chalicelib.consent.service import notice_answered
from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call, Minor, Person
from chalicelib.foundation.kernel.errors import FieldError
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing import access, birthdays
from chalicelib.foundation.standing.minors import GuardianConsentRequired, stage_of
from chalicelib.foundation.standing.rows import StandingRow
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import Write, check, put_new

from ..contracts.guardians import Answer, AnswerAsGuardian, DeclareChild, InvitationView, WardView
from ..errors import CodeInvalid, InvitationOver, NotUnderAge
from ..rules import ages as rules
from ..rules.numbers import mobile_of
from ..rules.profile import birth_date_of
from ..tables import guardians as tables
from ..tables.codes import use_code
from ..tables.guardians import DeclarationRow, GuardianRow
from .codes import mobile_index, prove_code
from .invitations import invitation, refuse_other_rules
from .proven import Voice, prove_guardian


def declare_child(call: Call, command: DeclareChild) -> InvitationView:
    """Take a child's word before there is an account, and give what its guardian is to be handed.

    Nothing else is kept, and that for a week. A child that has declared before gets another invitation; the earlier
    word stands.

    Keeps: M2.1

    Raises:
        InvalidInput: no number, or no possible date.
        NotUnderAge: nobody under 14.
        CodeInvalid: the number is not proved.
    """
    index = mobile_index(mobile_of(command.mobile))
    birth_date_of(command.birth_date, call.now)
    said = rules.minor_born(command.birth_date, "declared")
    if call.now >= said.child_until:
        raise NotUnderAge
    code = prove_code(call, "sign_up", index, code=command.code)
    token, row = invitation(call)
    row.declared_by = index
    known = tables.declaration_of(index, call.now)
    kept = [] if known is not None else [tables.new_declaration(_declaration(call, index, said), call.now)]
    access.commit(call, [use_code(code, CodeInvalid), *kept, put_new(row)])
    return InvitationView(invitation=token, feature="minor.child", until=row.until)


def refuse_child(call: Call, index: str, born: date | None, *, used: Write) -> DeclarationRow | None:
    """Stop a sign-up of a child whose guardian has not agreed; only the child's word is kept, by its proved number.

    Gives what was declared where a guardian has agreed; None for whoever says nothing of the kind. That the number
    declared nothing before is checked again by `nothing_declared` in the transaction.

    Keeps: M2.1

    Raises:
        InvalidInput: no possible date.
        GuardianConsentRequired: under 14 by this word or an earlier one.
    """
    if born is None:
        return None
    birth_date_of(born, call.now)
    said = rules.minor_born(born, "declared")
    if call.now >= said.child_until:
        return None
    known = tables.declaration_of(index, call.now)
    if known is None:
        access.commit(call, [used, tables.new_declaration(_declaration(call, index, said), call.now)])
    return agreed_declaration(call, index)


def agreed_declaration(call: Call, index: str) -> DeclarationRow:
    """Give what a number declared, once a guardian has agreed to it.

    Raises:
        GuardianConsentRequired: none has.
    """
    known = tables.declaration_of(index, call.now)
    if known is None or known.answer != "agreed":
        raise GuardianConsentRequired((FieldError("/guardian", "missing"),))
    return known


class ChildDeclared(GuardianConsentRequired):
    """The number of a sign-up declared a child before."""


def nothing_declared(call: Call, index: str) -> Write:
    """Let a sign-up pass only where its number has not declared to be a child's."""
    over = DeclarationRow.kind.does_not_exist() | (DeclarationRow.until <= call.now)
    return check(tables.declaration_place(index), over, ChildDeclared)


def answer_declaration(
    call: Call, voice: Voice, command: AnswerAsGuardian, *, index: str, used: Sequence[Write]
) -> WardView:
    """Take a guardian's answer for a child without an account; what was refused ends with its week, too.

    Keeps: M2.1

    Raises:
        InvitationOver: what was declared is over, or another guardian has answered.
        NoticeUnsuited, NoticeNotCurrent, TextUnknown, ShownAtImplausible: not the rules as published.
    """
    row = get(*tables.declaration_place(index))
    if row is None or row.until <= call.now or row.answer not in {None, "agreed"}:
        raise InvitationOver
    refuse_other_rules(command, "child")
    said: Answer = "agreed" if command.answer == "agree" else "refused"
    version, name = row.version, new_id("gua")
    proof = prove_guardian(voice, name, call.now)
    row.version += 1
    row.guardian, row.guardianship_id, row.answer, row.answered_at = voice.ref, name, said, call.now
    row.method, row.result, row.verified_at, row.digest = proof.method, proof.result, proof.at, proof.digest
    access.commit(
        call,
        [
            *used,
            tables.answer_declaration(row, version),
            *notice_answered(call, voice.ref, command.notice, answer=command.answer),
            record(call, f"guardian:consent:{said}", reference=voice.ref, subject_id=name),
        ],
    )
    return WardView(
        child_id=None,
        guardianship_id=name,
        age="child",
        answer=said,
        guarded=None,
        limited=[],
        since=call.now,
    )


def age_of(call: Call, born: date | None, declared: DeclarationRow | None) -> Minor | None:
    """Say what is known of the age of somebody who is about to have an account."""
    if declared is not None:
        return Minor(declared.child_until, declared.minor_until, "declared", "child")
    if born is None:
        return None
    said = rules.minor_born(born, "declared")
    return said if call.now < said.minor_until else None


def born_into(standing: StandingRow, minor: Minor | None) -> None:
    """Note on a new standing what is known of the age."""
    if minor is None:
        return
    standing.child_until, standing.minor_until, standing.age_from = minor.child_until, minor.minor_until, minor.told_by
    standing.guarded, standing.revision = minor.guarded or None, 1


def begun_writes(call: Call, who: Person, declared: DeclarationRow | None) -> list[Write]:
    """Give what belongs to a new account of somebody under age: the next birthday, and the guardian who agreed."""
    if who.minor is None:
        return []
    due = birthdays.next_birthday(who, rules.next_birthday(who.minor, call.now))
    noted = record(call, "person:age:noted", reference=who.ref, actor="declared")
    if declared is None:
        return [due, noted]
    told = record(call, "guardian:consent:agreed", reference=who.ref, subject_id=_name(declared), actor="guardian")
    row = _guardian(who, declared, stage=stage_of(who.minor, call.now) or "child")
    return [due, noted, told, *tables.keep_answer(row, None), tables.use_declaration(declared, GuardianConsentRequired)]


def _declaration(call: Call, index: str, said: Minor) -> DeclarationRow:
    _, pk, sk = tables.declaration_place(index)
    until = call.now + rules.INVITED_FOR
    return DeclarationRow(
        pk=pk,
        sk=sk,
        version=1,
        child_until=said.child_until,
        minor_until=said.minor_until,
        until=until,
        expires_at=until,
    )


def _guardian(who: Person, declared: DeclarationRow, *, stage: str) -> GuardianRow:
    said: dict[str, Any] = {name: getattr(declared, name) for name in _CARRIED}
    reference = declared.guardian
    return GuardianRow(
        pk=who.person_id,
        sk=f"{tables.GUARDIAN}{reference}",
        person_id=who.person_id,
        epoch=who.epoch,
        stage=stage,
        **said,
    )


_CARRIED = ("guardianship_id", "answer", "answered_at", "method", "result", "verified_at", "digest")


def _name(declared: DeclarationRow) -> str:
    return declared.guardianship_id or ""
