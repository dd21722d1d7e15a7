"""The rules of the house that no off-the-shelf linter knows; `make lint` runs them, tests/invariants plants breaches.

A rule is a function from one source file to what is wrong in it. Import directions are import-linter's business.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from .tree import ROOT, files

MOST_LINES = 300
MOST_FUNCTION_LINES = 40
MOST_POSITIONAL = 3
ROOMS = {"__init__", "routes", "jobs", "contracts", "service", "rules", "tables", "errors"}
_TEXTS = {".py", ".md", ".toml", ".yaml", ".yml", ".json", ".in", ".txt", ".html", ""}
_VAGUE = re.compile(r"^(utils?|common|helpers?|managers?|misc|stuff)$")
_UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")
_SWITCHED_OFF = re.compile(r"mark\.(skip|xfail)\b|pragma: no " + "cover|raise " + "NotImplementedError")
_PARTITION = re.compile("arn:" + r"aws(-cn)?:")
_MACHINE = re.compile(r"(?:^|[\s\"'`(=:])/(?:home|root|Users|work)/[\w.]|\." + "library/")
_CLOCKS = {"now", "utcnow", "today", "time", "time_ns"}
_CLOCK_OWNERS = {"datetime", "date", "time"}
_LOG_CALLS = {"debug", "info", "warning", "error", "exception", "critical", "log", "basicConfig"}
_BY_NAME = {("os", "environ"), ("os", "getenv"), ("time", "time"), ("time", "time_ns")}
_THE_LOG = "chalicelib/foundation/kernel/log.py"
_MAY_KNOW_THE_WORLD = ("kernel/config.py", "kernel/clock.py", "web/", "work/")


class Source(NamedTuple):
    """A file of the project, by its path from the root."""

    path: PurePosixPath
    text: str

    def within(self, *tops: str) -> bool:
        """Say whether it lies under one of these."""
        return self.path.parts[0] in tops

    @property
    def within_foundation(self) -> bool:
        """Say whether it belongs to what every domain stands on."""
        return str(self.path).startswith("chalicelib/foundation/")

    @property
    def is_python(self) -> bool:
        """Say whether it can be parsed."""
        return self.path.suffix == ".py"


class Breach(NamedTuple):
    """What is wrong, and where."""

    line: int
    rule: str
    says: str


Rule = Callable[[Source], Iterator[Breach]]


@lru_cache(maxsize=4)
def _tree(text: str) -> ast.Module:
    return ast.parse(text)


def _nodes(source: Source) -> Iterator[ast.AST]:
    if source.is_python:
        yield from ast.walk(_tree(source.text))


def _functions(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in _nodes(source):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def short_files(source: Source) -> Iterator[Breach]:
    """Keep a file readable in one sitting."""
    lines = source.text.count("\n")
    if source.is_python and lines > MOST_LINES:
        yield Breach(lines, "short_files", f"{lines} lines, {MOST_LINES} at most")


def short_functions(source: Source) -> Iterator[Breach]:
    """Keep a function on one screen."""
    for function in _functions(source):
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        if lines > MOST_FUNCTION_LINES:
            says = f"{function.name}: {lines} lines, {MOST_FUNCTION_LINES} at most"
            yield Breach(function.lineno, "short_functions", says)


def few_positional(source: Source) -> Iterator[Breach]:
    """Let a call say what each value is; a test's arguments are fixtures and have names anyway."""
    for function in () if source.within("tests") else _functions(source):
        named = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
        count = len([name for name in named if name not in {"self", "cls"}])
        if count > MOST_POSITIONAL:
            says = f"{function.name}: {count} positional arguments, {MOST_POSITIONAL} at most"
            yield Breach(function.lineno, "few_positional", says)


def telling_names(source: Source) -> Iterator[Breach]:
    """Refuse modules and packages named for nothing."""
    for part in (*source.path.parts[:-1], source.path.stem) if source.is_python else ():
        if _VAGUE.match(part):
            yield Breach(1, "telling_names", f"'{part}' says nothing about what is in it")


def nothing_unfinished(source: Source) -> Iterator[Breach]:
    """Refuse notes to self, switched-off tests and holes in the code."""
    for number, line in enumerate(source.text.splitlines(), 1):
        if _UNFINISHED.search(line) or (source.is_python and _SWITCHED_OFF.search(line)):
            yield Breach(number, "nothing_unfinished", "finish it or file an issue")


def nothing_swallowed(source: Source) -> Iterator[Breach]:
    """Refuse handlers that catch everything or do nothing."""
    for node in _nodes(source):
        if isinstance(node, ast.ExceptHandler):
            silent = all(isinstance(step, ast.Pass) or _is_ellipsis(step) for step in node.body)
            if node.type is None or silent:
                yield Breach(node.lineno, "nothing_swallowed", "name the failure and do something about it")


def _is_ellipsis(step: ast.stmt) -> bool:
    return isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant) and step.value.value is ...


def closed_log(source: Source) -> Iterator[Breach]:
    """Let nothing be logged but declared events with plain values; gateways may silence what an SDK logs."""
    for node in _nodes(source) if source.within("chalicelib", "app.py") else ():
        if isinstance(node, ast.Import | ast.ImportFrom) and _imports(node, "logging"):
            if not str(source.path).startswith("chalicelib/foundation/gateways/"):
                yield Breach(node.lineno, "closed_log", "log through kernel.log")
        elif isinstance(node, ast.Call):
            if _logs_past_the_kernel(node.func) and str(source.path) != _THE_LOG:
                yield Breach(node.lineno, "closed_log", "log through kernel.log")
            if _is_log_event(node) and (wrong := _log_breach(node)):
                yield Breach(node.lineno, "closed_log", wrong)


