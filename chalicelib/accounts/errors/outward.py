"""What refuses log-in elsewhere."""

from chalicelib.foundation.kernel.errors import Failure, Kind


class OutwardRequestRefused(Failure):
    """A third party's authorisation request is not one that may be put before anybody; the error says why."""

    code = "accounts.outward_request_refused"
    kind = Kind.UNPROCESSABLE
    title_zh = "第三方的登录请求不正确"
    title_en = "The third party's request is not right"


class OutwardTokenInvalid(Failure):
    """A third party's token was never ours, has ended, or its link, consent or account has."""

    code = "accounts.outward_token_invalid"
    kind = Kind.UNAUTHENTICATED
    title_zh = "令牌无效或已失效"
    title_en = "The token is not, or no longer, valid"


class OutwardRefused(Failure):
    """A third party's request is refused in the shape of the protocol."""

    code = "accounts.outward_refused"
    kind = Kind.INVALID
    title_zh = "请求不正确"
    title_en = "The request is not right"


class OutwardPageGone(Failure):
    """A consent page, or the way to it, was used before, is too old, or never was."""

    code = "accounts.outward_page_gone"
    kind = Kind.INVALID
    title_zh = "页面已使用或已失效"
    title_en = "The page was used or is no longer valid"


class OutwardCodeUsed(Failure):
    """A third party's code or refresh token was used at the same moment by another request."""

    code = "accounts.outward_code_used"
    kind = Kind.CONFLICT
    title_zh = "凭证已使用"
    title_en = "It was used already"


class OutwardClientUnknown(Failure):
    """A third party's server does not say, or does not prove, which service it is; in the shape of the protocol."""

    code = "accounts.outward_client_unknown"
    kind = Kind.UNAUTHENTICATED
    title_zh = "第三方身份验证失败"
    title_en = "The service is not known, or not proved"
