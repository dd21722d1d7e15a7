"""Which exact source tree this is: results of tests count for the tree they ran on and for no other."""

import hashlib
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = (
    "app.py",
    "chalicelib",
    "infra",
    "policies",
    "tests",
    ".chalice",
    "pyproject.toml",
    "requirements*",  # what the package and the tests are made of
    "Makefile",
    "docs",  # what is generated, and the verifier of certificates: tests hold them against the code
    "README.md",  # its walk is a test
)


def files(root: Path = ROOT, within: tuple[str, ...] = SOURCES) -> list[Path]:
    """List the project's own files: tracked, or new and not ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *within]
    listed = subprocess.run(command, cwd=root, check=True, capture_output=True).stdout.decode().split("\0")
    return sorted(root / name for name in set(listed) if name and (root / name).is_file())


def tree_hash(root: Path = ROOT) -> str:
    """Digest the names and contents of every source file."""
    whole = hashlib.sha256()
    for file in files(root):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        whole.update(f"{file.relative_to(root)}\0{content}\n".encode())
    return whole.hexdigest()
