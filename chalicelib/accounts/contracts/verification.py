"""Wire shapes of real-name and real-person verification."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from chalicelib.foundation.kernel.shapes import Command, View

RealName = Annotated[str, msgspec.Meta(min_length=1, max_length=64, description="As on the identity card.")]


IdentityNumber = Annotated[str, msgspec.Meta(min_length=18, max_length=20, description="18 characters (GB 11643).")]


Method = Literal["name", "phone", "face"]


class VerifyName(Command):
    """Have name and identity number compared; `with_mobile` adds the account's own number as a third element."""

    name: RealName
    number: IdentityNumber
    with_mobile: bool = False


class VerifyFace(Command):
    """Begin a check of the face, on the provider's own page."""

    name: RealName
    number: IdentityNumber


class FaceCheckView(View):
    """Where the person shows their face; no picture of it comes to us."""

    url: str
    expires_in_s: int


class KeptView(View):
    """What stays after the consent was withdrawn, until when, and why."""

    item: str
    title: str
    until: date
    reason: str


class VerificationView(View):
    """Whether the account is verified, and what is held about it; a withdrawn one says what stays."""

    verified: bool
    state: Literal["none", "pending", "verified", "withdrawn"]
    method: Method | None = None
    verified_at: datetime | None = None
    name: str | None = None
    number: str | None = None
    reference: str | None = None
    withdrawn_at: datetime | None = None
    kept: list[KeptView] = msgspec.field(default_factory=list)
