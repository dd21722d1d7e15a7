"""Refusals of what customer service asks about accounts."""

from chalicelib.foundation.kernel.errors import Failure, Kind


class IdentityUnproved(Failure):
    """No account, no verified identity, or not this one: one answer for all three."""

    code = "accounts.identity_unproved"
    kind = Kind.UNPROCESSABLE
    title_zh = "无法这样核对身份；请改用验证码，或者让对方申请找回账号"
    title_en = "This proves nobody; use a code, or have them ask for the account back by recovery"
