"""How text becomes search tokens: runs of Chinese, Japanese and Korean by one and two characters, the rest by word."""

import re
import unicodedata

_CJK = "々〆\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = rf"(?:(?![{_CJK}])[^\W_])+"
_RUN = re.compile(rf"(?P<cjk>[{_CJK}]+)|{_WORD}(?:[./-]{_WORD})*")
_JOINT = re.compile(r"[./-]")


def index_tokens(*texts: str) -> frozenset[str]:
    """Give every token under which a text is found."""
    found: set[str] = set()
    for run, is_cjk in _runs(" ".join(texts)):
        found.update((*run, *_bigrams(run)) if is_cjk else _beginnings(run))
    return frozenset(found)


def query_tokens(query: str) -> list[str]:
    """Give the tokens that a query asks for, the one that is likely the rarest first."""
    asked: list[str] = []
    for run, is_cjk in _runs(query):
        asked += (_bigrams(run) or [run]) if is_cjk else [run]
    return sorted(dict.fromkeys(asked), key=len, reverse=True)


def _runs(text: str) -> list[tuple[str, bool]]:
    """Split into runs of one script, widths and cases made equal (NFKC, casefold)."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return [(match[0], match["cjk"] is not None) for match in _RUN.finditer(folded.replace("\u2044", "/"))]


def _bigrams(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _beginnings(run: str) -> list[str]:
    """Give `rx-78-2` as itself, `rx-78`, and each part."""
    ends = [joint.start() for joint in _JOINT.finditer(run)]
    return [run, *(run[:end] for end in ends), *_JOINT.split(run)]
