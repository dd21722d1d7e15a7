"""What an identity number says of its holder's age, and why a minor's identity waits for a guardian."""

from chalicelib.foundation.kernel.call import Call, Minor
from chalicelib.foundation.kernel.errors import FieldError
from chalicelib.foundation.standing.minors import GuardianConsentRequired, stage_of

from ..errors.minors import FaceNeeded
from ..rules.ages import minor_born, settled
from ..rules.identities import born_of
from . import ages


def refuse_minor_alone(call: Call, number: str) -> None:
    """Stop a check that would have to keep a minor's number before a guardian has agreed.

    Keeps: M2.1

    Raises:
        GuardianConsentRequired: by the number itself, its holder is under age.
    """
    stage = stage_of(minor_born(born_of(number), "verified"), call.now)
    guarded = "" if call.who.minor is None else call.who.minor.guarded
    if stage is not None and guarded != stage:
        raise GuardianConsentRequired((FieldError("/guardian", guarded or "missing"),))


def refuse_older_by_name(call: Call, number: str) -> None:
    """Stop a minor from becoming older by a name and number read off somebody's card, before anybody is asked.

    A parent's card, and a phone in a parent's name, are within a child's reach; a parent's face is not.

    Keeps: M1.2, M2.4

    Raises:
        FaceNeeded: the account is known as that of somebody younger.
    """
    known, said = stage_of(call.who.minor, call.now), stage_of(minor_born(born_of(number), "verified"), call.now)
    if known is not None and said not in {known, "child"}:
        raise FaceNeeded


def refuse_unguarded(call: Call, number: str) -> Minor | None:
    """Keep what the authority's word says of an age; a minor's identity itself waits for a guardian.

    Gives the age that stands, for whoever may go on.

    Keeps: M1.2, M2.1

    Raises:
        GuardianConsentRequired: under age, and no guardian has agreed for that age.
    """
    said = minor_born(born_of(number), "verified")
    age = settled(call.who.minor, said, identified=call.who.identified, now=call.now)
    stage = stage_of(age, call.now)
    if age is not None and stage is not None and age.guarded != stage:
        ages.noted(call, said)
        raise GuardianConsentRequired((FieldError("/guardian", age.guarded or "missing"),))
    return age
