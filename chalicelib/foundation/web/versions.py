"""Which client is calling (`X-Client: app/2.3.1`), whether it is recent enough, and on which device.

`X-Device: %E5%B0%8F%E7%B1%B3%2014` is percent-encoded UTF-8, since a header carries nothing but ASCII.
"""

import re
from collections.abc import Iterable
from urllib.parse import unquote

from ..kernel.call import Channel
from ..kernel.config import config
from ..kernel.errors import Failure, FieldError, Kind

CLIENT = r"(app|web|wxmp)/([0-9]{1,4})\.([0-9]{1,4})(?:\.([0-9]{1,4}))?"
DEVICE = "(?:[ -$&-~]|%[0-9A-Fa-f]{2}){1,600}"
MOST_CHARACTERS = 64
_PARTS = 3
_CLIENT, _DEVICE = re.compile(CLIENT), re.compile(DEVICE)


class ClientTooOld(Failure):
    """The client is below the minimum version."""

    code = "client.too_old"
    kind = Kind.UPGRADE
    title_zh = "当前版本过低，请升级后使用"
    title_en = "This version is no longer supported; please upgrade"


class ClientUnnamed(Failure):
    """What goes on record with channel and device came without them, or with some that can't be read."""

    code = "client.unnamed"
    kind = Kind.INVALID
    title_zh = "请求头 X-Client、X-Device 缺失或格式不正确"
    title_en = "The headers X-Client and X-Device are required, well formed"


def channel_of(header: str) -> Channel:
    """Tell the channel; a caller that does not say is taken for the website."""
    match = _CLIENT.fullmatch(header)
    found: dict[str, Channel] = {"app": "app", "web": "web", "wxmp": "wxmp"}
    return found[match[1]] if match else "web"


def device_of(header: str) -> str:
    """Read the name of a device; empty when there is none that can be read."""
    if not _DEVICE.fullmatch(header):
        return ""
    try:
        name = unquote(header, errors="strict").strip()
    except UnicodeDecodeError:
        return ""
    return name if len(name) <= MOST_CHARACTERS and name.isprintable() else ""


def refuse_unnamed(client: str, device: str) -> None:
    """Stop what would go on record without a channel or a device.

    Keeps: A3.3

    Raises:
        ClientUnnamed: says which header is missing or malformed.
    """
    wrong = [
        FieldError(f"/headers/{name}", "format" if header else "required")
        for name, header, good in (
            ("X-Client", client, _CLIENT.fullmatch(client)),
            ("X-Device", device, device_of(device)),
        )
        if not good
    ]
    if wrong:
        raise ClientUnnamed(tuple(wrong))


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
