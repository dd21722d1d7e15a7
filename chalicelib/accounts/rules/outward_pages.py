"""The pages of log-in elsewhere: plain HTML for a web view at the size of a phone, without script."""

from html import escape
from typing import Final

import msgspec

from chalicelib.foundation.register.model import NoticeText

_STYLE: Final = """
:root{color-scheme:light dark;--paper:#fff;--ground:#f1f3f5;--ink:#1c1e21;--soft:#454c57;--line:#d9dde2;
 --link:#1558b0;--edge:#1f2937}
@media (prefers-color-scheme:dark){:root{--paper:#16181b;--ground:#25292e;--ink:#f1f3f5;--soft:#c3c9d1;
 --line:#3c4249;--link:#8fbcf7;--edge:#dde2e8}}
*{box-sizing:border-box}
html{font:100%/1.55 -apple-system,"PingFang SC","Noto Sans CJK SC","Noto Sans SC",sans-serif;
 -webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);text-spacing-trim:trim-start}
main{max-width:30rem;min-height:100vh;margin:0 auto;padding:1.25rem 1.25rem 2rem;background:var(--paper);
 overflow-wrap:anywhere}
.mark{font-size:.875rem;color:var(--soft);margin:0 0 1rem}
h1{font-size:1.3125rem;line-height:1.4;margin:0 0 .5rem;text-wrap:balance}
h2{font-size:.9375rem;margin:1rem 0 .375rem}
p{margin:0 0 .5rem}
ul{margin:0;padding:.125rem 1rem;list-style:none;background:var(--ground);border-radius:.625rem}
li{padding:.5rem 0;border-bottom:1px solid var(--line)}
li:last-child{border-bottom:0}
.small{font-size:.875rem;color:var(--soft)}
.small p{margin:0 0 .375rem}
a{color:var(--link)}
form{display:flex;flex-wrap:wrap;gap:.75rem;margin:1.25rem 0 0}
button{flex:1 1 8rem;min-height:3.125rem;padding:.625rem .375rem;font:inherit;font-weight:600;
 border:2px solid var(--edge);border-radius:.625rem;background:var(--paper);color:var(--edge)}
a:focus-visible,button:focus-visible{outline:3px solid var(--link);outline-offset:2px}
"""


class Asking(msgspec.Struct, frozen=True):
    """What a consent page says to anybody, apart from the notice."""

    service: str
    use: str
    fields: tuple[str, ...]
    rules: str
    known_as: str
    """The title of the id that the service gets."""


class Whom(msgspec.Struct, frozen=True):
    """Whom a consent page asks, by which one-time secret it knows them, and the host that their answer goes back to."""

    name: str
    goes_to: str
    ticket: str


def parts_of(asking: Asking, notice: NoticeText) -> list[str]:
    """List the words of the consent page, in their order: these are what was shown, whoever was asked."""
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


def consent_page(asking: Asking, notice: NoticeText, whom: Whom) -> str:
    """Write the page that asks; refusing is as easy as agreeing: same size, same look, and it comes first."""
    listed = "".join(f"<li>{escape(field)}</li>" for field in (*asking.fields, asking.known_as))
    told = "".join(f"<p>{escape(line)}</p>" for line in notice.body.split("\n"))
    rules = escape(asking.rules)
    return _page(
        _headline(asking),
        f"<p>您的账号：<strong>{escape(whom.name)}</strong></p>"
        f"<h2>用途</h2><p>{escape(asking.use)}</p>"
        f"<h2>对方将得到</h2><ul>{listed}</ul>"
        f'<h2>请留意</h2><div class="small">{told}'
        f'<p>该服务的隐私规则：<a href="{rules}" rel="noreferrer noopener">{rules}</a></p>'
        f"<p>无论同意还是拒绝，浏览器都会回到 {escape(whom.goes_to)}。</p></div>"
        '<form method="post" action="/v1/oauth/authorize" autocomplete="off">'
        f'<input type="hidden" name="ticket" value="{escape(whom.ticket)}">'
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


def refusal_page(*, later: bool = False) -> str:
    """Write the page for a request that goes nowhere: it leads to no address that came with it."""
    if later:
        return _page(
            "请稍后再试", "<p>现在暂时不能继续，没有提供任何信息。</p><p>请过一会儿，从您要登录的服务重新开始。</p>"
        )
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
