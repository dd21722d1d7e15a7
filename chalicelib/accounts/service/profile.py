"""What a person says about themselves: shown, filled in, removed; and what others see of it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast

import msgspec

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import Unauthenticated
from chalicelib.foundation.standing.access import agreed, commit
from chalicelib.foundation.store.planner import personal
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import Write
from chalicelib.foundation.vault import keyring
from chalicelib.foundation.web.answer import VersionStale

from ..contracts.accounts import AccountView
from ..contracts.profile import (
    Author,
    Gender,
    ProfileView,
    SetAvatar,
    SetBirthDate,
    SetGender,
    SetNickname,
    SetResidence,
)
from ..errors import NicknameTooSoon
from ..rules.addresses import mask_email
from ..rules.names import nickname_of
from ..rules.numbers import mask_mobile
from ..rules.profile import OPTIONAL, birth_date_of, missing_of, renaming_from, residence_of, tier_of
from ..tables.logins import name_door
from ..tables.profile import ProfileRow, Value, own_profile, profiles, refuse_name_of_another, set_fields
from .ages import noted_birth_date
from .grounds import purpose_of, without_ground
from .public_side import author_of
from .verified import is_verified

if TYPE_CHECKING:
    from chalicelib.media.contracts import PictureView

WITHDRAWAL = "withdrawal"
"""The legal ground of removing what was withdrawn, whatever the standing (PIPL articles 15 and 47)."""


def show_account(call: Call) -> AccountView:
    """Show the caller's account.

    Keeps: B7.2
    """
    row, who = own(call), call.who
    return AccountView(
        person_id=who.person_id,
        user_name=row.user_name.reveal(),
        mobile=mask_mobile(row.mobile.reveal()),
        language=row.language,
        opened_at=row.opened_at,
        policy_version=who.policy_version,
        consents=sorted(who.consents),
        verified=is_verified(who),
    )


def show_profile(call: Call) -> ProfileView:
    """Show the caller's profile.

    Keeps: B2.1
    """
    return view_of(call, own(call))


def set_residence(call: Call, command: SetResidence, version: int) -> ProfileView:
    """Fill in the place of residence, for as long as its purpose is agreed to.

    Keeps: A2.2, B2.1

    Raises:
        ConsentRequired: the purpose was never agreed to, or was withdrawn up to this very moment.
        VersionStale: the profile was changed since that version.
    """
    place = ProfileRow.residence.seal(call.who.keys, residence_of(command.residence))
    return fill_in(call, own(call, version), {"residence": place})


def set_gender(call: Call, command: SetGender, version: int) -> ProfileView:
    """Fill in the gender; refused like the place of residence.

    Keeps: A2.2, B2.2
    """
    return fill_in(call, own(call, version), {"gender": ProfileRow.gender.seal(call.who.keys, command.gender)})


def set_birth_date(call: Call, command: SetBirthDate, version: int) -> ProfileView:
    """Fill in the date of birth; what it says of being under age is noted first, and stays when it is removed.

    Keeps: A2.2, B2.2, M1.2, M2.4

    Raises:
        InvalidInput: no possible date.
    """
    text, row = birth_date_of(command.birth_date, call.now), own(call, version)
    call = noted_birth_date(call, command.birth_date)
    return fill_in(call, row, {"birth_date": ProfileRow.birth_date.seal(call.who.keys, text)})


def set_nickname(call: Call, command: SetNickname, version: int) -> ProfileView:
    """Choose the name that others see; it need not be unique, but may be nobody else's user name.

    Removing it in between does not shorten the wait for another one.

    Keeps: A2.2, B2.4, B2.7

    Raises:
        NicknameRefused, NicknameTaken: against the rules, or somebody else's user name.
        NicknameTooSoon: another one was chosen less than three days ago.
    """
    from .passwords import name_index

    nickname, row = nickname_of(command.nickname), own(call, version)
    same = row.nickname is not None and row.nickname.reveal() == nickname
    wait_until = None if same else renaming_from(row.renamed_at, call.now)
    if wait_until is not None:
        raise NicknameTooSoon(retry_after_s=int((wait_until - call.now).total_seconds()) + 1)
    unlike = refuse_name_of_another(name_door(name_index(nickname)), call.who.person_id)
    sealed = ProfileRow.nickname.seal(call.who.keys, nickname)
    return fill_in(call, row, {"nickname": sealed}, more=[unlike], renamed=not same)


def set_avatar(call: Call, command: SetAvatar, version: int) -> ProfileView:
    """Choose the picture that others see: an upload of one's own that was judged and is nowhere else.

    Keeps: A2.2, B2.4

    Raises:
        MediaUnusable: not there, not the caller's, not judged good (yet), or in use.
    """
    from chalicelib.media import service as media

    row = own(call, version)
    picture, attached = media.wear(call, command.media_id, instead_of=row.worn_id())
    worn = {"media_id": command.media_id, **msgspec.structs.asdict(picture)}
    return fill_in(call, row, {"avatar": worn}, more=[attached, *_given_up(call, row)])


def remove_field(call: Call, name: str, version: int) -> ProfileView:
    """Leave an optional field empty again; that needs no consent. A picture goes with its sizes.

    Keeps: B2.1, B2.2, B2.4, B2.6

    Raises:
        VersionStale: the profile was changed since that version.
    """
    row = own(call, version)
    more = _given_up(call, row) if name == "avatar" else []
    return _edit(call, row, {name: None}, more=[record(call, f"person:{name}:removed"), *more])


def apply_withdrawal(call: Call, purpose: str) -> None:
    """Remove what only a withdrawn purpose allowed us to keep; everything else stays.

    Which fields follows from the rows' declarations and the register. Whoever has agreed anew meanwhile keeps what
    they filled in after that, not what was there before; somebody frozen has withdrawn too. Safe to run twice.

    Keeps: B2.1, B2.2, B2.3, B2.4, J6.1
    """
    row = get(*own_profile(call.who.person_id))
    if row is None:
        return
    before = without_ground(call.who.consents - {purpose})
    fresh = _filled_after(row, call.announced_at or call.now) - set(without_ground(call.who.consents))
    gone = [name for name in before if getattr(row, name) is not None and name not in fresh]
    if gone:
        cleared = set_fields(row, dict.fromkeys(gone), call.now)
        on_record = record(call, "system:profile:withdrawn", subject_id=purpose, actor="system")
        more = _given_up(call, row) if "avatar" in gone else []
        commit(call, [cleared, on_record, *more], legal_ground=WITHDRAWAL)


def authors(person_ids: Iterable[str], now: datetime) -> dict[str, Author]:
    """Give the public side of people, with one read for profiles and standing per fifty, and one for keys.

    Nickname, avatar and the way to a page are there as long as agreed to. Whoever is gone, going or frozen is left out.

    Keeps: B2.4, B2.5, J7.4
    """
    rows = profiles(list(dict.fromkeys(person_ids)))
    keyring.fetch(row.user_name.key_id for row, _ in rows)
    found = (author_of(row, standing, now) for row, standing in rows)
    return {author.person_id: author for author in found if author is not None}


def mobile_of(person_id: str) -> str | None:
    """Give a person's number for a message that the service owes them; None when they are gone."""
    row = get(*own_profile(person_id))
    return None if row is None else row.mobile.reveal()


