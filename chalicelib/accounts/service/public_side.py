"""What of a person is public: name, avatar, the way to their page, and what that page may show."""

from datetime import datetime
from typing import Final

from chalicelib.foundation.kernel.errors import NotFound
from chalicelib.foundation.standing import minors
from chalicelib.foundation.standing.access import minor_of, person_of
from chalicelib.foundation.standing.rows import ACTIVE, StandingRow
from chalicelib.foundation.vault import keyring

from ..contracts.profile import Author
from ..contracts.visibility import Badge, PublicSide
from ..rules.profile import OPTIONAL, tier_of
from ..rules.visibility import badges
from ..tables.profile import ProfileRow, owner_of_page, profile_and_standing
from .grounds import without_ground
from .verified import is_verified

PUBLIC: Final = "account.public_profile"
PAGE: Final = "account.public_page"


def author_of(row: ProfileRow, standing: StandingRow, now: datetime) -> Author | None:
    """Give the public side of somebody who may act; None when their key is destroyed already.

    Keeps: B2.4, B2.5
    """
    agreed = PUBLIC in (standing.consents or ())
    name = row.nickname if agreed and row.nickname is not None else row.user_name
    worn = row.worn() if agreed else None
    public_id = row.public_id if is_open(row, standing, now) else None
    try:
        return Author(row.pk, name.reveal(), None if worn is None else worn.picture, public_id)
    except keyring.KeyDestroyed:
        return None


def is_open(row: ProfileRow, standing: StandingRow, now: datetime) -> bool:
    """Say whether others may see somebody's page: it is there, agreed to, and no age or guardian stands against it.

    Keeps: B5.2, J6.1, M2.3
    """
    if row.public_id is None or standing.status != ACTIVE or PAGE not in (standing.consents or ()):
        return False
    return minor_of(standing) is None or minors.allow(person_of(standing), PAGE, now)


def public_side(public_id: str, now: datetime) -> PublicSide:
    """Give what others may see of the owner of a page, as the settings and consents stand at this moment.

    Keeps: B2.5, B5.2, J6.1, J7.4

    Raises:
        NotFound: no such page, or nobody is shown it: closed, withdrawn, frozen, going and gone look alike.
    """
    person_id = owner_of_page(public_id)
    row, standing = (None, None) if person_id is None else profile_and_standing(person_id)
    if row is None or standing is None or row.public_id != public_id or not is_open(row, standing, now):
        raise NotFound
    keyring.fetch([row.user_name.key_id])
    author = author_of(row, standing, now)
    if author is None:
        raise NotFound
    shown = row.shown or set()
    return PublicSide(author, _badges(row, standing), posts="posts" in shown, comments="comments" in shown)


def _badges(row: ProfileRow, standing: StandingRow) -> tuple[Badge, ...]:
    hidden = without_ground(frozenset(standing.consents or ()))
    filled = [name for name in OPTIONAL if name not in hidden and getattr(row, name) is not None]
    return badges(row.shown, tier_of(filled), verified=is_verified(person_of(standing)))
