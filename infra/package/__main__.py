"""Run as `python -m infra.package --stage local|test|prod`."""

import argparse
import sys

from .build import STAGES, ChaliceRefused, build
from .bytecode import SourceBroken
from .template import FunctionMissing


def main() -> int:
    """Build a package and say what is in it."""
    parser = argparse.ArgumentParser(description="build the deployment package into build/<stage>")
    parser.add_argument("--stage", choices=STAGES, default="local")
    stage = parser.parse_args().stage
    try:
        package = build(stage)
    except (ChaliceRefused, SourceBroken) as refused:
        print(refused, file=sys.stderr)
        return 1
    except FunctionMissing as missing:
        print(f"not in the application: {missing}", file=sys.stderr)
        return 1
    for file in (package.template, *package.zips):
        print(f"{file.stat().st_size / 1e6:8.2f} MB  {file}")
    for name in package.missing:
        print(f"left out, not in the application yet: {name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
