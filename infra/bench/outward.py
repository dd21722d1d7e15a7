"""A third party logs somebody in: the chapter of the story that has every route of it."""

from collections.abc import Generator
from typing import Any
from urllib.parse import urlencode, urlsplit

from ..local.club import BASIC, FORM, Tried, attempt, ticket_in, told_at
from .events import event
from .town import Caller


def linked(ann: Caller, _bob: Caller) -> Generator[dict[str, Any], Any, None]:
    """Link, read, refresh, cut."""
    tried = attempt()
    yield event("GET", "/v1/oauth/metadata")
    handed = yield ann.event("POST", "/v1/oauth/handovers", {"request": tried.query()})
    page = yield event("GET", "/v1/oauth/authorize", query=told_at(handed["page"]))
    back = yield _pressed(page)
    tokens = yield _protocol("token", tried.exchange(told_at(back)["code"]))
    info = {"Authorization": f"Bearer {tokens['access_token']}"}
    yield event("GET", "/v1/oauth/userinfo", headers=info)
    yield _protocol("revoke", urlencode({"token": tokens["refresh_token"]}))
    links = yield ann.event("GET", "/v1/links")
    yield ann.event("DELETE", "/v1/links/{link_id}", link_id=links["data"][0]["link_id"])
    _again(ann, attempt())


def _again(ann: Caller, tried: Tried) -> None:
    """Leave a link for what comes later."""
    handed = ann.ask("POST", "/v1/oauth/handovers", {"request": tried.query()})
    asked = event("GET", urlsplit(handed["page"]).path, query=told_at(handed["page"]))
    ann.town.ask(_pressed(ann.town.ask(asked)))


def _pressed(page: str) -> dict[str, Any]:
    body = urlencode({"ticket": ticket_in(page), "answer": "agree"})
    return event("POST", "/v1/oauth/authorize", body, headers=FORM)


def _protocol(name: str, body: str) -> dict[str, Any]:
    return event("POST", f"/v1/oauth/{name}", body, headers={**FORM, **BASIC})
