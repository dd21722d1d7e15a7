"""Each control of MLPS level 3 is there, somebody keeps it, and what shows it exists."""

from pathlib import Path

import msgspec
import pytest

from infra.register.broken import RegisterBroken
from infra.register.controls import NAME, Control, controls_page, problems_of, read_controls
from infra.register.sources import count_clauses

ROOT = Path(__file__).parents[3]
CLAUSES = count_clauses(ROOT / "policies")
ITEMS = {1: "abcd", 2: "abcdefg", 3: "abcd", 4: "abcdef", 5: "", 6: "", 7: "ab", 8: "ab", 9: "abc", 10: "ab", 11: "ab"}
"""The points of section 8.1.4, the computing environment, with the letters of their controls."""
KEPT = Control("8.1.4.1 a", "登录", "Log-in", "product", evidence=("K7.1",))


@pytest.mark.promise("K7.3")
def test_every_control_of_the_computing_environment_and_every_other_section_is_there():
    known = {one.id for one in read_controls(ROOT)}
    computing = {f"8.1.4.{point} {letter}".strip() for point, letters in ITEMS.items() for letter in letters or [""]}
    assert computing <= known
    sections = {one.split(" ")[0].split(".")[2] for one in known}
    assert sections == {str(section) for section in range(1, 11)}


@pytest.mark.promise("K7.3")
def test_all_that_the_map_names_is_there_and_the_document_says_it():
    known = read_controls(ROOT)
    assert problems_of(known, ROOT, CLAUSES) == []
    page = controls_page(known)
    assert page == (ROOT / NAME).read_text()
    assert all(f"| {one.id} |" in page and one.title in page for one in known)


@pytest.mark.promise("K7.3")
@pytest.mark.parametrize(
    "said",
    [
        "K7.9",
        "K99.1",
        "K7.0",
        "tests/api/accounts/test_staff.py::test_that_nobody_wrote",
        "tests/api/accounts/test_nothing.py::test_a",
        "SECURITY.md#never said there",
        "SECURITY.md",
        "nothing at all",
    ],
)
def test_evidence_that_is_not_there_stops_the_build(said):
    (problem,) = problems_of([msgspec.structs.replace(KEPT, evidence=(said,))], ROOT, CLAUSES)
    assert said in problem


def test_a_control_that_nothing_shows_or_that_stands_twice_is_named():
    assert len(problems_of([msgspec.structs.replace(KEPT, evidence=())], ROOT, CLAUSES)) == 1
    assert len(problems_of([msgspec.structs.replace(KEPT, by="operator")], ROOT, CLAUSES)) == 1
    assert len(problems_of([KEPT, KEPT], ROOT, CLAUSES)) == 1
    assert problems_of([KEPT], ROOT, CLAUSES) == []


@pytest.mark.parametrize("text", ["controls = 1", "[[controls", '[[controls]]\nid = "1"\nkeeper = "me"'])
def test_a_map_of_another_shape_is_refused(tmp_path, text):
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/mlps.toml").write_text(text)
    with pytest.raises(RegisterBroken):
        read_controls(tmp_path)
