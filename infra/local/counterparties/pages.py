"""The page for people: what arrived, and payments to approve; small, for a phone, in Chinese and English."""

from html import escape
from typing import Final
from urllib.parse import parse_qs, quote

from .cashier import Unpayable
from .ledger import Books, Citizen, Trade
from .moderator import COLOURS, WORDS
from .texts import TEXTS, Texts
from .wire import Reply, Request
from .world import World

_NEWEST: Final = 20
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:0 auto;padding:1rem;color:#1b1b1b;background:#fff}"
    "h1{font-size:1.3rem}h2{font-size:1.05rem;margin:1.5rem 0 .3rem}ul{list-style:none;margin:0;padding:0}"
    "li{border-top:1px solid #bbb;padding:.6rem 0;overflow-wrap:anywhere}code{font-size:1.3rem;letter-spacing:.1em}"
    "small{color:#555}button{font:inherit;min-height:2.75rem;padding:0 1.2rem;margin:.3rem .3rem 0 0}"
    "form{display:inline}.total{font-size:2rem;margin:.5rem 0}"
    "@media(prefers-color-scheme:dark){body{background:#161616;color:#eee}small{color:#aaa}li{border-color:#444}}"
)
_HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def page(world: World, request: Request) -> Reply:
    """Show the overview or a payment, or do what a button asks."""
    tongue = _tongue(request)
    texts = TEXTS[tongue]
    parts = [part for part in request.path.split("/") if part]
    if not parts and request.method == "GET":
        with world.ledger.reading() as books:
            return _html(texts, _overview(books, texts), refresh=True)
    if parts == ["codes"] and request.method == "POST":
        return _issued(world, request, texts)
    if parts and parts[0] in {"face", "citizens"}:
        return _identity(world, request, parts, texts=texts)
    if len(parts) in {2, 3} and parts[0] == "pay":
        return _pay(world, request, (parts[1], tongue))
    return Reply(404, b"", {"Content-Type": "text/plain"})


def _pay(world: World, request: Request, which: tuple[str, str]) -> Reply:
    number, tongue = which
    texts = TEXTS[tongue]
    try:
        if request.method == "POST":
            if request.path.endswith("/approve"):
                world.approve(number)
            else:
                world.cashier.decline(number)
            return Reply(303, b"", {"Location": f"/pay/{quote(number)}?lang={tongue}"})
        return _html(texts, _cashier(world.cashier.trade(number), texts))
    except Unpayable as fault:
        return _html(texts, f"<p>{escape(texts.unpayable)}: {escape(str(fault))}</p>", status=409)


def _issued(world: World, request: Request, texts: Texts) -> Reply:
    payer = parse_qs(request.body.decode("utf-8", "replace")).get("payer", ["payer"])[0]
    code = world.wechat.issue(payer)
    return _html(texts, f"<h2>{escape(texts.code)}</h2><p>{escape(code.code)}</p><p>{escape(texts.once)}</p>")


def _identity(world: World, request: Request, parts: list[str], *, texts: Texts) -> Reply:
    """Show a face, rightly or not, or have the authority know somebody."""
    authority = world.tencent.authority
    given = {name: values[0] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}
    if parts == ["citizens"] and request.method == "POST":
        authority.know(Citizen(given.get("number", ""), given.get("name", ""), [given.get("mobile", "")]))
        return Reply(303, b"", {"Location": f"/?lang={texts.tag}"})
    if request.method == "POST":
        authority.show_face(parts[1], passes=given.get("passes") == "yes")
        return _html(texts, f"<p>{escape(texts.shown)}</p>")
    act = f"/face/{quote(parts[-1])}"
    buttons = "".join(
        f'<form method="post" action="{act}"><button name="passes" value="{value}">{escape(label)}</button></form>'
        for value, label in (("yes", texts.own_face), ("no", texts.other_face))
    )
    return _html(texts, f"<h2>{escape(texts.face)}</h2>{buttons}")


