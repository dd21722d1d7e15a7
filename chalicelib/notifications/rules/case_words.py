"""What is said of what customer service did for somebody: name, words in Chinese, words in English."""

from typing import Final

OF_CASES: Final = (
    (
        "case_identified",
        ("客服已核对您的身份", "有人联系客服并通过了身份核对。如果不是您本人，请立即联系我们。"),
        ("Customer service checked who you are", "Somebody passed the check. If it was not you, tell us at once."),
    ),
    (
        "case_copy",
        ("客服已代您申请副本", "应您的要求，客服申请了您的个人信息副本；只有您能凭密码领取。"),
        ("A copy was asked for", "You asked customer service for it; only you can fetch it, by your password."),
    ),
    (
        "case_copy_ready",
        ("副本已备好", "客服代您申请的副本已备好，请凭请求编号和密码领取，七日内有效。"),
        ("Your copy is ready", "Fetch it by the request's id and your password within seven days."),
    ),
    (
        "case_corrected",
        ("客服已代您更正资料", "应您的要求，客服更正了您的资料。如果不是您本人提出，请立即联系我们。"),
        ("Your profile was put right", "You asked customer service to. If it was not you, tell us at once."),
    ),
    (
        "case_withdrawn",
        ("客服已代您撤回同意", "应您的要求，客服撤回了一项同意，相关处理已停止。"),
        ("A consent was withdrawn", "You asked customer service to; what it allowed has stopped."),
    ),
)
