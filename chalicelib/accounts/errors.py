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


class ProofInvalid(Failure):
    """The proof of a number is not ours, too old, or opened an account already."""

    code = "accounts.proof_invalid"
    kind = Kind.UNPROCESSABLE
    title_zh = "手机号验证已失效，请重新验证"
    title_en = "The proof of the number is no longer valid, get a new one"


class NotBound(Failure):
    """No account is bound to this identity; log in or sign up another way, then bind it."""

    code = "accounts.not_bound"
    kind = Kind.UNAUTHENTICATED
    title_zh = "该第三方账号尚未绑定，请先登录或注册，再绑定"
    title_en = "Nothing is bound to this account; log in or sign up another way, then bind it"


class BoundElsewhere(Failure):
    """This identity is bound to another account; it does not say whose."""

    code = "accounts.bound_elsewhere"
    kind = Kind.CONFLICT
    title_zh = "该第三方账号已绑定其他账号"
    title_en = "This is bound to another account"


class BindingExists(Failure):
    """Another identity of the same provider is bound; that has to be unbound first."""

    code = "accounts.binding_exists"
    kind = Kind.CONFLICT
    title_zh = "您已绑定另一个同类账号，请先解除绑定"
    title_en = "Another one of this kind is bound; unbind it first"


class LastWayIn(Failure):
    """Without this binding nothing would be left to log in by."""

    code = "accounts.last_way_in"
    kind = Kind.CONFLICT
    title_zh = "这是您唯一的登录方式，不能解除"
    title_en = "It is the only way in that is left and can't be cut"
