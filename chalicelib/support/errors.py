"""Refusals of this domain."""

from chalicelib.foundation.kernel.errors import Failure, Kind


class CaseClosed(Failure):
    """The case is closed."""

    code = "support.case_closed"
    kind = Kind.CONFLICT
    title_zh = "案件已结"
    title_en = "The case is closed"


class CaseMoved(Failure):
    """Somebody changed the case at the same moment."""

    code = "support.case_moved"
    kind = Kind.CONFLICT
    title_zh = "案件刚刚有变动，请刷新后重试"
    title_en = "The case was just changed; look again"
    retryable = True


class CaseFull(Failure):
    """There is no room for further messages in this case."""

    code = "support.case_full"
    kind = Kind.CONFLICT
    title_zh = "该案件的对话已达上限，请另开一个"
    title_en = "This case takes no more messages; open another one"


class NotAssigned(Failure):
    """The case is somebody else's to look after, or nobody's yet."""

    code = "support.not_assigned"
    kind = Kind.FORBIDDEN
    title_zh = "该案件不由您负责"
    title_en = "This case is not yours to look after"


class AlreadyIdentified(Failure):
    """Who is asking was checked before."""

    code = "support.already_identified"
    kind = Kind.CONFLICT
    title_zh = "身份已核对"
    title_en = "Who is asking was checked already"


class NotIdentified(Failure):
    """Who is asking has not been checked, so no account may be discussed."""

    code = "support.not_identified"
    kind = Kind.CONFLICT
    title_zh = "尚未核对身份，不能谈及账号"
    title_en = "Who is asking was not checked yet"


class AlreadyFrozen(Failure):
    """The account is frozen, or was changed at the same moment."""

    code = "support.already_frozen"
    kind = Kind.CONFLICT
    title_zh = "账户已冻结或刚刚有变动"
    title_en = "The account is frozen already, or was just changed"


class NotFrozen(Failure):
    """The account is not frozen, or was changed at the same moment."""

    code = "support.not_frozen"
    kind = Kind.CONFLICT
    title_zh = "账户未冻结或刚刚有变动"
    title_en = "The account is not frozen, or was just changed"
