"""Pure decisions: which version is in effect, whether what was shown is what is published."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Final

from chalicelib.foundation.kernel.errors import FieldError
from chalicelib.foundation.register.model import Manifest, Notice, Purpose

from .contracts import Agreement, NoticeShown, State
from .errors import Essential, NoticeNotCurrent, NoticeUnsuited, PolicyNotCurrent, ShownAtImplausible, TextUnknown

CHINA: Final = timezone(timedelta(hours=8))
REASONS: Final[dict[str, dict[str, str]]] = {
    "contract": {
        "zh-CN": "为订立、履行与您的合同所必需，属于基本功能。不能单独撤回；注销账号即停止。",
        "en": "Necessary for the contract with you, a basic function. It can't be withdrawn by itself; "
        "cancelling the account ends it.",
    },
    "legal_duty": {
        "zh-CN": "为履行法律规定的义务所必需。不能单独撤回；注销账号后，只在法律要求的期限内保存。",
        "en": "Necessary for a duty that the law lays on us. It can't be withdrawn by itself; once the account is "
        "cancelled, only what the law demands is kept, and only as long.",
    },
    "safety": {
        "zh-CN": "为保护人身和财产安全所必需。不能单独撤回；注销账号即停止。",
        "en": "Necessary for the safety of people and property. It can't be withdrawn by itself; "
        "cancelling the account ends it.",
    },
}
HOW: Final[dict[str, str]] = {
    "zh-CN": "在“我的—隐私中心”关闭，或请客服代为撤回；立即停止处理，撤回前的处理仍然有效。",
    "en": "Turn it off under “Me – Privacy” or ask customer service; processing stops at once, and what was done "
    "before stays lawful.",
}
WITHDRAWALS: Final = "withdrawals"
HEARD_ON: Final = {"community": "community"}
"""Queues that hear of withdrawals themselves, by the first part of the purpose; the rest goes to `withdrawals`."""
EACH: Final = frozenset({"account.outward_login"})
"""Purposes that are agreed to for one recipient at a time, on a page that names it, and never in general."""
EACH_TIME: Final[dict[str, dict[str, str]]] = {
    "account.recovery": {
        "zh-CN": "不在此处开启：每次申请找回时单独征求同意。要撤回，停止这次申请，或不去完成。",
        "en": "Not turned on here: each request for an account asks for consent of its own. To withdraw, stop the "
        "request, or don't finish it.",
    },
}
"""Purposes that are agreed to by whoever is not logged in, each time anew: an account can't have them on or off."""
SHOWN_WITHIN: Final = timedelta(hours=24)
AHEAD: Final = timedelta(minutes=5)
"""How far a client's clock may be ahead of ours."""


def china_day(now: datetime) -> date:
    """Give the day in China, by which versions take effect."""
    return now.astimezone(CHINA).date()


def in_effect(manifests: Sequence[Manifest], on: date) -> Manifest:
    """Choose the newest version in effect on a day; before any is, the first."""
    return next((m for m in reversed(manifests) if m.effective_on <= on), manifests[0])


def refuse_implausible_time(shown_at: datetime, now: datetime, pointer: str) -> None:
    """Stop a time of showing that lies ahead of us or too far back to be this answer's.

    Raises:
        ShownAtImplausible: later than five minutes from now, or more than a day ago.
    """
    if not now - SHOWN_WITHIN <= shown_at <= now + AHEAD:
        raise ShownAtImplausible((FieldError(pointer, "range"),))


def refuse_other_policy(agreement: Agreement, current: Manifest) -> None:
    """Stop an agreement to anything but the published text in effect.

    Keeps: A3.3

    Raises:
        PolicyNotCurrent: another version.
        TextUnknown: that version has no such text in that language.
    """
    if agreement.version != current.version:
        raise PolicyNotCurrent((FieldError("/version", "not_current"),))
    if current.sha256.get(agreement.language) != agreement.sha256:
        raise TextUnknown((FieldError("/sha256", "unknown"),))


def refuse_other_notice(shown: NoticeShown, current: Notice) -> None:
    """Stop an answer to anything but the notice as it is published now.

    Keeps: A3.3

    Raises:
        NoticeNotCurrent: another version.
        TextUnknown: it has no such text in that language.
    """
    if shown.version != current.version:
        raise NoticeNotCurrent((FieldError("/notice/version", "not_current"),))
    if current.sha256.get(shown.language) != shown.sha256:
        raise TextUnknown((FieldError("/notice/sha256", "unknown"),))


def refuse_bundle(purpose: Purpose, asked: Sequence[Purpose]) -> None:
    """Stop an answer to a notice that asks for another consent, or for more than this one.

    Keeps: A2.2, A4.1

    Raises:
        NoticeUnsuited: the purposes the notice asks for are not exactly this one.
    """
    if [p.id for p in asked] != [purpose.id]:
        raise NoticeUnsuited((FieldError("/notice/feature", "other_purpose"),))


def refuse_general(purpose: Purpose) -> None:
    """Stop a general agreement to what is asked for one recipient at a time, or each time it is used.

    Keeps: A4.1

    Raises:
        NoticeUnsuited: it is asked for elsewhere.
    """
    if purpose.id in EACH or purpose.id in EACH_TIME:
        raise NoticeUnsuited((FieldError("/purpose", "asked_elsewhere"),))


def refuse_essential(purpose: Purpose, pointer: str) -> None:
    """Stop giving or withdrawing consent where processing rests on none; says on what it rests.

    Keeps: J6.3

    Raises:
        Essential: necessary for basic functions or by law.
    """
    if purpose.essential or not purpose.asks:
        raise Essential((FieldError(pointer, purpose.ground),))


def state_of(agreed: bool, last_answer: str) -> State:  # noqa: FBT001 - what standing says
    """Tell where an additional purpose stands: standing decides, the last answer only says why it is off."""
    if agreed:
        return "agreed"
    return "refused" if last_answer == "refused" else "withdrawn" if last_answer == "withdrawn" else "off"


def queue_of(purpose_id: str) -> str:
    """Name the queue on which those who act for a purpose hear that it was withdrawn."""
    return HEARD_ON.get(purpose_id.partition(".")[0], WITHDRAWALS)
