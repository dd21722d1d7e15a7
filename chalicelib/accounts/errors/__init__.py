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


class StaffLoginFailed(Failure):
    """No such member of staff, wrong password or code, a code used before, or a wait: one answer for all."""

    code = "staff.login_failed"
    kind = Kind.UNAUTHENTICATED
    title_zh = "用户名、密码或动态口令不正确；多次失败后需等待一段时间"
    title_en = "Wrong user name, password or code; after several failures there is a wait"


class InvitationInvalid(Failure):
    """The invitation is forged, used, replaced, or over; or the code does not prove the second factor."""

    code = "staff.invitation_invalid"
    kind = Kind.UNPROCESSABLE
    title_zh = "开通凭证无效或已过期，或动态口令不正确"
    title_en = "The invitation is not valid any more, or the code is wrong"


class OwnAccount(Failure):
    """Nobody does this to their own account: somebody else must."""

    code = "staff.own_account"
    kind = Kind.FORBIDDEN
    title_zh = "不能对自己的账号进行此操作，请由他人办理"
    title_en = "Not on one's own account: somebody else must do it"


class TrainingAhead(Failure):
    """A day of training or exam that is yet to come; the error names which."""

    code = "staff.training_ahead"
    kind = Kind.UNPROCESSABLE
    title_zh = "培训和考试日期不能晚于今天"
    title_en = "Training and exam can't lie ahead"


class LastAdministrator(Failure):
    """There would be no administrator left."""

    code = "staff.last_administrator"
    kind = Kind.CONFLICT
    title_zh = "不能移除最后一名管理员"
    title_en = "The last administrator can't be removed"


class AdministratorExists(Failure):
    """The first administrator was made already."""

    code = "staff.administrator_exists"
    kind = Kind.CONFLICT
    title_zh = "已有管理员"
    title_en = "There is an administrator already"


class MemberMoved(Failure):
    """Somebody changed this member of staff at the same moment."""

    code = "staff.member_moved"
    kind = Kind.CONFLICT
    title_zh = "该员工的信息刚刚被他人修改，请刷新后重试"
    title_en = "This member of staff was just changed by somebody else; look again"
    retryable = True


class NicknameRefused(Failure):
    """The nickname breaks a rule; the error names it."""

    code = "accounts.nickname_refused"
    kind = Kind.UNPROCESSABLE
    title_zh = "昵称不符合要求"
    title_en = "This nickname is not possible"


class NicknameTaken(Failure):
    """Somebody else has a name that is this one or looks like it."""

    code = "accounts.nickname_taken"
    kind = Kind.CONFLICT
    title_zh = "该昵称与他人的名字相同或过于相像"
    title_en = "Somebody else has this name, or one that looks like it"


class NicknameTooSoon(Failure):
    """The nickname was changed a short time ago; the profile says from when on it may be again."""

    code = "accounts.nickname_too_soon"
    kind = Kind.TOO_MANY
    title_zh = "昵称修改过于频繁，请稍后再改"
    title_en = "The nickname was changed a short time ago; wait before changing it again"


class GuardianNotVerified(Failure):
    """Only a verified adult answers as a guardian."""

    code = "minors.guardian_not_verified"
    kind = Kind.FORBIDDEN
    title_zh = "监护人须为完成实名认证的成年人"
    title_en = "A guardian must be an adult whose identity is verified"


class InvitationOver(Failure):
    """The invitation is not ours, too old, or was answered."""

    code = "minors.invitation_over"
    kind = Kind.UNPROCESSABLE
    title_zh = "监护人凭证无效或已过期"
    title_en = "The invitation of a guardian is not valid any more"


class NotUnderAge(Failure):
    """Nothing of this concerns somebody who is not known to be under age."""

    code = "minors.not_under_age"
    kind = Kind.CONFLICT
    title_zh = "该账号不属于未成年人"
    title_en = "This account is not of somebody under age"


class AgeSettled(Failure):
    """A word of one's own makes nobody older, and nobody younger whose identity is verified."""

    code = "minors.age_settled"
    kind = Kind.CONFLICT
    title_zh = "年龄不能由本人再次申报更改，请完成实名认证，或由监护人、客服更正"
    title_en = "A word of one's own does not change this; verify your identity, or have a guardian or us correct it"


class GuardiansDisagree(Failure):
    """Guardians disagree; until the person in charge has decided, none of them acts alone."""

    code = "minors.guardians_disagree"
    kind = Kind.CONFLICT
    title_zh = "监护人意见不一，待个人信息保护负责人处理"
    title_en = "Guardians disagree; the person in charge decides first"


class TooManyGuardians(Failure):
    """So many guardians or wards are not plausible."""

    code = "minors.too_many_guardians"
    kind = Kind.CONFLICT
    title_zh = "监护关系已达上限，请联系客服"
    title_en = "So many guardianships are not possible here; contact customer service"


class VerificationFailed(Failure):
    """The authority does not know this person so, or the identity has all its accounts: one answer for both."""

    code = "accounts.verification_failed"
    kind = Kind.UNPROCESSABLE
    title_zh = "核验未通过：信息不一致、查无记录，或该身份可认证的账号已满"
    title_en = "Not verified: no match, no record, or this identity has all the accounts it may have"


class VerifiedOtherwise(Failure):
    """The account is verified as somebody else; that consent is withdrawn first."""

    code = "accounts.verified_otherwise"
    kind = Kind.CONFLICT
    title_zh = "账号已用另一身份完成认证，请先撤回认证"
    title_en = "The account is verified as another person; withdraw that first"


class FaceNotBegun(Failure):
    """No face check is under way, or it was begun too long ago."""

    code = "accounts.face_not_begun"
    kind = Kind.CONFLICT
    title_zh = "没有进行中的人脸核验，请重新开始"
    title_en = "No face check is under way; begin one"
