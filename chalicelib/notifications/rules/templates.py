"""Which templates there are, and what they say."""

from typing import Final

import msgspec

from ..contracts import Topic
from .case_words import OF_CASES


class Words(msgspec.Struct, frozen=True):
    """What a template says in one language."""

    title: str
    text: str


class Template(msgspec.Struct, frozen=True):
    """A service message: its topic, the id prefix of what it is about, its words by language."""

    topic: Topic
    about: str
    words: dict[str, Words]


def _template(topic: Topic, about: str, *, zh: tuple[str, str], en: tuple[str, str]) -> Template:
    return Template(topic, about, {"zh-CN": Words(*zh), "en": Words(*en)})


_CASES: Final = {name: _template("support", "cas", zh=zh, en=en) for name, zh, en in OF_CASES}
_AGES: Final = {
    name: _template("rights", "ses", zh=zh, en=en)
    for name, zh, en in (
        (
            "age_noted",
            ("已记录年龄信息", "您的账号已按未满十八周岁保护。如果不对，请完成实名认证或联系客服。"),
            ("Your age was noted", "The account is protected as a minor's. If that is wrong, verify your identity."),
        ),
        (
            "guardian_answered",
            ("监护人已作答", "可在“我的—监护”查看结果。如果您不认识该监护人，请立即联系客服。"),
            ("A guardian has answered", "See “Me – Guardian”. If you don't know this guardian, contact us at once."),
        ),
        (
            "guardians_disagree",
            ("监护人意见不一", "有争议的功能先停用，由个人信息保护负责人处理。"),
            ("Guardians disagree", "What they disagree on is stopped; the person in charge decides."),
        ),
        (
            "turned_14",
            ("您已年满十四周岁", "监护人原先的同意已失效，请您自己决定。发布和购买仍须监护人同意。"),
            (
                "You are 14 now",
                "Your guardian's consent has lapsed: decide for yourself; some things take a guardian still.",
            ),
        ),
        (
            "turned_18",
            ("您已年满十八周岁", "监护人的权限已全部结束，请您自己决定各项同意。"),
            ("You are 18 now", "All powers of guardians have ended; your choices are yours alone."),
        ),
    )
}
TEMPLATES: Final[dict[str, Template]] = {
    "order_paid": _template(
        "order",
        "ord",
        zh=("订单已支付", "我们已收到您的付款，正在备货。"),
        en=("Order paid", "Your payment has arrived; the goods are being prepared."),
    ),
    "order_shipped": _template(
        "order",
        "ord",
        zh=("订单已发货", "商品已交给快递，可在订单详情中查看运单号。"),
        en=("Order shipped", "The goods are with the carrier; the order shows the tracking number."),
    ),
    "order_received": _template(
        "order",
        "ord",
        zh=("订单已完成", "您已确认收货，交易完成。"),
        en=("Order completed", "You confirmed receipt; the order is complete."),
    ),
    "order_closed": _template(
        "order",
        "ord",
        zh=("订单已关闭", "订单已取消或逾期未支付，商品已放回库存，没有扣款。"),
        en=("Order closed", "It was cancelled or not paid in time; the goods went back and nothing was charged."),
    ),
    "order_refunded": _template(
        "order",
        "ord",
        zh=("退款已到账", "款项已按原路退回。"),
        en=("Order refunded", "The money went back the way it came."),
    ),
    **_AGES,
    "copy_ready": _template(
        "rights",
        "req",
        zh=("个人信息副本已备好", "请在七天内验证身份后领取。链接只能使用一次。"),
        en=("Your copy is ready", "Claim it within seven days, after confirming that it is you. It works once."),
    ),
    "cancellation_started": _template(
        "rights",
        "req",
        zh=("账号注销已开始", "我们正在按您的要求删除信息。完成后会出具删除证明。"),
        en=("Cancellation has begun", "Your information is being deleted as you asked; a certificate follows."),
    ),
    "signed_up": _template(
        "security",
        "ses",
        zh=("欢迎加入", "您的账号已开通。附加功能默认关闭，可在“我的—隐私中心”逐项选择。"),
        en=(
            "Welcome",
            "Your account is open. Additional functions are off until you choose them under “Me – Privacy”.",
        ),
    ),
    "signed_in": _template(
        "security",
        "ses",
        zh=("登录提醒", "您的账号在常用设备上登录。如果不是您本人，请立即修改密码并结束该会话。"),
        en=("Sign-in", "Your account was used on a device it is known on. If it wasn't you, change the password now."),
    ),
    "new_device": _template(
        "security",
        "ses",
        zh=("新设备登录", "您的账号在一台新设备上登录。如果不是您本人，请立即冻结账号，或修改密码并结束该会话。"),
        en=("New device", "Your account was used on a new device. If it wasn't you, freeze it or change the password."),
    ),
    "sessions_ended": _template(
        "security",
        "ses",
        zh=("其他设备已退出", "您的账号在其他设备上的会话已全部结束。"),
        en=("Other devices logged out", "Every other session of your account was ended."),
    ),
    "password_reset": _template(
        "security",
        "ses",
        zh=("密码已重设", "您的密码已用短信验证码重设，所有设备已退出登录。如果不是您本人，请立即冻结账号。"),
        en=("Password reset", "It was replaced by a code and every device logged out. If it wasn't you, freeze it."),
    ),
    "mobile_changed": _template(
        "security",
        "ses",
        zh=("手机号码已更换", "您的账号已改用新的手机号码，其他设备已退出登录。如果不是您本人，请立即联系客服。"),
        en=("Number changed", "Your account has another number now. If it wasn't you, contact customer service."),
    ),
    "frozen_by_code": _template(
        "security",
        "ses",
        zh=("账号已冻结", "您的账号已被冻结，所有会话都已结束。"),
        en=("Account frozen", "Your account was frozen and every session ended."),
    ),
    "thawed_by_code": _template(
        "security",
        "ses",
        zh=("账号已解冻", "您的账号恢复使用。如果不是您本人，请立即再次冻结并联系客服。"),
        en=("Account thawed", "Your account is in use again. If it wasn't you, freeze it again and contact us."),
    ),
    "session_reused": _template(
        "security",
        "ses",
        zh=("登录凭证被重复使用", "同一登录凭证被使用了两次，可能已泄露，我们已结束该会话。请修改密码。"),
        en=("A log-in was used twice", "It may have leaked, so that session was ended. Please change the password."),
    ),
    "password_changed": _template(
        "security",
        "ses",
        zh=("密码已修改", "您的密码刚刚被修改，其他设备已退出登录。如果不是您本人，请立即联系客服。"),
        en=("Password changed", "Your other devices were logged out. If it wasn't you, contact customer service now."),
    ),
    "wechat_bound": _template(
        "security",
        "ses",
        zh=("已绑定微信", "现在可以用微信登录。如果不是您本人，请立即解除绑定并修改密码。"),
        en=("WeChat bound", "It can log in now. If it wasn't you, unbind it and change the password now."),
    ),
    "wechat_unbound": _template(
        "security",
        "ses",
        zh=("已解除微信绑定", "微信不能再登录您的账号。如果不是您本人，请立即修改密码。"),
        en=("WeChat unbound", "It can no longer log in. If it wasn't you, change the password now."),
    ),
    "apple_bound": _template(
        "security",
        "ses",
        zh=("已绑定Apple 账号", "现在可以用Apple 账号登录。如果不是您本人，请立即解除绑定并修改密码。"),
        en=("Apple account bound", "It can log in now. If it wasn't you, unbind it and change the password now."),
    ),
    "apple_unbound": _template(
        "security",
        "ses",
        zh=("已解除Apple 账号绑定", "Apple 账号不能再登录您的账号。如果不是您本人，请立即修改密码。"),
        en=("Apple account unbound", "It can no longer log in. If it wasn't you, change the password now."),
    ),
    "accounts_merged": _template(
        "security",
        "ses",
        zh=(
            "正在合并账号",
            "您另一个账号里的订单、帖子等正转入本账号，那个账号随后关闭。如果不是您本人，请立即联系客服。",
        ),
        en=(
            "Accounts are being merged",
            "Orders, posts and more of your other account come here; it closes then. If it wasn't you, contact us now.",
        ),
    ),
    "identity_verified": _template(
        "security",
        "ses",
        zh=("实名认证已完成", "您的账号刚刚完成实名认证。如果不是您本人，请立即联系客服。"),
        en=("Identity verified", "Your account was just verified. If it wasn't you, contact customer service now."),
    ),
    "recovery_begun": _template(
        "security",
        "ses",
        zh=("有人申请找回您的账号", "等候期满后，账号将归新号码使用。如果不是您本人，请立即停止，并考虑修改密码。"),
        en=("Somebody asks for your account", "After a wait it goes to another number. If it isn't you, stop it now."),
    ),
    "recovery_stopped": _template(
        "security",
        "ses",
        zh=("找回申请已停止", "您的账号没有变动。"),
        en=("Recovery stopped", "Nothing about your account has changed."),
    ),
    "recovered": _template(
        "security",
        "ses",
        zh=("账号已找回", "手机号码和密码已更换，所有登录已失效，第三方账号的绑定已解除。"),
        en=("Account recovered", "Number and password are new; all sessions have ended and bindings are cut."),
    ),
    "post_published": _template(
        "community",
        "pst",
        zh=("帖子已发布", "您的帖子已通过审核，所有人都能看到。"),
        en=("Post published", "Your post passed the check and everyone can see it."),
    ),
    "post_refused": _template(
        "community",
        "pst",
        zh=("帖子未通过审核", "您的帖子没有公开。您可以修改后重新发布；如有异议，可请人工复核。"),
        en=("Post not published", "It did not pass the check. You may change it, or ask for a person to look at it."),
    ),
    "post_unguarded": _template(
        "community",
        "pst",
        zh=("帖子没有公开", "审核期间监护人的同意已不再有效。监护人同意后，您可以重新发布。"),
        en=("Post not published", "A guardian's consent ended while it was checked. With it you may post again."),
    ),
    "comment_unguarded": _template(
        "community",
        "cmt",
        zh=("评论没有公开", "审核期间监护人的同意已不再有效。监护人同意后，您可以重新发布。"),
        en=("Comment not published", "A guardian's consent ended while it was checked. With it you may post again."),
    ),
    "comment_refused": _template(
        "community",
        "cmt",
        zh=("评论未通过审核", "您的评论没有公开。您可以修改后重新发布；如有异议，可请人工复核。"),
        en=(
            "Comment not published",
            "It did not pass the check. You may change it, or ask for a person to look at it.",
        ),
    ),
    "account_frozen": _template(
        "security",
        "cas",
        zh=("账户已冻结", "客服已冻结您的账户，所有登录均已退出。如需解冻，请联系客服核对身份。"),
        en=(
            "Account frozen",
            "Customer service froze it and ended every session. Contact us to have it back.",
        ),
    ),
    "account_thawed": _template(
        "security",
        "cas",
        zh=("账户已解冻", "您的账户可以重新使用，请重新登录，并建议修改密码。"),
        en=("Account open again", "You can use your account again. Log in anew; we suggest a new password."),
    ),
    **_CASES,
    "case_answered": _template(
        "support",
        "cas",
        zh=("客服已回复", "您咨询的事项有了新回复，可在“客服”中查看。"),
        en=("Customer service answered", "There is an answer to what you asked; see it under “Help”."),
    ),
}
