"""Pure decisions: when what was written becomes visible, which words find it, and what has to be affirmed first."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

from ..foundation.kernel.errors import FieldError
from ..foundation.kernel.offsite import Way, ways_out
from ..foundation.kernel.words import index_tokens
from ..media.contracts import MediaState
from .errors import AffirmationMissing, LeavesPlatform

SEARCHED: Final = 200
"""By how many of its first characters a post is found."""


class State(StrEnum):
    """Where a post or comment stands. A post being removed waits for its postings to go; to everyone it is gone."""

    PENDING = "pending"
    REVIEW = "review"
    VISIBLE = "visible"
    REFUSED = "refused"
    REMOVING = "removing"


def refuse_unaffirmed(*, affirmed: bool) -> None:
    """Stop what its author has not affirmed to be agreed to by those it shows or names.

    Keeps: F6.1

    Raises:
        AffirmationMissing: not affirmed.
    """
    if not affirmed:
        raise AffirmationMissing((FieldError("/affirmed_others", "required"),))


def refuse_unwarned(text: str, *, affirmed: bool) -> list[Way]:
    """Warn before contact or payment leaves the platform; gives where a text leads once its author knows.

    Keeps: K6.2

    Raises:
        LeavesPlatform: it leads away, and that was not affirmed.
    """
    ways = ways_out(text)
    if ways and not affirmed:
        raise LeavesPlatform((*(FieldError("/text", way) for way in ways), FieldError("/affirmed_leaving", "required")))
    return ways


def next_state(verdict: str | None, pictures: Sequence[MediaState]) -> State:
    """Decide what follows from all verdicts; only when everything has passed is it visible.

    Args:
        verdict: on the text: `pass`, `review`, `block`, or none yet.
        pictures: how the pictures stand.

    Keeps: F3.1
    """
    if verdict == "block" or "refused" in pictures:
        return State.REFUSED
    if verdict is None or "uploading" in pictures:
        return State.PENDING
    if verdict == "review" or "review" in pictures:
        return State.REVIEW
    passed = verdict == "pass" and all(picture == "ready" for picture in pictures)
    return State.VISIBLE if passed else State.PENDING


def words_of(text: str) -> frozenset[str]:
    """Give the words under which a post with this text is found."""
    return index_tokens(text[:SEARCHED])


def carries(text: str, words: Iterable[str]) -> bool:
    """Say whether a post with this text is found under each of these words."""
    return words_of(text).issuperset(words)