def _known(books: Books, texts: Texts) -> str:
    """List whom the authority knows, with a form to add somebody."""
    known = [f"{escape(one.name)}<br>{_note(one.number, ', '.join(one.mobiles))}" for one in books.citizens.values()]
    fields = "".join(
        f'<input name="{name}" placeholder="{escape(label)}" aria-label="{escape(label)}">'
        for name, label in (("name", texts.real_name), ("number", texts.number), ("mobile", texts.mobile))
    )
    form = f'<form method="post" action="/citizens">{fields}<button>{escape(texts.enter)}</button></form>'
    return _section(texts.citizens, known, texts) + form


def _overview(books: Books, texts: Texts) -> str:
    sms = [f"<code>{escape(one.code)}</code> {escape(one.mobile)}<br>{_note(one.text, one.at)}" for one in books.sms]
    mail = [f"<code>{escape(one.code)}</code> {escape(one.to)}<br>{_note(one.text, one.at)}" for one in books.mail]
    judged = [
        f"{escape(one.kind)} · {escape(one.suggestion)} · {escape(one.label)}<br>{_note(one.data_id, one.at)}"
        for one in books.judged
    ]
    told = [
        f"{escape(one.event_type)} {escape(one.out_trade_no)}<br>"
        + _note(", ".join(str(status) for status in one.statuses) or texts.waiting, one.created_at)
        for one in books.deliveries
    ]
    rules = "、".join([*WORDS, *("#" + bytes(colour).hex() for colour in COLOURS)])
    return (
        _section(texts.sms, sms, texts)
        + _section(texts.mail, mail, texts)
        + _section(texts.payments, [_trade(one, texts) for one in books.trades.values()], texts)
        + f'<form method="post" action="/codes"><input name="payer" value="payer" aria-label="{escape(texts.payer)}">'
        f"<button>{escape(texts.issue)}</button></form>"
        + _known(books, texts)
        + _section(texts.notices, told, texts)
        + _section(texts.judged, judged, texts)
        + f"<p><small>{escape(texts.rules)}: {escape(rules)}</small></p>"
    )


def _section(title: str, entries: list[str], texts: Texts) -> str:
    newest = "".join(f"<li>{entry}</li>" for entry in entries[: -_NEWEST - 1 : -1])
    return f"<h2>{escape(title)}</h2><ul>{newest or f'<li>{escape(texts.nothing)}</li>'}</ul>"


def _trade(trade: Trade, texts: Texts) -> str:
    return (
        f'<a href="/pay/{quote(trade.prepay_id)}">{_money(trade)} {escape(trade.description)}</a><br>'
        f"{_note(trade.out_trade_no, texts.states.get(trade.state, trade.state))}"
    )


def _cashier(trade: Trade, texts: Texts) -> str:
    shown = (
        f'<h2>{escape(trade.description)}</h2><p class="total">{_money(trade)}</p>'
        f"<p>{_note(trade.out_trade_no, texts.states.get(trade.state, trade.state))}</p>"
    )
    if trade.state != "NOTPAY":
        return shown
    buttons = "".join(
        f'<form method="post" action="/pay/{quote(trade.prepay_id)}/{act}"><button>{escape(label)}</button></form>'
        for act, label in (("approve", texts.approve), ("decline", texts.decline))
    )
    return shown + buttons + (f"<p>{escape(texts.declined)}</p>" if trade.declined else "")


def _money(trade: Trade) -> str:
    return f"¥{trade.total // 100}.{trade.total % 100:02}"


def _note(what: str, more: str) -> str:
    return f"<small>{escape(what)} · {escape(more)}</small>"


def _tongue(request: Request) -> str:
    wanted = request.query.get("lang") or request.headers.get("accept-language", "zh")
    return "en" if wanted.lower().startswith("en") else "zh"


def _html(texts: Texts, inner: str, *, status: int = 200, refresh: bool = False) -> Reply:
    again = '<meta http-equiv="refresh" content="3">' if refresh else ""
    document = (
        f'<!doctype html><html lang="{texts.tag}"><head><meta charset="utf-8">{again}'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(texts.title)}</title>'
        f'<style>{_STYLE}</style></head><body><h1><a href="/?lang={texts.tag}">{escape(texts.title)}</a></h1>'
        f"<p><small>{escape(texts.about)}</small></p>{inner}</body></html>"
    )
    return Reply(status, document.encode(), _HEADERS)
