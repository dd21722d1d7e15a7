"""Wire shapes of what a person lets others see on a page of their own, and that page's outside."""

from typing import Literal, get_args

import msgspec

from chalicelib.foundation.kernel.shapes import Command, View

from .profile import Author

Shown = Literal["posts", "comments", "member", "verified"]
Badge = Literal["member", "full_member", "verified"]
CHOICES: tuple[Shown, ...] = get_args(Shown)


class SetVisibility(Command):
    """Open a page of one's own, and choose what it shows beside nickname and avatar; what is not named is not shown."""

    posts: bool = False
    comments: bool = False
    member: bool = False
    verified: bool = False


class VisibilityView(View):
    """What others see of the caller on a page of their own.

    While there is none, or nobody is shown it, `open` is false and `public_id` null; the choices are those that stand.
    `version` is the profile's.
    """

    open: bool
    public_id: str | None
    posts: bool
    comments: bool
    member: bool
    verified: bool
    version: int


class PublicSide(msgspec.Struct, frozen=True):
    """Everything about the owner of an open page that others may be shown, or asked for."""

    author: Author
    badges: tuple[Badge, ...]
    posts: bool
    comments: bool
