"""Put into a copy of the product's own package: imports what a function imports, and says where each module lies."""

import importlib
import pkgutil
import sys
from typing import Any

LATE = ("argon2", "cryptography", "phonenumbers", "pynamodb", "botocore.session")
"""What is imported where it is used, besides our own modules."""


def look(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Import the handler, every module of ours and what these import late; gives the file of every module."""
    importlib.import_module(event["module"])
    import chalicelib

    for found in pkgutil.walk_packages(chalicelib.__path__, "chalicelib."):
        importlib.import_module(found.name)
    for name in (*LATE, *event.get("also", ())):
        importlib.import_module(name)
    files = {name: getattr(module, "__file__", None) for name, module in list(sys.modules.items())}
    return {"files": {name: file for name, file in files.items() if file}, "path": sys.path, "stdlib": sys.base_prefix}
