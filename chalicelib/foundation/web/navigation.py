"""What a browser itself says of a request (Fetch Metadata): people open the pages that they answer, and no script does.

No script can set these headers. Web views that don't know them send none, and pass: what they lead to is guarded by
its one-time secret anyway.
"""

from collections.abc import Mapping
from typing import Final

from ..kernel.errors import Failure, Kind

_ALONE: Final = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


class NotNavigated(Failure):
    """A page that a person answers was asked for by a script or a frame, or its form came from elsewhere."""

    code = "page.not_navigated"
    kind = Kind.FORBIDDEN
    title_zh = "请直接打开这个页面"
    title_en = "Open this page itself"


def refuse_unless_navigated(method: str, headers: Mapping[str, str]) -> None:
    """Stop what a browser sends for a script or a frame, or before anybody asked for it; a form is our own page's.

    Raises:
        NotNavigated: the browser says so.
    """
    alone = all(headers.get(name, wanted) == wanted for name, wanted in _ALONE.items())
    ours = method == "GET" or headers.get("sec-fetch-site", "same-origin") == "same-origin"
    if not (alone and ours) or "sec-purpose" in headers:
        raise NotNavigated
