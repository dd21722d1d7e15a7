"""Pure decisions of rights: clocks, plan lines in words, the order of erasure."""

from datetime import UTC, date, datetime, time, timedelta, timezone

from .contracts import BlockView

ANSWER_DAYS = 30
SHANGHAI = timezone(timedelta(hours=8))
COPY_KEPT = timedelta(days=7)
FETCHED_KEPT = timedelta(hours=1)
"""How long a file lies on once it was handed over: a download that began in time may take that long."""
STUCK_AFTER = timedelta(days=1)
"""From when a copy that is still not made no longer stands against asking for another."""
LINK_S = 60
WORKING = timedelta(minutes=16)
"""Longer than a function may run: whoever took an erasure and has not let go by then is gone."""
LOOK_AGAIN = timedelta(minutes=2)
LOOK_AGAIN_WITHIN = timedelta(hours=6)
APPLE_TRIED = timedelta(hours=1)
"""How long an erasure waits for Apple to end an authorization; nothing of the person's is kept longer for it."""
NOTICE_TRIED = timedelta(days=7)
"""How long the number for the last notice is kept at most, when it can't be sent."""

STEPS: tuple[str, ...] = (
    "entrances",
    "key",
    "guards",
    "rows",
    "settle",
    "second",
    "standing",
    "notices",
    "certificate",
    "done",
)

BLOCKS: dict[str, tuple[str, str, str, str]] = {
    "order_open": (
        "有订单尚未完成",
        "请取消未付款的订单，或在收货、退款完成后再注销",
        "An order is not finished",
        "Cancel it if it is unpaid, or wait until it is received or refunded",
    ),
    "payment_pending": (
        "有一笔付款可能仍会到账",
        "请完成付款，或在开始付款半小时后再试",
        "A payment that was begun may still arrive",
        "Complete it, or try again half an hour after it was begun",
    ),
}
MERGE_BLOCKS: dict[str, tuple[str, str, str, str]] = {
    "merge_under_way": (
        "另一次合并还在进行",
        "请等它完成后再试",
        "Another merge is still under way",
        "Wait until it is done",
    ),
    "other_frozen": (
        "要并入的账号已冻结",
        "请联系客服解除冻结",
        "The account to be merged is frozen",
        "Ask customer service to thaw it",
    ),
    "other_closing": (
        "要并入的账号正在注销或合并",
        "无法再合并",
        "The account to be merged is being closed or merged",
        "It can be merged no more",
    ),
    "minor": (
        "其中一个账号受未成年人保护",
        "请由监护人联系客服，或在成年后再合并",
        "One of the accounts is protected as a minor's",
        "The guardian can ask customer service; or wait until you are of age",
    ),
    "other_guardian": (
        "要并入的账号是他人的监护人",
        "请改为把本账号并入那个账号",
        "The account to be merged is somebody's guardian",
        "Merge this account into that one instead",
    ),
    "other_verified": (
        "要并入的账号已实名认证",
        "请改为把本账号并入那个账号；两个都已认证的，请先撤回其中一个",
        "The account to be merged has a verified identity",
        "Merge this account into that one instead; where both are verified, withdraw one first",
    ),
}


def answer_by(requested_at: datetime) -> date:
    """Give the last day of the thirty that an answer may take, in Shanghai.

    Keeps: J10.2
    """
    return (requested_at.astimezone(SHANGHAI) + timedelta(days=ANSWER_DAYS)).date()


def next_step(step: str) -> str:
    """Give the step that follows."""
    return STEPS[[*STEPS].index(step) + 1]


def look_again(begun_at: datetime, now: datetime) -> datetime:
    """Say when to look again at what could not go on: after as long as it has been waiting, six hours at most."""
    return now + min(max(LOOK_AGAIN, now - begun_at), LOOK_AGAIN_WITHIN)


def midnight(day: str) -> datetime:
    """Give the instant at which a kept record ends: the midnight UTC with which its date begins."""
    return datetime.combine(date.fromisoformat(day), time(), tzinfo=UTC)


def block(code: str, language: str) -> BlockView:
    """Put a block into words, with the way out."""
    zh, zh_way, en, en_way = BLOCKS.get(code) or MERGE_BLOCKS[code]
    text, way_out = (zh, zh_way) if language == "zh-CN" else (en, en_way)
    return BlockView(code=code, text=text, way_out=way_out)
