"""Unused code of the product and its tools, by vulture, less what is used from outside Python.

What only a test uses counts as dead. Fields of classes don't: they are read by msgspec, PynamoDB or a client.
"""

import ast
import sys
from functools import lru_cache
from pathlib import Path

import vulture

from .tree import ROOT, files

CONFIDENCE = 60
ENTRANCES = ["@api.*", "@*.get", "@*.post", "@*.put", "@*.delete", "@*job*", "@app.*", "@*.middleware"]
CALLED_FROM_OUTSIDE = [
    "*Contract",  # import-linter finds and calls contracts
    "check",
    "render_broken_contract",
    "type_name",
    "do_*",  # http.server calls handlers
    "log_message",
    "reset_*",  # tests empty caches of a process
    "forget*",
    "serialize",  # PynamoDB calls attributes and connections
    "deserialize",
    "_get_connection",
    "send_request",  # the SDK of Tencent Cloud calls its transport
    "flush",  # zipfile calls what it writes to
    "provision",  # tests furnish their cloud
    "needed",  # tests hold every call against its policy with it
    "items_of",  # the register's own tests ask it
    "retentions",
    "current_policy",
    "IO",  # named in quoted types only
    "BaseHTTPResponse",
    "redirect_request",  # urllib calls it
]


def unused(root: Path = ROOT) -> list[str]:
    """Name what nothing uses, one line each."""
    scout = vulture.Vulture(ignore_names=CALLED_FROM_OUTSIDE, ignore_decorators=ENTRANCES)
    scout.scavenge([file for file in files(root, within=("app.py", "chalicelib", "infra")) if file.suffix == ".py"])
    found = [one for one in scout.get_unused_code(min_confidence=CONFIDENCE) if not _is_field(one)]
    return [f"{one.filename.relative_to(root)}:{one.first_lineno}: {one.message}" for one in found]


def _is_field(one: vulture.core.Item) -> bool:
    """Say whether it is a field of a class, or an attribute set on somebody else's object."""
    return one.typ == "attribute" or (one.typ == "variable" and one.first_lineno in _field_lines(one.filename))


@lru_cache(maxsize=1)
def _field_lines(file: Path) -> frozenset[int]:
    tree = ast.parse(file.read_text())
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    return frozenset(s.lineno for one in classes for s in one.body if isinstance(s, ast.Assign | ast.AnnAssign))


def main() -> int:
    """Run as `python -m infra.dead`."""
    found = unused()
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
