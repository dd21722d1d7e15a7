"""One request of every route, in the order of a life, so that each finds what it needs."""

from collections.abc import Callable, Generator
from hashlib import sha256
from typing import Any

from .behalf import spoken_for
from .entering import entered, recovered
from .events import event
from .guarding import guarded
from .outward import linked
from .people import PASSWORD, agreement, answer, code_event, newcomer, prove_again, sign_up_event
from .recording import Recording
from .showing import shown
from .staffing import served, staffed
from .town import Caller, Town
from .trading import one_order, picture, posted, some_product, traded

Asked = dict[str, Any]
Chapter = Generator[Asked, Any, None]
"""Gives requests to be recorded, and gets the answer of each."""


def recordings(town: Town) -> dict[str, Recording]:
    """Play the story and give what each route asked of AWS, caches warm."""
    from chalicelib.foundation.vault import keyring

    ann, bob = newcomer(town, "13800000001", "模友安"), newcomer(town, "13900000002", "模友博")
    found: dict[str, Recording] = {}
    for chapter in CHAPTERS:
        told = chapter(ann, bob)
        reply = None
        while True:
            try:
                asked = told.send(reply)
            except StopIteration:
                break
            keyring.forget()  # nobody's data key is open, as in most requests
            recording, reply = town.record(asked)
            found.setdefault(recording.route, recording)
    return found


def cold_recordings(town: Town) -> dict[str, Recording]:
    """Record the first answers of a process that knows nothing yet: a guest's, and a signed-in person's."""
    who = newcomer(town, "13600000004", "模友冬")
    order_id = one_order(who)["order_id"]
    product_id = some_product().product_id
    found: dict[str, Recording] = {}
    for asked in (
        event("GET", "/v1/products/{product_id}", product_id=product_id),
        who.event("GET", "/v1/orders/{order_id}", order_id=order_id),
    ):
        town.forget()
        recording, _ = town.record(asked)
        found[recording.route] = recording
    return found


def _policies(_ann: Caller, _bob: Caller) -> Chapter:
    yield event("GET", "/v1/health")
    policies = yield event("GET", "/v1/policies")
    yield event("GET", "/v1/policies/current")
    yield event("GET", "/v1/policies/{version}", version=policies["data"][0]["version"])
    yield event("GET", "/v1/policies/{version}/page", version=policies["data"][0]["version"])
    yield event("GET", "/v1/notices/{feature}", feature="account.membership")


def _accounts(ann: Caller, _bob: Caller) -> Chapter:
    yield code_event("13700000003")
    yield sign_up_event(ann.town, "13700000003", "模友岑")
    yield ann.event("GET", "/v1/accounts/me")
    logged_in = yield event("POST", "/v1/sessions", {"login": ann.mobile, "password": PASSWORD})
    yield event("POST", "/v1/sessions/refresh", {"refresh_token": logged_in["refresh_token"]})
    yield ann.event("GET", "/v1/sessions")
    yield ann.event("DELETE", "/v1/sessions/{session_id}", session_id=logged_in["session_id"])
    yield ann.event("POST", "/v1/sessions/reauthentication", {"password": PASSWORD})
    other = ann.town.ask(event("POST", "/v1/sessions", {"login": ann.mobile, "password": PASSWORD}))
    yield Caller(ann.town, ann.mobile, other).event("POST", "/v1/sessions/logout")
    change = {"current_password": PASSWORD, "new_password": PASSWORD + "1"}
    ann.tokens = yield ann.event("PUT", "/v1/accounts/password", change)
    back = {"current_password": PASSWORD + "1", "new_password": PASSWORD}
    ann.tokens = ann.ask("PUT", "/v1/accounts/password", back)


def _consents(ann: Caller, bob: Caller) -> Chapter:
    yield ann.event("POST", "/v1/consents", answer(ann.town, "account.membership"))
    yield ann.event("GET", "/v1/consents")
    yield ann.event("GET", "/v1/consents/history", query={"limit": "20"})
    profile = yield ann.event("GET", "/v1/profile")
    tag = {"If-Match": f'"{profile["version"]}"'}
    profile = yield ann.event("PUT", "/v1/profile/residence", {"residence": "上海市徐汇区"}, headers=tag)
    tag = {"If-Match": f'"{profile["version"]}"'}
    profile = yield ann.event("DELETE", "/v1/profile/residence", headers=tag)
    yield from _optional_fields(ann, bob, profile["version"])
    yield ann.event("DELETE", "/v1/consents/{purpose}", purpose="account.membership")
    ann.town.pump(notices="notifications.deliver_notice", withdrawals="accounts.apply_withdrawal")
    inbox = yield ann.event("GET", "/v1/inbox", query={"limit": "20"})
    yield ann.event("POST", "/v1/inbox/{message_id}/read", message_id=inbox["data"][0]["message_id"])


