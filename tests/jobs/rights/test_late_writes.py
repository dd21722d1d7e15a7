"""Writes of other domains that race with an erasure, at each place where one is made: nothing of them is left."""

import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest

from chalicelib.accounts.contracts.profile import SetResidence
from chalicelib.accounts.contracts.sessions import ChangePassword, LogIn, Reauthenticate, RefreshSession
from chalicelib.accounts.service import logging_in, profile, sessions
from chalicelib.community.contracts import WriteComment, WritePost
from chalicelib.community.service import publishing
from chalicelib.community.tables import PostRow
from chalicelib.consent import service as consent
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.config import reset_config
from chalicelib.foundation.kernel.errors import Failure
from chalicelib.foundation.standing import access
from chalicelib.foundation.store.outbox import announce
from chalicelib.foundation.store.planner import traverse
from chalicelib.foundation.store.write import ConditionFailed
from chalicelib.foundation.vault.keyring import KeyDestroyed
from chalicelib.media.contracts import StartUpload
from chalicelib.media.service.uploads import start_upload
from chalicelib.notifications import service as notifications
from chalicelib.notifications.contracts import NoticeOrdered
from chalicelib.orders.contracts import OrderLine, PlaceOrder, Recipient
from chalicelib.orders.service.place import place_order
from chalicelib.orders.service.sweep import sweep_orders
from chalicelib.rights.contracts import CancelAccount
from chalicelib.rights.service import copies
from chalicelib.rights.service.cancellation import cancel_account, preview_cancellation, request_of
from tests.support.accounts import Member, enrol, guest
from tests.support.cloud import TestCloud
from tests.support.consents import answer
from tests.support.copies import lying
from tests.support.counterparties import Counterparties
from tests.support.goods import on_sale, stock
from tests.support.leaving import HOUR, Left, leave, traces
from tests.support.lives import system_call
from tests.support.people import Someone, make_person
from tests.support.planted import stored_now
from tests.support.trading import RECIPIENT

REFUSALS = (Failure, ConditionFailed, KeyDestroyed)
"""How a late write may end, besides being made and removed again."""
MEMBERSHIP = "account.membership"
Act = Callable[["Scene", Call], object]


class Scene:
    """Somebody with a whole account, a post of somebody else's and something to buy."""

    def __init__(self, counterparties: Counterparties) -> None:
        self.member: Member = enrol(counterparties)
        self.variant_id = on_sale()
        self.post_id = str(stored_now(make_person(), PostRow, state="visible", sk="POST").row.pk)
        row = access.load(self.member.person_id)
        assert row is not None
        tokens = self.member.tokens
        self.who = Someone(
            row.pk, self.member.session_id, tokens["access_token"], dict(row.keys), access.reference(row)
        )
        consent.answer_notice(self.call(), answer(MEMBERSHIP))

    def call(self) -> Call:
        """Read standing now, as the edge does."""
        return self.who.call(idempotency_key=uuid4().hex, route="test", device="Pixel 9; Android 16")

    def order(self) -> PlaceOrder:
        """Write an order."""
        to = Recipient(**RECIPIENT)
        return PlaceOrder([OrderLine(self.variant_id, 1)], to, for_other=False)


def refresh(scene: Scene, _: Call) -> object:
    return sessions.refresh_session(guest(), RefreshSession(**scene.member.refresh))


def log_in(scene: Scene, _: Call) -> object:
    return logging_in.log_in(guest(), LogIn(scene.member.mobile, scene.member.password))


def change_password(scene: Scene, call: Call) -> object:
    return logging_in.change_password(call, ChangePassword(scene.member.password, scene.member.password + " 8"))


ACTS: dict[str, Act] = {
    "refresh": refresh,
    "log in": log_in,
    "prove": lambda scene, call: logging_in.reauthenticate(call, Reauthenticate(scene.member.password)),
    "password": change_password,
    "residence": lambda _, call: profile.set_residence(call, SetResidence("上海市徐汇区"), 1),
    "end session": lambda _, call: sessions.log_out(call),
    "agree": lambda _, call: consent.answer_notice(call, answer("community.place")),
    "withdraw": lambda _, call: consent.withdraw_consent(call, MEMBERSHIP),
    "post": lambda _, call: publishing.write_post(call, WritePost("新入手的模型", affirmed_others=True)),
    "comment": lambda scene, call: publishing.write_comment(
        call, scene.post_id, WriteComment("好看", affirmed_others=True)
    ),
    "upload": lambda _, call: start_upload(call, StartUpload("image/jpeg", 1000)),
    "notice": lambda _, call: notifications.deliver(call, "password_changed", ""),
    "message": lambda _, call: access.commit(call, [announce(call, "notices", NoticeOrdered("copy_ready"))]),
    "order": lambda scene, call: place_order(call, scene.order()),
    "copy": lambda _, call: copies.request_copy(call),
}


