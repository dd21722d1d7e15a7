"""A guardian's rights over what is held of a minor: the verbs that the minor has, on record under both."""

from collections.abc import Iterable
from itertools import islice
from typing import Final

import msgspec

from ...accounts.contracts.guardians import AgeView, WardView
from ...accounts.contracts.profile import ProfileView, SetGender, SetNickname, SetResidence
from ...accounts.rules.ages import minor_born
from ...accounts.rules.profile import birth_date_of
from ...accounts.service import ages, guardians, profile, visibility
from ...community.service import publishing
from ...foundation.audit.looks import looked_as_guardian
from ...foundation.kernel.call import Call
from ...foundation.kernel.errors import FieldError, InvalidInput, NotFound
from ...foundation.kernel.ids import new_id
from ...foundation.register import lookup
from ...foundation.register.lookup import UnknownEntry
from ...foundation.standing import access
from ...foundation.store.planner import PASSING, personal, read, told, traverse
from ..contracts import (
    CancelAccount,
    CancellationPreview,
    CancellationView,
    CorrectWard,
    CorrectWardAge,
    LimitWard,
    RecordView,
    WardHeldView,
    WardRecordsView,
)
from . import cancellation
from .archive import entry

MOST_RECORDS = 100
PAGE: Final = "page"
"""What is not one field of the profile, and goes as a whole."""
REMOVABLE: Final = frozenset({"residence", "gender", "birth_date", "nickname", "avatar", "email"})


def see_ward(call: Call, child_id: str) -> WardHeldView:
    """Show a guardian what is held about a ward; that they looked is on record, and told to the ward, first.

    Keeps: M2.2

    Raises:
        NotFound: not a ward of the caller's.
    """
    theirs = _seen(call, child_id, ("profile.residence", "profile.gender", "account.mobile", "account.user_name"))
    shown, visible = visibility.show_both(theirs)
    return WardHeldView(
        child_id=child_id,
        profile=shown,
        visibility=visible,
        lines=cancellation.preview_cancellation(theirs).lines,
    )


def list_ward_records(call: Call, child_id: str, kind: str) -> WardRecordsView:
    """Show a guardian the records of one kind, as a copy holds them; on record first.

    Keeps: M2.2

    Raises:
        NotFound: not a ward of the caller's, or no such kind; what passes within days is no record.
    """
    rows = [row for row in told() if row.row_kind == kind and row.table not in PASSING]
    if not rows:
        raise NotFound
    theirs = _seen(call, child_id, {said.item for row in rows for _, said in personal(row)})
    found = islice(read(traverse(theirs.who.person_id, rows)), MOST_RECORDS)
    return WardRecordsView(data=[msgspec.convert(msgspec.structs.asdict(entry(row)), RecordView) for row in found])


def correct_ward(call: Call, child_id: str, command: CorrectWard) -> ProfileView:
    """Put right what a ward's profile says, as far as the ward's own choices allow it to be kept.

    Keeps: M2.2

    Raises:
        NotFound, GuardiansDisagree: the caller may not decide for such a person.
        ConsentRequired: its purpose is not agreed to.
        NicknameRefused, NicknameTaken, NicknameTooSoon: as for the ward.
    """
    theirs, _ = guardians.acting_for(call, child_id)
    view = profile.show_profile(theirs)
    if command.residence is not None:
        view = profile.set_residence(theirs, SetResidence(residence=command.residence), view.version)
    if command.gender is not None:
        view = profile.set_gender(theirs, SetGender(gender=command.gender), view.version)
    if command.nickname is not None:
        view = profile.set_nickname(theirs, SetNickname(nickname=command.nickname), view.version)
    return view


def correct_ward_age(call: Call, child_id: str, command: CorrectWardAge) -> AgeView:
    """Put a ward's age right; a guardian's word outweighs the ward's, and a verified identity both.

    Keeps: M1.2, M2.2

    Raises:
        NotFound, GuardiansDisagree: the caller may not decide for such a person.
        InvalidInput: no possible date.
    """
    theirs, _ = guardians.acting_for(call, child_id)
    birth_date_of(command.birth_date, call.now)
    return ages.show_age(ages.noted(theirs, minor_born(command.birth_date, "guardian")))


def remove_ward_field(call: Call, child_id: str, field: str) -> ProfileView:
    """Remove an optional field of a ward, or the page with which they show themselves.

    Keeps: B5.2, M2.2

    Raises:
        NotFound: not a ward of the caller's, or no such field.
        GuardiansDisagree: the caller may not decide alone.
    """
    if field not in REMOVABLE | {PAGE}:
        raise NotFound
    theirs, _ = guardians.acting_for(call, child_id)
    if field == PAGE:
        visibility.close_page(theirs, profile.show_profile(theirs).version)
        return profile.show_profile(theirs)
    return profile.remove_field(theirs, field, profile.show_profile(theirs).version)


def remove_ward_post(call: Call, child_id: str, post_id: str) -> None:
    """Take a ward's post away.

    Keeps: M2.2

    Raises:
        NotFound: not a ward of the caller's, or no post of theirs.
        GuardiansDisagree: the caller may not decide alone.
    """
    theirs, _ = guardians.acting_for(call, child_id)
    publishing.remove_post(theirs, post_id)


def limit_ward(call: Call, child_id: str, command: LimitWard) -> WardView:
    """Close purposes for a ward: those that take a guardian's agreement, and no others.

    Keeps: M2.2

    Raises:
        NotFound, GuardiansDisagree: the caller may not decide for such a person.
        InvalidInput: a purpose that is not there, or not a guardian's to close.
    """
    for number, name in enumerate(command.purposes):
        if _is_open(name):
            raise InvalidInput((FieldError(f"/purposes/{number}", "choice"),))
    return guardians.limit_ward(call, child_id, set(command.purposes))


def preview_ward_cancellation(call: Call, child_id: str) -> CancellationPreview:
    """Show what cancelling a ward's account would do.

    Raises:
        NotFound, GuardiansDisagree: the caller may not decide for such a person.
    """
    theirs, _ = guardians.acting_for(call, child_id)
    return cancellation.preview_cancellation(theirs)


def cancel_ward(call: Call, child_id: str, command: CancelAccount) -> CancellationView:
    """Cancel a ward's account as previewed: all of it is deleted.

    Keeps: M2.2

    Raises:
        NotFound, GuardiansDisagree: the caller may not decide for such a person.
        CancellationBlocked, PlanChanged, ReceiptUsed: as for the ward.
    """
    theirs, _ = guardians.acting_for(call, child_id)
    return cancellation.cancel_account(theirs, command)


def _seen(call: Call, child_id: str, items: Iterable[str]) -> Call:
    """Put a look on record, and give the call that looks; guardians who disagree may still look."""
    ward, row = guardians.ward_of(call, child_id)
    on_record = looked_as_guardian(
        call, ward.ref, look_id=new_id("lok"), guardianship_id=row.guardianship_id, items=items
    )
    access.commit(call, [*on_record, access.still_there(ward, otherwise=NotFound)])
    return msgspec.structs.replace(call, person=ward, of_right=True, acting="guardian")


def _is_open(purpose_id: str) -> bool:
    try:
        return lookup.purpose(purpose_id).minors == "open"
    except UnknownEntry:
        return True
