"""Counterparties for tests: served in this process on a free port, with the product's settings pointing at them."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import urllib3

from chalicelib.foundation.gateways import apple, transport, wechat_phone
from chalicelib.foundation.gateways.disclosure import Disclosure
from chalicelib.foundation.kernel.config import reset_config
from infra.local.counterparties.secrets import load
from infra.local.counterparties.server import Running

RETRY_S = (0.05, 0.05, 0.05)


class Counterparties:
    """Running counterparties and their control API."""

    def __init__(self, running: Running) -> None:
        self.base_url = running.base_url
        self.settings = running.settings
        self.world = running.world
        self._pool = urllib3.PoolManager(retries=False)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> urllib3.BaseHTTPResponse:
        """Call any path, as a browser or a test would."""
        data = None if body is None else json.dumps(body)
        return self._pool.request(method, self.base_url + path, body=data, headers=headers, redirect=False)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control API, and expect it to agree."""
        answer = self.ask(method, f"/_control{path}", body)
        assert answer.status in {200, 204}, answer.data
        return answer.json() if answer.status == 200 else None

    def plan(self, operation: str, mode: str, times: int = 1, seconds: float = 0.0) -> None:
        """Have the next calls of an operation fail."""
        self.control("POST", "/faults", {"operation": operation, "mode": mode, "times": times, "seconds": seconds})

    def sms(self, mobile: str) -> str | None:
        """Give the newest code that arrived at a number."""
        answer = self.ask("GET", f"/_control/sms?mobile={mobile.replace('+', '%2B')}")
        return answer.json()["code"] if answer.status == 200 else None

    def mail(self, to: str) -> str | None:
        """Give the newest code that arrived at an e-mail address."""
        answer = self.ask("GET", f"/_control/mail?to={quote(to)}")
        return answer.json()["code"] if answer.status == 200 else None

    def login_code(self, payer: str = "payer") -> str:
        """Log a payer in on their phone."""
        return str(self.control("POST", "/wechat/codes", {"payer": payer})["code"])

    def phone_code(self, mobile: str) -> str:
        """Tap the number button on a phone whose WeChat verified this number."""
        return str(self.control("POST", "/wechat/phone_codes", {"mobile": mobile})["code"])

    def apple_code(self, nonce: str, person: str = "payer") -> str:
        """Agree to Sign in with Apple on a phone, as the app asks for it."""
        hashed = hashlib.sha256(nonce.encode()).hexdigest()
        return str(self.control("POST", "/apple/codes", {"nonce": hashed, "person": person})["code"])

    def openid(self, payer: str = "payer") -> str:
        """Tell who a payer is within the mini-program."""
        return str(self.control("POST", "/wechat/codes", {"payer": payer})["openid"])

    def close(self) -> None:
        """Let go of connections."""
        self._pool.clear()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> float:
    """Have the product wait a quarter of a second for an answer; give the seconds that are too long then."""
    monkeypatch.setattr(transport, "READ_S", 0.25)
    return 0.5


def disclosed(recipient: str, *items: str, purpose: str = "account.service") -> Disclosure:
    """Stand in for what `disclose` would have allowed."""
    return Disclosure(recipient, items, purpose, datetime.now(UTC))


@pytest.fixture(scope="session")
def provider_secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the accounts and keys of both sides once."""
    folder = tmp_path_factory.mktemp("provider-secrets")
    load(folder)
    return folder


@pytest.fixture(scope="session")
def serving(provider_secrets: Path) -> Iterator[Counterparties]:
    """Serve one set of counterparties for the whole run."""
    running = Running(provider_secrets, retry_s=RETRY_S, settle_s=0.05)
    served = Counterparties(running)
    yield served
    served.close()
    running.stop()


@pytest.fixture
def counterparties(serving: Counterparties, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counterparties]:
    """Give counterparties that remember nothing, and point the product at them."""
    serving.world.clear()
    wechat_phone.forget_tokens()
    apple.forget_keys()
    for name, value in serving.settings.items():
        monkeypatch.setenv(name, value)
    reset_config()
    yield serving
    serving.world.clear()
    reset_config()
