"""Which client is calling (`X-Client: app/2.3.1`), and whether it is recent enough."""

import re
from collections.abc import Iterable

from ..kernel.call import Channel
from ..kernel.config import config
from ..kernel.errors import Failure, Kind

_PARTS = 3
_CLIENT = re.compile(r"(app|web|wxmp)/(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?")


class ClientTooOld(Failure):
    """The client is below the minimum version."""

    code = "client.too_old"
    kind = Kind.UPGRADE
    title_zh = "当前版本过低，请升级后使用"
    title_en = "This version is no longer supported; please upgrade"


def channel_of(header: str) -> Channel:
    """Tell the channel; a caller that does not say is taken for the website."""
    match = _CLIENT.fullmatch(header)
    found: dict[str, Channel] = {"app": "app", "web": "web", "wxmp": "wxmp"}
    return found[match[1]] if match else "web"


def refuse_old_client(header: str) -> None:
    """Stop clients below `CLIENT_MINIMUM` (such as `app/1.4,wxmp/1.2`).

    Raises:
        ClientTooOld: below it.
    """
    match = _CLIENT.fullmatch(header)
    if match is None:
        return
    for rule in config().setting("CLIENT_MINIMUM", "").split(","):
        name, _, version = rule.strip().partition("/")
        if name == match[1] and _numbers(match.groups()[1:]) < _numbers(version.split(".")):
            raise ClientTooOld


def _numbers(parts: Iterable[str | None]) -> list[int]:
    numbers = [int(part or 0) for part in parts]
    return numbers + [0] * (_PARTS - len(numbers))
