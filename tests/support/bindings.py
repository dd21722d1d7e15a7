"""People who bind WeChat and Apple accounts, below the edge and over HTTP."""

import secrets
from datetime import datetime
from typing import Any

import msgspec

from chalicelib.accounts.contracts.bindings import AppleLogIn, BindApple, BindWechat, ProveNumber, WechatLogIn
from chalicelib.accounts.rules.bindings import PURPOSES
from chalicelib.accounts.service import bindings, coming_in, proofs
from chalicelib.accounts.tables.bindings import AppleBindingRow, binding_of
from chalicelib.consent.contracts import NoticeShown
from chalicelib.consent.service import answer_notice

from .accounts import Member, caller, enrol, guest
from .cloud import TestCloud
from .consents import answer, answer_body
from .counterparties import Counterparties

NONCE = "n" * 43


def agree(who: Member, purpose: str, now: datetime | None = None) -> None:
    """Agree to a purpose after its notice."""
    answer_notice(caller(who, now), answer(purpose, at=now))


def notice(purpose: str = "account.apple", **changes: Any) -> dict[str, Any]:
    """Show a notice, as it goes into a body."""
    return dict(answer_body(purpose, **changes)["notice"])


def bind_wechat(counterparties: Counterparties, who: Member, payer: str = "", **changes: Any) -> Any:
    """Bind the WeChat of a made-up person, whose name is the member's unless given; they have agreed before."""
    code = counterparties.login_code(payer or who.user_name)
    call = caller(who, changes.pop("now", None), purpose="account.wechat", **changes)
    return bindings.bind_wechat(call, BindWechat(code=code))


def bind_apple(counterparties: Counterparties, who: Member, person: str = "", **changes: Any) -> Any:
    """Bind the Apple account of a made-up person."""
    code = counterparties.apple_code(NONCE, person or who.user_name)
    call = caller(who, changes.pop("now", None), purpose="account.apple", **changes)
    return bindings.bind_apple(call, BindApple(code=code, nonce=NONCE))


def come_by_wechat(counterparties: Counterparties, payer: str, now: datetime | None = None) -> Any:
    """Log in by the WeChat of a made-up person."""
    code = counterparties.login_code(payer)
    return coming_in.log_in_by_wechat(guest(now, channel="wxmp"), WechatLogIn(code=code))


def come_by_apple(counterparties: Counterparties, person: str, now: datetime | None = None) -> Any:
    """Log in by the Apple account of a made-up person."""
    nonce = secrets.token_urlsafe(32)
    shown = msgspec.convert(notice(at=now), NoticeShown)
    command = AppleLogIn(code=counterparties.apple_code(nonce, person), nonce=nonce, notice=shown)
    return coming_in.log_in_by_apple(guest(now, device="iPhone 17"), command)


def proof_of(counterparties: Counterparties, mobile: str, now: datetime | None = None) -> Any:
    """Have WeChat prove a number (`138…`)."""
    code = counterparties.phone_code(f"+86{mobile}")
    return proofs.prove_number(guest(now, channel="wxmp"), ProveNumber(phone_code=code))


def agreeing(counterparties: Counterparties) -> Member:
    """Open an account and agree to both bindings."""
    member = enrol(counterparties)
    for purpose in PURPOSES.values():
        agree(member, purpose)
    return member


def listed(member: Member) -> list[tuple[str, str]]:
    """List what somebody has bound, and on which channel."""
    return [(one.provider, one.channel) for one in bindings.list_bindings(caller(member)).data]


def events(cloud: TestCloud, *names: str) -> list[str]:
    """List the entries whose last word is one of these."""
    found = [item["action"]["S"] for item in cloud.items("evidence") if "action" in item]
    return [action for action in found if action.split(":")[-1] in names]


def apple_binding(member: Member) -> AppleBindingRow:
    """Read somebody's binding of an Apple account."""
    row = binding_of(member.person_id, "apple")
    assert isinstance(row, AppleBindingRow)
    return row


BY = {"wechat": (bind_wechat, come_by_wechat), "apple": (bind_apple, come_by_apple)}
"""How each is bound and comes in."""
