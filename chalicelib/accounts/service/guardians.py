"""Guardians: asked by the minor alone, verified as adults, answering for one age; and what their answers add up to."""

from collections.abc import Sequence
from typing import Final

import msgspec

from chalicelib.consent.service import notice_answered
from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.kernel.errors import Busy, NotFound
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing import access, birthdays
from chalicelib.foundation.standing.minors import DISPUTED, Stage, stage_of
from chalicelib.foundation.standing.rows import CLOSING
from chalicelib.foundation.store.write import Write, put_new

from ..contracts.guardians import AnswerAsGuardian, InvitationView, WardListView, WardView
from ..errors import GuardianNotVerified, GuardiansDisagree, InvitationOver, NotUnderAge, TooManyGuardians
from ..rules import ages as rules
from ..tables import disputes
from ..tables import guardians as tables
from ..tables.guardians import GuardianRow
from . import ages, waiting
from .invitations import invitation, open_invitation, refuse_other_rules
from .proven import Voice, prove_guardian, verified_adult

_TRIES: Final = 3


def invite_guardian(call: Call) -> InvitationView:
    """Give the caller, who is under age, something to hand to a guardian; nobody else can bring a guardian in.

    Keeps: M1.1, M2.1

    Raises:
        NotUnderAge: nothing is known that would take a guardian.
    """
    who = call.who
    stage = stage_of(who.minor, call.now)
    if stage is None:
        raise NotUnderAge
    token, row = invitation(call)
    row.person_id, row.epoch = who.person_id, who.epoch
    made = record(call, "person:guardian:invited")
    access.commit(call, [put_new(row), made])
    return InvitationView(invitation=token, feature=f"minor.{stage}", until=row.until)


def answer_as_guardian(call: Call, command: AnswerAsGuardian) -> WardView:
    """Take the answer of a guardian who was invited; the invitation is used up with it.

    Keeps: M1.1, M2.1, M2.2

    Raises:
        GuardianNotVerified: the caller is no adult whose identity is verified.
        InvitationOver: not ours, too old, or answered.
        NotUnderAge: whoever invited has come of age meanwhile.
        NoticeUnsuited, NoticeNotCurrent, TextUnknown, ShownAtImplausible: not the rules as published for that age.
        TooManyGuardians: so many are not plausible.
    """
    if not verified_adult(call.who, call.now):
        raise GuardianNotVerified
    return take_answer(call, Voice(call.who.ref), command)


def take_answer(call: Call, voice: Voice, command: AnswerAsGuardian, *, also: Sequence[Write] = ()) -> WardView:
    """Take the answer of a verified guardian; `also` is written with it.

    Raises:
        InvitationOver: not ours, too old, or answered.
        NotUnderAge: whoever invited has come of age meanwhile.
        NoticeUnsuited, NoticeNotCurrent, TextUnknown, ShownAtImplausible: not the rules as published for that age.
        TooManyGuardians: so many are not plausible.
    """
    row = open_invitation(call, command.invitation)
    if len(tables.wards_of(voice.ref)) >= rules.MOST_WARDS:
        raise TooManyGuardians
    used = [tables.use_invitation(row, call.now, InvitationOver), *also]
    if row.declared_by is not None:
        return waiting.answer_declaration(call, voice, command, index=row.declared_by, used=used)
    if row.person_id is None:
        raise InvitationOver
    said = {"agree": "agreed", "refuse": "refused"}[command.answer]
    return settle_answer(call, Said(voice, row.person_id, said, command), more=used)


class Said(msgspec.Struct, frozen=True):
    """What a guardian says, of whom, and on which paper."""

    voice: Voice
    child_id: str
    answer: str
    command: AnswerAsGuardian | None = None


def withdraw_as_guardian(call: Call, child_id: str) -> WardView:
    """Withdraw what one agreed to for a minor; it stops at once, and what was done before stays lawful.

    Keeps: M2.2, M2.3

    Raises:
        NotFound: the caller does not answer for such a person, or not any more.
    """
    ward_of(call, child_id)
    return settle_answer(call, Said(Voice(call.who.ref), child_id, "withdrawn"))


def list_wards(call: Call) -> WardListView:
    """List everybody whom the caller answers for."""
    found = [(one, access.person(one)) for one in tables.wards_of(call.who.ref)]
    rows = [(ward, tables.guardian_of(one, call.who.ref)) for one, ward in found if ward is not None]
    return WardListView(data=[_view(call, ward, row) for ward, row in rows if row is not None])


def ward_of(call: Call, child_id: str) -> tuple[Person, GuardianRow]:
    """Give somebody whom the caller agreed to answer for, at the age they have now; standing is read first.

    So whatever changes between the two is caught by the fence of what is written for the ward.

    Keeps: M2.2

    Raises:
        NotFound: nobody, not the caller's, withdrawn, or past the birthday with which the power lapsed.
    """
    ward = access.person(child_id)
    stage = None if ward is None else stage_of(ward.minor, call.now)
    row = None if stage is None else tables.guardian_of(child_id, call.who.ref)
    if ward is None or row is None or ward.status == CLOSING or (row.stage, row.answer) != (stage, "agreed"):
        raise NotFound
    return ward, row


def acting_for(call: Call, child_id: str) -> tuple[Call, GuardianRow]:
    """Give the call in which the caller acts for a ward, as of right; not while guardians disagree.

    Keeps: M2.2

    Raises:
        NotFound: not a ward of the caller's.
        GuardiansDisagree: the person in charge decides first.
    """
    ward, row = ward_of(call, child_id)
    if ward.minor is not None and ward.minor.guarded == DISPUTED:
        raise GuardiansDisagree
    return msgspec.structs.replace(call, person=ward, of_right=True, acting="guardian"), row


