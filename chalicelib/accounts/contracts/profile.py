"""Wire shapes of the profile, and its public side."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from chalicelib.foundation.kernel.shapes import Command, View
from chalicelib.media.contracts import Picture, PictureView

from .accounts import CodeText

ResidenceText = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
NicknameText = Annotated[str, msgspec.Meta(min_length=1, max_length=64, description="1 to 20 characters normalised.")]
EmailText = Annotated[str, msgspec.Meta(min_length=3, max_length=254, description="An e-mail address.")]
MediaId = Annotated[str, msgspec.Meta(pattern="^med_[a-z2-7]{26}$", description="An upload of one's own, ready.")]
Gender = Literal["female", "male", "other"]
Tier = Literal["none", "member", "full"]
Optional = Literal["residence", "gender", "birth_date", "nickname", "avatar"]


class SetResidence(Command):
    """State the place of residence."""

    residence: ResidenceText


class SetGender(Command):
    """State the gender."""

    gender: Gender


class SetBirthDate(Command):
    """State the date of birth."""

    birth_date: date


class SetNickname(Command):
    """Choose the name that others see."""

    nickname: NicknameText


class SetAvatar(Command):
    """Choose the picture that others see."""

    media_id: MediaId


class SendEmailCode(Command):
    """Ask for a one-time code by e-mail."""

    email: EmailText


class SetEmail(Command):
    """Leave an e-mail address, proved by the code that was mailed to it."""

    email: EmailText
    code: CodeText


class ProfileView(View):
    """What a person says about themselves; what is not filled in, or not agreed to any more, is null.

    `tier` is the member tier that this opens: none without any optional field, full with all; `missing` are those
    left empty. The `email` is masked. A nickname may be changed again from `nickname_changes_from` on; null is at once.
    """

    user_name: str
    nickname: str | None
    avatar: PictureView | None
    residence: str | None
    gender: Gender | None
    birth_date: date | None
    tier: Tier
    missing: list[Optional]
    nickname_changes_from: datetime | None
    email: str | None
    version: int


class Author(msgspec.Struct, frozen=True):
    """The public side of a person, for those who show what they wrote: the nickname, else the user name.

    `public_id` leads to their page, where they have one.
    """

    person_id: str
    name: str
    avatar: Picture | None = None
    public_id: str | None = None


class Worn(msgspec.Struct, frozen=True):
    """An avatar as the profile keeps it: which upload it is, where it lies, and the size of the large one."""

    media_id: str
    folder: str
    width: int
    height: int

    @property
    def picture(self) -> Picture:
        """Give what is shown of it."""
        return Picture(self.folder, self.width, self.height)