def _logs_past_the_kernel(called: ast.expr) -> bool:
    if isinstance(called, ast.Attribute) and called.attr in _LOG_CALLS:
        owner = called.value.func if isinstance(called.value, ast.Call) else called.value
        return _dotted(owner).rpartition(".")[2] in {"logging", "getLogger", "logger"}
    place, _, name = _dotted(called).rpartition(".")
    return name == "print" or place in {"sys.stdout", "sys.stderr", "traceback"}


def _is_log_event(call: ast.Call) -> bool:
    owner, _, name = _dotted(call.func).rpartition(".")
    first = _dotted(call.args[0]) if call.args else ""
    return name == "event" and (owner.endswith("log") or first.rpartition(".")[0].endswith("Event"))


def _log_breach(call: ast.Call) -> str | None:
    if len(call.args) != 1 or not _dotted(call.args[0]).rpartition(".")[0].endswith("Event"):
        return "the event is named by `Event.X` and nothing else is positional"
    for given in call.keywords:
        if given.arg is None:
            return "keys are written out, so that a reader sees what is logged"
        if any(_makes_text(part) for part in ast.walk(given.value)):
            return f"{given.arg}: plain values only"
    return None


def _makes_text(part: ast.AST) -> bool:
    if isinstance(part, ast.Call):
        return _dotted(part.func) in {"str", "repr", "ascii", "format"} or (
            isinstance(part.func, ast.Attribute) and part.func.attr in {"format", "join"}
        )
    return isinstance(part, ast.JoinedStr | ast.Dict | ast.Mod | ast.Add)


def one_clock(source: Source) -> Iterator[Breach]:
    """Let only the kernel, `web` and `work` see the clock and the environment."""
    inside = source.within("chalicelib")
    if not inside or str(source.path).removeprefix("chalicelib/foundation/").startswith(_MAY_KNOW_THE_WORLD):
        return
    for node in _nodes(source):
        if isinstance(node, ast.Attribute):
            owner, _, name = _dotted(node).rpartition(".")
            if name in {"environ", "getenv"} and owner == "os":
                yield Breach(node.lineno, "one_clock", "settings come from kernel.config")
            if name in _CLOCKS and owner.rpartition(".")[2] in _CLOCK_OWNERS:
                yield Breach(node.lineno, "one_clock", "time comes with the call")
            if owner == "clock" and name == "now" and not source.within_foundation:
                yield Breach(node.lineno, "one_clock", "time comes with the call")
        elif isinstance(node, ast.ImportFrom) and (node.module, *(one.name for one in node.names)) in _BY_NAME:
            yield Breach(node.lineno, "one_clock", "settings come from kernel.config, time with the call")


def known_rooms(source: Source) -> Iterator[Breach]:
    """Let a domain have its rooms and no others; a room may have several files, and no rooms of its own."""
    if not source.within("chalicelib") or len(source.path.parts) < len(("chalicelib", "domain", "room.py")):
        return
    domain, room, *deeper = source.path.parts[1:]
    if domain != "foundation" and (PurePosixPath(room).stem not in ROOMS or len(deeper) > 1):
        yield Breach(1, "known_rooms", f"'{room}' is no room of a domain")


def any_partition(source: Source) -> Iterator[Breach]:
    """Keep everything deployable in every partition."""
    for number, line in enumerate(source.text.splitlines(), 1):
        if source.within("chalicelib", "infra", "policies", ".chalice", "app.py") and _PARTITION.search(line):
            yield Breach(number, "any_partition", "the partition comes from the deployment")


def any_machine(source: Source) -> Iterator[Breach]:
    """Keep one machine's paths out of the project."""
    for number, line in enumerate(source.text.splitlines(), 1):
        if _MACHINE.search(line):
            yield Breach(number, "any_machine", "this path exists on one machine only")


def _imports(node: ast.Import | ast.ImportFrom, name: str) -> bool:
    return (isinstance(node, ast.ImportFrom) and node.module == name) or any(one.name == name for one in node.names)


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


RULES: tuple[Rule, ...] = (
    short_files,
    short_functions,
    few_positional,
    telling_names,
    nothing_unfinished,
    nothing_swallowed,
    closed_log,
    one_clock,
    known_rooms,
    any_partition,
    any_machine,
)


def breaches(source: Source) -> list[Breach]:
    """Hold one file against every rule."""
    return [breach for rule in RULES for breach in rule(source)]


def sources(root: Path = ROOT) -> Iterator[Source]:
    """Read every text file of the project, locks left out."""
    for file in files(root, within=(".",)):
        path = PurePosixPath(file.relative_to(root).as_posix())
        if file.suffix in _TEXTS and not path.name.startswith("requirements"):
            yield Source(path, file.read_text(encoding="utf-8"))


def main() -> int:
    """Run as `python -m infra.house`."""
    found = [f"{source.path}:{b.line}: {b.rule}: {b.says}" for source in sources() for b in breaches(source)]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
