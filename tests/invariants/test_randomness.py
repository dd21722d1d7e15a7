"""What must not be guessed comes from the operating system's generator, and from no other."""

import ast
from collections import Counter

import pytest

from chalicelib.accounts.service import codes
from infra.tree import ROOT
from tests.support.accounts import new_mobile
from tests.support.cloud import TestCloud
from tests.support.counterparties import Counterparties
from tests.support.edges import Http

GUESSABLE = {"random", "numpy", "uuid"}
"""Generators whose next value follows from earlier ones, or from time and machine."""


def test_the_product_knows_no_guessable_generator():
    for file in [ROOT / "app.py", *(ROOT / "chalicelib").rglob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text())):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) and not node.level else []
            assert {name.partition(".")[0] for name in names} & GUESSABLE == set(), file.name


@pytest.mark.promise("B1.2")
def test_a_code_is_drawn_from_a_million_by_the_secure_generator(
    http: Http, cloud: TestCloud, counterparties: Counterparties, monkeypatch: pytest.MonkeyPatch
):
    drawn: list[int] = []

    def below(limit: int) -> int:
        if limit == 1_000_000:
            drawn.append(limit)
            return 42
        return 0

    monkeypatch.setattr(codes.secrets, "randbelow", below)
    mobile = new_mobile()
    answer = http("POST", "/v1/accounts/codes", {"mobile": mobile, "purpose": "sign_up"})
    assert (answer.status, drawn) == (202, [1_000_000])
    assert counterparties.sms(f"+86{mobile}") == "000042"
    assert "000042" not in answer.text


@pytest.mark.promise("B1.2")
def test_codes_repeat_no_pattern(http: Http, cloud: TestCloud, counterparties: Counterparties):
    seen = []
    for _ in range(30):
        mobile = new_mobile()
        assert http("POST", "/v1/accounts/codes", {"mobile": mobile, "purpose": "sign_up"}).status == 202
        seen.append(counterparties.sms(f"+86{mobile}"))
    assert Counter(seen).most_common(1)[0][1] <= 2
    assert len({code[0] for code in seen if code}) >= 4
