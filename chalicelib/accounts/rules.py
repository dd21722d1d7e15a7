"""Pure decisions: numbers, names, passwords, how often a code may go out, how long a log-in waits after failures."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final

from chalicelib.foundation.kernel.errors import FieldError, InvalidInput

from .errors import PasswordWeak, UserNameRefused

CODE_LIFE: Final = timedelta(minutes=10)
CODE_TRIES: Final = 5
RESEND_AFTER_S: Final = 60
CODE_WINDOWS: Final = ((1, RESEND_AFTER_S), (5, 3600), (10, 86400))
"""At most so many codes to one number in so many seconds; stays below the limits of the providers."""

LOGIN_TRIES: Final = 5
LOGIN_WAITS: Final = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240))
"""The wait after each round of failed tries; the last one repeats."""

SESSION_LIFE: Final = timedelta(days=30)
"""A session ends when it was not used for so long."""

_PHONE_CHARACTERS: Final = re.compile(r"[+0-9 ()\-]+")
_HAN_KANA: Final = "\u3005\u3007\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff"
_NAME: Final = re.compile(rf"[A-Za-z0-9{_HAN_KANA}]+(?:[_\-·][A-Za-z0-9{_HAN_KANA}]+)*")
_NAME_LENGTH: Final = range(2, 21)
_LOOKS_LIKE: Final = str.maketrans("0134578@$", "oieastbas")
_RESERVED_NAMES: Final = """
admin administrator root system sysadmin support help service official staff moderator mod security privacy jule
juleadmin julebuluo null undefined anonymous guest everyone owner webmaster postmaster api me
系统 平台 游客 匿名 匿名用户 用户 本人 全体成员
"""
_RESERVED: Final = frozenset(_RESERVED_NAMES.split())
_RESERVED_PARTS: Final = (
    *("官方", "客服", "管理员", "版主", "审核员", "聚乐部落", "系统通知", "系统消息", "已注销", "工作人员"),
    *("administrator", "customerservice", "julebuluo", "juleofficial"),
)

PASSWORD_LENGTH: Final = range(8, 129)
_FEW: Final = 3
_FEW_AROUND: Final = 8
_AROUND: Final = "0123456789!@#$%^&*()_+-=.,?~ "
_PERSONAL_PART: Final = 4
_ROWS: Final = (
    *("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz"),
    *("1qaz2wsx3edc4rfv5tgb6yhn7ujm", "qazwsxedcrfvtgbyhnujm", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0"),
    *("!@#$%^&*()", "147258369", "789456123", "741852963", "0123456789"),
)
_DATE: Final = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_MOBILE: Final = re.compile(r"(86)?1[3-9]\d{9}")
_LUCKY: Final = re.compile(r"(?:520|521|1314|3344|168|888|666|886|188|518|000|111|999)+")
_FAVOURITES: Final = """
woaini woaiwojia woaiwo aini wobuzhidao woshishui woshini woshinibaba nihao nihaoma zhongguo zhonghua beijing shanghai
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


def mobile_of(text: str, pointer: str = "/mobile") -> str:
    """Read a mobile number of mainland China in any usual spelling; gives E.164.

    Keeps: B1.1

    Raises:
        InvalidInput: no such number can exist there.
    """
    import phonenumbers

    plain = unicodedata.normalize("NFKC", text).strip()
    try:
        if not _PHONE_CHARACTERS.fullmatch(plain):
            raise InvalidInput((FieldError(pointer, "mobile"),))
        number = phonenumbers.parse(plain, "CN")
    except phonenumbers.NumberParseException:
        raise InvalidInput((FieldError(pointer, "mobile"),)) from None
    ours = number.country_code == 86 and phonenumbers.is_valid_number_for_region(number, "CN")  # noqa: PLR2004
    if not ours or phonenumbers.number_type(number) != phonenumbers.PhoneNumberType.MOBILE:
        raise InvalidInput((FieldError(pointer, "mobile"),))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def mask_mobile(mobile: str) -> str:
    """Show only what lets its owner recognise a number."""
    national = mobile.removeprefix("+86")
    return f"{national[:3]}****{national[-4:]}"


