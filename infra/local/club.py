"""The sample third parties: what they send when people log in to them with an account of ours."""

import base64
import hashlib
import re
import secrets
from html import unescape
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

CLIENT = "sample_club"
SECRET = "sample-club-of-tests-and-demonstrations"  # noqa: S105 - its digest is in the register, its use is this
CALLBACK = "https://club.example/oauth/callback"
SCOPE = "account.user_name account.language"
GALLERY = "sample_gallery"
GALLERY_CALLBACK = "https://gallery.example/app/callback"
GALLERY_SCOPE = "profile.nickname profile.avatar"
"""The other one is an app on a phone, which has no secret."""
BASIC = {"Authorization": "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Tried(NamedTuple):
    """One attempt to log somebody in."""

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

    def exchange(self, code: str, **changes: str) -> str:
        """Write the request that exchanges a code for tokens."""
        asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        return urlencode({**asked, "code_verifier": self.verifier, **changes})

    def gallery_query(self, scope: str = GALLERY_SCOPE) -> str:
        """Write the authorisation request of the other one."""
        return self.query(client_id=GALLERY, redirect_uri=GALLERY_CALLBACK, scope=scope)

    def gallery_exchange(self, code: str) -> str:
        """Write its request for tokens, which says who it is and proves nothing."""
        return self.exchange(code, redirect_uri=GALLERY_CALLBACK, client_id=GALLERY)


def attempt() -> Tried:
    """Begin an attempt."""
    return Tried(secrets.token_urlsafe(16), secrets.token_urlsafe(48))


def ticket_in(page: str) -> str:
    """Find the one-time secret in a consent page; empty where there is none."""
    found = re.search(r'name="ticket" value="([^"]+)"', page)
    return unescape(found[1]) if found else ""


def told_at(location: str) -> dict[str, str]:
    """Read what a browser brings back."""
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
