"""What a person says about themselves: shown, filled in, removed; and what others see of it."""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import Unauthenticated
from chalicelib.foundation.register import lookup
from chalicelib.foundation.standing.access import agreed, commit
from chalicelib.foundation.store.planner import personal
from chalicelib.foundation.store.row import get
from chalicelib.foundation.vault import keyring
from chalicelib.foundation.vault.sealed import Sealed
from chalicelib.foundation.web.answer import VersionStale

from ..contracts.accounts import AccountView
from ..contracts.profile import Author, ProfileView, SetResidence
from ..rules.numbers import mask_mobile
from ..rules.profile import residence_of
from ..tables.profile import ProfileRow, own_profile, profiles, set_fields

MEMBERSHIP = "account.membership"
WITHDRAWAL = "withdrawal"
"""The legal ground of removing what was withdrawn, whatever the standing (PIPL articles 15 and 47)."""


def show_account(call: Call) -> AccountView:
    """Show the caller's account.

    Keeps: B7.2
    """
    from .verified import is_verified

    row, who = _own(call), call.who
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
    return _view(call, _own(call))


def set_residence(call: Call, command: SetResidence, version: int) -> ProfileView:
    """Fill in the place of residence, for as long as its purpose is agreed to.

    Keeps: A2.2, B2.1

    Raises:
        ConsentRequired: the purpose was never agreed to, or was withdrawn up to this very moment.
        VersionStale: the profile was changed since that version.
    """
    place = ProfileRow.residence.seal(call.who.keys, residence_of(command.residence))
    return _edit(call, version, place)


def remove_residence(call: Call, version: int) -> ProfileView:
    """Leave the place of residence empty again.

    Keeps: B2.1

    Raises:
        VersionStale: the profile was changed since that version.
    """
    return _edit(call, version, None)


def apply_withdrawal(call: Call, purpose: str) -> None:
    """Remove what only a withdrawn purpose allowed us to keep; everything else stays.

    Which fields those are follows from the rows' declarations and the register. Whoever has agreed anew meanwhile
    keeps what they filled in after that, not what was there before; somebody who is frozen has withdrawn all the
    same. A second run finds nothing to do.

    Keeps: B2.1, J6.1
    """
    row = get(*own_profile(call.who.person_id))
    if row is None:
        return
    before = _without_ground(call.who.consents - {purpose})
    fresh = _filled_after(row, call.announced_at or call.now) - set(_without_ground(call.who.consents))
    gone = [name for name in before if getattr(row, name) is not None and name not in fresh]
    if gone:
        cleared = set_fields(row, dict.fromkeys(gone), call.now)
        on_record = record(call, "system:profile:withdrawn", subject_id=purpose, actor="system")
        commit(call, [cleared, on_record], legal_ground=WITHDRAWAL)


def authors(person_ids: Iterable[str]) -> dict[str, Author]:
    """Give the public names of people, with one read for profiles and standing per fifty, and one for keys.

    Whoever is gone, going or frozen is left out, and with their name what they wrote.

    Keeps: J7.4
    """
    rows = profiles(list(dict.fromkeys(person_ids)))
    keyring.fetch(row.user_name.key_id for row in rows)
    found: dict[str, Author] = {}
    for row in rows:
        try:
            found[row.pk] = Author(row.pk, row.user_name.reveal())
        except keyring.KeyDestroyed:
            continue
    return found


def mobile_of(person_id: str) -> str | None:
    """Give a person's number for a message that the service owes them; None when they are gone."""
    row = get(*own_profile(person_id))
    return None if row is None else row.mobile.reveal()


def _own(call: Call) -> ProfileRow:
    row = get(*own_profile(call.who.person_id))
    if row is None:
        raise Unauthenticated
    return row


def _edit(call: Call, version: int, place: Sealed | None) -> ProfileView:
    row = _own(call)
    if row.version != version:
        raise VersionStale
    verb = "removed" if place is None else "set"
    writes = [
        set_fields(row, {"residence": place}, call.now),
        record(call, f"person:residence:{verb}"),
    ]
    if place is not None:
        writes.insert(0, agreed(call.who, MEMBERSHIP))
    commit(call, writes)
    return ProfileView(
        user_name=row.user_name.reveal(),
        residence=None if place is None else place.reveal(),
        version=version + 1,
    )


def _view(call: Call, row: ProfileRow) -> ProfileView:
    """Show a profile; what is no longer agreed to is not shown, whether or not it was removed yet.

    Keeps: J6.1
    """
    hidden = row.residence is None or "residence" in _without_ground(call.who.consents)
    residence = None if hidden else row.residence.reveal()
    return ProfileView(user_name=row.user_name.reveal(), residence=residence, version=row.version)


def _filled_after(row: ProfileRow, at: datetime) -> set[str]:
    """Name the optional fields that were filled in after some time."""
    filled = ((name, getattr(row, f"{name}_at", None)) for name, _ in personal(ProfileRow))
    return {name for name, filled_at in filled if filled_at is not None and filled_at > at}


def _without_ground(consents: frozenset[str]) -> list[str]:
    """Name the profile's attributes none of whose purposes is basic or agreed to now."""
    return [
        name
        for name, said in personal(ProfileRow)
        if not any(p in consents or lookup.purpose(p).essential for p in lookup.item(said.item).purposes)
    ]
