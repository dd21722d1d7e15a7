"""The words of the page, in both languages."""

from typing import Final

import msgspec


class Texts(msgspec.Struct, frozen=True):
    """One language."""

    tag: str
    title: str
    about: str
    sms: str
    mail: str
    payments: str
    notices: str
    judged: str
    rules: str
    nothing: str
    waiting: str
    payer: str
    issue: str
    code: str
    once: str
    approve: str
    decline: str
    declined: str
    unpayable: str
    citizens: str
    real_name: str
    number: str
    mobile: str
    enter: str
    face: str
    own_face: str
    other_face: str
    shown: str
    states: dict[str, str]


TEXTS: Final = {
    "zh": Texts(
        tag="zh-CN",
        title="外部服务（本机模拟）",
        about="这里显示产品发往短信、内容审核、身份核验和微信支付的内容。没有任何内容离开这台机器。",
        sms="收到的短信",
        mail="收到的邮件",
        payments="支付",
        notices="支付通知",
        judged="内容审核",
        rules="会被拦截或转人工的词和颜色",
        nothing="暂无",
        waiting="等待发送",
        payer="付款人",
        issue="获取小程序登录凭证",
        code="登录凭证",
        once="五分钟内有效，只能用一次。",
        approve="确认支付",
        decline="取消",
        declined="付款人已取消，仍可再次支付。",
        unpayable="无法支付",
        citizens="权威机构登记的人",
        real_name="姓名",
        number="身份证号码",
        mobile="手机号码",
        enter="登记",
        face="请出示人脸",
        own_face="本人",
        other_face="不是本人",
        shown="已完成，请返回产品查看结果。",
        states={"NOTPAY": "待支付", "SUCCESS": "已支付", "REFUND": "已退款", "CLOSED": "已关闭"},
    ),
    "en": Texts(
        tag="en",
        title="Outside services (played on this machine)",
        about="What the product sent to SMS, moderation, identity checks and WeChat Pay. It stays on this machine.",
        sms="Text messages that arrived",
        mail="E-mail that arrived",
        payments="Payments",
        notices="Payment notifications",
        judged="Moderation",
        rules="Words and colours that are blocked or go to a human",
        nothing="Nothing yet",
        waiting="waiting",
        payer="Payer",
        issue="Get a mini-program log-in code",
        code="Log-in code",
        once="Good for five minutes, once.",
        approve="Pay",
        decline="Cancel",
        declined="The payer left; it can still be paid.",
        unpayable="This cannot be paid",
        citizens="Known to the authority",
        real_name="Name",
        number="Identity number",
        mobile="Mobile number",
        enter="Enter",
        face="Show your face",
        own_face="The right person",
        other_face="Somebody else",
        shown="Done; go back to the product.",
        states={"NOTPAY": "to be paid", "SUCCESS": "paid", "REFUND": "refunded", "CLOSED": "closed"},
    ),
}
