"""Run with a stack's environment: makes people in it who own things, and prints them and what they need as JSON.

Arguments: the stack's folder, how many people take turns.
"""

import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from chalice.test import Client

from chalicelib.catalog import tables
from chalicelib.orders.contracts import ShipmentReported
from chalicelib.orders.service import deliver
from infra.demo.photo import form, take
from infra.demo.world import World, fetch, key, of_running, until
from infra.local.sample import sample_products
from infra.local.stack import running

from .accounts import log_in, new_mobile, new_name, sign_up_body
from .bindings import NONCE
from .consents import answer_body
from .edges import Http, Reply
from .fuzz_minors import at_home, children
from .fuzz_outward import linked, waiting
from .fuzz_recovery import recoveries
from .fuzz_staff import staff_at_work
from .leaving import leave
from .lives import PASSWORD, make_account
from .page_recipes import open_page
from .people import Someone
from .staff_recipes import CASE
from .trading import order_body, system_call

AHEAD = 6
"""How many there are of what serves once."""
ENDING = ("log_out", "change_password", "cancel_account", "end_others")
"""What ends sessions of whoever calls it: each has people of its own."""
ENOUGH = 2
RICH = 4
"""How many people own one of everything; the others own what is cheap."""


BINDS = ("bind_wechat", "bind_apple")
ROLES = (BINDS, ("log_in_by_wechat", "log_in_by_apple"), ("unbind_wechat", "unbind_apple"))
"""Who does what with a bound account: nobody cuts what somebody is to come in by."""


