"""Log-in elsewhere with an account of ours: how long things live, and what a third party calls what it gets."""

import base64
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode, urlsplit

from chalicelib.foundation.register import lookup
from chalicelib.foundation.register.lookup import UnknownEntry
from chalicelib.foundation.register.model import Client

from ..contracts.outward import AuthorizationQuery

PURPOSE: Final = "account.outward_login"
SUBJECT: Final = "link.subject"
HANDOVER_LIFE: Final = timedelta(seconds=60)
PAGE_LIFE: Final = timedelta(minutes=10)
CODE_LIFE: Final = timedelta(seconds=60)
CODE_REMEMBERED: Final = timedelta(days=1)
"""A code that comes back within this time ends what it gave."""
ACCESS_LIFE: Final = timedelta(minutes=15)
REFRESH_LIFE: Final = timedelta(days=30)
CLAIMS: Final = {
    "account.user_name": "name",
    "account.language": "locale",
    "profile.nickname": "nickname",
    "profile.avatar": "picture",
}
"""Which claim of the answer holds which data item."""
MOST_CHARACTERS: Final = 512
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def fields_asked(scope: str, client: Client) -> tuple[str, ...]:
    """Read a scope into the fields it asks for, in the client's own order; empty when it asks for none that it may."""
    asked = scope.split(" ")
    if not scope or len(set(asked)) != len(asked) or not set(asked) <= set(client.fields):
        return ()
    return tuple(field for field in client.fields if field in asked)


def is_text(value: str) -> bool:
    """Say whether a parameter is of the characters that the protocol allows, and short enough to keep."""
    return len(value) <= MOST_CHARACTERS and all(" " <= character <= "~" for character in value)


def is_secret_of(client: Client, secret: str) -> bool:
    """Compare a client's secret with the digests we have, every one of them, in constant time."""
    given = hashlib.sha256(secret.encode()).hexdigest()
    found = False
    for known in client.secrets_sha256:
        found |= hmac.compare_digest(known, given)
    return found


def still_agreed(token_scope: str, link_fields: Iterable[str], client: Client) -> tuple[str, ...]:
    """Keep of what a token was given for the fields that its link and the register still allow."""
    allowed = set(token_scope.split(" ")) & set(link_fields) & set(client.fields)
    return tuple(field for field in client.fields if field in allowed)


def digest_of(secret: str) -> str:
    """Digest a code or token of ours, which is random enough to need no key."""
    return hashlib.sha256(secret.encode()).hexdigest()


def shown_text(parts: Sequence[str]) -> str:
    """Digest what stood on the page, its parts joined by blank lines."""
    return hashlib.sha256(unicodedata.normalize("NFC", "\n\n".join(parts)).encode()).hexdigest()


def client_named(client_id: str, *, samples: bool) -> Client | None:
    """Find a registered service; a sample one only where samples are served."""
    try:
        found = lookup.client(client_id)
    except UnknownEntry:
        return None
    return found if samples or not found.sample else None


def fault_of(asked: AuthorizationQuery, client: Client) -> str:
    """Say in the protocol's word what is wrong with a request whose client and address are right; empty if nothing.

    PKCE and `state` are asked of everybody (RFC 9700 section 2.1.1).
    """
    if asked.response_type != "code":
        return "unsupported_response_type" if asked.response_type else "invalid_request"
    if asked.code_challenge_method != "S256" or not _CHALLENGE.fullmatch(asked.code_challenge):
        return "invalid_request"
    if not asked.state or not is_text(asked.state):
        return "invalid_request"
    return "" if fields_asked(asked.scope, client) else "invalid_scope"


def is_verified(challenge: str, verifier: str) -> bool:
    """Compare a verifier with the challenge that the code was asked for with (RFC 7636 section 4.6)."""
    if not _VERIFIER.fullmatch(verifier):
        return False
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return hmac.compare_digest(made, challenge)


def back_to(redirect_uri: str, issuer: str, *, state: str | None, **told: str) -> str:
    """Write the address that a browser goes back to, with the state that came, if any did.

    It names who answers, against mix-up (RFC 9207).
    """
    echoed = {"state": state} if state else {}
    return f"{redirect_uri}?{urlencode({**told, **echoed, 'iss': issuer})}"


def text_name(client_id: str, fields: Iterable[str]) -> str:
    """Name the text of a consent page; by it, the notice and the register its digest can be worked out again."""
    return f"{PURPOSE}:{client_id}:{','.join(fields)}"


def host_of(uri: str) -> str:
    """Give the host of a registered address, for people to read."""
    return urlsplit(uri).netloc


def origin_of(uri: str) -> str:
    """Give the origin of a registered address."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"
