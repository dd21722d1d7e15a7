"""Write `docs/openapi.json` from the routes, or fail where it is stale (`--check`)."""

import os
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "docs" / "openapi.json"


def generated() -> str:
    """Describe the whole app as it is now."""
    os.environ.setdefault("JULE_STAGE", "docs")
    import app
    from chalicelib.foundation.web.health import openapi_text

    app.app.load(app.ROUTES.values())
    return openapi_text() + "\n"


def main() -> int:
    """Write or compare."""
    text = generated()
    if "--check" not in sys.argv:
        TARGET.parent.mkdir(exist_ok=True)
        TARGET.write_text(text)
        return 0
    if not TARGET.exists() or TARGET.read_text() != text:
        sys.stderr.write("docs/openapi.json is stale: run `make openapi`\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
