"""Recipes of log-in elsewhere: see `recipes`."""

from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import urlencode

from infra.local.club import BASIC, FORM, attempt

from .edges import Http
from .outward import Elsewhere, Who, ticket_of
from .staff_recipes import Asked


class Scene(Protocol):
    """A person, and the API."""

    owner: Any

    @property
    def http(self) -> Http:
        """Give the API."""


def _bearing(token: str) -> Asked:
    return Asked(raw=urlencode({"token": token}).encode(), headers={**FORM, **BASIC})


def _pressing(there: Elsewhere, who: Who) -> Asked:
    ticket = ticket_of(there.page(who, attempt().query()))
    return Asked(raw=urlencode({"ticket": ticket, "answer": "agree"}).encode(), headers=FORM)


def _exchanging(there: Elsewhere, who: Who) -> Asked:
    tried = attempt()
    return Asked(raw=tried.exchange(there.code(who, tried)).encode(), headers={**FORM, **BASIC})


def _reading(there: Elsewhere, who: Who) -> Asked:
    return Asked(headers={"Authorization": f"Bearer {there.tokens(who)['access_token']}"})


def _cutting(there: Elsewhere, who: Who) -> Asked:
    there.code(who, attempt())
    return Asked({"link_id": there.http("GET", "/v1/links", who=who).json["data"][0]["link_id"]})


def _of(ask: Callable[[Elsewhere, Who], Asked]) -> Callable[[Scene], Asked]:
    return lambda scene: ask(Elsewhere(scene.http), scene.owner)


OUTWARD: dict[str, Callable[[Any], Asked]] = {
    "GET /v1/oauth/metadata": lambda _: Asked(),
    "GET /v1/oauth/authorize": lambda _: Asked(query=f"?{attempt().query()}"),
    "POST /v1/oauth/authorize": _of(_pressing),
    "POST /v1/oauth/handovers": lambda _: Asked(body={"request": attempt().query()}),
    "POST /v1/oauth/token": _of(_exchanging),
    "POST /v1/oauth/revoke": _of(lambda there, who: _bearing(there.tokens(who)["access_token"])),
    "GET /v1/oauth/userinfo": _of(_reading),
    "GET /v1/links": lambda _: Asked(),
    "DELETE /v1/links/{link_id}": _of(_cutting),
}
"""What a third party, its browser and its person are sent."""
