"""What can go wrong outside, as failures with a stable code. None carries what was sent or answered."""

from ..kernel.errors import Failure, Kind


class ProviderUnavailable(Failure):
    """The other side did not answer in time, is busy, or its answer was lost: the outcome may be unknown."""

    code = "provider.unavailable"
    kind = Kind.UNAVAILABLE
    title_zh = "外部服务暂时不可用，请稍后再试"
    title_en = "A service that this needs is not available, try again"
    retryable = True


class ProviderRefused(Failure):
    """The other side said no, or its answer was not what its documents promise."""

    code = "provider.refused"
    kind = Kind.PROVIDER
    title_zh = "外部服务未能完成该操作"
    title_en = "A service that this needs could not do it"


class DisclosureRefused(Failure):
    """Something was about to leave that the register does not allow this recipient to get."""

    code = "disclosure.refused"
    kind = Kind.INTERNAL
    title_zh = "服务出现故障"
    title_en = "Something went wrong on our side"


class SmsLimited(Failure):
    """The SMS provider's limit for this number or for the day was reached."""

    code = "sms.limited"
    kind = Kind.TOO_MANY
    title_zh = "短信发送过于频繁，请稍后再试"
    title_en = "Too many text messages, try again later"
    retryable = True


class SmsUndeliverable(Failure):
    """The SMS provider does not deliver to this number."""

    code = "sms.undeliverable"
    kind = Kind.UNPROCESSABLE
    title_zh = "无法向该号码发送短信"
    title_en = "No text message can be sent to this number"


class MailUndeliverable(Failure):
    """The mail service does not deliver to this address."""

    code = "mail.undeliverable"
    kind = Kind.UNPROCESSABLE
    title_zh = "无法向该邮箱发送邮件"
    title_en = "No message can be sent to this address"


class IdentityLimited(Failure):
    """The authority was asked about this identity too often today."""

    code = "identity.limited"
    kind = Kind.TOO_MANY
    title_zh = "今日核验次数已达上限，请明天再试"
    title_en = "Checked too often today, try again tomorrow"
    retryable = True


class CodeInvalid(Failure):
    """The mini-program's code is unknown, used or older than five minutes."""

    code = "wechat.code_invalid"
    kind = Kind.UNPROCESSABLE
    title_zh = "微信凭证无效，请重新获取"
    title_en = "The code from WeChat is not valid, get a new one"


class UserBlocked(Failure):
    """WeChat refuses to log this account in."""

    code = "wechat.user_blocked"
    kind = Kind.FORBIDDEN
    title_zh = "该微信帐号暂时无法登录"
    title_en = "WeChat does not let this account log in"


class AppleCodeInvalid(Failure):
    """Apple's authorization code is unknown, used or too old, or was not asked for with this nonce."""

    code = "apple.code_invalid"
    kind = Kind.UNPROCESSABLE
    title_zh = "Apple 登录凭证无效，请重新获取"
    title_en = "Apple's authorization code is not valid, get a new one"


class NotificationForged(Failure):
    """The signature does not fit the bytes that came."""

    code = "wechatpay.notification_forged"
    kind = Kind.UNAUTHENTICATED
    title_zh = "通知签名无效"
    title_en = "The notification's signature is not valid"


class NotificationLate(Failure):
    """The notification was signed more than five minutes before or after now."""

    code = "wechatpay.notification_late"
    kind = Kind.UNAUTHENTICATED
    title_zh = "通知已过期"
    title_en = "The notification's time is not now"


class NotificationKeyUnknown(Failure):
    """The notification names a signing key that is not ours to trust."""

    code = "wechatpay.notification_key_unknown"
    kind = Kind.UNAUTHENTICATED
    title_zh = "通知签名密钥未知"
    title_en = "The notification's signing key is not known"


class NotificationMalformed(Failure):
    """The notification lacks a header, or does not have the documented shape."""

    code = "wechatpay.notification_malformed"
    kind = Kind.INVALID
    title_zh = "通知内容不符合要求"
    title_en = "The notification is not well formed"


class ObjectMissing(Failure):
    """There is no such object."""

    code = "object.missing"
    kind = Kind.MISSING
    title_zh = "没有找到"
    title_en = "Not found"


class ObjectTooLarge(Failure):
    """The object is larger than the reader allows."""

    code = "object.too_large"
    kind = Kind.TOO_LARGE
    title_zh = "文件过大"
    title_en = "The file is too large"