def _bindings(ann: Caller, _bob: Caller) -> Chapter:
    town, nonce = ann.town, "n" * 43

    def wechat() -> dict[str, Any]:
        return {"code": town.control("POST", "/wechat/codes", {"payer": "ann"})["code"]}

    def apple() -> dict[str, Any]:
        asked = {"nonce": sha256(nonce.encode()).hexdigest(), "person": "ann"}
        return {"code": town.control("POST", "/apple/codes", asked)["code"], "nonce": nonce}

    tap = town.control("POST", "/wechat/phone_codes", {"mobile": "+8613700000008"})
    proof = yield event("POST", "/v1/accounts/wechat/proofs", {"phone_code": tap["code"]})
    opened = {"proof": proof["proof"], "user_name": "模友微", "password": PASSWORD, "policy": agreement(town)}
    yield event("POST", "/v1/accounts/wechat", opened)
    for purpose in ("account.wechat", "account.apple"):
        ann.ask("POST", "/v1/consents", answer(town, purpose))
    prove_again(ann)
    yield ann.event("PUT", "/v1/bindings/wechat", wechat())
    yield ann.event("PUT", "/v1/bindings/apple", apple())
    yield ann.event("GET", "/v1/bindings")
    yield event("POST", "/v1/sessions/wechat", wechat())
    shown = answer(town, "account.apple")["notice"]
    yield event("POST", "/v1/sessions/apple", {**apple(), "notice": shown})
    yield ann.event("DELETE", "/v1/bindings/wechat")
    yield ann.event("DELETE", "/v1/bindings/apple")


def _named(*people: Caller) -> Chapter:
    """Have a nickname chosen and removed; those who post and comment later keep theirs."""
    brief = newcomer(people[0].town, "13800000028", "模友名")
    for who in (brief, *people):
        who.ask("POST", "/v1/consents", answer(who.town, "account.public_profile"))
        tag = {"If-Match": f'"{who.ask("GET", "/v1/profile")["version"]}"'}
        chosen = who.event("PUT", "/v1/profile/nickname", {"nickname": f"小{who.mobile}"}, headers=tag)
        named = yield chosen
        if who is brief:
            yield who.event("DELETE", "/v1/profile/nickname", headers={"If-Match": f'"{named["version"]}"'})


def _optional_fields(ann: Caller, bob: Caller, version: int) -> Chapter:
    ann.ask("POST", "/v1/consents", answer(ann.town, "account.public_profile"))
    fields = {
        "gender": {"gender": "female"},
        "birth-date": {"birth_date": "1990-02-28"},
        "avatar": {"media_id": picture(ann)},
    }
    for number, (name, body) in enumerate(fields.items()):
        tag = {"If-Match": f'"{version + 2 * number}"'}
        yield ann.event("PUT", f"/v1/profile/{name}", body, headers=tag)
        tag = {"If-Match": f'"{version + 2 * number + 1}"'}
        yield ann.event("DELETE", f"/v1/profile/{name}", headers=tag)
    yield from _named(ann, bob)
    yield from _email(ann, version + 2 * len(fields) + 1)


def _email(ann: Caller, version: int) -> Chapter:
    ann.ask("POST", "/v1/consents", answer(ann.town, "account.email"))
    address = {"email": "ann@example.com"}
    yield ann.event("POST", "/v1/profile/email/codes", address)
    code = ann.town.control("GET", f"/mail?to={address['email']}")["code"]
    tag = {"If-Match": f'"{version}"'}
    prove_again(ann)
    yield ann.event("PUT", "/v1/profile/email", {**address, "code": code}, headers=tag)
    yield ann.event("DELETE", "/v1/profile/email", headers={"If-Match": f'"{version + 1}"'})


def _rights(ann: Caller, bob: Caller) -> Chapter:
    town = ann.town
    prove_again(ann)
    copy = yield ann.event("POST", "/v1/requests/copies", headers={"Idempotency-Key": "copy-of-ann"})
    yield ann.event("GET", "/v1/requests")
    yield ann.event("GET", "/v1/requests/{request_id}", request_id=copy["request_id"])
    town.pump(exports="rights.export_copy")
    yield ann.event("POST", "/v1/requests/{request_id}/claim", request_id=copy["request_id"])
    town.pump(notices="notifications.deliver_notice")
    other = {"other_token": newcomer(town, "13500000009", "模友并").tokens["access_token"]}
    seen = yield ann.event("POST", "/v1/merges/preview", other)
    yield ann.event("POST", "/v1/merges", {**other, "plan_hash": seen["plan_hash"]})
    yield ann.event("GET", "/v1/merges")
    prove_again(bob)
    preview = yield bob.event("GET", "/v1/cancellation")
    asked = {"plan_hash": preview["plan_hash"], "receipt": "b" * 43}
    yield bob.event("POST", "/v1/cancellation", asked)
    town.pump(erasures="rights.erase_person")
    yield event("POST", "/v1/cancellation/certificates", {"receipt": "b" * 43})
    yield event("GET", "/v1/evidence-key")


CHAPTERS: tuple[Callable[[Caller, Caller], Chapter], ...] = (
    _policies,
    _accounts,
    entered,
    recovered,
    _consents,
    _bindings,
    linked,
    traded,
    posted,
    shown,
    staffed,
    served,
    guarded,
    spoken_for,
    _rights,
)
