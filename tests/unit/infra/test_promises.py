"""The matrix of promises: kept only by code and by tests that passed on this very tree."""

import ast
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from infra.promises import Citation, Promise, cited_in, marked, matrix, open_clauses, unknown, verdicts
from infra.promises_mutate import judge, proofs, scratch_copy, switched_off
from tests.support.promises import write_record

ROOT = Path(__file__).parents[3]
CODE = '''"""Rules."""


def answer_by(days):
    """Say when.

    Keeps: J2, K1
    """
    return days + 15


def promised_nothing(days):
    """Say."""
    return days
'''
TEST = """import pytest
from chalicelib.rules import answer_by

@pytest.mark.promise("J2")
def test_j2():
    assert answer_by(1) == 16

@pytest.mark.promise("K1")
@pytest.mark.parametrize("mail", ["a@b.example"])
def test_k1(mail):
    assert answer_by(2) is not mail
"""
KNOWN = {"J2": Promise("a copy", ["in 15 days"]), "K1": Promise("as little", ["x"]), "M1": Promise("more", ["y"])}
CITED = [Citation("chalicelib/rules.py", 4, "answer_by", ("J2", "K1"))]


def _status(seen: dict[str, str], *, code: list[Citation], tests: dict[str, list[str]]) -> str:
    return verdicts({"J2": KNOWN["J2"]}, code, tests=tests, seen=seen)[0].status


@pytest.mark.parametrize(
    ("seen", "code", "tests", "status"),
    [
        ({"t": "passed"}, CITED, {"t": ["J2"]}, "kept"),
        ({"t": "passed"}, [], {"t": ["J2"]}, "open"),
        ({}, CITED, {}, "open"),
        ({}, CITED, {"t": ["J2"]}, "open"),
        ({"t": "skipped"}, CITED, {"t": ["J2"]}, "open"),
        ({"t": "passed"}, CITED, {"t": ["J2"], "u": ["J2"]}, "open"),
        ({"t": "passed", "u": "failed"}, CITED, {"t": ["J2"], "u": ["J2"]}, "failing"),
        ({"t": "passed"}, CITED, {"t": ["K1"]}, "open"),
    ],
)
def test_status(seen, code, tests, status):
    assert _status(seen, code=code, tests=tests) == status


TWO = {"J2": Promise("a copy", ["in 15 days", "readable"]), "K1": KNOWN["K1"]}


@pytest.mark.parametrize(
    ("cited", "marks", "ended", "lacking"),
    [
        (["J2.1", "J2.2"], [["J2.1"], ["J2.2"]], ["passed", "passed"], []),
        (["J2.1", "J2.2"], [["J2.1", "J2.2"], ["K1"]], ["passed", "failed"], []),
        (["J2.1", "J2.2"], [["J2.1"], ["J2.2"], ["J2"]], ["passed", "passed", "passed"], []),
        (["J2"], [["J2"]], ["passed"], ["J2.1", "J2.2"]),
        (["J2"], [["J2.1", "J2.2"]], ["passed"], ["J2.1", "J2.2"]),
        (["J2.1", "J2.2"], [["J2"]], ["passed"], ["J2.1", "J2.2"]),
        (["J2.1", "J2.2"], [["J2.1"]], ["passed"], ["J2.2"]),
        (["J2.1"], [["J2.1"], ["J2.2"]], ["passed", "passed"], ["J2.2"]),
        (["J2.1", "J2.2"], [["J2.1"], ["J2.2"]], ["passed", "skipped"], ["J2.2"]),
        (["J2.1", "J2.2"], [["J2.1"], ["J2.2"], ["J2.2"]], ["passed", "passed", "skipped"], ["J2.2"]),
    ],
)
def test_a_promise_with_several_clauses_is_kept_clause_by_clause(cited, marks, ended, lacking):
    code = [Citation("chalicelib/rules.py", 4, "answer_by", tuple(cited))]
    tests = {f"t{number}": ids for number, ids in enumerate(marks)}
    seen = {f"t{number}": end for number, end in enumerate(ended)}
    assert open_clauses(TWO, code, tests=tests, seen=seen)["J2"] == lacking
    assert verdicts(TWO, code, tests=tests, seen=seen)[0].status == ("open" if lacking else "kept")


def test_a_failing_test_of_the_whole_fails_it_and_no_clause_of_another():
    code = [Citation("chalicelib/rules.py", 4, "answer_by", ("J2.1", "J2.2", "K1"))]
    tests = {"t": ["J2.1", "J2.2"], "u": ["J2"], "k": ["K1.1"]}
    judged = verdicts(TWO, code, tests=tests, seen={"t": "passed", "u": "failed", "k": "passed"})
    assert {one.id: one.status for one in judged} == {"J2": "failing", "K1": "kept"}


def test_citations_name_line_scope_and_ids():
    assert list(cited_in(CODE)) == [(4, "answer_by", ("J2", "K1"))]
    inside = "class Desk:\n    def take(self):\n        '''Take.\n\n        Keeps: A1\n        '''\n"
    assert list(cited_in(inside)) == [(2, "Desk.take", ("A1",))]


def test_a_keeps_line_holds_ids_and_nothing_else():
    with pytest.raises(ValueError, match="Keeps: everything"):
        list(cited_in('"""Say.\n\nKeeps: everything\n"""\n'))


def test_ids_nobody_promised_are_named():
    code = [Citation("chalicelib/x.py", 7, "f", ("J2", "Z9"))]
    wrong = unknown(KNOWN, code, {"tests/test_x.py": {"K1", "K1.1", "K1.2", "Q1"}})
    assert wrong == ["chalicelib/x.py:7 cites Z9", "tests/test_x.py marks K1.2", "tests/test_x.py marks Q1"]


