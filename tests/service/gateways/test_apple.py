"""Sign in with Apple over the real protocol."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from chalicelib.foundation.gateways import apple
from chalicelib.foundation.gateways.disclosure import Disclosure
from chalicelib.foundation.gateways.errors import (
    AppleCodeInvalid,
    DisclosureRefused,
    ProviderRefused,
    ProviderUnavailable,
)
from chalicelib.foundation.kernel.config import reset_config
from tests.support.counterparties import Counterparties, disclosed

NONCE = "n" * 43


@pytest.fixture(autouse=True)
def _honest(counterparties: Counterparties) -> Iterator[None]:
    """Have Apple say the truth again."""
    yield
    counterparties.world.apple.says = {}
    counterparties.world.apple.signs_with = None


def under(item: str = "account.apple_code") -> Disclosure:
    return disclosed("apple", item, purpose="account.apple")


def exchange(code: str, nonce: str = NONCE) -> apple.Identity:
    return apple.exchange_code(code, nonce, under=under())


def test_a_code_tells_who_somebody_is(counterparties: Counterparties) -> None:
    first = exchange(counterparties.apple_code(NONCE, "anna"))
    assert exchange(counterparties.apple_code(NONCE, "anna")).subject == first.subject
    assert exchange(counterparties.apple_code(NONCE, "ben")).subject != first.subject
    assert first.subject not in repr(first)


def test_a_code_is_good_once(counterparties: Counterparties) -> None:
    code = counterparties.apple_code(NONCE)
    exchange(code)
    with pytest.raises(AppleCodeInvalid):
        exchange(code)


@pytest.mark.parametrize("code", ["made-up", "a&client_id=other", "代码", "x" * 2000])
def test_a_made_up_code_is_not_good(counterparties: Counterparties, code: str) -> None:
    with pytest.raises(AppleCodeInvalid):
        exchange(code)


def test_a_code_is_worth_nothing_without_the_nonce_it_was_asked_for_with(counterparties: Counterparties) -> None:
    with pytest.raises(AppleCodeInvalid):
        exchange(counterparties.apple_code(NONCE), "m" * 43)


@pytest.mark.parametrize(
    "lie",
    [
        {"iss": "https://appleid.example.com"},
        {"aud": "cn.other.app"},
        {"exp": int(time.time()) - 3600},
        {"iat": int(time.time()) + 3600},
        {"sub": ""},
        {"sub": 7},
        {"nonce": 7},
    ],
)
def test_an_identity_token_for_another_time_or_app_is_refused(
    counterparties: Counterparties, lie: dict[str, Any]
) -> None:
    counterparties.world.apple.says = lie
    with pytest.raises(ProviderRefused):
        exchange(counterparties.apple_code(NONCE))


def test_an_identity_token_that_another_key_signed_is_refused(counterparties: Counterparties) -> None:
    counterparties.world.apple.signs_with = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with pytest.raises(ProviderRefused):
        exchange(counterparties.apple_code(NONCE))


def test_an_unsigned_identity_token_is_refused(counterparties: Counterparties, monkeypatch: pytest.MonkeyPatch) -> None:
    import jwt

    honest = jwt.encode

    def unsigned(says: dict[str, Any], key: Any, **how: Any) -> str:
        if how["algorithm"] == "RS256":
            return honest(says, None, algorithm="none", headers=how["headers"])
        return honest(says, key, **how)

    monkeypatch.setattr(jwt, "encode", unsigned)
    with pytest.raises(ProviderRefused):
        exchange(counterparties.apple_code(NONCE))


@pytest.mark.parametrize("spoil", ["team", "key_id", "client_id", "key"])
def test_wrong_credentials_are_refused_and_leave_the_code_unused(
    counterparties: Counterparties, monkeypatch: pytest.MonkeyPatch, spoil: str
) -> None:
    code = counterparties.apple_code(NONCE)
    team, key_id, key = counterparties.settings["APPLE_KEY"].split(".")
    other = "MDECAQEEIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBoAoGCCqGSM49AwEH"
    parts = {"team": ("OTHER", key_id, key), "key_id": (team, "OTHER", key), "key": (team, key_id, other)}
    with monkeypatch.context() as wrong:
        wrong.setenv("APPLE_KEY", ".".join(parts.get(spoil, (team, key_id, key))))
        if spoil == "client_id":
            wrong.setenv("APPLE_CLIENT_ID", "cn.other.app")
        reset_config()
        with pytest.raises(ProviderRefused):
            exchange(code)
    reset_config()
    assert exchange(code).subject


def test_where_apple_is_not_set_up_nothing_is_sent(
    counterparties: Counterparties, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APPLE_KEY", "")
    reset_config()
    with pytest.raises(ProviderRefused):
        exchange(counterparties.apple_code(NONCE))


@pytest.mark.parametrize("mode", ["lost", "slow"])
def test_a_lost_answer_uses_the_code_up_and_is_not_asked_for_twice(
    counterparties: Counterparties, impatient: float, mode: str
) -> None:
    counterparties.plan("apple.token", mode, seconds=impatient)
    code = counterparties.apple_code(NONCE)
    with pytest.raises(ProviderUnavailable):
        exchange(code)
    with pytest.raises(AppleCodeInvalid):
        exchange(code)


@pytest.mark.parametrize("operation", ["apple.token", "apple.keys"])
@pytest.mark.parametrize("mode", ["redirect", "oversize", "garbage"])
def test_an_answer_that_apple_does_not_give_is_refused(
    counterparties: Counterparties, operation: str, mode: str
) -> None:
    counterparties.plan(operation, mode)
    with pytest.raises(ProviderRefused):
        exchange(counterparties.apple_code(NONCE))


def test_keys_are_read_once_and_again_for_a_key_that_is_new(
    counterparties: Counterparties, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange(counterparties.apple_code(NONCE))
    counterparties.plan("apple.keys", "garbage")
    exchange(counterparties.apple_code(NONCE))
    office = counterparties.world.apple
    fresh = type(office._secrets)(**{**_fields(office._secrets), "signing_key_id": "another"})
    monkeypatch.setattr(office, "_secrets", fresh)
    with pytest.raises(ProviderRefused):
        exchange(counterparties.apple_code(NONCE))  # too soon to ask again
    monkeypatch.setattr(apple, "_LOOK_AGAIN_S", 0.0)
    with pytest.raises(ProviderRefused):
        exchange(counterparties.apple_code(NONCE))  # the garbage
    assert exchange(counterparties.apple_code(NONCE)).subject


@pytest.mark.promise("B4.2")
def test_an_authorization_is_ended_however_often_it_is_asked(counterparties: Counterparties) -> None:
    token = exchange(counterparties.apple_code(NONCE)).refresh_token
    assert token in counterparties.control("GET", "/state")["apple_tokens"]
    for _ in range(2):
        apple.revoke(token, under=under("account.apple_token"))
    assert token not in counterparties.control("GET", "/state")["apple_tokens"]


def test_an_end_that_apple_did_not_hear_of_says_so(counterparties: Counterparties) -> None:
    counterparties.plan("apple.revoke", "error", times=2)
    with pytest.raises(ProviderUnavailable):
        apple.revoke("token", under=under("account.apple_token"))


@pytest.mark.promise("K3.2")
def test_nothing_leaves_without_its_disclosure(counterparties: Counterparties) -> None:
    code = counterparties.apple_code(NONCE)
    with pytest.raises(DisclosureRefused):
        apple.exchange_code(code, NONCE, under=under("account.apple_token"))
    with pytest.raises(DisclosureRefused):
        apple.revoke("token", under=under("account.apple_code"))
    assert exchange(code).subject


@pytest.mark.promise("K4.2")
def test_neither_code_nor_token_nor_secret_is_logged(
    counterparties: Counterparties, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    code = counterparties.apple_code(NONCE)
    counterparties.plan("apple.token", "lost")
    with pytest.raises(ProviderUnavailable):
        exchange(code)
    written = capsys.readouterr().out + caplog.text
    assert '"event":"provider_fault"' in written
    for secret in (code, NONCE, counterparties.settings["APPLE_KEY"]):
        assert secret not in written


def test_a_client_secret_lasts_minutes(counterparties: Counterparties) -> None:
    import jwt

    secret = apple._client_secret(apple._account(), datetime.now(UTC))
    says = jwt.decode(secret, options={"verify_signature": False})
    assert timedelta(seconds=says["exp"] - says["iat"]) == timedelta(minutes=5)


def _fields(struct: Any) -> dict[str, Any]:
    return {name: getattr(struct, name) for name in struct.__struct_fields__}
