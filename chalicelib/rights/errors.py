"""Why a request about one's own information is refused."""

from ..foundation.kernel.errors import Failure, Kind


class CancellationBlocked(Failure):
    """Something must be finished first; each error names what."""

    code = "rights.cancellation_blocked"
    kind = Kind.CONFLICT
    title_zh = "注销前还有事项需要处理"
    title_en = "Something must be finished before the account can be cancelled"


class PlanChanged(Failure):
    """What is held has changed since the preview; look at it again."""

    code = "rights.plan_changed"
    kind = Kind.CONFLICT
    title_zh = "注销预览已变化，请重新确认"
    title_en = "What is held has changed since the preview; confirm it again"


class ReceiptUsed(Failure):
    """A cancellation was made with this receipt already; make a new one."""

    code = "rights.receipt_used"
    kind = Kind.CONFLICT
    title_zh = "该凭据已使用过，请重新生成"
    title_en = "This receipt was used before; make a new one"


class CopyNotReady(Failure):
    """The copy is still being made."""

    code = "rights.copy_not_ready"
    kind = Kind.CONFLICT
    title_zh = "副本正在生成"
    title_en = "The copy is still being made"
    retryable = True


class CopyClaimed(Failure):
    """The copy was fetched, or its days are over; ask for a new one."""

    code = "rights.copy_claimed"
    kind = Kind.GONE
    title_zh = "副本已领取或已过期"
    title_en = "The copy was fetched already, or has expired"


class CopyUnderWay(Failure):
    """A copy is being made or waits to be fetched."""

    code = "rights.copy_under_way"
    kind = Kind.CONFLICT
    title_zh = "已有副本正在生成或等待领取"
    title_en = "A copy is already being made or waits to be fetched"


class MergeBlocked(Failure):
    """Something must be finished first on one of the two accounts; each error names what."""

    code = "rights.merge_blocked"
    kind = Kind.CONFLICT
    title_zh = "合并前还有事项需要处理"
    title_en = "Something must be finished before the accounts can be merged"


class MergePlanChanged(Failure):
    """What the two accounts hold has changed since the preview; look at it again."""

    code = "rights.merge_plan_changed"
    kind = Kind.CONFLICT
    title_zh = "合并预览已变化，请重新确认"
    title_en = "What the accounts hold has changed since the preview; confirm it again"


class OtherNotProved(Failure):
    """The token is no fresh proof for another account; log in to it once more."""

    code = "rights.other_not_proved"
    kind = Kind.FORBIDDEN
    title_zh = "请重新登录要并入的账号"
    title_en = "Log in to the account to be merged once more"


class ErasureIncomplete(Failure):
    """The check after erasing found something left; a case for people."""

    code = "rights.erasure_incomplete"
    kind = Kind.INTERNAL
    title_zh = "删除核验未通过"
    title_en = "The check after erasing found something left"