def own(call: Call, version: int | None = None) -> ProfileRow:
    """Read the caller's profile, of this version where one is named.

    Raises:
        Unauthenticated: they are gone.
        VersionStale: it was changed since that version.
    """
    row = get(*own_profile(call.who.person_id))
    if row is None:
        raise Unauthenticated
    if version is not None and row.version != version:
        raise VersionStale
    return row


def fill_in(
    call: Call, row: ProfileRow, value: dict[str, Value], *, more: Sequence[Write] = (), renamed: bool = False
) -> ProfileView:
    """Fill in one field, for as long as its own purpose is agreed to."""
    (name,) = value
    writes = [agreed(call.who, purpose_of(name)), record(call, f"person:{name}:set"), *more]
    return _edit(call, row, value, more=writes, renamed=renamed)


def _edit(
    call: Call, row: ProfileRow, value: dict[str, Value], *, more: Sequence[Write], renamed: bool = False
) -> ProfileView:
    commit(call, [*more, set_fields(row, value, call.now, renamed=renamed)])
    for name, given in value.items():
        setattr(row, name, given)
    row.version, row.renamed_at = row.version + 1, call.now if renamed else row.renamed_at
    return view_of(call, row)


def _given_up(call: Call, row: ProfileRow) -> list[Write]:
    """Give up the picture of a profile, and have its objects removed."""
    from chalicelib.media import service as media

    return media.given_up(call, row.worn_id()) if row.worn_id() else []


def view_of(call: Call, row: ProfileRow) -> ProfileView:
    """Show a profile; what is no longer agreed to is not shown, whether or not it was removed yet.

    Keeps: B2.3, J6.1
    """
    hidden = without_ground(call.who.consents)
    found = ((name, getattr(row, name)) for name in OPTIONAL if name not in hidden)
    shown: dict[str, Any] = {name: value for name, value in found if value is not None}
    told = {name: value.reveal() for name, value in shown.items() if name != "avatar"}
    born = told.get("birth_date")
    return ProfileView(
        user_name=row.user_name.reveal(),
        nickname=told.get("nickname"),
        avatar=_shown(row) if "avatar" in shown else None,
        residence=told.get("residence"),
        gender=cast("Gender | None", told.get("gender")),
        birth_date=None if born is None else date.fromisoformat(born),
        tier=tier_of(shown),
        missing=missing_of(shown),
        nickname_changes_from=renaming_from(row.renamed_at, call.now),
        email=None if row.email is None or "email" in hidden else mask_email(row.email.reveal()),
        version=row.version,
    )


def _shown(row: ProfileRow) -> "PictureView | None":
    from chalicelib.media import service as media

    return None if (worn := row.worn()) is None else media.show_picture(worn.picture)


def _filled_after(row: ProfileRow, at: datetime) -> set[str]:
    """Name the optional fields that were filled in after some time."""
    filled = ((name, getattr(row, f"{name}_at", None)) for name, _ in personal(ProfileRow))
    return {name for name, filled_at in filled if filled_at is not None and filled_at > at}
