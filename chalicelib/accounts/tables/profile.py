"""Who a person is to us and, if they like, to others, with every query and condition."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from ...foundation.kernel.errors import Busy, FieldError
from ...foundation.standing.access import SK as STANDING
from ...foundation.standing.rows import ACTIVE, StandingRow
from ...foundation.store.attributes import Instant, Integer, Json, Sealed, Text, Texts
from ...foundation.store.declare import EPOCH, INDEX, KEY, STATE, TIME, OnMerge, Personal
from ...foundation.store.row import Row, query_index, rows_by_key
from ...foundation.store.write import Write, check, update
from ...foundation.vault.sealed import Sealed as SealedValue
from ...foundation.web.answer import VersionStale
from ..contracts.profile import Worn
from ..errors import NicknameTaken
from .logins import Door

if TYPE_CHECKING:
    from pynamodb.expressions.update import Action


PROFILE = "PROFILE"


class Pages(GlobalSecondaryIndex[Any]):
    """Whose page it is that has a public id; behind by moments, so the profile itself has the last word."""

    class Meta:
        """Name and projection as in the template."""

        index_name = "page"
        projection = KeysOnlyProjection()

    public_id = Text(INDEX, hash_key=True)


class ProfileRow(Row, table="people", kind="profile"):
    """Who a person is to us and, if they like, to others.

    Who has a page of their own has the `public_id` that leads to it; `shown` is what they chose to show there.
    """

    on_merge = OnMerge.YIELD

    pk = Text(Personal("account.person_id"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    version = Integer(STATE)
    user_name = Sealed(Personal("account.user_name"))
    mobile = Sealed(Personal("account.mobile"))
    language = Text(Personal("account.language"))
    opened_at = Instant(Personal("account.standing"))
    residence = Sealed(Personal("profile.residence"), null=True)
    residence_at = Instant(TIME, null=True)
    gender = Sealed(Personal("profile.gender"), null=True)
    gender_at = Instant(TIME, null=True)
    birth_date = Sealed(Personal("profile.birth_date"), null=True)
    birth_date_at = Instant(TIME, null=True)
    nickname = Sealed(Personal("profile.nickname"), null=True)
    nickname_at = Instant(TIME, null=True)
    renamed_at = Instant(Personal("profile.renamed_at"), null=True)
    avatar = Json(Personal("profile.avatar"), null=True)
    avatar_at = Instant(TIME, null=True)

    email = Sealed(Personal("profile.email"), null=True)
    email_at = Instant(TIME, null=True)

    public_id = Text(Personal("profile.public_id"), null=True)
    public_id_at = Instant(TIME, null=True)
    shown = Texts(Personal("profile.shown"), null=True)
    shown_at = Instant(TIME, null=True)

    pages = Pages()

    def worn(self) -> Worn | None:
        """Give the avatar, if there is one."""
        return None if self.avatar is None else Worn(**self.avatar)

    def worn_id(self) -> str:
        """Tell which upload the avatar is; empty when there is none."""
        worn = self.worn()
        return "" if worn is None else worn.media_id


def own_profile(person_id: str) -> tuple[type[ProfileRow], str, str]:
    """Give the key of a person's profile."""
    return ProfileRow, person_id, PROFILE


def profile_and_standing(person_id: str) -> tuple[ProfileRow | None, StandingRow | None]:
    """Read both in one call."""
    found = rows_by_key([own_profile(person_id), (StandingRow, person_id, STANDING)])
    return cast("ProfileRow | None", found[0]), cast("StandingRow | None", found[1])


def owner_of_page(public_id: str) -> str | None:
    """Tell whose page has, or had a moment ago, this public id."""
    found, _ = query_index(ProfileRow.pages, public_id, limit=1)
    return found[0].pk if found else None


def profiles(person_ids: Sequence[str]) -> list[tuple[ProfileRow, StandingRow]]:
    """Read the profiles of many people who may act, each with its standing, fifty in a call; no others, none gone."""
    wanted = [(own_profile(one), (StandingRow, one, STANDING)) for one in person_ids]
    found = rows_by_key([key for pair in wanted for key in pair], strong=False)
    active = {row.pk: row for row in _standings(found) if row.status == ACTIVE}
    return [(row, active[row.pk]) for row in found if isinstance(row, ProfileRow) and row.pk in active]


def set_mobile(row: ProfileRow, mobile: SealedValue) -> Write:
    """Replace the number, only while it is the one we read; what may be edited keeps its version."""
    same = ProfileRow.mobile == row.mobile
    return update(own_profile(row.pk), [ProfileRow.mobile.set(mobile)], same, otherwise=Busy(retry_after_s=1))


Value = SealedValue | dict[str, object] | str | set[str] | None


def set_fields(row: ProfileRow, values: Mapping[str, Value], now: datetime, *, renamed: bool = False) -> Write:
    """Fill in optional fields (or clear them with None), only while the profile is the version we read."""
    actions: list[Action] = [ProfileRow.version.set(row.version + 1)]
    if renamed:
        actions.append(ProfileRow.renamed_at.set(now))
    for name, value in values.items():
        field, filled_at = getattr(ProfileRow, name), getattr(ProfileRow, f"{name}_at")
        actions += [field.remove(), filled_at.remove()] if value is None else [field.set(value), filled_at.set(now)]
    return update(own_profile(row.pk), actions, ProfileRow.version == row.version, otherwise=VersionStale)


def refuse_name_of_another(door: Door, person_id: str) -> Write:
    """Let a transaction pass only where nobody else comes in by this name."""
    free = door.row.kind.does_not_exist() | (door.row.person_id == person_id)
    return check(door.key, free, NicknameTaken((FieldError("/nickname", "taken"),)))


def _standings(found: Sequence[Row | None]) -> list[StandingRow]:
    return [row for row in found if isinstance(row, StandingRow)]
