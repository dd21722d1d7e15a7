"""Refusals of this domain."""

from ..foundation.kernel.errors import Failure, Kind


class AffirmationMissing(Failure):
    """The author has not affirmed that others shown or named agreed."""

    code = "community.affirmation_missing"
    kind = Kind.UNPROCESSABLE
    title_zh = "请先确认：内容涉及他人的，已取得对方同意"
    title_en = "Affirm first that whoever is shown or named has agreed"
