"""Names and phrases in pinyin, as attackers' lists spell them: whole syllables, and initials before a date.

Most passwords that leak in China are a name in pinyin, its initials, or a short phrase, with a date, a number or
lucky digits beside it. Lists of them are made by rule, so a rule finds them; no list could be long enough.
"""

import re
from functools import cache
from typing import Final

_FINALS: Final = {
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "f": "a an ang ei en eng o ou u",
    "d": "a ai an ang ao e ei en eng i ian iao ie ing iu ong ou u uan ui un uo",
    "t": "a ai an ang ao e eng i ian iao ie ing ong ou u uan ui un uo",
    "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan uo v ve ue",
    "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu ong ou u uan un uo v ve ue",
    "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "k": "a ai an ang ao e en eng ong ou u ua uai uan uang ui un uo",
    "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "j": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "q": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "x": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "zh": "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo",
    "ch": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
    "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
    "r": "an ang ao e en eng i ong ou u ua uan ui un uo",
    "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "c": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "y": "a an ang ao e i in ing o ong ou u uan ue un",
    "w": "a ai an ang ao ei en eng o u",
    "": "a ai an ang ao e ei en er o ou",
}
_MOST_SYLLABLES: Final = 3
_MOST_WITH_DIGITS: Final = 4
_MOST_INITIALS: Final = 4


def is_short_phrase(letters: str, *, beside_digits: bool) -> bool:
    """Say whether letters are pinyin of a name or short phrase: three syllables, or four beside a number."""
    most = _MOST_WITH_DIGITS if beside_digits else _MOST_SYLLABLES
    return bool(_phrase(most).fullmatch(letters))


def are_initials(letters: str) -> bool:
    """Say whether letters may be the initials of a name, or of two."""
    return 0 < len(letters) <= _MOST_INITIALS


@cache
def _phrase(most: int) -> re.Pattern[str]:
    syllables = {start + end for start, ends in _FINALS.items() for end in ends.split()}
    longest_first = "|".join(sorted(syllables, key=len, reverse=True))
    return re.compile(f"(?:{longest_first}){{1,{most}}}")
