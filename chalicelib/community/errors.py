"""Refusals of this domain."""

from ..foundation.kernel.errors import Failure, Kind


class AffirmationMissing(Failure):
    """The author has not affirmed that others shown or named agreed."""

    code = "community.affirmation_missing"
    kind = Kind.UNPROCESSABLE
    title_zh = "请先确认：内容涉及他人的，已取得对方同意"
    title_en = "Affirm first that whoever is shown or named has agreed"


class LeavesPlatform(Failure):
    """Contact or payment would leave the platform, and the author has not affirmed to know what that risks."""

    code = "community.leaves_platform"
    kind = Kind.UNPROCESSABLE
    title_zh = (
        "内容会把联系或付款引到平台之外：那里的交易我们看不到，也无法追回。请在平台内联系和付款；仍要发布的，请先确认"
    )
    title_en = "This leads contact or payment off the platform, where we can neither see nor undo it; affirm to go on"
