"""Refusals of this domain. None of them tells a stranger whether a number or a name has an account."""

from chalicelib.foundation.kernel.errors import Failure, Kind


class CodeInvalid(Failure):
    """The code is wrong, used, expired, tried too often, or was sent for something else."""

    code = "accounts.code_invalid"
    kind = Kind.UNPROCESSABLE
    title_zh = "验证码不正确或已失效"
    title_en = "The code is wrong or no longer valid"


class CodesPaused(Failure):
    """Today's number of text messages is used up."""

    code = "accounts.codes_paused"
    kind = Kind.UNAVAILABLE
    title_zh = "验证码服务暂停，请稍后再试"
    title_en = "Codes are paused; try again later"
    retryable = True


class MobileTaken(Failure):
    """The number, proved by its code, has an account already."""

    code = "accounts.mobile_taken"
    kind = Kind.CONFLICT
    title_zh = "该手机号已注册，请直接登录"
    title_en = "This number has an account; log in instead"


class UserNameTaken(Failure):
    """Somebody has this user name, in this or a like spelling."""

    code = "accounts.user_name_taken"
    kind = Kind.CONFLICT
    title_zh = "该用户名已被使用"
    title_en = "This user name is taken"


class UserNameRefused(Failure):
    """The user name breaks a rule; the error names it."""

    code = "accounts.user_name_refused"
    kind = Kind.UNPROCESSABLE
    title_zh = "用户名不符合要求"
    title_en = "This user name is not possible"


class PasswordWeak(Failure):
    """The password breaks a rule; the error names it."""

    code = "accounts.password_weak"
    kind = Kind.UNPROCESSABLE
    title_zh = "密码过于简单或不符合要求"
    title_en = "This password is too easy to guess"


class LoginFailed(Failure):
    """No such account, wrong password, or a wait after too many tries: one answer for all three."""

    code = "accounts.login_failed"
    kind = Kind.UNAUTHENTICATED
    title_zh = "账号或密码不正确；多次失败后需等待一段时间"
    title_en = "Wrong account or password; after several failures there is a wait"


class PasswordWrong(Failure):
    """The password given to confirm a sensitive act is wrong, or tried too often."""

    code = "accounts.password_wrong"
    kind = Kind.FORBIDDEN
    title_zh = "密码不正确；多次失败后需等待一段时间"
    title_en = "Wrong password; after several failures there is a wait"


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
