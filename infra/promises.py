"""Which promises are kept: cited by code, proved by tests, and those tests passed on exactly this tree.

`policies/promises.toml` says what was promised, `Keeps:` lines in docstrings which code keeps it, the marker
`promise` which tests prove it. What lacks code, tests or a run of them is open; nothing is left out.

A promise with several clauses is kept when each of them is: cited (`J2.3`) by code and by a test. A mark on the whole
of such a promise counts among its tests, but covers no clause.
"""

import argparse
import ast
import json
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from .tree import ROOT, files, tree_hash

PROMISES = Path("policies") / "promises.toml"
RECORD = Path("build") / "promise-tests.json"
RESULT = Path("build") / "promises.json"
_MAP = Path("build") / "promise-map.json"
_KEEPS = re.compile(r"^\s*Keeps:\s*(.+?)\.?\s*$", re.MULTILINE)
_ID = re.compile(r"[A-Z]\d+(?:\.\d+)?")
_LIST = re.compile(rf"{_ID.pattern}(\s*,\s*{_ID.pattern})*")
Status = Literal["kept", "failing", "open"]
Scope = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class Promise(msgspec.Struct, frozen=True):
    """What was promised, and the clauses by which one can see it."""

    title: str
    clauses: list[str]


class Citation(msgspec.Struct, frozen=True, order=True):
    """A piece of code that says it keeps promises; a module's is named by the empty string."""

    file: str
    line: int
    name: str
    ids: tuple[str, ...]


class Verdict(msgspec.Struct, frozen=True):
    """One line of the matrix."""

    id: str
    code: list[str]
    tests: list[str]
    status: Status


def promised(root: Path = ROOT) -> dict[str, Promise]:
    """Read what was promised."""
    return msgspec.convert(tomllib.loads((root / PROMISES).read_text()), dict[str, Promise])


def citations(root: Path = ROOT) -> list[Citation]:
    """Find every `Keeps:` line in the docstrings of the product, and of what compiles its register."""
    found = []
    for file in files(root, within=("app.py", "chalicelib", "infra/register")):
        if file.suffix == ".py":
            path = file.relative_to(root).as_posix()
            found += [Citation(path, line, name, ids) for line, name, ids in cited_in(file.read_text())]
    return sorted(found)


def cited_in(text: str) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """Find the citations in one source: line, dotted name, promise ids.

    Raises:
        ValueError: a `Keeps:` line holds something else than ids.
    """
    for name, node in scopes(ast.parse(text)):
        for keeps in _KEEPS.finditer(ast.get_docstring(node) or ""):
            if not _LIST.fullmatch(keeps[1]):
                raise ValueError(keeps[0].strip())
            yield getattr(node, "lineno", 1), name, tuple(_ID.findall(keeps[1]))


def scopes(node: ast.AST, name: str = "") -> Iterator[tuple[str, Scope]]:
    """Walk over everything that can have a docstring, with its dotted name."""
    if isinstance(node, Scope):
        yield name, node
    for child in ast.iter_child_nodes(node):
        own = getattr(child, "name", "") if isinstance(child, Scope) else ""
        yield from scopes(child, ".".join(filter(None, (name, own))))