class Maker:
    """Has people do what makes them owners, through the API in this process, over the stack's own cloud."""

    def __init__(self, world: World, http: Http) -> None:
        self.world, self.http = world, http
        self.variants = [variant.variant_id for one in sample_products() for variant in one.variants]

    def do(self, who: Someone | None, method: str, path: str, body: Any = None) -> Reply:
        """Do something that must go well."""
        answer = self.http(method, path, body, who=who, headers={"Idempotency-Key": key()})
        assert answer.status < 300, answer.text
        return answer

    def code(self) -> str:
        """Log a payer in at WeChat."""
        return str(self.world.control("POST", "/wechat/codes", {"payer": "payer"})["code"])

    def order(self, who: Someone) -> str:
        """Place an order of what there is most of."""
        rows = [row for row in tables.variants(self.variants, strong=True) if row is not None]
        most = max(rows, key=lambda row: row.available)
        return str(self.do(who, "POST", "/v1/orders", order_body((most.pk, 1))).json["order_id"])

    def shipped(self, who: Someone) -> str:
        """Have an order on its way."""
        order_id = self.order(who)
        self.do(who, "POST", f"/v1/orders/{order_id}/payments", {"code": self.code()})
        self.world.control("POST", "/wechatpay/approve", {"number": order_id, "notify": False})
        self.do(who, "POST", f"/v1/orders/{order_id}/payments/sync")
        report = ShipmentReported(order_id=order_id, carrier="SF", tracking_number="SF1234567890")
        deliver.record_shipment(system_call(), report)
        return order_id

    def cancelled(self, who: Someone) -> str:
        """Have an order that is over."""
        order_id = self.order(who)
        self.do(who, "POST", f"/v1/orders/{order_id}/cancel")
        return order_id

    def mailed(self, who: Someone, name: str) -> dict[str, str]:
        """Have a code mailed."""
        address = f"{name}@example.com"
        self.do(who, "POST", "/v1/profile/email/codes", {"email": address})
        return {"email": address, "code": str(self.world.control("GET", f"/mail?to={address}")["code"])}

    def uploaded(self, who: Someone) -> str:
        """Upload a picture, which the stack then has judged."""
        photo = take("SN-fuzz")
        asked = {"content_type": "image/jpeg", "size_bytes": len(photo)}
        upload = self.do(who, "POST", "/v1/media", asked).json
        content, kind = form(upload["fields"], "photo.jpg", photo)
        assert fetch("POST", upload["url"], content, headers={"Content-Type": kind}).status < 300
        return str(upload["media_id"])

    def person(self, number: int) -> dict[str, Any]:
        """Make a person with things of their own."""
        mobile = new_mobile()
        who = make_account(f"+86{mobile}", new_name())
        post = {"text": "我的模型", "affirmed_others": True}
        owns: dict[str, list[str]] = {
            "show_order": [self.order(who)],
            "hide_order": [self.cancelled(who)],
            "show_post": [self.do(who, "POST", "/v1/posts", post).json["post_id"]],
            "show_case": [self.do(who, "POST", "/v1/cases", CASE).json["case_id"]],
            "show_media": [self.do(who, "POST", "/v1/media", _PICTURE).json["media_id"]],
        }
        if number < RICH:
            owns["receive_order"] = [self.shipped(who)]
            owns["set_avatar"] = [self.uploaded(who)]
            owns["show_request"] = [self.do(who, "POST", "/v1/requests/copies").json["request_id"]]
        self.do(who, "POST", "/v1/consents", answer_body("account.public_page"))
        bound = self.identities(who, number)
        told = {**bound, "token": who.token, "login": mobile, "owns": {**owns, **bound["owns"]}}
        told["emails"] = [self.mailed(who, mobile)]
        return {**told, "sessions": [log_in(self.http, mobile, PASSWORD).json for _ in range(2)]}

    def identities(self, who: Someone, number: int) -> dict[str, Any]:
        """Have a person agree to both bindings, and bind them where they are to log in by them or to cut them."""
        person, owns = who.person_id, ROLES[number % len(ROLES)]
        for purpose in ("account.wechat", "account.apple"):
            self.do(who, "POST", "/v1/consents", answer_body(purpose))
        wechat = [self.wechat(person) for _ in range(AHEAD)]
        apple = [self.apple(person) for _ in range(AHEAD)]
        if owns is not BINDS:
            self.do(who, "PUT", "/v1/bindings/wechat", wechat.pop())
            self.do(who, "PUT", "/v1/bindings/apple", apple.pop())
        return {"wechat": wechat, "apple": apple, "owns": {name: ["-"] for name in owns}}

    def wechat(self, payer: str) -> dict[str, Any]:
        """Log somebody in at WeChat on their phone."""
        return {"code": self.world.control("POST", "/wechat/codes", {"payer": payer})["code"]}

    def apple(self, person: str) -> dict[str, Any]:
        """Have somebody agree to Sign in with Apple on their phone."""
        hashed = sha256(NONCE.encode()).hexdigest()
        code = self.world.control("POST", "/apple/codes", {"nonce": hashed, "person": person})["code"]
        return {"code": code, "nonce": NONCE}

    def tap(self) -> dict[str, Any]:
        """Tap the number button on somebody's phone."""
        mobile = f"+86{new_mobile()}"
        return {"phone_code": self.world.control("POST", "/wechat/phone_codes", {"mobile": mobile})["code"]}

    def wechat_newcomer(self) -> dict[str, Any]:
        """Have WeChat prove the number of somebody new."""
        proof = self.do(None, "POST", "/v1/accounts/wechat/proofs", self.tap()).json["proof"]
        body = sign_up_body("", "")
        return {"proof": proof, **{name: body[name] for name in ("user_name", "password", "policy")}}

    def page(self) -> str:
        """Make a person who shows a post to everyone, and never calls."""
        who = make_account(f"+86{new_mobile()}", new_name())
        self.do(who, "POST", "/v1/posts", {"text": "我的模型", "affirmed_others": True})
        return open_page(self.http, who)

    def leaver(self) -> dict[str, Any]:
        """Make a person who owns nothing that stands against leaving, and has looked at what leaving would do."""
        who = make_account(f"+86{new_mobile()}", new_name())
        return {"token": who.token, "plan_hash": self.do(who, "GET", "/v1/cancellation").json["plan_hash"]}

    def settle(self, person: dict[str, Any]) -> None:
        """Wait for what the stack does with a person's things by itself, and note what came of it."""
        bearer, owns = {"Authorization": f"Bearer {person['token']}"}, person["owns"]
        post_id = owns["show_post"][0]
        until("post", lambda: self.http("GET", f"/v1/posts/{post_id}").status == 200)
        comment = {"text": "好", "affirmed_others": True}
        made = self.http("POST", f"/v1/posts/{post_id}/comments", comment, headers={"Idempotency-Key": key(), **bearer})
        owns["remove_comment"] = [made.json["comment_id"]]
        inbox = until("inbox", lambda: self.http("GET", "/v1/inbox", headers=bearer).json["data"])
        owns["read_message"] = [message["message_id"] for message in inbox]
        for media_id in owns.get("set_avatar", ()):
            place = f"/v1/media/{media_id}"
            until("picture", lambda: self.http("GET", place, headers=bearer).json["state"] == "ready")  # noqa: B023
        for request_id in owns.get("show_request", ()):
            path = f"/v1/requests/{request_id}"
            until("copy", lambda: self.http("GET", path, headers=bearer).json["state"] == "ready")  # noqa: B023

    def newcomer(self) -> dict[str, Any]:
        """Have a code sent to somebody new."""
        mobile = new_mobile()
        self.do(None, "POST", "/v1/accounts/codes", {"mobile": mobile, "purpose": "sign_up"})
        return sign_up_body(mobile, self.world.code_sent_to(f"+86{mobile}"))

    def gifts(self) -> dict[str, list[Any]]:
        """Make what nobody in particular needs."""
        return {
            "products": [product.product_id for product in sample_products()],
            "variants": self.variants,
            "pages": [self.page() for _ in range(ENOUGH)],
            "codes": [self.code() for _ in range(AHEAD * RICH)],
            "sign_ups": [self.newcomer() for _ in range(AHEAD)],
            "phone_codes": [self.tap() for _ in range(AHEAD)],
            "wechat_sign_ups": [self.wechat_newcomer() for _ in range(AHEAD)],
            "receipts": [leave(make_account(f"+86{new_mobile()}", new_name())).receipt],
        }


_PICTURE = {"content_type": "image/jpeg", "size_bytes": 1000}


def main() -> None:
    """Make them."""
    import app

    folder, count = sys.argv[1:]
    found = running(Path(folder))
    assert found is not None
    with Client(app.app) as client:
        maker = Maker(of_running(found), Http(client))
        staying = [maker.person(number) for number in range(int(count))]
        for one in staying:
            maker.settle(one)
        leaving = {name: [maker.leaver() for _ in range(ENOUGH)] for name in ENDING}
        told: dict[str, Any] = {"people": {"": staying, **leaving, **staff_at_work(maker.http)}, "gifts": maker.gifts()}
        told["people"] |= at_home(maker.http, maker.world) | linked(maker.http)
        told["gifts"] |= recoveries(maker.world, maker.http) | waiting(maker.http)
        told["gifts"]["children"] = children(maker.world, maker.http)
    print("\n" + json.dumps(told))


if __name__ == "__main__":
    main()
