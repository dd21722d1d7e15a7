"""Switch off each piece of code that says it keeps a promise, in turn, and expect its tests to notice.

Works in scratch copies, some side by side. A piece that can be switched off without a red test is proved by nothing.
"""

import argparse
import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from .promises import Citation, Promise, Scope, carried, citations, precise, promised, scopes, whole
from .tree import ROOT, files

_FAILED = 1  # pytest: a test ran and failed; what can't even be collected proves nothing
_SIDE_BY_SIDE = os.cpu_count() or 1
_QUICK = "promise and not soak and not deployed"


def switched_off(text: str, name: str) -> str | None:
    """Write the source again with every function of a scope doing nothing; None where it has none."""
    tree = ast.parse(text)
    (scope,) = [node for found, node in scopes(tree) if found == name][:1]
    lines = text.splitlines(keepends=True)
    for function in sorted(_outermost(scope), key=lambda one: one.lineno, reverse=True):
        first, last = _body(function)
        indent = " " * function.body[0].col_offset
        nothing = f"{indent}return None\n" + (f"{indent}yield\n" if _yields(function) else "")
        lines[first - 1 : last] = [nothing]
    changed = "".join(lines)
    return changed if changed != text else None


def _outermost(scope: Scope) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
        if not all(_says_only(step) for step in scope.body) and scope.body[0].lineno > scope.lineno:
            yield scope
        return
    for child in scope.body:
        if isinstance(child, Scope):
            yield from _outermost(child)


def _says_only(step: ast.stmt) -> bool:
    return isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant)


def _body(function: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[int, int]:
    kept = 1 if _says_only(function.body[0]) else 0
    return function.body[kept].lineno, function.end_lineno or function.lineno


def _yields(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(function))


def scratch_copy(target: Path, root: Path = ROOT) -> None:
    """Copy the project's own files, with the local cloud's environment within reach."""
    for file in files(root, within=(".",)):
        place = target / file.relative_to(root)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, place)
    (target / ".local").mkdir(exist_ok=True)
    (target / ".local" / "cloud-venv").symlink_to(ROOT / ".local" / "cloud-venv")
    subprocess.run(["git", "init", "--quiet"], cwd=target, check=True)


def proofs(known: dict[str, Promise], one: Citation, *sources: dict[str, list[str]]) -> list[str]:
    """Choose the tests that must notice, out of the first source that has any: those of the very clauses it cites.

    What is cited as a whole is proved by any test of the promise.
    """
    wanted = {*one.ids, *precise(known, one.ids)}
    for tests in sources:
        chosen = [node for node, ids in tests.items() if wanted & {*precise(known, ids), *map(whole, ids)}]
        if chosen:
            return sorted(chosen)
    return []


def run_tests(folder: Path, nodes: list[str]) -> int:
    """Run some tests of the copy, quietly, until the first that fails."""
    command = [sys.executable, "-m", "pytest", "-x", "-qq", "-p", "no:cacheprovider", *nodes]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, env=environment).returncode


def judge(folder: Path, one: Citation, nodes: list[str]) -> str:
    """Switch one piece off, run its tests, switch it on again."""
    if not nodes:
        return "no test"
    file = folder / one.file
    text = file.read_text()
    changed = switched_off(text, one.name)
    if changed is None:
        return "nothing to switch off"
    file.write_text(changed)
    try:
        twice = range(2)  # what fails now and then has noticed nothing
        return "noticed" if all(run_tests(folder, nodes) == _FAILED for _ in twice) else "not noticed"
    finally:
        file.write_text(text)


def main() -> int:
    """Run as `python -m infra.promises_mutate [ID …]`; without ids it tries every promise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ids", nargs="*", help="only these promises")
    wanted = set(parser.parse_args().ids)
    known, sources = promised(), (carried(expression=_QUICK), carried())
    pieces = [one for one in citations() if not wanted or wanted & set(map(whole, one.ids))]
    work = [(one, proofs(known, one, *sources)) for one in pieces]
    everything = sorted({node for _, nodes in work for node in nodes})
    with tempfile.TemporaryDirectory(prefix="jule-mutate-") as folder:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(_SIDE_BY_SIDE):
            scratch_copy(Path(folder) / str(number))
            copies.put(Path(folder) / str(number))
        if everything and run_tests(Path(folder) / "0", everything) != 0:
            print("the tests fail before anything is switched off")
            return 1

        def judged(piece: tuple[Citation, list[str]]) -> str:
            copy = copies.get()
            try:
                return judge(copy, *piece)
            finally:
                copies.put(copy)

        with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
            found = list(zip(pieces, pool.map(judged, work), strict=True))
    for one, verdict in found:
        print(f"{verdict:22} {one.file}:{one.line} {one.name} ({', '.join(one.ids)})")
    unproved = sum(verdict != "noticed" for _, verdict in found)
    print(f"{len(found) - unproved} noticed, {unproved} not")
    return 1 if unproved else 0


if __name__ == "__main__":
    sys.exit(main())
