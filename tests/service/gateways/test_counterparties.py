"""The counterparties themselves: their page, what they remember, how stubbornly they notify, whom they let in."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import urllib3

from chalicelib.foundation.gateways import sms, wechatpay
from chalicelib.foundation.gateways.wechatpay import Notification, read_notification
from chalicelib.foundation.kernel.config import reset_config
from chalicelib.foundation.kernel.errors import Failure
from infra.local.counterparties.secrets import ensure
from tests.support.counterparties import Counterparties, disclosed

UNDER = disclosed("wechatpay", "order.number", "order.amount", "order.payment", "order.refund", purpose="order.payment")
NUMBER = "ord_k3v9q2mzx8t7r6w5y4a1b2c3d4"


class Shop:
    """Takes notifications as the product does, after answering `failing` of them with 500."""

    def __init__(self) -> None:
        self.failing = 0
        self.told: list[Notification | type[Failure]] = []
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(shop.take(dict(self.headers), body))
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 64

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/notify"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def take(self, headers: dict[str, str], body: bytes) -> int:
        if self.failing:
            self.failing -= 1
            return 500
        try:
            self.told.append(read_notification(headers, body, datetime.now(UTC)))
        except Failure as failure:
            self.told.append(type(failure))
            return 401
        return 204

    def wait_for(self, count: int) -> list[Notification | type[Failure]]:
        until = time.monotonic() + 5
        while len(self.told) < count and time.monotonic() < until:
            time.sleep(0.01)
        return self.told

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def shop(counterparties: Counterparties, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    opened = Shop()
    monkeypatch.setenv("WECHATPAY_NOTIFY_URL", opened.url)
    reset_config()
    yield opened
    opened.close()


def announce(counterparties: Counterparties) -> str:
    now = datetime.now(UTC)
    params = wechatpay.prepay(
        out_trade_no=NUMBER,
        amount_fen=12_900,
        openid=counterparties.openid(),
        description="订单<b>",
        expires_at=now + timedelta(minutes=30),
        now=now,
        under=UNDER,
    )
    return params.package.removeprefix("prepay_id=")


def approve(counterparties: Counterparties, **how: object) -> None:
    counterparties.control("POST", "/wechatpay/approve", {"number": NUMBER, **how})


def test_a_code_can_be_read_from_the_page_in_both_languages(counterparties: Counterparties) -> None:
    sms.send_code("+8613800138000", "482913", 5, under=disclosed("sms", "account.mobile", "account.code"))
    chinese, english = counterparties.ask("GET", "/"), counterparties.ask("GET", "/?lang=en")
    assert "482913" in chinese.data.decode()
    assert "收到的短信" in chinese.data.decode()
    assert "Text messages that arrived" in english.data.decode()
    assert "default-src 'none'" in chinese.headers["Content-Security-Policy"]


def test_a_payer_approves_on_the_page_and_the_shop_is_told_once(counterparties: Counterparties, shop: Shop) -> None:
    prepay_id = announce(counterparties)
    page = counterparties.ask("GET", f"/pay/{prepay_id}").data.decode()
    assert "¥129.00" in page
    assert "订单&lt;b&gt;" in page
    origin = {"Origin": counterparties.base_url}
    assert counterparties.ask("POST", f"/pay/{prepay_id}/approve", **origin).status == 303
    (told,) = shop.wait_for(1)
    assert isinstance(told, Notification)
    assert (told.kind, told.out_trade_no, told.amount_fen) == ("payment", NUMBER, 12_900)
    assert counterparties.ask("POST", f"/pay/{prepay_id}/approve", **origin).status == 409
    time.sleep(0.2)
    assert len(shop.told) == 1


def test_a_payer_who_leaves_can_come_back(counterparties: Counterparties, shop: Shop) -> None:
    prepay_id = announce(counterparties)
    assert counterparties.ask("POST", f"/pay/{prepay_id}/decline").status == 303
    trade = wechatpay.query(NUMBER, under=UNDER)
    assert trade is not None
    assert trade.state == "NOTPAY"
    assert shop.told == []
    approve(counterparties)
    assert len(shop.wait_for(1)) == 1


def test_a_payment_past_its_time_cannot_be_approved(
    counterparties: Counterparties, monkeypatch: pytest.MonkeyPatch
) -> None:
    announce(counterparties)
    later = time.time() + 3600
    monkeypatch.setattr("infra.local.counterparties.cashier.time.time", lambda: later)
    assert counterparties.ask("POST", "/_control/wechatpay/approve", {"number": NUMBER}).status == 409


def test_a_notification_is_repeated_until_it_is_taken(counterparties: Counterparties, shop: Shop) -> None:
    shop.failing = 2
    announce(counterparties)
    approve(counterparties)
    assert len(shop.wait_for(1)) == 1
    time.sleep(0.1)
    (delivery,) = counterparties.control("GET", "/state")["deliveries"]
    assert delivery["statuses"] == [500, 500, 204]
    assert delivery["due_s"] is None


def test_a_notification_nobody_takes_is_given_up(counterparties: Counterparties, shop: Shop) -> None:
    shop.failing = 100
    announce(counterparties)
    approve(counterparties)
    time.sleep(0.6)
    (delivery,) = counterparties.control("GET", "/state")["deliveries"]
    assert (delivery["statuses"], delivery["due_s"]) == ([500, 500, 500, 500], None)


def test_a_refund_is_notified_when_it_is_through(counterparties: Counterparties, shop: Shop) -> None:
    announce(counterparties)
    approve(counterparties, notify=False)
    wechatpay.refund(out_refund_no="rfd_1", out_trade_no=NUMBER, refund_fen=900, total_fen=12_900, under=UNDER)
    (told,) = shop.wait_for(1)
    assert isinstance(told, Notification)
    assert (told.kind, told.out_refund_no, told.refund_fen, told.state) == ("refund", "rfd_1", 900, "SUCCESS")


def test_a_late_approval_notice_comes_late(counterparties: Counterparties, shop: Shop) -> None:
    announce(counterparties)
    approve(counterparties, after_s=0.3)
    time.sleep(0.15)
    assert shop.told == []
    assert len(shop.wait_for(1)) == 1


@pytest.mark.parametrize(("repeat", "nonces", "events"), [("bytes", 1, 1), ("event", 10, 1), ("other", 10, 10)])
def test_duplicates_come_as_asked_for(
    counterparties: Counterparties, shop: Shop, repeat: str, nonces: int, events: int
) -> None:
    announce(counterparties)
    approve(counterparties, notify=False)
    sent = counterparties.control("POST", "/wechatpay/notify", {"number": NUMBER, "times": 10, "repeat": repeat})
    assert sent["statuses"] == [204] * 10
    told = [one for one in shop.told if isinstance(one, Notification)]
    assert (len({one.nonce for one in told}), len({one.notification_id for one in told})) == (nonces, events)


def test_spoilt_notifications_are_sent_and_refused(counterparties: Counterparties, shop: Shop) -> None:
    announce(counterparties)
    approve(counterparties, notify=False)
    for spoilt in ({"forged": True}, {"flipped": True}, {"serial": "AB"}, {"offset_s": -900}):
        sent = counterparties.control("POST", "/wechatpay/notify", {"number": NUMBER, "tamper": spoilt})
        assert sent["statuses"] == [401]
    honest_lie = {"number": NUMBER, "tamper": {"content": {"amount": 1, "mchid": "1900000001"}}}
    assert counterparties.control("POST", "/wechatpay/notify", honest_lie)["statuses"] == [204]
    told = shop.told[-1]
    assert isinstance(told, Notification)
    assert (told.amount_fen, told.mchid) == (1, "1900000001")


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"}],
    ids=["rebound", "other-site", "opaque"],
)
@pytest.mark.parametrize("path", ["/", "/_control/state", "/pay/x/approve", "/_control/reset"])
def test_other_sites_in_the_same_browser_get_nothing(
    counterparties: Counterparties, headers: dict[str, str], path: str
) -> None:
    for method in ("GET", "POST"):
        assert counterparties.ask(method, path, **headers).status == 403


def test_a_wish_that_makes_no_sense_is_refused(counterparties: Counterparties) -> None:
    for method, path, body in (
        ("POST", "/faults", {"operation": "x", "mode": "made up"}),
        ("POST", "/faults", {"operation": "x", "mode": "lost", "typo": 1}),
        ("POST", "/wechatpay/approve", {}),
    ):
        assert counterparties.ask(method, f"/_control{path}", body).status == 400
    assert counterparties.ask("POST", "/_control/nothing").status == 404
    assert counterparties.ask("GET", "/nothing").status == 404


def test_a_restart_forgets_nothing_and_a_reset_everything(tmp_path: Path) -> None:
    first = Process(tmp_path)
    code = first.ask("POST", "/_control/wechat/codes", b'{"payer":"anna"}')
    settings = ensure(tmp_path, base_url=first.url, notify_url="http://127.0.0.1:9/")
    first.stop()
    second = Process(tmp_path)
    try:
        again = ensure(tmp_path, base_url=second.url, notify_url="http://127.0.0.1:9/")
        assert again["WECHATPAY_PRIVATE_KEY"] == settings["WECHATPAY_PRIVATE_KEY"]
        query = f"appid={again['WECHAT_APP_ID']}&secret={again['WECHAT_APP_SECRET']}&js_code={code['code']}"
        assert second.ask("GET", f"/wechat/sns/jscode2session?{query}")["openid"] == code["openid"]
        second.ask("POST", "/_control/reset")
        assert second.ask("GET", "/_control/state")["payers"] == {}
    finally:
        second.stop()
    assert (tmp_path / "secrets.json").stat().st_mode & 0o077 == 0


class Process:
    """The counterparties as `python -m` runs them."""

    def __init__(self, directory: Path) -> None:
        command = [sys.executable, "-m", "infra.local.counterparties", "--port", "0", "--dir", str(directory)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip().removeprefix("counterparties: ").rstrip("/")

    def ask(self, method: str, path: str, body: bytes | None = None):
        answer = urllib3.request(method, self.url + path, body=body)
        return answer.json() if answer.data else None

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(10) == 0
        assert self._process.stdout is not None
        self._process.stdout.close()
