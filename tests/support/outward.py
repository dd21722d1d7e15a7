"""A third party that people log in to with an account of ours, and the browser between; a client library speaks for it."""

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

from .accounts import Member
from .edges import Http, Reply
from .people import Someone

CLIENT, SECRET = "sample_club", "sample-club-of-tests-and-demonstrations"
CALLBACK = "https://club.example/oauth/callback"
SCOPE = "account.user_name account.language"
ISSUER = "https://api.jule.example"
BASIC = {"Authorization": "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
Who = Member | Someone


class Tried(NamedTuple):
    """One attempt of the third party to log somebody in."""

    state: str
    verifier: str

    def query(self, **changes: str | None) -> str:
        """Write the authorisation request; `changes` replace or (with None) leave out parameters."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": CLIENT,
            "redirect_uri": CALLBACK,
            "scope": SCOPE,
            "state": self.state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return urlencode({name: value for name, value in {**asked, **changes}.items() if value is not None})


def attempt() -> Tried:
    """Begin an attempt."""
    return Tried(secrets.token_urlsafe(16), secrets.token_urlsafe(48))


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
        asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        return self.token(**{**asked, "code_verifier": tried.verifier, **changes})

    def refresh(self, token: str, **more: str) -> Reply:
        """Exchange a refresh token."""
        return self.token(grant_type="refresh_token", refresh_token=token, **more)

    def tokens(self, who: Who, **changes: str | None) -> dict[str, Any]:
        """Log somebody in."""
        tried = attempt()
        got = self.exchange(self.code(who, tried, **changes), tried)
        assert got.status == 200, got.text
        return dict(got.json)

    def info(self, token: str) -> Reply:
        """Read the agreed fields."""
        return self.http("GET", "/v1/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})

    def revoke(self, token: str) -> Reply:
        """End a token."""
        body = urlencode({"token": token}).encode()
        return self.http("POST", "/v1/oauth/revoke", raw=body, headers={**FORM, **BASIC})


def ticket_of(page: Reply) -> str:
    """Find the one-time secret in a consent page."""
    found = re.search(r'name="ticket" value="([^"]+)"', page.text)
    assert found, page.text
    return unescape(found[1])


def came_back(answer: Reply) -> dict[str, str]:
    """Read what the browser brings back to the third party."""
    where = answer.headers["Location"]
    assert where.startswith(CALLBACK + "?"), where
    return {name: values[0] for name, values in parse_qs(urlsplit(where).query, strict_parsing=True).items()}
