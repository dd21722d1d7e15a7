"""Step 5d: a child, her guardian, and what neither can do alone."""

import secrets
from datetime import UTC, datetime
from typing import Any

from ..local.counterparties.authority import whole_number
from .account import open_account, prove_again
from .life import Life, agree, agreement, shown
from .world import Client, check, key

_VERIFIED = "account.verification"
_POST = {"text": "我的第一个模型", "affirmed_others": True}


def guard_child(life: Life) -> None:
    """5d A child of nine: only her word is kept until a verified guardian agrees; who looks is told; either may end it.

    Proves: M1.1, M1.2, M2.1, M2.2, M2.3
    """
    guardian, child = (Client(life.world.base_url, "app/1.0.0", f"{name}-{life.mark}") for name in ("母", "小"))
    mobile, password = f"137{secrets.randbelow(10**8):08d}", f"moxing-{life.mark}-Gg"
    open_account(life, guardian, mobile=mobile, password=password, name=f"妈妈{life.mark}")
    agree(guardian, _VERIFIED, _VERIFIED)
    prove_again(guardian, password)
    guardian.want(200, "POST /v1/verification/name", {**_citizen(life, 40, mobile), "with_mobile": True})
    small = f"136{secrets.randbelow(10**8):08d}"
    invited = _declare(life, child, small)
    given = {"user_name": f"小朋友{life.mark}", "password": password, "policy": agreement(child)}
    child.refused(
        "minors.guardian_consent_required", "POST /v1/accounts/wechat", {**given, "proof": _proof(life, child, small)}
    )
    answer = {"invitation": invited["invitation"], "notice": shown(guardian, "minor.child"), "answer": "agree"}
    check(guardian.want(200, "POST /v1/guardianships", answer)["answer"] == "agreed", "the guardian has agreed")
    opened = {**given, "proof": _proof(life, child, small), "birth_date": "1990-01-01"}
    child.keep(child.want(201, "POST /v1/accounts/wechat", opened))
    age = child.want(200, "GET /v1/guardianships/age")
    check((age["age"], age["guarded"]) == ("child", "child"), "no other word makes her older")
    _live_together(life, guardian, child)


def _live_together(life: Life, guardian: Client, child: Client) -> None:
    """Have the child do what she may, and the guardian what he may."""
    child.refused("minors.guardian_consent_required", "POST /v1/posts", _POST, Idempotency_Key=key())
    agree(child, _VERIFIED, _VERIFIED)
    prove_again(child, f"moxing-{life.mark}-Gg")
    child.want(200, "POST /v1/verification/name", _citizen(life, 9))
    post_id = child.want(201, "POST /v1/posts", _POST, Idempotency_Key=key())["post_id"]
    consent = {"purpose": "community.place", "notice": shown(child, "community.place"), "answer": "agree"}
    child.refused("minors.not_for_children", "POST /v1/consents", consent)
    (ward,) = guardian.want(200, "GET /v1/guardianships")["data"]
    path = f"/v1/wards/{ward['child_id']}"
    life.person.refused("request.not_found", f"GET {path}")
    check(guardian.want(200, f"GET {path}")["lines"], "the guardian sees what is held")
    looks = child.want(200, "GET /v1/looks")["data"]
    check([one["role"] for one in looks] == ["guardian"], "the child sees the look")
    guardian.want(204, f"DELETE {path}/posts/{post_id}")
    guardian.want(200, f"PUT {path}/limits", {"purposes": ["community.publish"]})
    child.refused("minors.guardian_consent_required", "POST /v1/posts", _POST, Idempotency_Key=key())
    guardian.want(200, f"DELETE /v1/guardianships/{ward['child_id']}")
    guardian.refused("request.not_found", f"GET {path}")
    child.want(200, "GET /v1/accounts/me")


def _declare(life: Life, child: Client, mobile: str) -> dict[str, Any]:
    """Have a child say how old she is, by her number."""
    child.want(202, "POST /v1/accounts/codes", {"mobile": mobile, "purpose": "sign_up"})
    said = {"mobile": mobile, "code": life.world.code_sent_to(f"+86{mobile}"), "birth_date": _born(9)}
    return dict(child.want(201, "POST /v1/guardianships/children", said))


def _proof(life: Life, child: Client, mobile: str) -> str:
    """Have WeChat prove a number."""
    tap = life.world.control("POST", "/wechat/phone_codes", {"mobile": f"+86{mobile}"})
    return str(child.want(200, "POST /v1/accounts/wechat/proofs", {"phone_code": tap["code"]})["proof"])


def _citizen(life: Life, years: int, *mobiles: str) -> dict[str, str]:
    """Make somebody up whom the authority knows."""
    body = f"110105{_born(years).replace('-', '')}{secrets.randbelow(1000):03d}"
    said = {"name": "王小明", "number": whole_number(body)}
    life.world.control("POST", "/identity/citizens", {**said, "mobiles": list(mobiles)})
    return said


def _born(years: int) -> str:
    return f"{datetime.now(UTC).year - years}-01-01"
