"""The gateways work where nothing can be written, as in Lambda, and cost nothing until they are used."""

import os
import subprocess
import sys

from tests.support.counterparties import Counterparties

LOADED = """
import sys
import chalicelib.foundation.gateways.moderation, chalicelib.foundation.gateways.objects
import chalicelib.foundation.gateways.sms, chalicelib.foundation.gateways.wechat
import chalicelib.foundation.gateways.wechatpay
heavy = {"requests", "urllib3", "tencentcloud", "wechatpayv3", "cryptography", "PIL"}
print(sorted(heavy & sys.modules.keys()))
"""

CALLS = """
import os, sys
from datetime import UTC, datetime, timedelta

CHANGES = {"os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink", "os.truncate", "shutil.move"}


def watch(event, args):
    writes = event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+")
    flags = event == "open" and args[1] is None and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if (writes or flags) and args[0] != os.devnull or event in CHANGES:
        raise SystemExit(f"wrote: {event} {args}")


sys.addaudithook(watch)
from chalicelib.foundation.gateways import moderation, sms, wechat, wechatpay
from chalicelib.foundation.gateways.disclosure import Disclosure

now = datetime.now(UTC)


def under(recipient, *items):
    return Disclosure(recipient, items, "account.service", now)


sms.send_code("+8613800138000", "482913", 5, under=under("sms", "account.mobile", "account.code"))
print(moderation.judge_text("模型", "pst_1", under=under("moderation", "post.text")).label)
payer = wechat.code_to_session(sys.argv[1], under=under("wechat", "order.login_code"))
pays = under("wechatpay", "order.number", "order.amount", "order.payment")
wechatpay.prepay(out_trade_no="ord_read_only", amount_fen=1, openid=payer.openid, description="订单",
                 expires_at=now + timedelta(minutes=5), now=now, under=pays)
print(wechatpay.query("ord_read_only", under=pays).state)
"""


def run(script: str, *args: str) -> str:
    command = [sys.executable, "-B", "-c", script, *args]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ})
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_every_provider_is_called_without_writing_a_file(counterparties: Counterparties) -> None:
    assert run(CALLS, counterparties.login_code()).splitlines() == ["Normal", "NOTPAY"]
    assert counterparties.sms("+8613800138000") == "482913"


def test_no_sdk_is_imported_before_it_is_used() -> None:
    assert run(LOADED) == "[]"
