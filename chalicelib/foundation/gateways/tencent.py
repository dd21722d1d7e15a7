"""Tencent Cloud API 3.0 through the official SDK: it signs, our transport carries, msgspec checks the answer."""

import logging
from collections.abc import Callable, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final, TypeVar

import msgspec

from ..kernel.config import config
from ..kernel.errors import Failure
from .errors import ProviderRefused, ProviderUnavailable
from .transport import Exchange, checked, exchange, report

_T = TypeVar("_T")
_CAP_BYTES: Final = 256 * 1024
_BUSY: Final = ("RequestLimitExceeded", "InternalError", "ResourceUnavailable", "ResourceInsufficient")


class Action(msgspec.Struct, frozen=True):
    """One action of one service.

    `endpoint` is the setting that says where: an address in which `{service}` is filled in, such as
    `https://{service}.tencentcloudapi.com`, or a host to be reached by `SMS_SCHEME`.
    """

    service: str
    name: str
    endpoint: str
    repeatable: bool


class _Fault(msgspec.Struct):
    code: str = msgspec.field(name="Code")


class _Envelope(msgspec.Struct):
    response: msgspec.Raw = msgspec.field(name="Response")


class _MaybeFault(msgspec.Struct):
    error: _Fault | None = msgspec.field(name="Error", default=None)


class _Reply(msgspec.Struct, frozen=True):
    """What the SDK looks at after a call; it finds no fault, since `_Wire` has judged the answer already."""

    content: bytes
    status_code: int = 200
    headers: Mapping[str, str] = {}


class _Wire:
    """Stands where the SDK has its own connection, which follows redirects, reads without end and trusts proxies.

    Its `StandardRetryer` is not used either: it keeps the first error and raises it after a try that succeeded.
    """

    def __init__(self, scheme: str, action: Action) -> None:
        self.scheme = scheme
        self.action = action

    def send_request(self, signed: Any) -> _Reply:  # noqa: ANN401 - the SDK has no types
        """Send what the SDK signed."""
        body = signed.data if isinstance(signed.data, bytes) else signed.data.encode()
        answer = exchange(
            Exchange(
                provider="tencent",
                operation=self.action.name,
                method="POST",
                url=f"{self.scheme}://{signed.host}/",
                headers=signed.header,
                body=body,
                repeatable=self.action.repeatable,
                cap_bytes=_CAP_BYTES,
            )
        )
        if answer.status != HTTPStatus.OK:
            report("tencent", self.action.name, f"status_{answer.status}")
            raise ProviderRefused
        return _Reply(answer.content)


def call(
    action: Action,
    params: Mapping[str, object],
    shape: type[_T],
    *,
    refusal: Callable[[str], type[Failure] | None] = lambda _code: None,
) -> _T:
    """Do one action and give its checked answer.

    Args:
        action: which.
        params: its parameters under Tencent's names.
        shape: what `Response` must look like.
        refusal: which failure an error code means, where it means one of the caller's own.

    Raises:
        ProviderUnavailable: no answer, or an error that says "later".
        ProviderRefused: any other error, or an answer of another shape.
    """
    secret = (config().setting("TENCENT_SECRET_ID"), config().setting("TENCENT_SECRET_KEY"))
    where = config().setting(action.endpoint).replace("{service}", action.service)
    scheme, _, host = where.rpartition("://")
    place = (scheme or config().setting("SMS_SCHEME", "https"), host, config().setting("SMS_REGION"))
    content: bytes = _client(action, secret, place).call(action.name, dict(params))
    told = {"provider": "tencent", "operation": action.name}
    response = checked(content, _Envelope, **told).response
    fault = checked(response, _MaybeFault, **told).error
    if fault is None:
        return checked(response, shape, **told)
    report("tencent", action.name, fault.code)
    if fault.code.startswith(_BUSY):
        raise ProviderUnavailable
    raise refusal(fault.code) or ProviderRefused


@lru_cache(maxsize=8)
def _client(action: Action, secret: tuple[str, str], place: tuple[str, str, str]) -> Any:  # noqa: ANN401
    from tencentcloud.common.credential import Credential
    from tencentcloud.common.profile.client_profile import ClientProfile
    from tencentcloud.common.profile.http_profile import HttpProfile

    # The SDK writes answers, and so numbers and texts, to its log.
    logging.getLogger("tencentcloud_sdk_common").setLevel(logging.CRITICAL)
    scheme, endpoint, region = place
    profile = ClientProfile(httpProfile=HttpProfile(protocol=scheme, endpoint=endpoint))
    client = _service(action.service)(Credential(*secret), region, profile)
    client.request = _Wire(scheme, action)
    return client


def _service(name: str) -> Any:  # noqa: ANN401
    if name == "sms":
        from tencentcloud.sms.v20210111.sms_client import SmsClient

        return SmsClient
    if name == "tms":
        from tencentcloud.tms.v20201229.tms_client import TmsClient

        return TmsClient
    if name == "faceid":
        return _faceid()
    from tencentcloud.ims.v20201229.ims_client import ImsClient

    return ImsClient


def _faceid() -> Any:  # noqa: ANN401
    """Make a client without the SDK's own, whose ten thousand lines of models nobody here needs."""
    from tencentcloud.common.abstract_client import AbstractClient

    version = {"_apiVersion": "2018-03-01", "_endpoint": "faceid.tencentcloudapi.com", "_service": "faceid"}
    return type("Faceid", (AbstractClient,), version)
