"""Log-in elsewhere for fuzzing: pages that wait for an answer, tokens of a service, and people with a link to cut."""

from typing import Any

from infra.local.club import CLIENT, SECRET, attempt

from .accounts import new_mobile, new_name
from .edges import Http
from .lives import make_account
from .outward import Elsewhere, ticket_of
from .people import Someone

AHEAD = 6
"""How many there are of what serves once."""
SERVICE = {"client_id": CLIENT, "client_secret": SECRET}


def waiting(http: Http) -> dict[str, list[Any]]:
    """Give what nobody in particular needs: tickets of pages, and tokens, each of somebody else."""
    there = Elsewhere(http)
    tokens = [there.tokens(_somebody()) for _ in range(AHEAD)]
    return {
        "tickets": [ticket_of(there.page(_somebody(), attempt().query())) for _ in range(AHEAD)],
        "service_refreshes": [one["refresh_token"] for one in tokens[1:]],
        "service_tokens": [tokens[0]["access_token"]],
    }


def linked(http: Http) -> dict[str, list[dict[str, Any]]]:
    """Give, by operation, people who have a link."""
    there = Elsewhere(http)
    found = []
    for _ in range(AHEAD):
        who = _somebody()
        there.code(who, attempt())
        (link,) = http("GET", "/v1/links", who=who).json["data"]
        found.append({"token": who.token, "owns": {"cut_link": [link["link_id"]]}})
    return {"cut_link": found}


def _somebody() -> Someone:
    return make_account(f"+86{new_mobile()}", new_name())
