"""Sign in with Apple: `/auth/token`, `/auth/revoke` and `/auth/keys`, checked as Apple checks them.

The client secret must be our ES256 signature over team, app, audience and a time within six months. A code is good
once and for five minutes; the identity token carries the nonce that the app asked with.
"""

import time
from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any, Final
from urllib.parse import parse_qsl

import jwt
import msgspec
from jwt.algorithms import RSAAlgorithm

from .ledger import AppleCode, Ledger
from .secrets import AppleSecrets
from .wire import Reply, Request, json_reply

ISSUER: Final = "https://appleid.apple.com"
FORM: Final = "application/x-www-form-urlencoded"
_LIFE_S: Final = 300
_TOKEN_LIFE_S: Final = 3600
_MOST_LIFE_S: Final = 15_777_000


class Apple:
    """Apple's side."""

    def __init__(self, secrets: AppleSecrets, ledger: Ledger) -> None:
        self._secrets = secrets
        self._ledger = ledger
        self.says: dict[str, Any] = {}
        """What identity tokens say otherwise than they should, for tests."""
        self.signs_with: Any = None
        """Another key than Apple's, for tests."""

    def operation(self, request: Request) -> str:
        """Name what is asked, as fault plans do."""
        return f"apple.{request.path.rsplit('/', 1)[-1]}"

    def answer(self, request: Request) -> Reply:
        """Do what is asked."""
        if (request.method, request.path) == ("GET", "/auth/keys"):
            return json_reply({"keys": [self._public()]})
        if request.method != "POST" or request.path not in {"/auth/token", "/auth/revoke"}:
            return Reply(404)
        if request.headers.get("content-type", "") != FORM:
            return _error("invalid_request")
        form = dict(parse_qsl(request.body.decode()))
        if not self._is_client(form):
            return _error("invalid_client")
        return self._token(form) if request.path == "/auth/token" else self._revoke(form)

    def fail(self, mode: str) -> Reply:
        """Refuse without doing anything."""
        return Reply(503 if mode == "error" else 429)

    def sign(self, reply: Reply) -> Reply:
        """Answers carry no signature of their own."""
        return reply

    def authorize(self, person: str, nonce: str) -> AppleCode:
        """Let a made-up person agree on their phone; the same name is the same person. `nonce` is already hashed."""
        with self._ledger.writing() as books:
            subject = books.apple_people.setdefault(person, f"00{len(books.apple_people)}.{token_urlsafe(24)}.0930")
            code = AppleCode(f"c{token_urlsafe(32)}.0.r", subject, nonce, time.time() + _LIFE_S)
            books.apple_codes[code.code] = code
        return code

    def _public(self) -> dict[str, Any]:
        shown = msgspec.json.decode(RSAAlgorithm.to_jwk(self._secrets.signing_private().public_key()))
        return {"kty": "RSA", "kid": self._secrets.signing_key_id, "use": "sig", "alg": "RS256", **_numbers(shown)}

    def _is_client(self, form: Mapping[str, str]) -> bool:
        """Check the client secret: whose it is, for whom, by which key, for how long."""
        secret = form.get("client_secret", "")
        try:
            if jwt.get_unverified_header(secret).get("kid") != self._secrets.key_id:
                return False
            said = jwt.decode(
                secret,
                self._secrets.client_public(),
                algorithms=["ES256"],
                audience=ISSUER,
                issuer=self._secrets.team_id,
                options={"require": ["iss", "iat", "exp", "aud", "sub"], "verify_iat": False, "verify_exp": False},
            )
        except jwt.PyJWTError:
            return False
        lasts = 0 < said["exp"] - said["iat"] <= _MOST_LIFE_S
        return bool(said["sub"] == form.get("client_id") == self._secrets.client_id and lasts)

    def _token(self, form: Mapping[str, str]) -> Reply:
        if form.get("grant_type") != "authorization_code":
            return _error("unsupported_grant_type")
        with self._ledger.writing() as books:
            code = books.apple_codes.get(form.get("code", ""))
            if code is None or code.used or code.expires_s < time.time():
                return _error("invalid_grant")
            code.used = True
            refresh = f"r{token_urlsafe(32)}.0.r"
            books.apple_tokens[refresh] = code.subject
        return json_reply(
            {
                "access_token": f"a{token_urlsafe(32)}.0.r",
                "token_type": "Bearer",
                "expires_in": _TOKEN_LIFE_S,
                "refresh_token": refresh,
                "id_token": self._identity(code),
            }
        )

    def _identity(self, code: AppleCode) -> str:
        now_s = int(time.time())
        says = {
            "iss": ISSUER,
            "aud": self._secrets.client_id,
            "exp": now_s + 86_400,
            "iat": now_s,
            "sub": code.subject,
            "nonce": code.nonce,
            "nonce_supported": True,
            "auth_time": now_s,
            **self.says,
        }
        key = self.signs_with or self._secrets.signing_private()
        return jwt.encode(says, key, algorithm="RS256", headers={"kid": self._secrets.signing_key_id})

    def _revoke(self, form: Mapping[str, str]) -> Reply:
        if not form.get("token"):
            return _error("invalid_request")
        with self._ledger.writing() as books:
            subject = books.apple_tokens.get(form["token"])
            for token in [one for one, whose in books.apple_tokens.items() if whose == subject]:
                del books.apple_tokens[token]
        return Reply(200, b"", {"Content-Type": "application/json"})


def _numbers(shown: dict[str, Any]) -> dict[str, str]:
    return {"n": shown["n"], "e": shown["e"]}


def _error(code: str) -> Reply:
    return json_reply({"error": code}, 400)
