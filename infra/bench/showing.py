"""One's own things in one place, and a page that others see: the chapter of the story that has every route of it."""

from collections.abc import Generator
from typing import Any

from .events import event
from .people import answer
from .town import Caller

_LISTED = "20"
_ALL = {"posts": True, "comments": True, "member": True, "verified": True}


def shown(ann: Caller, bob: Caller) -> Generator[dict[str, Any], Any, None]:
    """Look at one's own; open a page, let guests read it, close it."""
    yield ann.event("GET", "/v1/me")
    yield ann.event("GET", "/v1/activity", query={"limit": _LISTED})
    seen = yield ann.event("GET", "/v1/profile/visibility")
    seen = yield _opened(ann, seen)
    at = {"public_id": seen["public_id"]}
    yield event("GET", "/v1/people/{public_id}", **at)
    yield event("GET", "/v1/people/{public_id}/posts", query={"limit": _LISTED}, **at)
    theirs = bob.ask("GET", "/v1/profile/visibility")
    theirs = bob.town.ask(_opened(bob, theirs))
    yield event("GET", "/v1/people/{public_id}/comments", query={"limit": _LISTED}, public_id=theirs["public_id"])
    yield ann.event("DELETE", "/v1/profile/visibility", headers=_tag(seen))


def _opened(who: Caller, seen: dict[str, Any]) -> dict[str, Any]:
    """Agree to a page, and make the event that opens it."""
    who.ask("POST", "/v1/consents", answer(who.town, "account.public_page"))
    return who.event("PUT", "/v1/profile/visibility", _ALL, headers=_tag(seen))


def _tag(seen: dict[str, Any]) -> dict[str, str]:
    return {"If-Match": f'"{seen["version"]}"'}
