"""The pages of log-in elsewhere: plain HTML for a web view at the size of a phone, without script."""

from html import escape
from typing import Final

import msgspec

from chalicelib.foundation.register.model import NoticeText

_STYLE: Final = """
*{box-sizing:border-box}
body{margin:0;background:#f4f5f7;color:#1c1e21;
 font:16px/1.6 -apple-system,"PingFang SC","Noto Sans CJK SC","Noto Sans SC",sans-serif}
main{max-width:480px;min-height:100vh;margin:0 auto;padding:24px 20px 32px;background:#fff}
.mark{font-size:14px;color:#5c6370;margin:0 0 20px}
h1{font-size:21px;line-height:1.4;margin:0 0 4px;overflow-wrap:anywhere;
 text-wrap:balance}
h2{font-size:15px;margin:20px 0 6px}
p{margin:0 0 8px}
ul{margin:0;padding:2px 16px;list-style:none;background:#f4f5f7;border-radius:10px}
li{padding:10px 0;border-bottom:1px solid #e1e4e8}
li:last-child{border-bottom:0}
.notice{font-size:14px;color:#3f4650}
.notice p{margin:0 0 6px}
.link{font-size:14px;overflow-wrap:anywhere}
a{color:#1558b0}
form{display:flex;gap:12px;margin:22px 0 0}
button{flex:1 1 0;min-height:50px;padding:10px 6px;font:inherit;font-weight:600;
 border:2px solid #1f2937;border-radius:10px;background:#fff;color:#1f2937}
button:focus-visible{outline:3px solid #1558b0;outline-offset:2px}
"""


class Asking(msgspec.Struct, frozen=True):
    """What a consent page says, apart from the notice."""

    service: str
    use: str
    fields: tuple[str, ...]
    rules: str
    known_as: str
    """The title of the id that the service gets."""


def parts_of(asking: Asking, notice: NoticeText) -> list[str]:
    """List the words of the consent page, in their order: these are what was shown."""
    return [
        _headline(asking),
        asking.use,
        *asking.fields,
        asking.known_as,
        notice.body,
        asking.rules,
        notice.decline,
        notice.agree,
    ]


def consent_page(asking: Asking, notice: NoticeText, ticket: str) -> str:
    """Write the page that asks; refusing is as easy as agreeing: same size, same look, and it comes first."""
    listed = "".join(f"<li>{escape(field)}</li>" for field in (*asking.fields, asking.known_as))
    told = "".join(f"<p>{escape(line)}</p>" for line in notice.body.split("\n"))
    rules = escape(asking.rules)
    return _page(
        _headline(asking),
        f"<h2>用途</h2><p>{escape(asking.use)}</p>"
        f"<h2>对方将得到</h2><ul>{listed}</ul>"
        f'<h2>请留意</h2><div class="notice">{told}</div>'
        f'<p class="link">该服务的隐私规则：<a href="{rules}" rel="noreferrer noopener">{rules}</a></p>'
        '<form method="post" action="/v1/oauth/authorize" autocomplete="off">'
        f'<input type="hidden" name="ticket" value="{escape(ticket)}">'
        f'<button name="answer" value="refuse">{escape(notice.decline)}</button>'
        f'<button name="answer" value="agree">{escape(notice.agree)}</button></form>',
    )


def guest_page(service: str) -> str:
    """Write the page for whoever opened a request outside the app, where nobody knows who it is."""
    return _page(
        "请在聚乐部落应用里继续",
        f"<p>“{escape(service)}”请求用聚乐部落账号登录。</p>"
        "<p>请用装有聚乐部落应用的手机打开这个链接；登录之后，由您决定是否同意。</p>"
        "<p>到这一步为止，没有提供任何信息。</p>",
    )


def refusal_page() -> str:
    """Write the page for a request that goes nowhere: it leads to no address that came with it."""
    return _page(
        "无法继续",
        "<p>这个登录请求不正确、已经用过或已失效。</p><p>没有提供任何信息。请回到您要登录的服务，重新开始。</p>",
    )


def _headline(asking: Asking) -> str:
    return f"“{asking.service}”想用您的聚乐部落账号登录"


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f'<body><main><p class="mark">聚乐部落</p><h1>{escape(title)}</h1>{body}</main></body></html>'
    )
