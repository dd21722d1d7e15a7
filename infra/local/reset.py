"""`make reset`: clear everything the local product has stored."""

import shutil
import sys

from .stack import DEFAULT_FOLDER, running


def main() -> int:
    """Delete the state, unless it is in use."""
    if running() is not None:
        print("jule is running; stop it first", file=sys.stderr)
        return 1
    shutil.rmtree(DEFAULT_FOLDER, ignore_errors=True)
    print("cleared")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
