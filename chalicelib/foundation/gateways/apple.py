"""Sign in with Apple: an authorization code exchanged for who somebody is at Apple, and the authorization ended.

Apple sits abroad: the disclosure that each call demands exists only where the way there is on file and the person
agreed to exactly that. Nothing is asked for but the user id, so neither name nor e-mail comes along.
"""

import base64
import hashlib
import hmac
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlencode

import msgspec

from ..kernel import clock
from ..kernel.config import config
from .disclosure import Disclosure, demand
from .errors import AppleCodeInvalid, ProviderRefused, ProviderUnavailable
from .transport import Answer, Exchange, checked, exchange, report

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

RECIPIENT: Final = "apple"
ISSUER: Final = "https://appleid.apple.com"
_SECRET_LIFE_S: Final = 300
_SKEW_S: Final = 60
_KEYS_KEPT_S: Final = 86_400.0
_LOOK_AGAIN_S: Final = 60.0
"""Keys are not asked for again sooner, whatever key a token names."""
_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]


class Identity(msgspec.Struct, frozen=True):
    """Who the code belongs to, and the token that ends the authorization one day."""

    subject: str
    refresh_token: str

    def __repr__(self) -> str:
        """Show nothing of it."""
        return "<identity at apple>"


class _Tokens(msgspec.Struct):
    id_token: Annotated[str, msgspec.Meta(pattern=r"\A[0-9A-Za-z_-]+\.[0-9A-Za-z_-]+\.[0-9A-Za-z_-]+\Z")]
    refresh_token: _Text


class _Fault(msgspec.Struct):
    error: str


class _Claims(msgspec.Struct):
    iss: str
    aud: str
    sub: Annotated[str, msgspec.Meta(pattern=r"\A[0-9A-Za-z._-]{6,128}\Z")]
    iat: int
    exp: int
    nonce: str = ""


class _Key(msgspec.Struct):
    kid: str
    kty: str
    n: str = ""
    e: str = ""
    alg: str = ""


class _Keys(msgspec.Struct):
    keys: Annotated[list[_Key], msgspec.Meta(max_length=32)]


class _Account(msgspec.Struct, frozen=True):
    base_url: str
    client_id: str
    team_id: str
    key_id: str
    key: str


class _Kept(msgspec.Struct):
    """Apple's public keys as last read, and when, by where they were read."""

    keys: dict[str, "RSAPublicKey"]
    read_s: float


_kept: dict[str, _Kept] = {}


def exchange_code(code: str, nonce: str, *, under: Disclosure) -> Identity:
    """Exchange an authorization code for who it belongs to; Apple takes each code once, for five minutes.

    The app asks Apple with the SHA-256 of a nonce that it keeps and hands to us with the code: a code that somebody
    else got hold of is worth nothing without it.

    Args:
        code: as the app got it.
        nonce: whose SHA-256 in hexadecimal the app gave to Apple.
        under: the disclosure of `account.apple_code` to this recipient.

    Raises:
        AppleCodeInvalid: unknown, used, too old, or not asked for with this nonce.
        ProviderUnavailable: no answer, or busy; the code may be used up, so the client gets a new one.
        ProviderRefused: our own credentials are wrong, or what came back is not signed by Apple for us and now.

    Keeps: I2.2, K3.2
    """
    demand(under, RECIPIENT, "account.apple_code")
    account = _account()
    form = {"grant_type": "authorization_code", "code": code}
    answer = _post("token", account, form, at=under.at, repeatable=False)
    if answer.status != HTTPStatus.OK:
        raise _refusal("token", answer)
    tokens = checked(answer.content, _Tokens, provider=RECIPIENT, operation="token")
    claims = _claims(tokens.id_token, account)
    now_s = under.at.timestamp()
    if claims.iss != ISSUER or claims.aud != account.client_id:
        raise _untrue("audience")
    if not claims.iat - _SKEW_S <= now_s < claims.exp + _SKEW_S:
        raise _untrue("time")
    if not hmac.compare_digest(claims.nonce.encode(), hashlib.sha256(nonce.encode()).hexdigest().encode()):
        raise AppleCodeInvalid
    return Identity(claims.sub, tokens.refresh_token)


def revoke(refresh_token: str, *, under: Disclosure) -> None:
    """End an authorization at Apple; one that has ended already is as good.

    Args:
        refresh_token: as `exchange_code` gave it.
        under: the disclosure of `account.apple_token` to this recipient.

    Raises:
        ProviderUnavailable: not now; try again.
        ProviderRefused: our own credentials are wrong, or Apple does not know such a token.

    Keeps: B4.2, I2.2
    """
    demand(under, RECIPIENT, "account.apple_token")
    form = {"token": refresh_token, "token_type_hint": "refresh_token"}
    answer = _post("revoke", _account(), form, at=under.at, repeatable=True)
    if answer.status != HTTPStatus.OK:
        raise _refusal("revoke", answer)


