"""Compile to bytecode that Python never checks against dates, because a Lambda package has none.

Runs as a program of its own, under a fixed hash seed, so that the same source gives the same bytes.
"""

import py_compile
import subprocess
import sys
from pathlib import Path

_LINES = 4  # of what Python says of a file: where, the line, the mark below it, what
UNCHECKED = py_compile.PycInvalidationMode.UNCHECKED_HASH


class SourceBroken(RuntimeError):
    """A Python file has a syntax error; carries where, and what Python said."""


def compile_all(folder: Path) -> None:
    """Put valid bytecode beside every Python file below a folder.

    Raises:
        SourceBroken: a file has a syntax error.
    """
    ran = subprocess.run(
        [sys.executable, "-S", str(Path(__file__)), str(folder)],
        env={"PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise SourceBroken("\n".join(ran.stderr.strip().splitlines()[-_LINES:]))


def drop_sources(folder: Path) -> None:
    """Leave only the bytecode of a folder, where Python looks for a module without source: half the size."""
    for compiled in sorted(folder.rglob(f"__pycache__/*.{sys.implementation.cache_tag}.pyc")):
        name = compiled.name.split(".", 1)[0]
        source = compiled.parent.parent / f"{name}.py"
        compiled.replace(source.with_suffix(".pyc"))
        source.unlink()
    for emptied in sorted(folder.rglob("__pycache__")):
        emptied.rmdir()


def _compile(folder: Path) -> None:
    for source in sorted(folder.rglob("*.py")):
        name = str(source.relative_to(folder))
        target = source.parent / "__pycache__" / f"{source.stem}.{sys.implementation.cache_tag}.pyc"
        py_compile.compile(str(source), str(target), dfile=name, doraise=True, invalidation_mode=UNCHECKED)


if __name__ == "__main__":
    _compile(Path(sys.argv[1]))
