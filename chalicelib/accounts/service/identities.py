"""Who somebody is at WeChat or Apple: asked for a one-time code, on record before anything leaves."""

from collections.abc import Sequence
from typing import Final

import msgspec

from chalicelib.foundation.audit.disclosures import disclosed
from chalicelib.foundation.gateways import apple, wechat
from chalicelib.foundation.gateways.disclosure import Disclosure, disclose
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.config import config
from chalicelib.foundation.standing.access import commit
from chalicelib.foundation.store.write import Write
from chalicelib.foundation.vault.blind import blind

from ..rules.bindings import PURPOSES
from ..tables.bindings import Place, apple_guard, wechat_guard

TO_WECHAT: Final = f"RECIPIENT#{wechat.RECIPIENT}"
TO_APPLE: Final = f"RECIPIENT#{apple.RECIPIENT}"
"""Under which reference a sending is on record while nobody is known yet."""


class Identity(msgspec.Struct, frozen=True):
    """Somebody at a provider: the ids there, the places of their guards, and under which disclosure we learned it."""

    provider: str
    ids: tuple[str, ...]
    places: tuple[Place, ...]
    under: Disclosure
    token: str = ""

    def __repr__(self) -> str:
        """Show nothing of it."""
        return f"<identity at {self.provider}>"


def at_wechat(call: Call, code: str, *, purpose: str) -> Identity:
    """Ask WeChat who a log-in code belongs to; its session key is neither kept nor shown to anybody.

    Keeps: I2.3
    """
    under = disclose(wechat.RECIPIENT, ("account.wechat_code",), purpose=purpose, at=call.now)
    commit(call, [_on_record(call, under, TO_WECHAT)])
    payer = wechat.code_to_session(code, under=under)
    app_id = config().setting("WECHAT_APP_ID")
    places = [wechat_guard(blind("wechat", f"{app_id}\0{payer.openid}"))]
    if payer.unionid is not None:
        places.append(wechat_guard(blind("wechat_union", payer.unionid)))
    ids = (payer.openid,) if payer.unionid is None else (payer.openid, payer.unionid)
    return Identity("wechat", ids, tuple(places), under)


def at_apple(call: Call, code: str, nonce: str, *, agreed: Sequence[Write] = ()) -> Identity:
    """Ask Apple, abroad, who an authorization code belongs to.

    Args:
        call: of somebody who agreed to it, or of a guest.
        code: the authorization code.
        nonce: whose digest the app asked with.
        agreed: what puts a guest's agreement on record; a person's own stands in their standing.

    Keeps: I2.3, K3.2, K3.3

    Raises:
        DisclosureRefused: nobody agreed, or what sending abroad takes is not on file.
    """
    purpose = PURPOSES["apple"]
    consents = frozenset({purpose}) if agreed else call.who.consents
    under = disclose(apple.RECIPIENT, ("account.apple_code",), purpose=purpose, at=call.now, consents=consents)
    commit(call, [*agreed, _on_record(call, under, TO_APPLE)])
    found = apple.exchange_code(code, nonce, under=under)
    place = apple_guard(blind("apple", f"{config().setting('APPLE_CLIENT_ID')}\0{found.subject}"))
    return Identity("apple", (found.subject,), (place,), under, found.refresh_token)


def _on_record(call: Call, under: Disclosure, nobody: str) -> Write:
    return disclosed(call, under, reference=nobody if call.person is None else call.who.ref)
