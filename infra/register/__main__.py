"""``python -m infra.register [--check | --seal]``: compile ``policies/``, or say what is out of date."""

import argparse
import sys
from pathlib import Path

from .broken import RegisterBroken
from .build import Build, build, checked_register
from .drift import drift, write
from .seal import seal

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Compile; with ``--check`` compare only; with ``--seal`` seal the newest policy version first."""
    parser = argparse.ArgumentParser(prog="python -m infra.register")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="write nothing; fail when stale or unused")
    mode.add_argument("--seal", action="store_true", help="write annex, coverage and digests of the newest policy")
    options = parser.parse_args(arguments)
    try:
        if options.seal:
            seal(ROOT / "policies/privacy", checked_register(ROOT))
        made = build(ROOT)
    except RegisterBroken as broken:
        sys.stderr.write(f"the register is broken:\n{broken}\n")
        return 1
    return check(ROOT, made) if options.check else _write(made)


def check(root: Path, made: Build) -> int:
    """Say what is stale or unused; zero when nothing is."""
    stale = drift(root, made.outputs)
    if stale:
        stale.append("run `python -m infra.register` and commit the result")
    lines = [*stale, *(f"unused: {line}" for line in made.unused)]
    sys.stderr.write("".join(f"{line}\n" for line in lines))
    return 1 if lines else 0


def _write(made: Build) -> int:
    for path in write(ROOT, made.outputs):
        sys.stdout.write(f"wrote {path}\n")
    sys.stderr.write("".join(f"unused: {line}\n" for line in made.unused))
    return 0


if __name__ == "__main__":
    sys.exit(main())
