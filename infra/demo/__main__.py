"""`make demo`: play one person's life against the running product, starting it first if need be."""

import sys
import time

from ..local.stack import DEFAULT_FOLDER, LocalStack, running
from .play import play
from .world import World, of_running


def main() -> int:
    """Play; 0 when every step was as it should be."""
    found = running(DEFAULT_FOLDER)
    if found is not None:
        return _play(of_running(found))
    sys.stdout.write("starting the product for the demo …\n")
    with LocalStack(DEFAULT_FOLDER, persist=True):
        started = running(DEFAULT_FOLDER)
        if started is None:
            sys.stderr.write("the product did not start\n")
            return 1
        return _play(of_running(started))


def _play(world: World) -> int:
    began = time.monotonic()
    sys.stdout.write(f"one person's life, over HTTP at {world.base_url}\n")
    failed = any(play(world).outcomes.values())
    sys.stdout.write(f"{'FAILED' if failed else 'all as it should be'}, {time.monotonic() - began:.0f} s\n")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
