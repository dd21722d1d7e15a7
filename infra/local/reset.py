"""`make reset`: clear everything the local product has stored."""

import shutil
import sys

from .presence import DEFAULT_FOLDER, AlreadyRunning, held


def main() -> int:
    """Delete the state, unless it is in use or about to be; nobody can start in it meanwhile."""
    try:
        with held(DEFAULT_FOLDER):
            shutil.rmtree(DEFAULT_FOLDER, ignore_errors=True)
    except AlreadyRunning:
        print("jule is running; stop it first", file=sys.stderr)
        return 1
    print("cleared")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
