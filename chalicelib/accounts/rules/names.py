"""User names and nicknames: which are possible, and which count as the same."""

import re
import unicodedata
from functools import cache
from typing import Final

from chalicelib.foundation.kernel.errors import Failure, FieldError

from ..errors import NicknameRefused, UserNameRefused
from .likeness import bare, look_of

_HAN_KANA: Final = "\u3005\u3007\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff"
_NAME: Final = re.compile(rf"[A-Za-z0-9{_HAN_KANA}]+(?:[_\-·][A-Za-z0-9{_HAN_KANA}]+)*")
_NAME_LENGTH: Final = range(2, 21)
_NICKNAME_LENGTH: Final = range(1, 21)
_LOOKS_LIKE: Final = str.maketrans("0134578@$", "oieastbas")
_RESERVED_NAMES: Final = """
admin administrator root system sysadmin support help service official staff moderator mod security privacy jule
juleadmin julebuluo null undefined anonymous guest everyone owner webmaster postmaster api me gm
系统 平台 游客 匿名 匿名用户 用户 本人 全体成员 小助手
"""
_RESERVED_PARTS: Final = """
官方 客服 管理 版主 审核员 聚乐 系统通知 系统消息 已注销 工作人员 平台运营 运营团队
admin customerservice julebuluo juleofficial
"""
_NO_SUCH_PART: Final = "badminton"
"""A word in which one of the parts stands by chance."""
_DIGITS: Final = "0123456789"
_PSEUDONYM: Final = re.compile(r"玩家[a-z2-7]{6}")
"""What others see of whoever has no nickname; nobody may choose it."""


def user_name_of(text: str) -> str:
    """Normalise a user name (NFKC) and hold it against the rules.

    Keeps: B1.1

    Raises:
        UserNameRefused: length, characters, only digits, or a name that speaks for us.
    """
    name = unicodedata.normalize("NFKC", text)
    _refuse(name, _NAME_LENGTH, UserNameRefused, pointer="/user_name")
    return name


def nickname_of(text: str) -> str:
    """Normalise a nickname (NFKC) and hold it against the rules of user names, but for its length.

    Keeps: B2.7

    Raises:
        NicknameRefused: length, characters, only digits, or a name that speaks for us.
    """
    name = unicodedata.normalize("NFKC", text)
    _refuse(name, _NICKNAME_LENGTH, NicknameRefused, pointer="/nickname")
    return name


def name_key(name: str) -> str:
    """Give the form under which two spellings are the same name."""
    return unicodedata.normalize("NFKC", name).casefold()


def spellings(text: str) -> tuple[str, ...]:
    """Give a text as it stands and as it reads once digits and signs are taken for the letters they look like."""
    return text, text.translate(_LOOKS_LIKE), text.replace("1", "l").translate(_LOOKS_LIKE)


def _refuse(name: str, length: range, refusal: type[Failure], *, pointer: str) -> None:
    """Stop a name that breaks a rule, by the first of them."""
    if len(name) not in length:
        raise refusal((FieldError(pointer, "length"),))
    if not _NAME.fullmatch(name):
        raise refusal((FieldError(pointer, "characters"),))
    if not any(character.isalpha() for character in name):
        raise refusal((FieldError(pointer, "letters"),))
    if _is_reserved(name) or _PSEUDONYM.fullmatch(name_key(name)):
        raise refusal((FieldError(pointer, "reserved"),))


def _is_reserved(name: str) -> bool:
    """Say whether a name speaks for us, in whichever spelling or look."""
    plain = bare(name)
    return any(_reserved(look_of(spelling)) for spelling in (plain, plain.strip(_DIGITS), *spellings(plain)))


def _reserved(look: str) -> bool:
    names, parts = _reserved_looks()
    return look in names or any(part in look.replace(look_of(_NO_SUCH_PART), "") for part in parts)


@cache
def _reserved_looks() -> tuple[frozenset[str], tuple[str, ...]]:
    looks = frozenset(map(look_of, _RESERVED_NAMES.split()))
    return looks, tuple(map(look_of, _RESERVED_PARTS.split()))
