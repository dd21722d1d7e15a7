"""Traces by aws-xray-sdk: off, and then free of cost, unless `TRACING=xray` (Lambda in China has none).

Selective: every call of AWS, by the SDK's own patch, and every call of a provider, by name. What lies between is ours.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from ..kernel.config import config


@cache
def recorder() -> Any:  # noqa: ANN401 - the SDK is untyped
    """Give the X-Ray recorder with botocore patched, or None when tracing is off."""
    if config().setting("TRACING", "off") != "xray":
        return None
    from aws_xray_sdk.core import patch, xray_recorder
    from aws_xray_sdk.core.models.entity import Entity

    Entity.add_exception = _mark_failed
    patch(("botocore",), raise_errors=False)
    return xray_recorder


def _mark_failed(entity: Any, *_: Any, **__: Any) -> None:  # noqa: ANN401
    """Note that it failed: what an exception says may hold values, and a trace must not."""
    entity.add_fault_flag()


@contextmanager
def span(name: str) -> Iterator[None]:
    """Trace one named part; costs one function call when tracing is off. Names only, no values."""
    to = recorder()
    if to is None:
        yield
        return
    with to.in_subsegment(name):
        yield
