"""Whatever a provider answers, the outcome is a checked value or a failure of ours."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.foundation.gateways import objects, sms, tencent, wechat, wechatpay, wechatpay_sdk
from chalicelib.foundation.gateways.errors import ObjectMissing, ProviderRefused, ProviderUnavailable
from chalicelib.foundation.gateways.transport import Answer
from chalicelib.foundation.kernel.config import reset_config
from chalicelib.foundation.kernel.errors import Failure
from infra.local.counterparties.seals import Seals
from infra.local.counterparties.secrets import ensure, load
from infra.local.counterparties.wire import Reply
from tests.support.counterparties import disclosed

CODE = disclosed("sms", "account.mobile", "account.code")
LOGIN = disclosed("wechat", "order.login_code")
PAY = disclosed("wechatpay", "order.number", "order.refund", "order.amount", "order.payment")
NUMBER = "ord_k3v9q2mzx8t7r6w5y4a1b2c3d4"
TRADE = {"mchid": "19", "appid": "wx", "out_trade_no": NUMBER, "trade_state": "NOTPAY"}
REFUND = {
    "refund_id": "50",
    "out_refund_no": "rfd_1",
    "out_trade_no": NUMBER,
    "transaction_id": "42",
    "status": "SUCCESS",
    "amount": {"refund": 1, "total": 2},
}
Answering = Callable[[int, bytes], None]


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch, provider_secrets: Path) -> Iterator[Answering]:
    """Have every provider answer the same, signed where it is WeChat Pay."""
    settings = ensure(provider_secrets, base_url="http://127.0.0.1:9", notify_url="http://127.0.0.1:9/")
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    reset_config()
    seals = Seals(load(provider_secrets))

    def answer(status: int, content: bytes) -> None:
        marks = seals.sealed(Reply(status, content)).headers
        made = Answer(status, {name.lower(): value for name, value in marks.items()}, content)
        for room in (tencent, wechat, wechatpay_sdk):
            monkeypatch.setattr(room, "exchange", lambda _: made)

    yield answer
    reset_config()


def send_code() -> None:
    sms.send_code("+8613800138000", "482913", 5, under=CODE)


def exchange_code() -> wechat.Payer:
    return wechat.code_to_session("code", under=LOGIN)


def query() -> wechatpay.Payment | None:
    return wechatpay.query(NUMBER, under=PAY)


def query_refund() -> wechatpay.Refund | None:
    return wechatpay.query_refund("rfd_1", under=PAY)


def close() -> wechatpay.Closing:
    return wechatpay.close(NUMBER, under=PAY)


ASKS = (send_code, exchange_code, query, query_refund, close)


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize(
    ("status", "content"),
    [
        (404, b'{"code":"WHATEVER"}'),
        (200, b""),
        (200, b"{}"),
        (200, b"[]"),
        (200, b"<html>"),
        (200, b"\xff"),
        (200, b"[" * 50_000),
        (400, b'{"code":1}'),
        (201, b"{}"),
    ],
)
def test_an_answer_of_no_known_shape_is_refused(
    answering: Answering, ask: Callable[[], object], status: int, content: bytes
) -> None:
    answering(status, content)
    with pytest.raises(ProviderRefused):
        ask()


@given(
    content=st.binary(max_size=200)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(msgspec.json.encode)
)
def test_no_bytes_make_a_gateway_stumble(answering: Answering, content: bytes) -> None:
    answering(200, content)
    for ask in ASKS:
        with pytest.raises(Failure):
            ask()


@pytest.mark.parametrize(
    "answer",
    [
        {"openid": "short"},
        {"openid": "o" * 65},
        {"openid": "o/../../x-y-z"},
        {"unionid": "u" * 28},
        {"openid": "o" * 28, "errcode": "0"},
        {"openid": "o" * 28, "errcode": 48001},
    ],
)
def test_wechat_must_name_a_payer(answering: Answering, answer: dict[str, Any]) -> None:
    answering(200, msgspec.json.encode(answer))
    with pytest.raises(ProviderRefused):
        exchange_code()


@pytest.mark.parametrize(
    "statuses", [[], [{"Code": "Ok"}, {"Code": "Ok"}], [{"Code": None}], [{"Code": "FailedOperation.Other"}]]
)
def test_one_message_has_one_status(answering: Answering, statuses: list[Any]) -> None:
    answering(200, msgspec.json.encode({"Response": {"SendStatusSet": statuses, "RequestId": "r"}}))
    with pytest.raises(ProviderRefused):
        send_code()


@pytest.mark.promise("D8.1")
@pytest.mark.parametrize(
    "other",
    [{"out_trade_no": "ord_another"}, {"trade_state": "PAID"}, {"amount": {"total": -1}}, {"amount": {"total": "1"}}],
)
def test_an_answer_about_another_payment_or_in_other_types_is_refused(
    answering: Answering, other: dict[str, Any]
) -> None:
    answering(200, msgspec.json.encode(TRADE))
    told = query()
    assert told is not None
    assert (told.state, told.amount_fen) == ("NOTPAY", None)
    answering(200, msgspec.json.encode({**TRADE, **other}))
    with pytest.raises(ProviderRefused):
        query()


@pytest.mark.parametrize("other", [{"out_refund_no": "rfd_2"}, {"status": "DONE"}, {"amount": {"refund": 1}}])
def test_an_answer_about_another_refund_or_in_other_types_is_refused(
    answering: Answering, other: dict[str, Any]
) -> None:
    answering(200, msgspec.json.encode(REFUND))
    told = query_refund()
    assert told is not None
    assert (told.state, told.refund_fen) == ("SUCCESS", 1)
    answering(200, msgspec.json.encode({**REFUND, **other}))
    with pytest.raises(ProviderRefused):
        query_refund()


class Store:
    """A store that keeps an object it was asked to delete, and loses an upload."""

    def list_multipart_uploads(self, **_: Any) -> dict[str, Any]:
        return {}

    def list_object_versions(self, **asked: Any) -> dict[str, Any]:
        return {"Versions": [{"Key": asked["Prefix"], "VersionId": "1"}]}

    def delete_objects(self, **_: Any) -> dict[str, Any]:
        return {"Errors": [{"Code": "AccessDenied", "Key": "k"}]}

    def create_multipart_upload(self, **_: Any) -> dict[str, Any]:
        return {"UploadId": "u"}

    def upload_part(self, **_: Any) -> dict[str, Any]:
        raise KeyboardInterrupt

    def abort_multipart_upload(self, **_: Any) -> dict[str, Any]:
        raise ObjectMissing


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("BUCKET_MEDIA", "media")
    reset_config()
    monkeypatch.setattr(objects, "client", lambda _: Store())
    yield
    reset_config()


@pytest.mark.promise("J3.2")
def test_an_object_that_the_store_kept_does_not_count_as_gone(store: None) -> None:
    with pytest.raises(ProviderUnavailable):
        objects.delete_all_versions("media", "k")


def test_what_broke_an_upload_is_not_hidden_by_an_abort_that_failed(
    store: None, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(KeyboardInterrupt):
        objects.stream_put("media", "k", [b"x" * objects.PART_BYTES], content_type="text/plain")
    assert '"operation":"AbortMultipartUpload","kind":"object.missing"' in capsys.readouterr().out
