"""A third party that people log in to with an account of ours, the browser between them, and the app."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from infra.local.club import BASIC, CALLBACK, FORM, GALLERY_CALLBACK, Tried, attempt, ticket_in, told_at

from .accounts import Member
from .edges import Http, Reply
from .people import Someone

ISSUER = "https://api.jule.example"
Who = Member | Someone


class Elsewhere:
    """The third party, a browser, and the app."""

    def __init__(self, http: Http) -> None:
        self.http = http

    def open(self, query: str) -> Reply:
        """Open an authorisation request in a browser."""
        return self.http("GET", f"/v1/oauth/authorize?{query}")

    def hand_over(self, who: Who, query: str) -> Reply:
        """Have the app ask for a way to the consent page."""
        return self.http("POST", "/v1/oauth/handovers", {"request": query}, who=who)

    def page(self, who: Who, query: str) -> Reply:
        """Open the consent page in the app's web view."""
        handed = self.hand_over(who, query)
        assert handed.status == 201, handed.text
        return self.http("GET", "/v1/oauth/authorize?" + urlsplit(handed.json["page"]).query)

    def press(self, page: Reply, answer: str, **headers: str) -> Reply:
        """Press a button of the page."""
        return self.answer(ticket_of(page), answer, **headers)

    def answer(self, ticket: str, answer: str, **headers: str) -> Reply:
        """Send what the page's form sends."""
        body = urlencode({"ticket": ticket, "answer": answer}).encode()
        return self.http("POST", "/v1/oauth/authorize", raw=body, headers={**FORM, **headers})

    def code(self, who: Who, tried: Tried, **changes: str | None) -> str:
        """Have somebody agree; gives the code that comes back."""
        back = self.press(self.page(who, tried.query(**changes)), "agree")
        assert back.status == 303, back.text
        return came_back(back)["code"]

    def token(self, headers: Mapping[str, str] = BASIC, **form: str) -> Reply:
        """Ask for tokens."""
        return self.http("POST", "/v1/oauth/token", raw=urlencode(form).encode(), headers={**FORM, **headers})

    def exchange(self, code: str, tried: Tried, **changes: str) -> Reply:
        """Exchange a code."""
        body = tried.exchange(code, **changes).encode()
        return self.http("POST", "/v1/oauth/token", raw=body, headers={**FORM, **BASIC})

    def refresh(self, token: str, **more: str) -> Reply:
        """Exchange a refresh token."""
        return self.token(grant_type="refresh_token", refresh_token=token, **more)

    def tokens(self, who: Who, **changes: str | None) -> dict[str, Any]:
        """Log somebody in."""
        tried = attempt()
        got = self.exchange(self.code(who, tried, **changes), tried)
        assert got.status == 200, got.text
        return dict(got.json)

    def gallery_tokens(self, who: Who, **scope: str) -> dict[str, Any]:
        """Log somebody in at the other one."""
        tried = attempt()
        code = came_back(self.press(self.page(who, tried.gallery_query(**scope)), "agree"), GALLERY_CALLBACK)["code"]
        got = self.http("POST", "/v1/oauth/token", raw=tried.gallery_exchange(code).encode(), headers=FORM)
        assert got.status == 200, got.text
        return dict(got.json)

    def info(self, token: str) -> Reply:
        """Read the agreed fields."""
        return self.http("GET", "/v1/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})

    def revoke(self, token: str, **other: str) -> Reply:
        """End a token; `other` is who asks in place of the sample."""
        body = urlencode({"token": token, **other}).encode()
        return self.http("POST", "/v1/oauth/revoke", raw=body, headers=FORM if other else {**FORM, **BASIC})


def ticket_of(page: Reply) -> str:
    """Find the one-time secret in a consent page."""
    ticket = ticket_in(page.text)
    assert ticket, page.text
    return ticket


def came_back(answer: Reply, callback: str = CALLBACK) -> dict[str, str]:
    """Read what the browser brings back to the third party."""
    where = answer.headers["Location"]
    assert where.startswith(callback + "?"), where
    return told_at(where)
