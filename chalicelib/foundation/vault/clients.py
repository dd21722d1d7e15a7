"""The one botocore session of this process, and one client per service."""

import threading
from functools import cache
from typing import TYPE_CHECKING, Any

from ..kernel.config import config

if TYPE_CHECKING:
    from botocore.session import Session

CONNECT_S = 1.0
READ_S = 3.0
ATTEMPTS = 3
USER_AGENT = "jule"
"""Botocore would else describe this machine anew for each call, which costs a tenth of it."""
POOL = 64

_LOCK = threading.Lock()


@cache
def session() -> "Session":
    """Make the session; credentials come from the environment of the function."""
    from botocore.session import get_session

    return get_session()


_CLIENTS: dict[str, Any] = {}


def client(service: str) -> Any:  # noqa: ANN401 - botocore makes its client classes at run time
    """Give the process its client of a service (`dynamodb`, `kms`, `s3`, `sqs`).

    Time-outs are 1 s to connect and 3 s to read, three attempts in all, so that a hung endpoint
    ends long before the gateway gives up.
    """
    made = _CLIENTS.get(service)
    if made is None:
        with _LOCK:
            made = _CLIENTS.get(service) or _CLIENTS.setdefault(service, _make(service))
    return made


def reset_clients() -> None:
    """Forget every client, after a test changed the environment."""
    _CLIENTS.clear()
    session.cache_clear()


def _make(service: str) -> Any:  # noqa: ANN401
    from botocore.config import Config

    from .tracing import recorder

    recorder()

    local = bool(config().setting("AWS_ENDPOINT_URL", ""))
    return session().create_client(
        service,
        region_name=config().setting("AWS_REGION", config().setting("AWS_DEFAULT_REGION", "cn-north-1")),
        config=Config(
            connect_timeout=CONNECT_S,
            read_timeout=READ_S,
            max_pool_connections=POOL,
            parameter_validation=False,
            user_agent=USER_AGENT,
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
            s3={"addressing_style": "path" if local else "virtual"},
            signature_version="s3v4" if service == "s3" else None,
        ),
    )
