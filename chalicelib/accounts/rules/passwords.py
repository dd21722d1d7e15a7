"""Passwords: which are too easy, and how long a log-in waits after failures."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final

from chalicelib.foundation.kernel.errors import FieldError

from ..errors import PasswordWeak
from .names import name_key, spellings

LOGIN_TRIES: Final = 5
LOGIN_WAITS: Final = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240))
"""The wait after each round of failed tries; the last one repeats."""


PASSWORD_LENGTH: Final = range(8, 129)
_FEW: Final = 3
_FEW_AROUND: Final = 8
_FEW_AROUND_LISTED: Final = 4
"""So much around a word of the long list is guessed with it; around the first words of every attacker, more."""
_AROUND: Final = "0123456789!@#$%^&*()_+-=.,?~ "
_PERSONAL_PART: Final = 4
_ROWS: Final = (
    *("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz"),
    *("1qaz2wsx3edc4rfv5tgb6yhn7ujm", "qazwsxedcrfvtgbyhnujm", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0"),
    *("!@#$%^&*()", "147258369", "789456123", "741852963", "0123456789"),
    *("zaq12wsxcde34rfvbgt56yhn", "147852369", "123654789", "321654987", "987654321"),
)


_SHORT: Final = 3
"""The shortest word or walk that makes a pair guessable."""
_SHORT_DATE: Final = 6
_LETTERS: Final = re.compile("[a-z]+")
_UNSHIFTED: Final = str.maketrans("!@#$%^&*()", "1234567890")
_AGAIN: Final = re.compile(r"(.)\1+")
_BOTH_SIDES: Final = re.compile(r"(\D+)\d{1,8}\1")
_DATE: Final = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_MOBILE: Final = re.compile(r"(86)?1[3-9]\d{9}")
_LUCKY: Final = re.compile(r"(?:520|521|1314|3344|168|888|666|886|188|518|000|111|999)+")
_FAVOURITES: Final = """
woai woshi wode woaini woaiwojia woaiwo aini wobuzhidao woshishui woshini woshinibaba nihao nihaoma zhongguo zhonghua
beijing shanghai
guangzhou shenzhen hangzhou tiantian baobao baobei laopo laogong mima mimamima wodemima caonima nimabi shabi feifei
xiaoming xiaohong wangwei zhangwei liwei lining aiqing yongyuan kuaile shengri xingfu facai gongxi meimei gege jiejie
didi mama baba taobao alipay zhifubao weixin wechat tencent tengxun qq qqqq baidu sina weibo jingdong jule julebuluo
moxing gaoda gundam gunpla kuwan buluo asd asdasd qwe qweqwe qweasd qweasdzxc zxc zxczxc asdzxc abc abcabc aaa aa a as
password passwort pass passwd admin administrator root user guest test testing login welcome letmein master monkey
dragon sunshine princess football baseball basketball superman batman spiderman iloveyou loveyou love lover trustno
shadow michael jordan jennifer charlie thomas hunter ranger buster soccer hockey killer george summer winter spring
autumn flower freedom whatever secret starwars pokemon naruto computer internet samsung iphone google facebook apple
android windows microsoft hello hallo changeme default mustang access ashley daniel matrix cheese purple orange banana
cookie chocolate ginger pepper maggie family friends forever angel angels happy lucky money jesus blessed diamond
silver golden phoenix corvette ferrari mercedes
"""


_COMMON: Final = frozenset(_FAVOURITES.split())


def plain_password(text: str) -> str:
    """Normalise a password (NFKC), so that another keyboard gives the same one."""
    return unicodedata.normalize("NFKC", text)


def password_of(text: str, *, user_name: str, mobile: str, pointer: str = "/password") -> str:
    """Normalise a password (NFKC) and refuse what would be guessed first. No rule asks for kinds of characters.

    Keeps: K4.3

    Raises:
        PasswordWeak: too short, too long, on the list, a pattern, or made of the name or number.
    """
    password = plain_password(text)
    weakness = _weakness(password, (name_key(user_name), mobile.removeprefix("+86")))
    if weakness:
        raise PasswordWeak((FieldError(pointer, weakness),))
    return password


def may_try_again(tried_at: datetime, rounds: int, now: datetime) -> bool:
    """Say whether the wait after a round of failed log-ins is over.

    Keeps: K4.3
    """
    return now >= tried_at + LOGIN_WAITS[min(rounds, len(LOGIN_WAITS) - 1)]


def _weakness(password: str, personal: Sequence[str]) -> str:
    lower = password.casefold()
    if len(password) not in PASSWORD_LENGTH:
        return "length"
    if any(len(part) >= _PERSONAL_PART and part in lower for part in personal):
        return "personal"
    if _is_pattern(lower) or _is_habit(lower):
        return "common"
    return ""


def _is_pattern(lower: str) -> bool:
    """Say whether it repeats, counts, or walks along the keyboard."""
    repeats = lower in (lower + lower)[1:-1]
    steps = {ord(after) - ord(before) for before, after in pairwise(lower)}
    walks = _walks(lower) or _walks(lower.translate(_UNSHIFTED)) or _walks_slowly(lower)
    return len(set(lower)) <= _FEW or repeats or steps in ({1}, {-1}) or walks or bool(_BOTH_SIDES.fullmatch(lower))


def _walks(lower: str) -> bool:
    return any(lower in row or lower[::-1] in row for row in _ROWS)


def _walks_slowly(lower: str) -> bool:
    """Say whether it walks with each key struck more than once, or there and back."""
    once = _AGAIN.sub(r"\1", lower)
    there = once[: (len(once) + 1) // 2] if once == once[::-1] else once
    return len(there) >= _SHORT and _walks(there)


def _is_habit(lower: str) -> bool:
    """Say whether it is a date, a phone number, lucky digits, or favourite words or a name with a few digits around."""
    word = lower.strip(_AROUND)
    digits = re.sub(r"\D", "", lower)
    if not word:
        return _is_number(digits)
    around = len(lower) - len(word)
    if around <= _FEW_AROUND and (_walks(word) or _is_favourite(word)):
        return True
    if _is_listed(lower) or (around <= _FEW_AROUND_LISTED and _is_listed(word)):
        return True
    return bool(_LETTERS.fullmatch(word)) and _is_name(word, digits)


def _is_favourite(word: str) -> bool:
    """Say whether it is one of the favourite words, or two of them side by side, in whichever spelling."""
    return any(spelling in _COMMON or _is_pair(spelling) for spelling in spellings(word))


def _is_listed(word: str) -> bool:
    """Say whether it is on the list of common passwords, in whichever spelling."""
    from .first_guesses import is_common

    return any(map(is_common, spellings(word)))


def _is_pair(word: str) -> bool:
    cuts = range(_SHORT, len(word) - _SHORT + 1)
    return any(word[:at] in _COMMON and word[at:] in _COMMON for at in cuts)


def _is_name(letters: str, digits: str) -> bool:
    """Say whether it is a name or phrase in pinyin, bare or beside a number, or initials beside one of meaning."""
    from .pinyin import are_initials, is_short_phrase

    if is_short_phrase(letters, beside_digits=bool(digits)):
        return len(digits) <= _FEW_AROUND or _is_number(digits)
    return are_initials(letters) and _is_number(digits)


def _is_number(digits: str) -> bool:
    """Say whether digits mean something: a date in any order, a phone number, lucky ones, a run, a repeat."""
    if not digits:
        return False
    century = [f"{century}{digits}" for century in ("19", "20")] if len(digits) == _SHORT_DATE else []
    month_first, day_first = f"{digits[4:]}{digits[:4]}", f"{digits[4:]}{digits[2:4]}{digits[:2]}"
    dates = (digits, digits[1:], digits[:-1], month_first, day_first, *century)
    return (
        any(map(_is_date, dates))
        or bool(_MOBILE.fullmatch(digits) or _LUCKY.fullmatch(digits))
        or _walks(digits)
        or digits in (digits + digits)[1:-1]
    )


def _is_date(digits: str) -> bool:
    match = _DATE.fullmatch(digits)
    if match is None:
        return False
    try:
        date(int(digits[:4]), int(match[2]), int(match[3]))
    except ValueError:
        return False
    return True
