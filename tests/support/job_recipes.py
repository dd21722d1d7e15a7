"""What each job needs to have work, and what of it can be seen from outside when it is done."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from chalicelib.accounts.contracts.reports import ReportFraud
from chalicelib.accounts.service import profile, reports
from chalicelib.accounts.tables.reports import FraudReportRow
from chalicelib.community.contracts import WritePost
from chalicelib.community.service import publishing
from chalicelib.community.tables import post
from chalicelib.consent import service as consents
from chalicelib.foundation.audit import sealer
from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.store import outbox
from chalicelib.foundation.store.keys import DataKeyRow
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import commit, update
from chalicelib.notifications.contracts import NoticeOrdered
from chalicelib.notifications.tables import InboxRow
from chalicelib.orders.tables import OrderRow
from chalicelib.rights.tables import CANCELLATION_SK, CancellationRow

from . import copies
from .accounts import guest, new_mobile, new_name
from .clocks import Hands
from .cloud import TestCloud
from .goods import on_sale, stock
from .leaving import Left, leave, traces
from .lives import make_account, system_call
from .people import Someone, make_person
from .photographs import jpeg, scene
from .planted import stored_now
from .publishing import Town, state_of
from .trading import Shop
from .trading import stored as trade

PHOTO = jpeg(picture=scene((96, 64)))


class Stage(NamedTuple):
    """All that a job may meet."""

    shop: Shop
    town: Town
    hands: Hands

    @property
    def cloud(self) -> TestCloud:
        return self.town.cloud

    def waiting(self, queue: str) -> str:
        """Take the one message that waits on a queue."""
        (message,) = self.cloud.messages(queue)
        return str(message["Body"])


class Work(NamedTuple):
    """A message to be delivered (none for a schedule), and how things look from outside afterwards."""

    end: Callable[[], Any]
    body: str = ""


Recipe = Callable[[Stage], Work]


def _leaver() -> tuple[Someone, Left, OrderRow]:
    mobile = f"+86{new_mobile()}"
    who = make_account(mobile, new_name())
    order = stored_now(who, OrderRow, state="received", completed_at=clock.now() - timedelta(days=9)).row
    stored_now(who, InboxRow)
    assert isinstance(order, OrderRow)
    return who, leave(who, clock.now()), order


def _erased(stage: Stage, who: Someone, left: Left, order: OrderRow) -> Any:
    case = get(CancellationRow, left.request_id, CANCELLATION_SK)
    kept = get(OrderRow, order.pk, order.sk)
    assert kept is not None
    said = json.loads(left.certificate().statement or "{}")
    lines = [
        (one["record"], one["count"]) for one in said.get("kept", ()) if one["record"] in {"order", "cancellation"}
    ]
    return case and case.step, kept.person_id, said.get("done"), lines, traces(stage.cloud, who)


def erasing(stage: Stage) -> Work:
    who, left, order = _leaver()
    body = stage.waiting("erasures")
    return Work(lambda: _erased(stage, who, left, order), body)


def erasing_by_schedule(stage: Stage) -> Work:
    return Work(erasing(stage).end)


def exporting(stage: Stage) -> Work:
    request_id = copies.ask(make_person(), clock.now())

    def end() -> Any:
        row, files = copies.stored(request_id), copies.lying(stage.cloud)
        told = [body for body in stage.town.outbox("NoticeOrdered") if request_id in body]
        return row.state, files == [row.object_key], copies.fetched(stage.cloud, request_id).names[-1], len(told)

    return Work(end, stage.waiting("exports"))


def ending(stage: Stage) -> Work:
    """Have one thing of each kind that time ends."""
    who = make_account(f"+86{new_mobile()}", new_name())
    copies.ask(who, clock.now())
    copies.make(stage.cloud)
    stage.town.upload(who, PHOTO)
    stage.hands.by(days=8)
    reports.report_fraud(guest(), ReportFraud(kind="phishing", text="假客服"))
    (report,) = [item for item in stage.cloud.items("cases") if item["kind"]["S"] == "fraud_report"]
    key = (FraudReportRow, report["pk"]["S"], report["sk"]["S"])
    commit([update(key, [FraudReportRow.due_at.set(clock.now())])])
    over = {"due_shard": "due#0", "due_at": clock.now()}
    stored_now(who, InboxRow, sk="NOTICE#1", **over)
    stored_now(who, OrderRow, person_id=None, epoch=None, **over)
    actions = [DataKeyRow.due_shard.set("due#0"), DataKeyRow.due_at.set(clock.now())]
    commit([update((DataKeyRow, who.keys["trade"], "KEY"), actions)])

    def end() -> Any:
        left = [i["kind"]["S"] for noun in ("people", "trade", "community") for i in stage.cloud.items(noun)]
        files = copies.lying(stage.cloud), copies.lying(stage.cloud, "quarantine")
        ended = get(DataKeyRow, who.keys["trade"], "KEY"), get(*key), get(DataKeyRow, report["key_id"]["S"], "KEY")
        return sorted(left), files, ended

    return Work(end)


def resending(stage: Stage) -> Work:
    call = make_person().call(clock.now())
    write = outbox.announce(call, "notices", NoticeOrdered(template="order_paid", subject_id=new_id("ord")))
    commit([write])
    stage.hands.by(minutes=2)
    message_id = write.kwargs["Item"]["pk"]["S"]

    def end() -> Any:
        sent = {json.loads(message["Body"])["id"] for message in stage.cloud.messages("notices")}
        row = get(outbox.OutboxRow, message_id, "MESSAGE")
        return sent == {message_id}, row and (row.done, row.due_at > clock.now())

    return Work(end)


def sealing(stage: Stage) -> Work:
    """Leave two days to be sealed."""
    day = clock.now().date()
    sealer.seal_day(system_call(clock.now()), day - timedelta(days=2))
    commit([record(make_person().call(clock.now()), "person:session:begun") for _ in range(3)])
    stage.hands.by(days=1, hours=2)

    def end() -> Any:
        root = sealer.stored_root(day)
        return root and (root.entries, root.root == sealer.root_of([digest for _, digest in sealer.entries(day)]))

    return Work(end)


def withdrawing(stage: Stage) -> Work:
    who = make_account(f"+86{new_mobile()}", new_name())
    consents.withdraw_consent(who.call(clock.now()), "account.membership")

    def end() -> Any:
        done = [item for item in stage.cloud.items("evidence") if item["pk"]["S"] == who.ref and "action" in item]
        actions = [item["action"]["S"] for item in done].count("system:profile:withdrawn")
        return profile.show_profile(who.call()).residence, actions

    return Work(end, stage.waiting("withdrawals"))


def telling(stage: Stage) -> Work:
    who = make_person()
    write = outbox.announce(who.call(clock.now()), "notices", NoticeOrdered(template="order_paid"))
    commit([write])

    def end() -> Any:
        mine = [item for item in stage.cloud.items("people") if item["pk"]["S"] == who.person_id]
        return [item["template"]["S"] for item in mine if item["kind"]["S"] == "inbox"]

    return Work(end, write.kwargs["Item"]["body"]["S"])


def rendering(stage: Stage) -> Work:
    media_id = stage.town.upload(stage.town.author(), PHOTO)

    def end() -> Any:
        told = len(stage.town.outbox("MediaJudged"))
        return state_of(media_id).state, len(stage.town.objects("media")), stage.town.objects("quarantine"), told

    return Work(end, stage.town.event(media_id))


def judging(stage: Stage) -> Work:
    call = stage.town.author().call(idempotency_key=new_id("key"), purpose="community.publish")
    post_id = publishing.write_post(call, WritePost("新入手的模型", affirmed_others=True)).post_id

    def end() -> Any:
        row = post(post_id)
        return row and row.state, len(stage.town.outbox("NoticeOrdered"))

    return Work(end, stage.waiting("community"))


def shipping(stage: Stage) -> Work:
    order_id = stage.shop.paid(make_person(), on_sale())
    report = {"order_id": order_id, "carrier": "SF", "tracking_number": "SF1234567890"}

    def end() -> Any:
        row = trade(order_id).order
        return [step[0] for step in row.history], row.tracking_number and row.tracking_number.reveal()

    return Work(end, json.dumps(report))


def closing(stage: Stage) -> Work:
    variant_id = on_sale()
    order_id = stage.shop.placed(make_person(), variant_id)
    stage.hands.by(minutes=31)
    return Work(lambda: (trade(order_id).order.state, stock(variant_id)["held"]))


RECIPES: dict[str, Recipe] = {
    "apply_verdict": judging,
    "apply_withdrawal": withdrawing,
    "close_unpaid": closing,
    "continue_erasures": erasing_by_schedule,
    "deliver_notice": telling,
    "erase_person": erasing,
    "export_copy": exporting,
    "process_media": rendering,
    "record_shipment": shipping,
    "resend_outbox": resending,
    "seal_evidence": sealing,
    "sweep_retention": ending,
}


def poison(body: str) -> list[str]:
    """Give what no job can read: nothing, no JSON, other JSON, and where it was announced, the message spoilt."""
    bad = ["", "null", "not json", "[]", "1", '"x"', '{"id": 1}', '{"Records": 1}', "[" * 10_000, body[:-1]]
    announced = json.loads(body)
    if "kind" in announced:
        bad += [json.dumps({**announced, name: value}) for name, value in (("kind", "Other"), ("body", []))]
    return bad
