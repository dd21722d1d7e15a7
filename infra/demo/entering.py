"""Step 2d: a way in that its owner locks."""

import secrets

from .bindings import wechat_proof
from .life import Life, agreement
from .world import Client


def lock_out_others(life: Life) -> None:
    """2d One call ends every other session; number and code freeze the account without a log-in; fraud is reported.

    Proves: A5.1, K4.3, K6.1, K6.3
    """
    mobile, password = f"136{secrets.randbelow(10**8):08d}", f"moxing-{life.mark}-Dd"
    phone = Client(life.world.base_url, "wxmp/1.0.0", f"phone-{life.mark}")
    desktop = Client(life.world.base_url, "web/1.0.0", f"desktop-{life.mark}")
    opened = {"user_name": f"锁友{life.mark}", "password": password, "policy": agreement(phone)}
    opened["proof"] = wechat_proof(life, mobile)["proof"]
    phone.keep(phone.want(201, "POST /v1/accounts/wechat", opened))
    log_in = {"login": mobile, "password": password}
    desktop.keep(desktop.want(201, "POST /v1/sessions", log_in))
    phone.keep(phone.want(200, "POST /v1/sessions/end-others"))
    desktop.refused("session.invalid", "GET /v1/accounts/me")
    phone.want(200, "GET /v1/accounts/me")
    report = {"kind": "phishing", "text": "有人冒充客服要我的验证码"}
    phone.want(201, "POST /v1/reports/fraud/mine", report)
    life.guest.want(201, "POST /v1/reports/fraud", report)
    life.guest.want(202, "POST /v1/accounts/codes", {"mobile": mobile, "purpose": "freeze"})
    proof = {"mobile": mobile, "code": life.world.code_sent_to(f"+86{mobile}")}
    life.guest.want(204, "POST /v1/accounts/freeze", proof)
    phone.refused("session.invalid", "GET /v1/accounts/me")
    desktop.refused("account.frozen", "POST /v1/sessions", log_in)
    life.guest.refused("accounts.code_invalid", "POST /v1/accounts/freeze", proof)
