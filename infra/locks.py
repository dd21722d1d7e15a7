"""Resolve the requirements into hashed locks, and say offline whether the locks are still true.

Each lock opens with the digest of what it was made from, so a changed `.in` file is noticed without a registry.
"""

import argparse
import hashlib
import re
import subprocess
import sys
from pathlib import Path

LOCKS = {
    "requirements": (),
    "requirements-media": (),
    "requirements-dev": ("requirements", "requirements-media"),
    "requirements-cloud": (),
}
_DIGEST = "# locked from sha256:"
_PIN = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==(\S+)", re.MULTILINE)


def pins(text: str) -> dict[str, str]:
    """Read `name==version` lines; names are normalised as registries do."""
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in _PIN.findall(text)}


def digest(root: Path, name: str) -> str:
    """Digest the source of a lock and everything that it includes."""
    whole = hashlib.sha256()
    for source in (name, *LOCKS[name]):
        whole.update((root / f"{source}.in").read_bytes())
    return whole.hexdigest()


def stale(root: Path) -> list[str]:
    """Name what is wrong with the locks, one line each."""
    found = []
    for name, bases in LOCKS.items():
        text = (root / f"{name}.txt").read_text()
        locked = pins(text)
        if f"{_DIGEST}{digest(root, name)}" not in text:
            found.append(f"{name}.txt was not made from this {name}.in: make lock")
        wanted = pins((root / f"{name}.in").read_text())
        found += [f"{name}.txt lacks {pin}=={version}" for pin, version in wanted.items() if locked.get(pin) != version]
        found += [f"{name}.txt has no hash for {pin}" for pin in locked if not _hashed(text, pin)]
        for base in bases:
            below = pins((root / f"{base}.txt").read_text())
            found += [f"{name}.txt and {base}.txt differ in {pin}" for pin in below if locked.get(pin) != below[pin]]
    return found


def write(root: Path) -> None:
    """Resolve every lock again; what is locked already stays unless its source asks otherwise."""
    for name, bases in LOCKS.items():
        target = root / f"{name}.txt"
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--generate-hashes", "--no-header"]
        command += ["--no-annotate", "--no-strip-extras", "--no-emit-index-url", "--no-emit-find-links"]
        command += ["--python-version", "3.11"]
        command += [part for base in bases for part in ("--constraint", f"{base}.txt")]
        subprocess.run([*command, f"{name}.in", "--output-file", f"{name}.txt"], cwd=root, check=True)
        target.write_text(f"{_DIGEST}{digest(root, name)}\n{_without_digest(target.read_text())}")


def _without_digest(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(_DIGEST))


def _hashed(text: str, pin: str) -> bool:
    name = pin.replace("-", "[-_.]+")
    hashed = re.compile(rf"^{name}(?:\[[^]]*\])?==\S+ \\\n\s+--hash=sha256:", re.MULTILINE | re.IGNORECASE)
    return hashed.search(text) is not None


def main() -> int:
    """Run as `python -m infra.locks --check|--write`."""
    parser = argparse.ArgumentParser(description=__doc__)
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--check", action="store_true")
    choice.add_argument("--write", action="store_true")
    root = Path.cwd()
    if parser.parse_args().write:
        write(root)
    wrong = stale(root)
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
