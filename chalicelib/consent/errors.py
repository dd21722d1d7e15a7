"""Refusals of this domain."""

from chalicelib.foundation.kernel.errors import Failure, Kind


class PolicyNotCurrent(Failure):
    """Another version of the privacy policy is in effect."""

    code = "consent.policy_not_current"
    kind = Kind.CONFLICT
    title_zh = "隐私政策已更新，请阅读当前版本后再同意"
    title_en = "Another version of the privacy policy is in effect; show that one"


class NoticeNotCurrent(Failure):
    """Another version of this notice is in use."""

    code = "consent.notice_not_current"
    kind = Kind.CONFLICT
    title_zh = "告知内容已更新，请阅读当前版本后再作答"
    title_en = "Another version of this notice is in use; show that one"


class TextUnknown(Failure):
    """No published text has this digest in this language."""

    code = "consent.text_unknown"
    kind = Kind.UNPROCESSABLE
    title_zh = "展示的文本与公布的不一致"
    title_en = "The text shown is not the one published"


class ShownAtImplausible(Failure):
    """The text can't have been shown at that time."""

    code = "consent.shown_at_implausible"
    kind = Kind.UNPROCESSABLE
    title_zh = "展示时间不合理，请重新展示"
    title_en = "The time of showing is not plausible; show the text again"


class PurposeUnknown(Failure):
    """The register has no such purpose."""

    code = "consent.purpose_unknown"
    kind = Kind.UNPROCESSABLE
    title_zh = "没有这项用途"
    title_en = "There is no such purpose"


class NoticeUnsuited(Failure):
    """The notice does not ask about this purpose alone."""

    code = "consent.notice_unsuited"
    kind = Kind.UNPROCESSABLE
    title_zh = "该告知不是为这项用途单独征求同意"
    title_en = "This notice does not ask about this purpose alone"


class Essential(Failure):
    """The purpose serves a basic function or the law, so there is no consent to give or withdraw."""

    code = "consent.essential"
    kind = Kind.CONFLICT
    title_zh = "该用途为基本功能或法律所必需，不能单独撤回；如需停止，请注销账号（/v1/cancellation）"
    title_en = (
        "This purpose is necessary for basic functions or by law; it rests on no consent of its own and can't be "
        "withdrawn by itself. To end it, cancel the account (/v1/cancellation)"
    )


class StandingMoved(Failure):
    """The person's consents changed while this was being decided."""

    code = "consent.moved"
    kind = Kind.CONFLICT
    title_zh = "同意状态刚刚发生变化，请重试"
    title_en = "The consents changed meanwhile; try again"
    retryable = True