def marked(root: Path = ROOT) -> dict[str, set[str]]:
    """Find the promise ids that test files mention in markers, without importing them."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in files(root, within=("tests",)):
        for node in ast.walk(ast.parse(file.read_text())) if file.suffix == ".py" else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "promise":
                ids = {arg.value for arg in node.args if isinstance(arg, ast.Constant)}
                found[file.relative_to(root).as_posix()] |= {str(one) for one in ids}
    return found


def carried(root: Path = ROOT, expression: str = "promise and not soak") -> dict[str, list[str]]:
    """Ask pytest which tests carry which promises: node id to promise ids."""
    target = root / _MAP
    target.parent.mkdir(exist_ok=True)
    target.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "--collect-only", "-qq", "-m", expression, "--promise-map", str(target)]
    done = subprocess.run(command, cwd=root, check=False, capture_output=True, text=True)
    if not target.exists():
        sys.exit(done.stdout + done.stderr)
    return msgspec.json.decode(target.read_bytes(), type=dict[str, list[str]])


def outcomes(root: Path, tree: str) -> dict[str, str]:
    """Read how tests ended on this tree; results of another tree count for nothing."""
    path = root / RECORD
    known = json.loads(path.read_text()) if path.exists() else {}
    return dict(known["tests"]) if known.get("tree") == tree else {}


def verdicts(
    known: dict[str, Promise], code: list[Citation], *, tests: dict[str, list[str]], seen: dict[str, str]
) -> list[Verdict]:
    """Draw up the matrix, one line per promise."""
    lacking = open_clauses(known, code, tests=tests, seen=seen)
    result = []
    for promise in known:
        lines = [f"{one.file}:{one.line}" for one in code if promise in map(whole, one.ids)]
        nodes = sorted(node for node, ids in tests.items() if promise in map(whole, ids))
        ended = [seen.get(node) for node in nodes]
        is_open = bool(lacking[promise]) or any(one != "passed" for one in ended)
        status: Status = "failing" if "failed" in ended else "open" if is_open else "kept"
        result.append(Verdict(promise, lines, nodes, status))
    return result


def open_clauses(
    known: dict[str, Promise], code: list[Citation], *, tests: dict[str, list[str]], seen: dict[str, str]
) -> dict[str, list[str]]:
    """Name the clauses of each promise that no code keeps, no test proves, or whose tests did not all pass."""
    cited = {clause for one in code for clause in precise(known, one.ids)}
    proved: set[str] = set()
    doubted: set[str] = set()
    for node, ids in tests.items():
        (proved if seen.get(node) == "passed" else doubted).update(precise(known, ids))
    shown = (cited & proved) - doubted
    return {promise: [one for one in clause_ids(promise, says) if one not in shown] for promise, says in known.items()}


def precise(known: dict[str, Promise], ids: Iterable[str]) -> set[str]:
    """Name the clauses that ids mean; that of a promise with one clause means it, that of one with several none."""
    single = {one: f"{one}.1" for one in ids if one in known and len(known[one].clauses) == 1}
    return {single.get(one, one) for one in ids if "." in one or one in single}


def whole(named: str) -> str:
    """Name the promise that a clause belongs to."""
    return named.partition(".")[0]


def clause_ids(promise: str, says: Promise) -> list[str]:
    """Name the clauses of a promise, counted from one."""
    return [f"{promise}.{number}" for number in range(1, len(says.clauses) + 1)]


def unknown(known: dict[str, Promise], code: list[Citation], tests: dict[str, set[str]]) -> list[str]:
    """Name citations and markers of promises or clauses that nobody made."""
    made = known.keys() | {clause for promise, says in known.items() for clause in clause_ids(promise, says)}
    wrong = [f"{one.file}:{one.line} cites {i}" for one in code for i in one.ids if i not in made]
    return wrong + [f"{file} marks {i}" for file, ids in tests.items() for i in sorted(ids - made)]


def _run(root: Path, nodes: list[str]) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadscope", *nodes]
    subprocess.run(command, cwd=root, check=False)


def matrix(root: Path = ROOT) -> tuple[list[Verdict], dict[str, list[str]]]:
    """Judge every promise and clause on this tree, running the tests that have not run on it yet."""
    tests, tree = carried(root), tree_hash(root)
    missing = sorted(tests.keys() - outcomes(root, tree).keys())
    if missing:
        _run(root, missing)
    known, code, seen = promised(root), citations(root), outcomes(root, tree)
    lacking = open_clauses(known, code, tests=tests, seen=seen)
    return verdicts(known, code, tests=tests, seen=seen), lacking


def _print(result: list[Verdict], known: dict[str, Promise], lacking: dict[str, list[str]]) -> None:
    for one in result:
        size = f"{len(one.code):3d} code {len(one.tests):4d} tests"
        clauses, missing = known[one.id].clauses, lacking[one.id]
        print(f"{one.id:4} {one.status:8} {len(clauses) - len(missing)}/{len(clauses)} {size}  {known[one.id].title}")
        for clause in missing if len(missing) < len(clauses) else ():
            print(f"     open: {clause} {clauses[int(clause.partition('.')[2]) - 1]}")
    count = {status: sum(one.status == status for one in result) for status in ("kept", "failing", "open")}
    print(", ".join(f"{number} {status}" for status, number in count.items()))


def main() -> int:
    """Run as `python -m infra.promises [--check]`; `--check` compares ids and runs nothing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only see that every id cited or marked was promised")
    only_check, known = parser.parse_args().check, promised()
    if wrong := unknown(known, citations(), marked()):
        print("\n".join(wrong))
        return 1
    if only_check:
        return 0
    result, lacking = matrix()
    (ROOT / RESULT).write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1) + b"\n")
    _print(result, known, lacking)
    return 1 if any(one.status == "failing" for one in result) else 0


if __name__ == "__main__":
    sys.exit(main())
