"""The words that are tried first anywhere: a list made of two public ones, see `common_passwords.NOTICE.txt`."""

from functools import cache
from pathlib import Path
from typing import Final

_LIST: Final = Path(__file__).with_name("common_passwords.txt")
SHORTEST: Final = 4


def is_common(word: str) -> bool:
    """Say whether a word (NFKC, lower case) is on the list; it is read when a password is set, and not before.

    Keeps: K4.3
    """
    return len(word) >= SHORTEST and "\n" not in word and f"\n{word}\n".encode() in _listed()


@cache
def _listed() -> bytes:
    return _LIST.read_bytes()
