"""What each route must be sent to do its work: one recipe a route, for tests that hold for all of them."""

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from chalicelib.catalog.service.load import load_products
from chalicelib.orders.jobs import record_shipment

from . import copies
from .accounts import code_for, log_in, new_mobile, new_name, sign_up_body
from .bindings import NONCE, notice
from .consents import agreement, answer_body
from .desk import copy_at_the_desk
from .edges import Http, Reply, deliver
from .entering_recipes import OF_ENTERING
from .goods import a_product, on_sale
from .leaving import leave
from .lives import MOBILE, NAME, PASSWORD, make_account
from .minor_recipes import AT_THE_DESK_FOR_MINORS, OF_MINORS, RECEIPT, Guarding
from .outward_recipes import OUTWARD
from .page_recipes import OF_PAGES, ShowingOneself
from .people import POLICY
from .photographs import jpeg
from .publishing import Town
from .recovery_recipes import OF_RECOVERY, Recovering
from .staff_recipes import AT_THE_DESK, CASE, OF_STAFF, Asked, AtWork, at_the_desk
from .trading import Shop, key, order_body

NUMBER = "11010519491231002X"


class Scene(AtWork, Guarding, Recovering, ShowingOneself):
    """A person with an account, and the world in which they come to own things."""

    def __init__(self, shop: Shop, town: Town) -> None:
        self.shop, self.town = shop, town
        self.owner = make_account()

    @property
    def http(self) -> Http:
        """Give the API."""
        return self.shop.http

    @property
    def marks(self) -> tuple[str, ...]:
        """Name what nobody else may ever be shown of the owner."""
        return self.owner.person_id, self.owner.session_id, self.owner.ref, MOBILE, MOBILE[3:], NAME

    def own(self, method: str, path: str, body: Any = None) -> Reply:
        """Have the owner do something that must go well."""
        answer = self.http(method, path, body, who=self.owner, headers=key())
        assert answer.status < 300, answer.text
        return answer

    def order(self, *verbs: str) -> Asked:
        """Place an order and carry it on: `paid`, `shipped`, then what its owner does."""
        order_id = self.shop.placed(self.owner, on_sale())
        for verb in verbs:
            if verb == "paid":
                self.shop.approved(self.owner, order_id)
                assert self.shop.notify(self.shop.notices(order_id)[0]).status == 204
            elif verb == "shipped":
                report = f'{{"order_id": "{order_id}", "carrier": "SF", "tracking_number": "SF1234567890"}}'
                assert deliver(record_shipment, report) == []
            else:
                self.own("POST", f"/v1/orders/{order_id}/{verb}")
        return Asked({"order_id": order_id})

    def payment(self) -> Asked:
        """Place an order and log its payer in at WeChat."""
        return Asked(self.order().ids, {"code": self.shop.providers.login_code("payer")})

    def notification(self) -> Asked:
        """Have WeChat Pay tell of a payment."""
        order_id = self.shop.approved(self.owner, self.order().ids["order_id"])
        (notice,) = self.shop.notices(order_id)
        return Asked(raw=notice.body, headers=notice.headers)

    def post(self) -> Asked:
        """Publish a post."""
        made = self.own("POST", "/v1/posts", {"text": "我的模型", "affirmed_others": True}).json
        self.town.settle()
        return Asked({"post_id": made["post_id"]})

    def comment(self) -> Asked:
        """Comment on one's own post."""
        path = f"/v1/posts/{self.post().ids['post_id']}/comments"
        made = self.own("POST", path, {"text": "好", "affirmed_others": True}).json
        self.town.settle()
        return Asked({"comment_id": made["comment_id"]})

    def email(self) -> Asked:
        """Have a code mailed to the owner."""
        address = "owner@example.com"
        self.own("POST", "/v1/profile/email/codes", {"email": address})
        return Asked(body={"email": address, "code": self.shop.providers.mail(address)}, headers=_IF_MATCH)

    def avatar(self) -> Asked:
        """Upload a picture for the profile."""
        return Asked(body={"media_id": self.town.picture(self.owner, jpeg())}, headers=_IF_MATCH)

    def copy(self, *, made: bool) -> Asked:
        """Ask for a copy, and have it made."""
        request = self.own("POST", "/v1/requests/copies").json
        if made:
            assert copies.make(self.town.cloud) == []
        return Asked({"request_id": request["request_id"]})

    def message(self) -> Asked:
        """Have a message in the inbox."""
        self.order("cancel")
        self.town.settle()
        data = self.own("GET", "/v1/inbox").json["data"]
        assert data, "the inbox is empty"
        return Asked({"message_id": data[0]["message_id"]})

    def another_session(self) -> dict[str, Any]:
        """Log the owner in on another device; gives its tokens."""
        answer = log_in(self.http, MOBILE, PASSWORD)
        assert answer.status == 201, answer.text
        return dict(answer.json)

    def sign_up(self) -> Asked:
        """Have a code sent to somebody new."""
        mobile = new_mobile()
        return Asked(body=sign_up_body(mobile, code_for(self.http, self.shop.providers, mobile)))

    def wechat(self, *, bound: bool = False) -> Asked:
        """Have the owner agree to bind WeChat and, if so, bind it; gives a code of their phone."""
        self.own("POST", "/v1/consents", answer_body("account.wechat"))
        if bound:
            self.own("PUT", "/v1/bindings/wechat", {"code": self.shop.providers.login_code("owner")})
        return Asked(body={"code": self.shop.providers.login_code("owner")})

    def apple(self, *, bound: bool = False) -> Asked:
        """Have the owner agree to bind an Apple account and, if so, bind it; gives a code of their phone."""
        self.own("POST", "/v1/consents", answer_body("account.apple"))
        if bound:
            self.own("PUT", "/v1/bindings/apple", self._apple_body())
        return Asked(body=self._apple_body())

    def _apple_body(self) -> dict[str, Any]:
        return {"code": self.shop.providers.apple_code(NONCE, "owner"), "nonce": NONCE}

    def apple_log_in(self) -> Asked:
        """Have the owner agree on their phone to come in by Apple."""
        asked = self.apple(bound=True)
        return Asked(body={**asked.body, "notice": notice()})

    def proof(self) -> Asked:
        """Have somebody new tap the number button in the mini-program."""
        return Asked(body={"phone_code": self.shop.providers.phone_code(f"+86{new_mobile()}")})

    def wechat_sign_up(self) -> Asked:
        """Have WeChat prove the number of somebody new."""
        proof = self.http("POST", "/v1/accounts/wechat/proofs", self.proof().body).json["proof"]
        policy = msgspec.to_builtins(agreement())
        return Asked(body={"proof": proof, "user_name": new_name(), "password": PASSWORD, "policy": policy})

    def citizen(self, path: str) -> Asked:
        """Have the owner agree to be verified as somebody whom the authority knows."""
        self.own("POST", "/v1/consents", answer_body("account.verification"))
        said = {"name": "王小明", "number": NUMBER}
        self.shop.providers.control("POST", "/identity/citizens", {**said, "mobiles": [MOBILE[3:]]})
        if path.endswith("/result"):
            self.own("POST", "/v1/verification/face", said)
            return Asked()
        return Asked(body=said)

    def product(self) -> Asked:
        """Put a product on sale."""
        product = a_product()
        load_products([product])
        return Asked({"product_id": product.product_id})

    def cancellation(self) -> Asked:
        """Have the owner see what cancelling would do."""
        preview = self.own("GET", "/v1/cancellation").json
        return Asked(body={"plan_hash": preview["plan_hash"], "receipt": RECEIPT})

    def merge(self, *, previewed: bool) -> Asked:
        """Have the owner log in to another account of theirs and, if so, see what merging it would do."""
        other = make_account("+8613700000003", "模友另")
        asked = {"other_token": other.token}
        if previewed:
            asked["plan_hash"] = self.own("POST", "/v1/merges/preview", asked).json["plan_hash"]
        return Asked(body=asked)

    def certificate(self) -> Asked:
        """Have the owner leave."""
        return Asked(body={"receipt": leave(self.owner).receipt})


