"""The chapters of the story about goods, orders and posts."""

from collections.abc import Generator
from typing import Any

import msgspec
import urllib3

from chalicelib.catalog.contracts import ProductSeed
from chalicelib.catalog.service.load import load_products

from ..demo.photo import form, take
from ..local.sample import sample_products
from .events import event
from .people import answer
from .town import Caller, Town

_RECIPIENT = {"name": "林知夏", "mobile": "13800000001", "address": "上海市徐汇区漕溪北路595号3号楼602室"}
_LISTED = 20
_STOCK = 1000
_PHOTO = take("SN-bench")
_START = {"content_type": "image/jpeg", "size_bytes": len(_PHOTO)}


def traded(ann: Caller, _bob: Caller) -> Generator[dict[str, Any], Any, None]:
    """Look at goods, order, pay, have them sent, receive them."""
    town = ann.town
    products = _goods()
    yield event("GET", "/v1/products", query={"limit": str(_LISTED)})
    shown = yield event("GET", "/v1/products/{product_id}", product_id=products[0].product_id)
    lines = [{"variant_id": one["variant_id"], "quantity": 1} for one in shown["variants"][:1]]
    lines.append({"variant_id": products[1].variants[0].variant_id, "quantity": 2})
    body = {"lines": lines, "recipient": _RECIPIENT, "for_other": False}
    first = yield _once(ann, "/v1/orders", body)
    number = first["order_id"]
    code = town.control("POST", "/wechat/codes", {"payer": "ann"})["code"]
    yield _once(ann, "/v1/orders/{order_id}/payments", {"code": code}, order_id=number)
    town.control("POST", "/wechatpay/approve", {"number": number, "notify": False})
    yield _notification(town, number)
    yield ann.event("POST", "/v1/orders/{order_id}/payments/sync", order_id=number)
    yield ann.event("GET", "/v1/orders/{order_id}", order_id=number)
    town.put("warehouse", {"order_id": number, "carrier": "SF", "tracking_number": "SF1234567890"})
    town.pump(warehouse="orders.record_shipment")
    yield _once(ann, "/v1/orders/{order_id}/receive", order_id=number)
    more = [
        ann.ask("POST", "/v1/orders", body, headers={"Idempotency-Key": f"place-again-{turn}"})
        for turn in range(_LISTED + 1)
    ]
    yield ann.event("GET", "/v1/orders", query={"limit": str(_LISTED)})
    yield _once(ann, "/v1/orders/{order_id}/cancel", order_id=more[-1]["order_id"])
    yield _once(ann, "/v1/orders/{order_id}/hide", order_id=number)
    town.pump(notices="notifications.deliver_notice")


def posted(ann: Caller, bob: Caller) -> Generator[dict[str, Any], Any, None]:
    """Upload a picture; write, read and remove posts and comments."""
    town = ann.town
    upload = yield ann.event("POST", "/v1/media", _START)
    _sent(ann, upload)
    yield ann.event("GET", "/v1/media/{media_id}", media_id=upload["media_id"])
    ann.ask("POST", "/v1/consents", answer(town, "community.place"))
    text = {"text": "今天完成的高达模型，素组后消光。", "affirmed_others": True}
    place = {"media_ids": [upload["media_id"]], "place": {"district": "上海市徐汇区"}}
    written = yield _once(ann, "/v1/posts", {**text, **place})
    for turn in range(_LISTED + 1):
        ann.ask("POST", "/v1/posts", text, headers={"Idempotency-Key": f"post-again-{turn}"})
    at = {"post_id": written["post_id"]}
    town.pump(community="community.apply_verdict")
    comment = yield _once(bob, "/v1/posts/{post_id}/comments", text, **at)
    for turn in range(_LISTED + 1):
        bob.ask("POST", "/v1/posts/{post_id}/comments", text, headers={"Idempotency-Key": f"comment-{turn}"}, **at)
    town.pump(community="community.apply_verdict")
    yield event("GET", "/v1/posts", query={"limit": str(_LISTED)})
    yield event("GET", "/v1/posts/{post_id}", **at)
    yield event("GET", "/v1/posts/{post_id}/comments", query={"limit": str(_LISTED)}, **at)
    yield bob.event("DELETE", "/v1/comments/{comment_id}", comment_id=comment["comment_id"])
    yield ann.event("DELETE", "/v1/posts/{post_id}", **at)
    town.pump(community="community.apply_verdict", notices="notifications.deliver_notice")


def picture(who: Caller) -> str:
    """Have somebody upload a picture that is judged good."""
    upload = who.ask("POST", "/v1/media", _START)
    _sent(who, upload)
    return str(upload["media_id"])


def _sent(who: Caller, upload: dict[str, Any]) -> None:
    content, kind = form(upload["fields"], "photo.jpg", _PHOTO)
    urllib3.PoolManager().request("POST", upload["url"], body=content, headers={"Content-Type": kind})
    who.town.pump(media="media.process_media")


def some_product() -> ProductSeed:
    """Give a product of two variants that is on sale."""
    return sample_products()[0]


def one_order(who: Caller) -> Any:  # noqa: ANN401 - whatever JSON says
    """Have somebody order something."""
    lines = [{"variant_id": some_product().variants[0].variant_id, "quantity": 1}]
    return who.town.ask(_once(who, "/v1/orders", {"lines": lines, "recipient": _RECIPIENT, "for_other": False}))


def _goods() -> list[ProductSeed]:
    """Put the sample catalogue on sale, enough of everything."""
    change = msgspec.structs.replace
    products = [
        change(one, variants=[change(variant, stock=_STOCK) for variant in one.variants]) for one in sample_products()
    ]
    load_products(products)
    return products


def _once(who: Caller, resource: str, body: object = None, **path: str) -> dict[str, Any]:
    """Make an event that carries an idempotency key of its own."""
    return who.event("POST", resource, body, headers={"Idempotency-Key": f"once-{resource}"}, **path)


def _notification(town: Town, number: str) -> dict[str, Any]:
    """Have WeChat Pay write a notification, and make the event in which it would arrive."""
    (written,) = town.control("POST", "/wechatpay/compose", {"number": number})
    return event("POST", "/v1/payments/wechat/notifications", written["body"], headers=written["headers"])
