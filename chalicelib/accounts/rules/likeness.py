"""Which names look alike: one form for letters, digits and characters that the eye takes for each other."""

import re
import unicodedata
from typing import Final

_SEPARATORS: Final = re.compile(r"[_\-·]")
_ALIKE: Final = """
0o 1l il 〇o ヘへ イ亻 エ工 カ力 タ夕 ト卜 ニ二 ハ八 ロ口 囗口 ー一 リり 士土 戸户 戶户 曰日 末未 己已
巳已 値值 晚晩 啟啓 絶绝 絕绝 黒黑 郞郎 鎮镇 鎭镇 併并
"""
"""Pairs of the Unicode confusables (UTS 39) among what a name may be made of, and a few that they leave out."""
_SIMPLER: Final = """
樂乐 員员 審审 統统 訊讯 遊游 註注 銷销 運运 營营 編编 輯辑 團团 隊队 財财 務务 總总 監监 開开 發发 測测 試试
專专 號号 網网 單单 兌兑 換换 賬账 帳账 實实 認认 證证 權权 級级 長长 聯联 絡络 臺台 機机 構构 創创 辦办 會会
協协 議议 聲声 舉举 報报 買买 賣卖 購购 費费 優优 體体 學学 龍龙 俠侠 風风 雲云 獸兽 戰战 劍剑 聖圣 靈灵 飛飞
馬马 鳥鸟 魚鱼 貓猫 夢梦 愛爱 無无 國国 東东 島岛 師师 車车 軍军 門门 黃黄
"""
"""Traditional characters of the words that speak for us, and of those that names are often made of."""
_SEVERAL: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"))


def bare(name: str) -> str:
    """Give a name (NFKC, lower case) without what stands between its parts, in simpler characters where we know."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return _SEPARATORS.sub("", plain).translate(_PLAINER)


def look_of(name: str) -> str:
    """Give the form that is the same for two names which look the same.

    Keeps: B2.7
    """
    look = bare(name).translate(_ONE)
    for several, one in _SEVERAL:
        look = look.replace(several, one)
    return look


def _table(pairs: str) -> dict[int, int]:
    return {ord(pair[0]): ord(pair[1]) for pair in pairs.split()}


_PLAINER: Final = _table(_SIMPLER)
_ONE: Final = _table(_ALIKE)
