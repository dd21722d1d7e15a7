"""The shared botocore clients, for the rooms of this package: no boto3, one session per process."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ..vault.clients import client
from .errors import ObjectMissing, ProviderRefused, ProviderUnavailable
from .transport import report

__all__ = ["client", "faults"]

_MISSING: Final = frozenset({"NoSuchKey", "NoSuchUpload", "NotFound", "404"})
_BUSY: Final = frozenset({"SlowDown", "RequestTimeout", "InternalError", "ServiceUnavailable", "Throttling"})


@contextmanager
def faults(service: str, operation: str) -> Iterator[None]:
    """Turn what botocore raises inside into failures of ours.

    Raises:
        ObjectMissing: there is no such object or upload.
        ProviderUnavailable: no answer, or busy, after botocore's own tries.
        ProviderRefused: any other refusal.
    """
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

    try:
        yield
    except ClientError as fault:
        code = str(fault.response.get("Error", {}).get("Code", ""))
        if code in _MISSING:
            raise ObjectMissing from None
        report(service, operation, code)
        raise (ProviderUnavailable if code in _BUSY else ProviderRefused) from None
    except (BotoCoreError, HTTPClientError) as fault:
        report(service, operation, type(fault).__name__)
        raise ProviderUnavailable from None