_PASSWORDS = {"current_password": PASSWORD, "new_password": "another-password-2"}
_POST = {"text": "新作", "affirmed_others": True}
_IF_MATCH = {"If-Match": '"1"'}

RECIPES: dict[str, Callable[[Scene], Asked]] = {
    "GET /v1/evidence-key": lambda _: Asked(),
    "GET /v1/health": lambda _: Asked(),
    "POST /v1/accounts/codes": lambda _: Asked(body={"mobile": new_mobile(), "purpose": "sign_up"}),
    "POST /v1/accounts": Scene.sign_up,
    "GET /v1/accounts/me": lambda _: Asked(),
    "PUT /v1/accounts/password": lambda _: Asked(body=_PASSWORDS),
    "POST /v1/sessions": lambda _: Asked(body={"login": NAME, "password": PASSWORD}),
    "POST /v1/sessions/wechat": lambda s: s.wechat(bound=True),
    "POST /v1/sessions/apple": Scene.apple_log_in,
    "POST /v1/accounts/wechat/proofs": Scene.proof,
    "POST /v1/accounts/wechat": Scene.wechat_sign_up,
    "GET /v1/bindings": lambda _: Asked(),
    "PUT /v1/bindings/wechat": Scene.wechat,
    "PUT /v1/bindings/apple": Scene.apple,
    "DELETE /v1/bindings/wechat": lambda s: msgspec.structs.replace(s.wechat(bound=True), body=None),
    "DELETE /v1/bindings/apple": lambda s: msgspec.structs.replace(s.apple(bound=True), body=None),
    "POST /v1/sessions/refresh": lambda s: Asked(body={"refresh_token": s.another_session()["refresh_token"]}),
    "GET /v1/sessions": lambda _: Asked(),
    "DELETE /v1/sessions/{session_id}": lambda s: Asked({"session_id": s.another_session()["session_id"]}),
    "POST /v1/sessions/logout": lambda _: Asked(),
    "POST /v1/sessions/reauthentication": lambda _: Asked(body={"password": PASSWORD}),
    "PUT /v1/profile/residence": lambda _: Asked(body={"residence": "北京市"}, headers=_IF_MATCH),
    "DELETE /v1/profile/residence": lambda _: Asked(headers=_IF_MATCH),
    "PUT /v1/profile/gender": lambda _: Asked(body={"gender": "female"}, headers=_IF_MATCH),
    "DELETE /v1/profile/gender": lambda _: Asked(headers=_IF_MATCH),
    "PUT /v1/profile/birth-date": lambda _: Asked(body={"birth_date": "1990-02-28"}, headers=_IF_MATCH),
    "DELETE /v1/profile/birth-date": lambda _: Asked(headers=_IF_MATCH),
    "PUT /v1/profile/nickname": lambda _: Asked(body={"nickname": new_name()}, headers=_IF_MATCH),
    "DELETE /v1/profile/nickname": lambda _: Asked(headers=_IF_MATCH),
    "PUT /v1/profile/avatar": Scene.avatar,
    "DELETE /v1/profile/avatar": lambda _: Asked(headers=_IF_MATCH),
    "POST /v1/profile/email/codes": lambda _: Asked(body={"email": "someone@example.com"}),
    "PUT /v1/profile/email": Scene.email,
    "DELETE /v1/profile/email": lambda _: Asked(headers=_IF_MATCH),
    "GET /v1/verification": lambda _: Asked(),
    "POST /v1/verification/name": lambda s: s.citizen("/name"),
    "POST /v1/verification/face": lambda s: s.citizen("/face"),
    "POST /v1/verification/face/result": lambda s: s.citizen("/result"),
    "GET /v1/products": lambda _: Asked(),
    "GET /v1/products/{product_id}": Scene.product,
    "POST /v1/orders": lambda _: Asked(body=order_body((on_sale(), 1))),
    "GET /v1/orders": Scene.order,
    "GET /v1/orders/{order_id}": Scene.order,
    "POST /v1/orders/{order_id}/payments": Scene.payment,
    "POST /v1/orders/{order_id}/payments/sync": Scene.order,
    "POST /v1/orders/{order_id}/cancel": Scene.order,
    "POST /v1/orders/{order_id}/receive": lambda s: s.order("paid", "shipped"),
    "POST /v1/orders/{order_id}/hide": lambda s: s.order("cancel"),
    "POST /v1/payments/wechat/notifications": Scene.notification,
    "GET /v1/policies": lambda _: Asked(),
    "GET /v1/policies/current": lambda _: Asked(),
    "GET /v1/policies/{version}": lambda _: Asked({"version": POLICY}),
    "GET /v1/policies/{version}/page": lambda _: Asked({"version": POLICY}),
    "GET /v1/notices/{feature}": lambda _: Asked({"feature": "account.membership"}),
    "GET /v1/consents": lambda _: Asked(),
    "POST /v1/consents": lambda _: Asked(body=answer_body()),
    "DELETE /v1/consents/{purpose}": lambda _: Asked({"purpose": "account.membership"}),
    "GET /v1/consents/history": lambda _: Asked(),
    "GET /v1/inbox": Scene.message,
    "POST /v1/inbox/{message_id}/read": Scene.message,
    "POST /v1/media": lambda _: Asked(body={"content_type": "image/jpeg", "size_bytes": 1000}),
    "GET /v1/media/{media_id}": lambda s: Asked({"media_id": s.town.upload(s.owner, jpeg())}),
    "POST /v1/posts": lambda _: Asked(body=_POST),
    "GET /v1/posts": Scene.post,
    "GET /v1/posts/{post_id}": Scene.post,
    "DELETE /v1/posts/{post_id}": Scene.post,
    "POST /v1/posts/{post_id}/comments": lambda s: Asked(s.post().ids, _POST),
    "GET /v1/posts/{post_id}/comments": Scene.post,
    "DELETE /v1/comments/{comment_id}": Scene.comment,
    "POST /v1/requests/copies": lambda _: Asked(),
    "GET /v1/requests": lambda s: s.copy(made=False),
    "GET /v1/requests/{request_id}": lambda s: s.copy(made=False),
    "POST /v1/requests/{request_id}/claim": lambda s: s.copy(made=True),
    "POST /v1/handovers": copy_at_the_desk,
    "GET /v1/merges": lambda _: Asked(),
    "POST /v1/merges": partial(Scene.merge, previewed=True),
    "POST /v1/merges/preview": partial(Scene.merge, previewed=False),
    "GET /v1/cancellation": lambda _: Asked(),
    "POST /v1/cancellation": Scene.cancellation,
    "POST /v1/cancellation/certificates": Scene.certificate,
    "POST /v1/cases": lambda _: Asked(body=CASE),
    "GET /v1/cases": lambda _: Asked(),
    "GET /v1/cases/{case_id}": Scene.case,
    "POST /v1/cases/{case_id}/messages": lambda s: Asked(s.case().ids, {"text": "补充一句"}),
    "GET /v1/looks": Scene.looked_at,
}
"""By method and path; a route without one fails `tests/api/test_matrix.py`."""
RECIPES |= OF_STAFF | OF_MINORS | OF_ENTERING | OUTWARD | OF_RECOVERY | OF_PAGES
RECIPES |= {name: partial(at_the_desk, ask) for name, ask in (AT_THE_DESK | AT_THE_DESK_FOR_MINORS).items()}
