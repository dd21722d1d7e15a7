"""Refusals of this domain."""

from ..foundation.kernel.errors import Failure, Kind


class MediaUnusable(Failure):
    """A picture named is not there, not the caller's, was refused, or is in a post already."""

    code = "media.unusable"
    kind = Kind.UNPROCESSABLE
    title_zh = "所选图片不可用，请重新上传"
    title_en = "A chosen picture can't be used; upload it again"
