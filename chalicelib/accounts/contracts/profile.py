"""Wire shapes of the profile, and its public side."""

from typing import Annotated

import msgspec

from chalicelib.foundation.kernel.shapes import Command, View

ResidenceText = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class SetResidence(Command):
    """State the place of residence."""

    residence: ResidenceText


class ProfileView(View):
    """What a person says about themselves; what is not filled in is null."""

    user_name: str
    residence: str | None
    version: int


class Author(msgspec.Struct, frozen=True):
    """The public side of a person, for those who show what they wrote."""

    person_id: str
    user_name: str
