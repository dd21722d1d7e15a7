"""What somebody under age may do, and whose agreement it takes: asked at the edge, in jobs, and where it is written."""

from datetime import datetime
from typing import Literal

from ..kernel.call import Minor, Person
from ..kernel.errors import Failure, FieldError, Kind
from ..register import lookup

Stage = Literal["child", "teen"]
DISPUTED = "disputed"
"""What standing says in place of a stage while two guardians disagree."""


class GuardianConsentRequired(Failure):
    """Somebody under 18 wants what takes a guardian's agreement, or an identity that is not verified yet."""

    code = "minors.guardian_consent_required"
    kind = Kind.FORBIDDEN
    title_zh = "未满十八周岁，需要监护人同意；发布和购买还需完成实名认证"
    title_en = "Under 18, this takes a guardian's consent, and for posting and buying a verified identity"


class NotForChildren(Failure):
    """Not for anybody under 14, whoever agrees."""

    code = "minors.not_for_children"
    kind = Kind.FORBIDDEN
    title_zh = "该功能不向未满十四周岁的儿童提供"
    title_en = "This is not offered to children under 14"


def stage_of(minor: Minor | None, now: datetime) -> Stage | None:
    """Tell the age band at a moment: it ends with the birthday itself, whether or not a sweep has come by.

    Keeps: M1.2, M2.4
    """
    if minor is None or now >= minor.minor_until:
        return None
    return "child" if now < minor.child_until else "teen"


def refuse(who: Person, purpose: str, now: datetime) -> None:
    """Stop what a minor may not do for this purpose, by the word that the register says about it.

    Keeps: M1.1, M2.1, M2.3

    Raises:
        NotForChildren: under 14, and the purpose is for nobody under 14.
        GuardianConsentRequired: no guardian's agreement for this age, guardians disagree, one of them has closed this
            purpose, or it needs a verified identity.
    """
    stage = stage_of(who.minor, now)
    if stage is None or who.minor is None or not purpose:
        return
    need = lookup.purpose(purpose).minors
    if need == "open":
        return
    if need == "from_14" and stage == "child":
        raise NotForChildren((FieldError(f"/purposes/{purpose}", "from_14"),))
    if who.minor.guarded != stage:
        raise GuardianConsentRequired((FieldError("/guardian", who.minor.guarded or "missing"),))
    if purpose in who.minor.limited:
        raise GuardianConsentRequired((FieldError(f"/purposes/{purpose}", "closed_by_guardian"),))
    if need == "identified" and not who.identified:
        raise GuardianConsentRequired((FieldError("/identity", "not_verified"),))


def allow(who: Person, purpose: str, now: datetime) -> bool:
    """Say whether nothing of the above stops somebody, where the refusal is told in words of another kind."""
    try:
        refuse(who, purpose, now)
    except (GuardianConsentRequired, NotForChildren):
        return False
    return True