def user_name_of(text: str) -> str:
    """Normalise a user name (NFKC) and hold it against the rules.

    Keeps: B1.1

    Raises:
        UserNameRefused: length, characters, only digits, or a name that speaks for us.
    """
    name = unicodedata.normalize("NFKC", text)
    if len(name) not in _NAME_LENGTH:
        raise UserNameRefused((FieldError("/user_name", "length"),))
    if not _NAME.fullmatch(name):
        raise UserNameRefused((FieldError("/user_name", "characters"),))
    if not any(character.isalpha() for character in name):
        raise UserNameRefused((FieldError("/user_name", "letters"),))
    plain = _bare(name)
    if _is_reserved(plain) or _is_reserved(plain.translate(_LOOKS_LIKE)):
        raise UserNameRefused((FieldError("/user_name", "reserved"),))
    return name


def name_key(name: str) -> str:
    """Give the form under which two spellings are the same name."""
    return unicodedata.normalize("NFKC", name).casefold()


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


def residence_of(text: str) -> str:
    """Normalise a place of residence.

    Raises:
        InvalidInput: empty, too long or with control characters.
    """
    place = " ".join(unicodedata.normalize("NFC", text).split(" ")).strip()
    if not place:
        raise InvalidInput((FieldError("/residence", "length"),))
    if any(unicodedata.category(character)[0] in "CZ" and character != " " for character in place):
        raise InvalidInput((FieldError("/residence", "characters"),))
    return place


def wait_before_code(sent_at_s: Sequence[int], now_s: int) -> int:
    """Give the seconds to wait before the next code to a number, by when the last ones went out; 0 for none."""
    waits = [0]
    for most, window_s in CODE_WINDOWS:
        recent = sorted(at for at in sent_at_s if at > now_s - window_s)
        if len(recent) >= most:
            waits.append(recent[-most] + window_s - now_s)
    return max(waits)


def recent_codes(sent_at_s: Sequence[int], now_s: int) -> list[int]:
    """Keep the times that still count, and add now."""
    longest = max(window_s for _, window_s in CODE_WINDOWS)
    return [*sorted(at for at in sent_at_s if at > now_s - longest), now_s]


def may_try_again(tried_at: datetime, rounds: int, now: datetime) -> bool:
    """Say whether the wait after a round of failed log-ins is over.

    Keeps: K4.3
    """
    return now >= tried_at + LOGIN_WAITS[min(rounds, len(LOGIN_WAITS) - 1)]


def _bare(name: str) -> str:
    return re.sub(r"[_\-·]", "", name_key(name))


def _is_reserved(plain: str) -> bool:
    return any(
        spelling in _RESERVED or any(part in spelling for part in _RESERVED_PARTS) for spelling in _spellings(plain)
    )


def _spellings(text: str) -> tuple[str, ...]:
    """Give a text as it stands and as it reads once digits and signs are taken for the letters they look like."""
    return text, text.translate(_LOOKS_LIKE), text.replace("1", "l").translate(_LOOKS_LIKE)


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
    return len(set(lower)) <= _FEW or repeats or steps in ({1}, {-1}) or _walks(lower)


def _walks(lower: str) -> bool:
    return any(lower in row or lower[::-1] in row for row in _ROWS)


def _is_habit(lower: str) -> bool:
    """Say whether it is a date, a phone number, lucky digits, or a favourite word with a few digits around it."""
    word = lower.strip(_AROUND)
    if word:
        short = len(lower) - len(word) <= _FEW_AROUND
        return short and (_walks(word) or any(spelling in _COMMON for spelling in _spellings(word)))
    digits = re.sub(r"\D", "", lower)
    return _is_date(digits) or bool(_MOBILE.fullmatch(digits) or _LUCKY.fullmatch(digits))


def _is_date(digits: str) -> bool:
    match = _DATE.fullmatch(digits)
    if match is None:
        return False
    try:
        date(int(digits[:4]), int(match[2]), int(match[3]))
    except ValueError:
        return False
    return True
