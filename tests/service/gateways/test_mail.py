"""E-mail over the real protocol, under TLS: adapter and counterparty check each other."""

import contextlib
import socket
import threading
from base64 import b64encode

import pytest

from chalicelib.foundation.gateways import mail
from chalicelib.foundation.gateways.errors import (
    DisclosureRefused,
    MailUndeliverable,
    ProviderRefused,
    ProviderUnavailable,
)
from chalicelib.foundation.kernel.config import reset_config
from infra.local.counterparties.certificates import certificate
from tests.support.counterparties import Counterparties, disclosed

TO = "someone@example.com"
UNDER = disclosed("mail", "profile.email", "account.code", purpose="account.email")


def send(to: str = TO, code: str = "482913", language: str = "zh-CN") -> None:
    mail.send_code(to, code, 10, language=language, under=UNDER)


def arrived(counterparties: Counterparties) -> list[dict[str, str]]:
    return list(counterparties.control("GET", "/state")["mail"])


@pytest.mark.promise("B2.6")
@pytest.mark.parametrize(("language", "word"), [("zh-CN", "验证码"), ("en", "code")])
def test_a_code_arrives_at_the_address_it_was_sent_to(counterparties: Counterparties, language: str, word: str):
    send(language=language)
    (one,) = arrived(counterparties)
    assert (one["to"], one["sender"], one["code"]) == (TO, "notice@mail.jule.example", "482913")
    assert word in one["subject"] + one["text"]
    assert counterparties.mail("other@example.com") is None


@pytest.mark.promise("I2.2")
@pytest.mark.parametrize(
    "under", [disclosed("mail", "profile.email"), disclosed("sms", "profile.email", "account.code"), disclosed("mail")]
)
def test_nothing_leaves_without_its_disclosure(counterparties: Counterparties, under):
    with pytest.raises(DisclosureRefused):
        mail.send_code(TO, "482913", 10, language="en", under=under)
    assert arrived(counterparties) == []


@pytest.mark.parametrize("to", ["a@b.cn\r\nBcc: c@d.cn", "a@b.cn\nSubject: x"])
def test_a_line_break_in_an_address_is_never_sent(counterparties: Counterparties, to: str):
    with pytest.raises(ValueError, match=r"linefeed|newline|characters"):
        send(to)
    assert arrived(counterparties) == []


@pytest.mark.parametrize(("name", "value"), [("MAIL_PASSWORD", "another"), ("MAIL_FROM", "other@mail.jule.example")])
def test_wrong_credentials_are_refused(counterparties: Counterparties, monkeypatch, name: str, value: str):
    monkeypatch.setenv(name, value)
    reset_config()
    with pytest.raises(ProviderRefused):
        send()
    assert arrived(counterparties) == []


@pytest.mark.promise("K4.1")
def test_a_service_that_we_do_not_trust_is_told_nothing(counterparties: Counterparties, monkeypatch):
    for trusted in ("", b64encode(certificate("127.0.0.2")[1]).decode()):
        monkeypatch.setenv("MAIL_CA", trusted)
        reset_config()
        with pytest.raises(ProviderRefused):
            send()
    assert arrived(counterparties) == []


def test_an_address_where_nobody_is_is_said_so(counterparties: Counterparties):
    with pytest.raises(MailUndeliverable):
        send("someone@refused.example")
    assert arrived(counterparties) == []


@pytest.mark.parametrize("mode", ["error", "throttle", "limited"])
def test_a_busy_service_is_unavailable_and_has_sent_nothing(counterparties: Counterparties, mode: str):
    counterparties.plan("mail.Send", mode)
    with pytest.raises(ProviderUnavailable):
        send()
    assert arrived(counterparties) == []
    send()
    assert counterparties.mail(TO) == "482913"


def test_a_lost_answer_is_not_sent_again(counterparties: Counterparties):
    counterparties.plan("mail.Send", "lost")
    with pytest.raises(ProviderUnavailable):
        send()
    assert len(arrived(counterparties)) == 1


def test_a_slow_service_is_given_up_on(counterparties: Counterparties, monkeypatch):
    monkeypatch.setattr(mail, "WAIT_S", 0.25)
    counterparties.plan("mail.Send", "slow", seconds=0.6)
    with pytest.raises(ProviderUnavailable):
        send()


def test_nonsense_is_refused(counterparties: Counterparties):
    counterparties.plan("mail.Send", "garbage")
    with pytest.raises((ProviderRefused, ProviderUnavailable)):
        send()


@pytest.mark.parametrize("said", [b"", b"x" * 20_000, b"220 hello\r\n250 no tls here\r\n", b"554 go away\r\n"])
def test_whatever_a_stranger_says_ends_in_a_refusal_and_no_credentials(monkeypatch, said: bytes):
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.2", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with connection, contextlib.suppress(OSError):  # whoever has heard enough hangs up
                connection.settimeout(1)
                connection.sendall(said)
                connection.shutdown(socket.SHUT_WR)
                while piece := connection.recv(4096):
                    heard.append(piece)

        stranger = threading.Thread(target=answer)
        stranger.start()
        monkeypatch.setenv("MAIL_SERVER", f"smtp://127.0.0.2:{listening.getsockname()[1]}")
        reset_config()
        with pytest.raises((ProviderRefused, ProviderUnavailable)):
            send()
        stranger.join()
    reset_config()
    assert b"AUTH" not in b"".join(heard)
    assert TO.encode() not in b"".join(heard)


def test_nobody_there_is_unavailable(monkeypatch):
    monkeypatch.setenv("MAIL_SERVER", "smtp://127.0.0.2:9")
    reset_config()
    with pytest.raises(ProviderUnavailable):
        send()
    reset_config()