@pytest.fixture
def scene(cloud: TestCloud, counterparties: Counterparties, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Set the scene, with the wait of a real erasure."""
    monkeypatch.setenv("ERASURE_SETTLE_S", "960")
    reset_config()
    return Scene(counterparties)


def nothing_is_left(cloud: TestCloud, scene: Scene) -> bool:
    assert list(traverse(scene.who.person_id)) == []
    left = traces(cloud, scene.who, scene.member.user_name, f"+86{scene.member.mobile}", "Pixel 9")
    assert left == []
    assert lying(cloud) == []
    return True


def test_each_of_them_writes_while_the_account_lives(scene: Scene):
    last = ("refresh", "password", "end session")
    for name, act in ACTS.items():
        if name not in last:
            act(scene, scene.call())
    for name in last:
        ACTS[name](scene, scene.call())


@pytest.mark.promise("J3.2", "J7.4")
def test_what_is_written_after_the_first_pass_is_refused_or_removed(cloud: TestCloud, scene: Scene):
    late = scene.call()
    left = leave(scene.who)
    left.go_on()
    assert left.case().step == "settle"
    written = [name for name, act in ACTS.items() if went_through(act, scene, late)]
    assert {"notice", "message", "upload"} <= set(written)
    assert not {"log in", "refresh", "password", "agree", "withdraw", "post", "comment", "order", "copy"} & set(written)
    assert list(traverse(scene.who.person_id))
    assert scene.who.standing().status == "closing"
    assert left.finish().state == "done"
    assert nothing_is_left(cloud, scene)


@pytest.mark.promise("J3.2", "J7.4")
def test_what_races_with_the_first_pass_leaves_nothing(cloud: TestCloud, scene: Scene):
    late = [msgspec.structs.replace(scene.call(), idempotency_key=uuid4().hex) for _ in ACTS]
    left = leave(scene.who)
    start, strange = threading.Barrier(len(ACTS) + 1), []

    def again_and_again(act: Act, call: Call) -> None:
        start.wait()
        for number in range(6):
            again = msgspec.structs.replace(call, idempotency_key=f"{call.idempotency_key}-{number}")
            try:
                went_through(act, scene, again)
            except Exception as fault:  # noqa: BLE001 - looked at below
                strange.append(repr(fault))

    with ThreadPoolExecutor(len(ACTS)) as pool:
        acting = [pool.submit(again_and_again, act, call) for act, call in zip(ACTS.values(), late, strict=True)]
        start.wait()
        left.go_on()
        for one in acting:
            one.result()
    assert strange == []
    assert left.finish().state == "done"
    assert nothing_is_left(cloud, scene)


@pytest.mark.promise("D5", "J7.4", "K2.1")
def test_an_order_placed_while_the_account_closes_is_refused_or_closed_first(cloud: TestCloud, scene: Scene):
    """The plan is read before; whichever transaction comes first, no order is erased open and no goods stay held."""
    call, placing = scene.call(), scene.call()
    receipt = secrets.token_urlsafe(32)
    asked = CancelAccount(plan_hash=preview_cancellation(call).plan_hash, receipt=receipt)
    with ThreadPoolExecutor(2) as pool:
        placed = pool.submit(went_through, ACTS["order"], scene, placing)
        closing = pool.submit(went_through, lambda _, call: cancel_account(call, asked), scene, call)
        assert closing.result() or placed.result()
    if not closing.result():
        assert stock(scene.variant_id)["held"] == 1
        return
    left = Left(request_of(receipt), receipt)
    left.go_on()
    assert (left.case().step == "entrances") == placed.result()
    sweep_orders(system_call(system_call().now + timedelta(minutes=31)), HOUR)
    assert left.finish().state == "done"
    assert stock(scene.variant_id)["held"] == 0
    assert nothing_is_left(cloud, scene)


def went_through(act: Act, scene: Scene, call: Call) -> bool:
    """Try; say whether it was done."""
    try:
        act(scene, call)
    except REFUSALS:
        return False
    return True
