"""Verdicts on text and pictures before they are public, through Tencent Cloud's content safety."""

from base64 import b64encode
from enum import Enum
from typing import Annotated, Final, Literal

import msgspec

from .disclosure import Disclosure, demand
from .tencent import Action, call

RECIPIENT: Final = "moderation"
_TEXTS: Final = frozenset({"post.text", "comment.text"})
# Judging twice gives the same verdict and costs a little money: safe to repeat.
_TEXT: Final = Action("tms", "TextModeration", endpoint="MODERATION_ENDPOINT", repeatable=True)
_IMAGE: Final = Action("ims", "ImageModeration", endpoint="MODERATION_ENDPOINT", repeatable=True)
# The provider takes 10,000 characters; pieces overlap so that no phrase hides at a seam.
_PIECE: Final = 10_000
_OVERLAP: Final = 100


class Judgement(Enum):
    """What to do with it, mildest first."""

    PASS = "pass"  # noqa: S105 - not a password
    REVIEW = "review"
    BLOCK = "block"


class Verdict(msgspec.Struct, frozen=True):
    """One verdict: what to do, and the provider's label for why (`Normal`, `Porn`, `Ad`, …); no content."""

    judgement: Judgement
    label: str


class _Answer(msgspec.Struct):
    suggestion: Literal["Pass", "Review", "Block"] = msgspec.field(name="Suggestion")
    label: Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z]{1,32}\Z")] = msgspec.field(name="Label")


_SEVERITY: Final = tuple(Judgement)


def judge_text(text: str, data_id: str, *, under: Disclosure) -> Verdict:
    """Have a text judged; the strictest verdict on any piece of it counts.

    Args:
        text: what would become public.
        data_id: our id of the thing judged, never of a person; at most 64 of `[A-Za-z0-9_@#-]`.
        under: the disclosure of the text's data item to this recipient.

    Raises:
        ProviderUnavailable: no verdict now; nothing may be made public meanwhile.
        ProviderRefused: the provider cannot judge this.

    Keeps: F3.1, I2.2
    """
    demand(under, RECIPIENT, *(under.items if _TEXTS.issuperset(under.items) else _TEXTS))
    starts = range(0, max(1, len(text) - _OVERLAP), _PIECE - _OVERLAP)
    verdicts = [_judge(_TEXT, "Content", text[at : at + _PIECE].encode(), data_id=data_id) for at in starts]
    return max(verdicts, key=lambda verdict: _SEVERITY.index(verdict.judgement))


def judge_image(picture: bytes, data_id: str, *, under: Disclosure) -> Verdict:
    """Have a picture judged: the encoded file, at most 7 MB so that its base64 form stays within the limit.

    Raises:
        ProviderUnavailable: no verdict now; nothing may be made public meanwhile.
        ProviderRefused: the provider cannot judge this.

    Keeps: F3.1, I2.2
    """
    demand(under, RECIPIENT, "media.picture")
    return _judge(_IMAGE, "FileContent", picture, data_id=data_id)


def _judge(action: Action, field: str, content: bytes, *, data_id: str) -> Verdict:
    answer = call(action, {field: b64encode(content).decode(), "DataId": data_id}, _Answer)
    return Verdict(Judgement(answer.suggestion.lower()), answer.label)
