"""The control API under `/_control`: what tests and the demo do in place of phones, payers and bad luck."""

from collections.abc import Callable
from typing import Final, Literal, TypeVar

import msgspec

from .cashier import PhoneParams, Unpayable, delivery
from .faults import Fault
from .ledger import Citizen, Delivery
from .notices import Notice, Tamper
from .wire import Reply, Request, json_reply
from .world import World

PREFIX: Final = "/_control"
_T = TypeVar("_T")


class _Payer(msgspec.Struct, forbid_unknown_fields=True):
    payer: str = "payer"


class _Tap(msgspec.Struct, forbid_unknown_fields=True):
    mobile: str


class _AppleAsked(msgspec.Struct, forbid_unknown_fields=True):
    nonce: str
    person: str = "payer"


class _Approval(msgspec.Struct, forbid_unknown_fields=True):
    number: str
    notify: bool = True
    after_s: float = 0.0


class _Card(msgspec.Struct, forbid_unknown_fields=True):
    number: str
    mobile: str


class _Face(msgspec.Struct, forbid_unknown_fields=True):
    token: str
    passes: bool = True


class _Notify(msgspec.Struct, forbid_unknown_fields=True):
    number: str
    out_refund_no: str = ""
    event_type: str = "TRANSACTION.SUCCESS"
    url: str = ""
    times: int = 1
    repeat: Literal["bytes", "event", "other"] = "bytes"
    tamper: Tamper = msgspec.field(default_factory=Tamper)


def control(world: World, request: Request) -> Reply:
    """Do what a test asks."""
    act = _ACTS.get((request.method, request.path.removeprefix(PREFIX)))
    if act is None:
        return json_reply({"error": "no such control"}, 404)
    try:
        return act(world, request)
    except msgspec.DecodeError as fault:
        return json_reply({"error": str(fault)}, 400)
    except Unpayable as fault:
        return json_reply({"error": str(fault)}, 409)


def _health(_world: World, _request: Request) -> Reply:
    return json_reply({"ok": True})


def _state(world: World, _request: Request) -> Reply:
    with world.ledger.reading() as books:
        return json_reply(books)


def _sms(world: World, request: Request) -> Reply:
    mobile = request.query.get("mobile", "").replace(" ", "+")
    with world.ledger.reading() as books:
        arrived = [one for one in books.sms if one.mobile == mobile]
    return json_reply(arrived[-1]) if arrived else json_reply({"error": "none arrived"}, 404)


def _mail(world: World, request: Request) -> Reply:
    with world.ledger.reading() as books:
        arrived = [one for one in books.mail if one.to == request.query.get("to", "")]
    return json_reply(arrived[-1]) if arrived else json_reply({"error": "none arrived"}, 404)


def _issue_code(world: World, request: Request) -> Reply:
    return json_reply(world.wechat.issue(_body(request, _Payer).payer))


def _tap(world: World, request: Request) -> Reply:
    return json_reply(world.wechat.tap(_body(request, _Tap).mobile))


def _spoil_token(world: World, _request: Request) -> Reply:
    world.wechat.spoil_token()
    return Reply(204)


def _apple_code(world: World, request: Request) -> Reply:
    asked = _body(request, _AppleAsked)
    return json_reply(world.apple.authorize(asked.person, asked.nonce))


def _know(world: World, request: Request) -> Reply:
    world.tencent.authority.know(_body(request, Citizen))
    return Reply(204)


def _sell_card(world: World, request: Request) -> Reply:
    sold = _body(request, _Card)
    world.tencent.authority.sell_card(sold.number, sold.mobile)
    return Reply(204)


def _show_face(world: World, request: Request) -> Reply:
    asked = _body(request, _Face)
    known = world.tencent.authority.show_face(asked.token, passes=asked.passes)
    return Reply(204) if known is not None else json_reply({"error": "no such check"}, 404)


def _open(world: World, request: Request) -> Reply:
    return json_reply(world.cashier.open(_body(request, PhoneParams)))


def _approve(world: World, request: Request) -> Reply:
    asked = _body(request, _Approval)
    return json_reply(world.approve(asked.number, notify=asked.notify, after_s=asked.after_s))


def _decline(world: World, request: Request) -> Reply:
    return json_reply(world.cashier.decline(_body(request, _Approval).number))


def _compose(world: World, request: Request) -> Reply:
    return json_reply(_written(world, _body(request, _Notify)))


def _notify(world: World, request: Request) -> Reply:
    return json_reply({"statuses": world.clerk.send(_written(world, _body(request, _Notify)))})


def _written(world: World, asked: _Notify) -> list[Notice]:
    """Write `times` notifications: the same bytes, the same event signed anew each time, or other events."""
    trade = world.cashier.trade(asked.number)

    def event() -> Delivery:
        return delivery(asked.event_type, trade, out_refund_no=asked.out_refund_no, url=asked.url)

    if asked.repeat == "bytes":
        return [world.scribe.write(event(), asked.tamper)] * asked.times
    once = event()
    events = [once if asked.repeat == "event" else event() for _ in range(asked.times)]
    return [world.scribe.write(one, asked.tamper) for one in events]


def _plan_fault(world: World, request: Request) -> Reply:
    world.faults.plan(_body(request, Fault))
    return Reply(204)


def _clear_faults(world: World, _request: Request) -> Reply:
    world.faults.clear()
    return Reply(204)


def _reset(world: World, _request: Request) -> Reply:
    world.clear()
    return Reply(204)


def _body(request: Request, shape: type[_T]) -> _T:
    return msgspec.json.decode(request.body or b"{}", type=shape)


_ACTS: Final[dict[tuple[str, str], Callable[[World, Request], Reply]]] = {
    ("GET", "/health"): _health,
    ("GET", "/state"): _state,
    ("GET", "/sms"): _sms,
    ("GET", "/mail"): _mail,
    ("POST", "/wechat/codes"): _issue_code,
    ("POST", "/wechat/phone_codes"): _tap,
    ("DELETE", "/wechat/token"): _spoil_token,
    ("POST", "/apple/codes"): _apple_code,
    ("POST", "/identity/citizens"): _know,
    ("POST", "/identity/cards"): _sell_card,
    ("POST", "/identity/faces"): _show_face,
    ("POST", "/wechatpay/open"): _open,
    ("POST", "/wechatpay/approve"): _approve,
    ("POST", "/wechatpay/decline"): _decline,
    ("POST", "/wechatpay/compose"): _compose,
    ("POST", "/wechatpay/notify"): _notify,
    ("POST", "/faults"): _plan_fault,
    ("DELETE", "/faults"): _clear_faults,
    ("POST", "/reset"): _reset,
}
