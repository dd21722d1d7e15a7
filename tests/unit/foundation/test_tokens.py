"""An access token is ours, for this API, unexpired and unaltered; or it is nothing."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.foundation.kernel.errors import Unauthenticated
from chalicelib.foundation.web import tokens
from chalicelib.foundation.web.tokens import Claims, issue, read

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CLAIMS = Claims("per_1", "ses_1", 3, "key_main", NOW + tokens.LIFE, NOW, "key_trade")


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    held = {"token": KEY}
    monkeypatch.setattr(tokens, "secret", held.__getitem__)
    return held


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")


def forged(header: object = None, key: bytes = KEY, how: str = "sha256", **changes: object) -> str:
    """Make a token as somebody else's library would."""
    body = {"aud": "jule-api", "sub": "per_1", "sid": "ses_1", "sep": 3, "kid": "key_main", "exp": 1_900_000_000}
    said = {"alg": "HS256", "typ": "JWT"} if header is None else header
    signed = f"{part(said)}.{part({**body, **changes})}"
    signature = base64.urlsafe_b64encode(hmac.digest(key, signed.encode(), how)).decode().rstrip("=")
    return f"{signed}.{signature}"


def test_a_token_comes_back_as_it_was_issued():
    assert read(issue(CLAIMS), NOW) == CLAIMS
    plain = Claims("per_1", "ses_1", 3, "key_main", NOW + tokens.LIFE)
    assert read(issue(plain), NOW) == plain


def test_a_token_is_a_jwt_that_any_library_would_make():
    assert read(forged(), NOW).person_id == "per_1"
    header, body, _ = issue(CLAIMS).split(".")
    assert json.loads(base64.urlsafe_b64decode(header + "==")) == {"alg": "HS256", "typ": "JWT"}
    assert json.loads(base64.urlsafe_b64decode(body + "=="))["exp"] == int(CLAIMS.expires_at.timestamp())


def test_a_token_holds_ids_and_numbers_only():
    body = json.loads(base64.urlsafe_b64decode(issue(CLAIMS).split(".")[1] + "=="))
    assert body.keys() == {"aud", "sub", "sid", "sep", "kid", "exp", "tkid", "rea"}


def test_it_lives_fifteen_minutes_and_not_a_second_longer():
    assert timedelta(minutes=15) == tokens.LIFE
    token = issue(CLAIMS)
    assert read(token, CLAIMS.expires_at - timedelta(seconds=1))
    for late in (timedelta(0), timedelta(seconds=1), timedelta(days=400)):
        with pytest.raises(Unauthenticated):
            read(token, CLAIMS.expires_at + late)


NONE = f"{part({'alg': 'none', 'typ': 'JWT'})}.{part({'sub': 'per_1'})}."
WRONG = {
    "alg none": NONE,
    "alg none, signed": forged({"alg": "none", "typ": "JWT"}),
    "alg None": forged({"alg": "None", "typ": "JWT"}),
    "alg HS512": forged({"alg": "HS512", "typ": "JWT"}, how="sha512"),
    "alg RS256": forged({"alg": "RS256", "typ": "JWT"}),
    "key named": forged({"alg": "HS256", "typ": "JWT", "kid": "../../dev/null"}),
    "key given": forged({"alg": "HS256", "typ": "JWT", "jwk": {"kty": "oct", "k": "AA"}}),
    "header turned round": forged({"typ": "JWT", "alg": "HS256"}),
    "wrong key": forged(key=OTHER_KEY),
    "empty key": forged(key=b""),
    "other audience": forged(aud="jule-staff"),
    "no audience": forged(aud=None),
    "audiences": forged(aud=["jule-api"]),
    "expired": forged(exp=1),
    "expiry as text": forged(exp="1900000000"),
    "no expiry": forged(exp=None),
    "NaN": forged(exp=float("nan")),
    "person as number": forged(sub=1),
    "no person": forged(sub=None),
    "unknown person shape": forged(sub={"a": 1}),
    "body a list": f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part([])}.x",
    "no dots": "abc",
    "dots": "..",
    "empty": "",
    "four parts": f"{forged()}.x",
    "signature cut": forged()[:-1],
    "signature padded": forged() + "=",
    "space": " " + forged(),
    "line": forged() + "\n",
    "not ASCII": "é." + forged(),
    "lone surrogate": "\ud800" + forged(),
}


@pytest.mark.parametrize("token", WRONG.values(), ids=WRONG)
def test_what_is_not_ours_is_nothing(token: str):
    with pytest.raises(Unauthenticated):
        read(token, NOW)


def test_no_altered_character_goes_through():
    token = issue(CLAIMS)
    for place, letter in enumerate(token):
        other = f"{token[:place]}{'A' if letter != 'A' else 'B'}{token[place + 1 :]}"
        with pytest.raises(Unauthenticated):
            read(other, NOW)


@given(st.text(max_size=300))
def test_any_text_is_no_token(token: str):
    with pytest.raises(Unauthenticated):
        read(token, NOW)


def test_a_new_key_ends_every_token(keys: dict[str, bytes]):
    token = issue(CLAIMS)
    keys["token"] = OTHER_KEY
    with pytest.raises(Unauthenticated):
        read(token, NOW)


def test_the_signature_covers_header_and_body():
    header, body, signature = issue(CLAIMS).encode().split(b".")
    expected = base64.urlsafe_b64encode(hmac.digest(KEY, header + b"." + body, hashlib.sha256)).rstrip(b"=")
    assert signature == expected
