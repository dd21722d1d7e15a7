"""What is known of somebody's age: their own word, a guardian's, ours, the authority's; and what follows from it."""

from datetime import date

import msgspec

from chalicelib.consent.service import ended_for
from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call, Minor, Person
from chalicelib.foundation.kernel.errors import Unauthenticated
from chalicelib.foundation.register import lookup
from chalicelib.foundation.standing import access, birthdays
from chalicelib.foundation.standing.minors import stage_of
from chalicelib.foundation.store.outbox import announce
from chalicelib.foundation.store.write import Write

from ..contracts.guardians import AgeEvent, AgeNotice, AgeView, DeclareAge
from ..errors import AgeSettled, NotUnderAge
from ..rules import ages as rules
from ..rules.profile import birth_date_of
from ..tables import guardians as tables


def show_age(call: Call) -> AgeView:
    """Show the caller what is known of their age, and how guardians answered."""
    who = call.who
    stage = stage_of(who.minor, call.now)
    if stage is None or who.minor is None:
        return AgeView(
            age=None,
            child_until=None,
            minor_until=None,
            known_from=None,
            guarded=None,
            limited=[],
            identified=who.identified,
            answers=[],
        )
    answers = [row.answer for row in tables.guardians_of(who.person_id) if row.stage == stage]
    told = {
        "age": stage,
        "child_until": who.minor.child_until,
        "minor_until": who.minor.minor_until,
        "known_from": who.minor.told_by,
        "guarded": who.minor.guarded or None,
        "limited": sorted(who.minor.limited),
        "identified": who.identified,
        "answers": sorted(answers),
    }
    return msgspec.convert(told, AgeView)


def declare_age(call: Call, command: DeclareAge) -> AgeView:
    """Take a person's own word that they are under 18; it can't be taken back by another word.

    Keeps: M1.2, M2.4

    Raises:
        InvalidInput: no possible date.
        NotUnderAge: whoever was born then is of age, and nothing needs to be kept.
        AgeSettled: it would make them older, or their identity is verified.
    """
    birth_date_of(command.birth_date, call.now)
    said = rules.minor_born(command.birth_date, "declared")
    before = call.who.minor if stage_of(call.who.minor, call.now) else None
    if before is None and call.now >= said.minor_until:
        raise NotUnderAge
    call = noted(call, said)
    stands = call.who.minor
    if stands is None or (stands.child_until, stands.minor_until) != (said.child_until, said.minor_until):
        raise AgeSettled
    return show_age(call)


def noted_birth_date(call: Call, born: date) -> Call:
    """Keep what a date of birth says of somebody's age before the date itself is; taking it away changes nothing.

    Keeps: M1.2, M2.4
    """
    return noted(call, rules.minor_born(born, "declared"))


def noted(call: Call, said: Minor) -> Call:
    """Keep somebody's age as it stands after a word on it; gives the call as its person stands then."""
    who = call.who
    writes = age_writes(call, who, said)
    if not writes:
        return call
    access.commit(msgspec.structs.replace(call, of_right=True), writes)
    return afresh(call)


def age_writes(call: Call, who: Person, said: Minor) -> list[Write]:
    """Give what is written when somebody says how old a person is; nothing where it changes nothing."""
    stands = rules.settled(who.minor, said, identified=who.identified, now=call.now)
    if stands == who.minor or (stands is None and stage_of(who.minor, call.now) is None):
        return []
    at = None if stands is None else rules.next_birthday(stands, call.now)
    source = "person" if said.told_by == "declared" else said.told_by
    ended = _ended(who) if stage_of(stands, call.now) == "child" else []
    return [
        *birthdays.keep_age(who, stands, at=at, ended=ended),
        *(write for purpose in ended for write in ended_for(call, who, purpose)),
        record(call, f"{source}:age:noted", reference=who.ref, actor=said.told_by),
        told(call, who, "age_noted"),
    ]


def _ended(who: Person) -> list[str]:
    """Name what somebody agreed to that nobody under 14 may."""
    return [one for one in sorted(who.consents) if lookup.purpose(one).minors == "from_14"]


def told(call: Call, who: Person, event: AgeEvent) -> Write:
    """Tell somebody what was noted about their age or guardians."""
    return announce(call, "notices", AgeNotice(event=event), person=who)


def afresh(call: Call) -> Call:
    """Give a call with its person as they stand now."""
    before, now = call.who, access.person(call.who.person_id)
    if now is None or now.epoch != before.epoch:
        raise Unauthenticated
    now = msgspec.structs.replace(now, session_id=before.session_id, reauthenticated_at=before.reauthenticated_at)
    return msgspec.structs.replace(call, person=now)
