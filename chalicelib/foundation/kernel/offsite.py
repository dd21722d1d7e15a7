"""Whether a text leads away from the platform: to a way of contact, or to a payment, that we can't see or undo.

A warning follows from it and nothing else, so it may be wrong at times: no text is refused for good, or held, by this.
"""

import re
import unicodedata
from typing import Final, Literal

Way = Literal["contact", "payment"]

_DIGITS: Final = str.maketrans("零〇一幺二三四五六七八九", "001123456789")
_GAPS: Final = re.compile(r"(?<=\d)[\s\-.·_,，、()~*]{1,3}(?=\d)")
_NAME: Final = r"[\s::=是号码搜\-]{0,4}[a-z0-9][a-z0-9_\-]{4,}"
_CONTACT: Final = re.compile(
    r"(?<![0-9])(?:86)?1[3-9][0-9]{9}(?![0-9])"
    r"|(?<![a-z0-9._+-])[a-z0-9._+-]+@[a-z0-9-]+\.[a-z]{2,}"
    r"|(?:https?://|www\.)[a-z0-9]|(?<![a-z0-9-])[a-z0-9-]+\.(?:com|cn|net|top|xyz|cc|shop|vip)(?![a-z0-9])"
    rf"|(?:微信|威信|薇信|维信|v信|weixin|wechat|telegram|whatsapp|(?<![a-z])(?:vx|wx|tg)(?![a-z])){_NAME}"
    r"|(?:(?<![a-z])qq|企鹅|扣扣|[q群]群|群号)[\s::=是号群\-]{0,4}[0-9]{5,11}(?![0-9])"
    r"|[加+](?:我|个)?(?:微信|威信|薇信|v信?|vx|wx|qq|好友)|私下(?:联系|聊|交易)|线下交易"
)
_PAYMENT: Final = re.compile(
    r"转账|转帐|汇款|打款|收款码|付款码|扫码(?:支付|付款|转)|支付宝|微信(?:支付|付款|转)|(?:发|用)红包|银行卡|私下(?:付|转|交易)|线下交易"
    r"|走闲鱼|(?<![0-9])[34569][0-9]{15,18}(?![0-9])"
)


def ways_out(text: str) -> list[Way]:
    """Name what a text leads away to, however it is spelled: full width, spaced digits, numbers in Chinese.

    Keeps: K6.2
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    numbers = _GAPS.sub("", plain.translate(_DIGITS))
    found: list[Way] = []
    if _CONTACT.search(plain) or _CONTACT.search(numbers):
        found.append("contact")
    if _PAYMENT.search(plain) or _PAYMENT.search(numbers):
        found.append("payment")
    return found