def forget_keys() -> None:
    """Forget Apple's public keys, after a test changed the other side."""
    _kept.clear()


def _account() -> _Account:
    """Read our account at Apple: `APPLE_KEY` holds team id, key id and the key in DER as base64, parted by full stops.

    Raises:
        ProviderRefused: there is none.
    """
    setting = config().setting
    team_id, _, rest = setting("APPLE_KEY").partition(".")
    key_id, _, key = rest.partition(".")
    if not (team_id and key_id and key):
        report(RECIPIENT, "account", "not_set_up")
        raise ProviderRefused
    return _Account(setting("APPLE_BASE_URL"), setting("APPLE_CLIENT_ID"), team_id, key_id, key)


def _post(operation: str, account: _Account, form: dict[str, str], *, at: datetime, repeatable: bool) -> Answer:
    known = {"client_id": account.client_id, "client_secret": _client_secret(account, at)}
    return exchange(
        Exchange(
            provider=RECIPIENT,
            operation=operation,
            method="POST",
            url=f"{account.base_url}/auth/{operation}",
            headers={"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode({**known, **form}).encode(),
            repeatable=repeatable,
        )
    )


def _client_secret(account: _Account, at: datetime) -> str:
    """Sign who we are, for a few minutes."""
    import jwt
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    key: Any = load_der_private_key(base64.b64decode(account.key), password=None)
    now_s = int(at.timestamp())
    says = {
        "iss": account.team_id,
        "iat": now_s,
        "exp": now_s + _SECRET_LIFE_S,
        "aud": ISSUER,
        "sub": account.client_id,
    }
    return jwt.encode(says, key, algorithm="ES256", headers={"kid": account.key_id})


def _claims(token: str, account: _Account) -> _Claims:
    """Read an identity token once Apple's signature fits it; time, audience and nonce are for the caller to check."""
    import jwt

    try:
        key_id = str(jwt.get_unverified_header(token).get("kid", ""))
        key = _public_key(account, key_id)
        content = jwt.api_jws.PyJWS().decode(token, key, algorithms=["RS256"])
    except jwt.PyJWTError:
        raise _untrue("signature") from None
    return checked(content, _Claims, provider=RECIPIENT, operation="token")


def _public_key(account: _Account, key_id: str) -> "RSAPublicKey":
    kept, now_s = _kept.get(account.base_url), clock.steady_s()
    age_s = now_s - kept.read_s if kept else _KEYS_KEPT_S
    if kept is None or age_s >= _KEYS_KEPT_S or (key_id not in kept.keys and age_s >= _LOOK_AGAIN_S):
        kept = _kept[account.base_url] = _Kept(_read_keys(account), now_s)
    if key_id not in kept.keys:
        raise _untrue("key")
    return kept.keys[key_id]


def _read_keys(account: _Account) -> dict[str, "RSAPublicKey"]:
    from jwt.algorithms import RSAAlgorithm

    answer = exchange(
        Exchange(
            provider=RECIPIENT,
            operation="keys",
            method="GET",
            url=f"{account.base_url}/auth/keys",
            headers={"Accept": "application/json"},
        )
    )
    if answer.status != HTTPStatus.OK:
        raise _refusal("keys", answer)
    told = checked(answer.content, _Keys, provider=RECIPIENT, operation="keys")
    usable = [one for one in told.keys if one.kty == "RSA" and one.alg in {"", "RS256"}]
    try:
        read: dict[str, Any] = {
            one.kid: RSAAlgorithm.from_jwk({"kty": "RSA", "n": one.n, "e": one.e}) for one in usable
        }
    except Exception as fault:  # whatever the library raises about a key that is none
        raise _untrue("keys") from fault
    return read


def _refusal(operation: str, answer: Answer) -> ProviderRefused | ProviderUnavailable | AppleCodeInvalid:
    if answer.status != HTTPStatus.BAD_REQUEST:
        report(RECIPIENT, operation, f"status_{answer.status}")
        return ProviderRefused()
    error = checked(answer.content, _Fault, provider=RECIPIENT, operation=operation).error
    report(RECIPIENT, operation, error)
    return AppleCodeInvalid() if (operation, error) == ("token", "invalid_grant") else ProviderRefused()


def _untrue(what: str) -> ProviderRefused:
    report(RECIPIENT, "token", f"identity_{what}")
    return ProviderRefused()