@pytest.mark.parametrize(
    ("name", "source", "result"),
    [
        ("f", "def f():\n    '''Do.'''\n    return 1\n", "def f():\n    '''Do.'''\n    return None\n"),
        ("f", "def f():\n    g()\n    return 1\n", "def f():\n    return None\n"),
        ("f", "def f():\n    yield 1\n", "def f():\n    return None\n    yield\n"),
        (
            "C",
            "class C:\n    def f(self):\n        return 1\n\n    def g(self):\n        return 2\n",
            "class C:\n    def f(self):\n        return None\n\n    def g(self):\n        return None\n",
        ),
        (
            "C.f",
            "class C:\n    def f(self):\n        if 1:\n            g()\n",
            "class C:\n    def f(self):\n        return None\n",
        ),
        ("C", "class C:\n    '''Say.'''\n    x = 1\n", None),
    ],
)
def test_switching_off(name: str, source: str, result: str | None):
    assert switched_off(source, name) == result


def test_everything_cited_can_be_switched_off_and_still_be_read():
    for file in (ROOT / "chalicelib").rglob("*.py"):
        for _, name, _ in cited_in(file.read_text()):
            changed = switched_off(file.read_text(), name)
            assert changed is not None, f"{file.name}: {name}"
            ast.parse(changed)


def test_results_add_up_on_one_tree_and_count_for_no_other(tmp_path: Path):
    record = tmp_path / "build" / "promise-tests.json"
    write_record(record, "tree-1", {"a": "passed"})
    write_record(record, "tree-1", {"b": "failed"})
    assert json.loads(record.read_text()) == {"tree": "tree-1", "tests": {"a": "passed", "b": "failed"}}
    write_record(record, "tree-2", {"c": "passed"})
    assert json.loads(record.read_text()) == {"tree": "tree-2", "tests": {"c": "passed"}}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a small project with one cited function and two marked tests."""
    for name, text in {
        "chalicelib/__init__.py": "",
        "chalicelib/rules.py": CODE,
        "tests/test_rules.py": TEST,
        "policies/promises.toml": "".join(f"[{i}]\ntitle = 't'\nclauses = ['c']\n" for i in KNOWN),
        "conftest.py": f'import sys\n\nsys.path.append({str(ROOT)!r})\npytest_plugins = ["recording"]\n',
        "pyproject.toml": '[tool.pytest]\npythonpath = ["."]\nmarkers = ["promise", "soak"]\n',
        ".gitignore": "build/\n__pycache__/\n.local/\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    shutil.copy(ROOT / "tests" / "support" / "promises.py", tmp_path / "recording.py")
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


def _statuses(project: Path) -> dict[str, str]:
    return {one.id: one.status for one in matrix(project)[0]}


def test_the_matrix_runs_what_has_not_run_on_this_tree(project: Path):
    assert marked(project) == {"tests/test_rules.py": {"J2", "K1"}}
    assert _statuses(project) == {"J2": "kept", "K1": "kept", "M1": "open"}
    rules = project / "chalicelib" / "rules.py"
    rules.write_text(rules.read_text().replace("+ 15", "+ 16"))
    assert _statuses(project) == {"J2": "failing", "K1": "kept", "M1": "open"}


def test_switched_off_code_is_noticed_only_by_a_test_that_looks(project: Path, tmp_path_factory):
    copy = tmp_path_factory.mktemp("copy")
    scratch_copy(copy, project)
    node = "tests/test_rules.py::test_{}"
    assert judge(copy, CITED[0], [node.format("j2")]) == "noticed"
    assert judge(copy, CITED[0], [node.format("k1")]) == "not noticed"
    assert judge(copy, CITED[0], []) == "no test"
    assert (copy / "chalicelib" / "rules.py").read_text() == CODE


def test_what_could_not_be_collected_or_fails_now_and_then_has_noticed_nothing(project: Path, tmp_path_factory):
    copy = tmp_path_factory.mktemp("copy")
    scratch_copy(copy, project)
    tests = copy / "tests" / "test_rules.py"
    whole, node = tests.read_text(), "tests/test_rules.py::test_j2"
    tests.write_text(whole + "\n\nassert answer_by(1) == 16\n")
    assert judge(copy, CITED[0], [node]) == "not noticed"
    tests.write_text(
        "import pathlib\n\n\ndef test_j2():\n    mark = pathlib.Path('seen')\n    seen = mark.exists()\n"
        "    mark.touch()\n    assert seen\n"
    )
    assert judge(copy, CITED[0], [node]) == "not noticed"
    assert (copy / "seen").exists()


@pytest.mark.parametrize(
    ("cites", "chosen"),
    [
        (["J2.1"], ["quick"]),
        (["J2.2"], ["slow"]),
        (["J2.1", "J2.2"], ["quick"]),
        (["J2"], ["quick", "whole"]),
        (["K1"], ["single"]),
        (["K1.1"], ["single"]),
        (["M1"], []),
    ],
)
def test_a_citation_is_proved_by_tests_of_its_very_clauses_the_quick_ones_first(cites: list[str], chosen: list[str]):
    quick = {"quick": ["J2.1"], "whole": ["J2"], "single": ["K1"]}
    slow = {**quick, "slow": ["J2.2"], "single": ["K1.1"]}
    one = Citation("chalicelib/rules.py", 4, "answer_by", tuple(cites))
    assert proofs({**KNOWN, **TWO}, one, quick, slow) == chosen
