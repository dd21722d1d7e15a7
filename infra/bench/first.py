"""A function's first answer, in a process of its own: `python first.py CODE LAYER EVENT [DOMAIN]`.

Imports nothing of ours but what the package holds. With a domain, the app knows of no other; what that takes is
done without one too, so that the two differ in nothing else.
"""

import json
import sys
from pathlib import Path
from typing import Any


def main(code: str, layer: str, asked: str, *domain: str) -> None:
    """Import the app from an unpacked package, answer one request, and insist that it was answered."""
    sys.path[:0] = [code, layer]
    _know_only(*domain)
    from app import app

    answer = app(json.loads(Path(asked).read_text()), None)
    if answer["statusCode"] >= 400:  # noqa: PLR2004 - any refusal
        raise SystemExit(answer["body"])


def _know_only(domain: str = "") -> None:
    from chalicelib.foundation.web.shell import Jule

    begin = Jule.__init__

    def narrow(self: Any, routes: dict[str, str], *, lazy: bool) -> None:  # noqa: ANN401
        begin(
            self, {prefix: name for prefix, name in routes.items() if domain in {"", name.partition(".")[0]}}, lazy=lazy
        )

    Jule.__init__ = narrow  # type: ignore[method-assign]


if __name__ == "__main__":
    main(*sys.argv[1:])
