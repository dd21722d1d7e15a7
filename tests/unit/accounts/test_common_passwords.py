"""The list of common passwords: what is on it, that it is whole, and that nothing but a password ever reads it."""

import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from chalicelib.accounts.errors import PasswordWeak
from chalicelib.accounts.rules import first_guesses
from chalicelib.accounts.rules.passwords import password_of

OWNER = {"user_name": "模友小王", "mobile": "+8613912345678"}
ROOT = Path(__file__).parents[3]
KNOWN = """
helloworld michelle alexander barcelona liverpool butterfly a1b2c3d4 1a2b3c4d blink182 rockyou1 babygirl tinkerbell
chelsea1 metallica nirvana1 snowball slipknot victoria samantha december ncc1701d redskins patriots lakers24 rush2112
ＭＩＣＨＥＬＬＥ Liverp00l Butterfly! qwer1234 Aa123456 woaini520
"""
FINE = "晚来天欲雪 correcthorsebattery kqzt-5829-vbn 模型胶水和剪钳 dragon-fruit-jam rainbow-tractor-42"


@pytest.mark.promise("K4.3")
@pytest.mark.parametrize("text", KNOWN.split())
def test_what_is_known_everywhere_is_refused(text):
    with pytest.raises(PasswordWeak):
        password_of(text, **OWNER)


@pytest.mark.parametrize("text", FINE.split())
def test_several_words_of_ones_own_are_taken(text):
    assert password_of(text + " 一二三四", **OWNER)


@pytest.mark.promise("K4.3")
def test_the_list_is_sorted_normalised_and_long_enough():
    words = first_guesses._LIST.read_text("utf-8").split("\n")[1:-1]
    assert words == sorted(set(words))
    assert [word for word in words if unicodedata.normalize("NFKC", word).casefold() != word] == []
    assert sum(len(word) >= 8 for word in words) > 15_000
    assert min(map(len, words)) == first_guesses.SHORTEST
    assert first_guesses.is_common("butterfly")
    assert not first_guesses.is_common("butterfly\nbutterfly")
    assert not first_guesses.is_common("utterfl")


def test_each_source_is_named_with_its_licence():
    notice = first_guesses._LIST.with_suffix(".NOTICE.txt").read_text("utf-8")
    for said in ("Django", "zxcvbn", "Redistribution and use", "Permission is hereby granted"):
        assert said in notice


def test_only_a_password_reads_it():
    code = (
        "import sys, app, chalicelib.accounts.rules.passwords as p; "
        "assert 'chalicelib.accounts.rules.first_guesses' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True)
