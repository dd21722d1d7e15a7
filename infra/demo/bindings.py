"""Steps 3b to 3d: WeChat and Apple accounts, bound, used, cut; and an account opened by WeChat's proof of a number."""

import hashlib
import secrets
from typing import Any

from .account import prove_again
from .life import Life, agree, agreement, shown, wait_for_notice
from .world import Client, check, until


def bind_and_unbind(life: Life) -> None:
    """3b WeChat is bound after separate consent, logs in on another device, is listed, and unbound in one step.

    Proves: A5, B4.1, B4.2, B4.3
    """
    payer = f"wx-{life.mark}"
    life.guest.refused("accounts.not_bound", "POST /v1/sessions/wechat", wechat_code(life, payer))
    prove_again(life.person, life.password)
    life.person.refused("consent.required", "PUT /v1/bindings/wechat", wechat_code(life, payer))
    agree(life.person, "account.wechat", "account.wechat")
    life.person.want(200, "PUT /v1/bindings/wechat", wechat_code(life, payer))
    wait_for_notice(life.person, "wechat_bound")
    _keep_out_of_other(life, payer)
    came = life.tablet.want(201, "POST /v1/sessions/wechat", wechat_code(life, payer))
    check(came["person_id"] == life.ids["person"], "WeChat leads to the same account")
    _end(life, came)
    life.person.want(204, "DELETE /v1/bindings/wechat")
    wait_for_notice(life.person, "wechat_unbound")
    life.guest.refused("accounts.not_bound", "POST /v1/sessions/wechat", wechat_code(life, payer))
    prove_again(life.person, life.password)
    life.person.want(200, "PUT /v1/bindings/wechat", wechat_code(life, payer))
    listed = life.person.want(200, "GET /v1/bindings")["data"]
    check([(one["provider"], one["channel"]) for one in listed] == [("wechat", "wxmp")], "what is bound is listed")
    life.plant("openid", _state(life)["payers"][payer])


def come_by_apple(life: Life) -> None:
    """3c Apple likewise; what goes abroad asks for a consent of its own, whose withdrawal cuts it and ends it at Apple.

    Proves: B4.1, B4.2, J6.1, K3.3
    """
    prove_again(life.person, life.password)
    life.person.refused("consent.required", "PUT /v1/bindings/apple", _apple(life))
    agree(life.person, "account.apple", "account.apple")
    life.person.want(200, "PUT /v1/bindings/apple", _apple(life))
    subject = _state(life)["apple_people"][life.mark]
    life.pass_by("user id at Apple", subject)
    came = life.tablet.want(
        201, "POST /v1/sessions/apple", {**_apple(life), "notice": shown(life.tablet, "account.apple")}
    )
    check(came["person_id"] == life.ids["person"], "Apple leads to the same account")
    _end(life, came)
    check(_authorized(life, subject), "Apple knows of an authorization")
    life.person.want(200, "DELETE /v1/consents/account.apple")
    until("the authorization ended at Apple", lambda: not _authorized(life, subject))
    asked = {**_apple(life), "notice": shown(life.guest, "account.apple")}
    life.guest.refused("accounts.not_bound", "POST /v1/sessions/apple", asked)
    listed = life.person.want(200, "GET /v1/bindings")["data"]
    check([one["provider"] for one in listed] == ["wechat"], "a withdrawal cuts its own binding only")


def sign_up_by_wechat(life: Life) -> None:
    """3d WeChat's proof of a number opens a new account with nothing more asked, and is no way into one that is there.

    Proves: B1.1, B1.3
    """
    taken = wechat_proof(life, life.mobile)
    check(taken["next"] == "log_in", "whose number has an account is told to log in")
    newcomer = Client(life.world.base_url, "wxmp/1.0.0", f"newcomer-{life.mark}")
    policy = agreement(newcomer)
    body = {"user_name": f"微友{life.mark}", "password": f"moxing-{life.mark}-Cc", "policy": policy}
    newcomer.refused("accounts.mobile_taken", "POST /v1/accounts/wechat", {**body, "proof": taken["proof"]})
    fresh = wechat_proof(life, f"137{secrets.randbelow(10**8):08d}")
    newcomer.keep(newcomer.want(201, "POST /v1/accounts/wechat", {**body, "proof": fresh["proof"]}))
    newcomer.want(200, "GET /v1/accounts/me")


def wechat_code(life: Life, payer: str) -> dict[str, Any]:
    """Log a made-up person in at WeChat on their phone."""
    return {"code": life.world.control("POST", "/wechat/codes", {"payer": payer})["code"]}


def _apple(life: Life) -> dict[str, Any]:
    nonce = secrets.token_urlsafe(32)
    asked = {"nonce": hashlib.sha256(nonce.encode()).hexdigest(), "person": life.mark}
    return {"code": life.world.control("POST", "/apple/codes", asked)["code"], "nonce": nonce}


def wechat_proof(life: Life, mobile: str) -> Any:  # noqa: ANN401 - JSON
    """Have WeChat prove a number."""
    code = life.world.control("POST", "/wechat/phone_codes", {"mobile": f"+86{mobile}"})["code"]
    return life.guest.want(200, "POST /v1/accounts/wechat/proofs", {"phone_code": code})


def _keep_out_of_other(life: Life, payer: str) -> None:
    """Have somebody else try to bind the same WeChat."""
    prove_again(life.other, life.other_password)
    agree(life.other, "account.wechat", "account.wechat")
    life.other.refused("accounts.bound_elsewhere", "PUT /v1/bindings/wechat", wechat_code(life, payer))


def _end(life: Life, came: dict[str, Any]) -> None:
    """End a session that was begun on the tablet."""
    life.pass_by(f"session id {came['session_id'][-4:]}", came["session_id"])
    life.tablet.keep(came)
    life.tablet.want(204, "POST /v1/sessions/logout")


def _authorized(life: Life, subject: str) -> bool:
    return subject in _state(life)["apple_tokens"].values()


def _state(life: Life) -> Any:  # noqa: ANN401 - JSON
    return life.world.control("GET", "/state")