def limit_ward(call: Call, child_id: str, purposes: set[str]) -> WardView:
    """Close purposes for a ward, and open all others again.

    Keeps: M2.2

    Raises:
        NotFound: not a ward of the caller's.
        GuardiansDisagree: the person in charge decides first.
    """
    theirs, row = acting_for(call, child_id)
    done = record(
        call, "guardian:limits:set", reference=theirs.who.ref, subject_id=row.guardianship_id, actor="guardian"
    )
    access.commit(call, [birthdays.keep_limited(theirs.who, purposes), done])
    ward, row = ward_of(call, child_id)
    return _view(call, ward, row)


def settle_answer(call: Call, said: Said, *, more: Sequence[Write] = ()) -> WardView:
    """Settle an answer; where something about the minor moved meanwhile, look again."""
    for attempt in range(1, _TRIES + 1):
        try:
            return _settle(call, said, more)
        except Busy:
            if attempt == _TRIES:
                raise
    raise Busy(retry_after_s=1)


def _settle(call: Call, said: Said, more: Sequence[Write]) -> WardView:
    ward = access.person(said.child_id)
    stage = None if ward is None else stage_of(ward.minor, call.now)
    if ward is None or ward.minor is None or ward.status == CLOSING:
        raise InvitationOver
    if stage is None:
        raise NotUnderAge
    rows = tables.guardians_of(said.child_id)
    mine = f"{tables.GUARDIAN}{said.voice.ref}"
    seen = next((row for row in rows if row.sk == mine), None)
    if seen is None and len(rows) >= rules.MOST_GUARDIANS:
        raise TooManyGuardians
    if said.answer == "withdrawn" and (seen is None or (seen.stage, seen.answer) != (stage, "agreed")):
        raise NotFound
    row = _row(call, said, ward, name=new_id("gua") if seen is None else seen.guardianship_id)
    row.stage = stage
    others = [one.answer for one in rows if one.sk != mine and one.stage == stage]
    guarded = rules.agreed_on([*others, said.answer], stage)
    disagree = guarded == DISPUTED
    access.commit(
        call,
        [
            *more,
            birthdays.keep_guarded(ward, guarded),
            *tables.keep_answer(row, seen),
            *_on_paper(call, said, ward, stage=stage),
            *_on_record(call, said.voice, ward, row=row),
            *([disputes.new_dispute(ward, call.now)] if disagree and ward.minor.guarded != DISPUTED else []),
            ages.told(call, ward, "guardians_disagree" if disagree else "guardian_answered"),
        ],
    )
    now = msgspec.structs.replace(ward, minor=msgspec.structs.replace(ward.minor, guarded=guarded))
    return _view(call, now, row)


def take_over(call: Call, before: GuardianRow) -> WardView:
    """Have an answer be the caller's, who gave it by number before; what the answers add up to stays the same.

    Raises:
        NotFound: it lapsed, or the caller has answered for this minor already.
        TooManyGuardians: so many wards are not plausible.
    """
    ward = access.person(before.pk)
    stage = None if ward is None else stage_of(ward.minor, call.now)
    if ward is None or ward.minor is None or ward.status == CLOSING or before.stage != stage:
        raise NotFound
    if tables.guardian_of(ward.person_id, call.who.ref) is not None:
        raise NotFound
    if len(tables.wards_of(call.who.ref)) >= rules.MOST_WARDS:
        raise TooManyGuardians
    voice = Voice(call.who.ref)
    row = _row(call, Said(voice, ward.person_id, "agreed"), ward, name=before.guardianship_id)
    row.stage = before.stage
    access.commit(
        call,
        [
            birthdays.keep_guarded(ward, ward.minor.guarded),
            *tables.take_over(row, before),
            *_on_record(call, voice, ward, row=row),
            ages.told(call, ward, "guardian_answered"),
        ],
    )
    return _view(call, ward, row)


def _row(call: Call, said: Said, ward: Person, *, name: str) -> GuardianRow:
    proof = prove_guardian(said.voice, name, call.now)
    return GuardianRow(
        pk=ward.person_id,
        sk=f"{tables.GUARDIAN}{said.voice.ref}",
        person_id=ward.person_id,
        epoch=ward.epoch,
        guardianship_id=name,
        answer=said.answer,
        answered_at=call.now,
        method=proof.method,
        result=proof.result,
        verified_at=proof.at,
        digest=proof.digest,
    )


def _on_paper(call: Call, said: Said, ward: Person, *, stage: Stage) -> list[Write]:
    """Have the rules that were shown, and the answer, in the ledgers of both."""
    if said.command is None:
        return []
    refuse_other_rules(said.command, stage)
    return [
        write
        for ref in (said.voice.ref, ward.ref)
        for write in notice_answered(call, ref, said.command.notice, answer=said.command.answer)
    ]


def _on_record(call: Call, voice: Voice, ward: Person, *, row: GuardianRow) -> list[Write]:
    done = f"guardian:consent:{row.answer}"
    return [
        record(call, done, reference=ref, subject_id=row.guardianship_id, actor=actor)
        for ref, actor in ((voice.ref, "self"), (ward.ref, "guardian"))
    ]


def _view(call: Call, ward: Person, row: GuardianRow) -> WardView:
    stage, minor = stage_of(ward.minor, call.now), ward.minor
    told = {
        "child_id": ward.person_id,
        "guardianship_id": row.guardianship_id,
        "age": stage,
        "answer": row.answer,
        "guarded": minor.guarded or None if stage and minor else None,
        "limited": sorted(minor.limited) if stage and minor else [],
        "since": row.answered_at,
    }
    return msgspec.convert(told, WardView)
