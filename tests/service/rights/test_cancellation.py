"""Cancelling: told before, confirmed as told, one transaction; and the certificate that states what came of it."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.errors import Unauthenticated
from chalicelib.foundation.register import lookup
from chalicelib.foundation.register.periods import end_of
from chalicelib.foundation.store.batch import put_rows
from chalicelib.foundation.store.write import commit
from chalicelib.notifications import service as notifications
from chalicelib.orders.tables import OrderRow, PaymentRow
from chalicelib.rights.contracts import CancelAccount, CancellationPreview, PlanLineView
from chalicelib.rights.errors import CancellationBlocked, PlanChanged, ReceiptUsed
from chalicelib.rights.service import cancellation, plans
from tests.support.cloud import TestCloud
from tests.support.leaving import leave
from tests.support.lives import MOBILE, make_account
from tests.support.people import Someone, make_person
from tests.support.planted import bare, plant, stored_now

pytestmark = pytest.mark.usefixtures("counterparties")
RECEIPT = "r" * 43


def preview(who: Someone, language: str = "zh-CN") -> CancellationPreview:
    return cancellation.preview_cancellation(who.call(language=language))


def line(view: CancellationPreview, kind: str) -> PlanLineView:
    (found,) = [one for one in view.lines if one.kind == kind]
    return found


@pytest.mark.promise("J7.2")
def test_the_preview_names_what_goes_and_what_stays_until_when_and_why(cloud: TestCloud):
    who = make_account()
    order = plant(who, OrderRow).row
    view = preview(who)
    assert view.blocks == []
    profile = line(view, "profile")
    assert (profile.outcome, profile.count, profile.stays, profile.until, profile.ground) == (
        "deleted",
        1,
        [],
        None,
        "",
    )
    assert {"手机号码", "用户名", "居住地"} <= set(profile.goes)
    assert "登录设备信息（型号、系统、客户端版本）" in line(view, "session").goes
    kept = line(view, "order")
    assert (kept.outcome, kept.count) == ("kept_in_part", 1)
    assert kept.until >= end_of("P3Y", order.completed_at).date()
    assert "电子商务法" in kept.ground
    assert "收货人姓名、联系电话和收货地址" in kept.goes
    assert "支付金额" in kept.stays


@pytest.mark.promise("J7.2")
def test_the_preview_tells_that_evidence_and_the_case_itself_stay(cloud: TestCloud):
    who = make_account()
    commit([record(who.call(), "person:session:begun"), record(who.call(), "person:identity:proved")])
    view = preview(who)
    assert line(view, "audit").count == 2
    for kind in ("audit", "consent", "disclosure", "erasure", "cancellation"):
        one = line(view, kind)
        assert one.outcome == "kept_in_part"
        assert one.stays
        assert one.ground
        assert date.today() + timedelta(days=3 * 365) <= one.until <= date.today() + timedelta(days=3 * 366 + 1)  # noqa: DTZ011
    assert line(view, "cancellation").goes == ["内部用户编号", "最后通知所用的联系方式"]


@pytest.mark.promise("J7.3", "J11.3")
def test_preview_and_certificate_name_what_stays_under_no_name(cloud: TestCloud):
    who = make_account()
    view, left = preview(who, "en"), leave(who)
    left.go_on()
    stated = {one["record"]: one for one in json.loads(left.certificate().statement)["kept"]}
    today = datetime.now(UTC).date()
    for kind, item, rule, days in (
        ("network_log", "Network log", "network.log", 400),
        ("counter", "Rate counter", "rate.window", 1),
        ("codes_sent", "Rate counter", "rate.window", 1),
        ("code", "", "code.life", 0),
    ):
        one, said = line(view, kind), lookup.retention(rule)
        assert (one.outcome, one.count, one.goes) == ("kept_in_part", None, [])
        assert one.stays[0].startswith(item)
        assert (one.period, one.ground) == (said.title_en, said.ground_en)
        assert days <= (one.until - today).days <= days + 2
        assert (stated[kind]["count"], stated[kind]["until"]) == (None, one.until.isoformat())
        assert (stated[kind]["period"], stated[kind]["ground"]) == (one.period, one.ground)
        assert stated[kind]["items"]


@pytest.mark.promise("J7.2")
def test_the_preview_speaks_the_readers_language(cloud: TestCloud):
    who = make_account()
    stored_now(who, OrderRow, state="paid", completed_at=None)
    plant(who, OrderRow)
    english, chinese = preview(who, "en"), preview(who)
    assert "Mobile number" in line(english, "profile").goes
    assert "E-Commerce Law article 31; Civil Code article 188" in {one.ground for one in english.lines}
    assert english.blocks[0].text == "An order is not finished"
    assert chinese.blocks[0].text == "有订单尚未完成"
    assert english.plan_hash == chinese.plan_hash


@pytest.mark.promise("J7.1")
def test_what_is_open_stops_it_and_nothing_is_written(cloud: TestCloud):
    who = make_account()
    stored_now(who, OrderRow, state="shipped", completed_at=None)
    with pytest.raises(CancellationBlocked) as refused:
        leave(who)
    assert [(one.pointer, one.code) for one in refused.value.errors] == [("/blocks/order_open", "order_open")]
    assert who.standing().status == "active"
    assert cloud.items("outbox") == []
    assert cloud.items("cases") == []


@pytest.mark.promise("J7.3")
def test_a_plan_that_changed_must_be_confirmed_again(cloud: TestCloud):
    who = make_account()
    shown = preview(who)
    plant(who, OrderRow)
    with pytest.raises(PlanChanged):
        leave(who, plan_hash=shown.plan_hash)
    assert who.standing().status == "active"
    assert leave(who).request_id


@pytest.mark.promise("J7.3")
def test_a_notice_that_arrives_before_the_confirmation_changes_nothing(cloud: TestCloud):
    who = make_account()
    shown = preview(who)
    notifications.deliver(who.call(idempotency_key="msg_x"), "password_changed", "")
    after = preview(who)
    assert line(after, "inbox").count == 1
    assert after.plan_hash == shown.plan_hash
    assert leave(who, plan_hash=shown.plan_hash).request_id


@pytest.mark.promise("J7.4", "J11.1")
def test_one_transaction_closes_the_account_and_opens_the_case(cloud: TestCloud):
    who = make_account()
    before = who.standing()
    left = leave(who)
    after, row = who.standing(), left.case()
    assert (after.status, after.epoch, after.session_epoch) == ("closing", before.epoch + 1, before.session_epoch + 1)
    assert (row.step, row.erasing_id, row.reference) == ("entrances", who.person_id, who.ref)
    assert row.mobile.key_id == who.keys["cases"]
    assert row.mobile.reveal() == MOBILE
    kinds = {item["kind"]["S"] for item in cloud.items("evidence")}
    assert {"erasure", "audit"} <= kinds
    (message,) = cloud.items("outbox")
    assert who.person_id not in str(message)
    assert left.receipt not in str([cloud.items(name) for name in ("cases", "outbox", "evidence", "people")])


@pytest.mark.promise("J11.3")
def test_a_receipt_serves_once(cloud: TestCloud):
    first, second = make_account(), make_account("+8613900000002", "第二人")
    leave(first, receipt=RECEIPT)
    with pytest.raises(ReceiptUsed):
        leave(second, receipt=RECEIPT)
    assert second.standing().status == "active"


def test_whoever_has_begun_to_leave_cannot_leave_again(cloud: TestCloud):
    who = make_account()
    call, view = who.call(), preview(who)
    leave(who)
    with pytest.raises(Unauthenticated):
        cancellation.cancel_account(call, CancelAccount(plan_hash=view.plan_hash, receipt=RECEIPT))
    assert len(cloud.items("cases")) == 1


def test_years_of_orders_fit_into_one_case(cloud: TestCloud):
    """An item holds 400 KB at most; every order of another day has a line of its own."""
    who = make_account()
    rows = [bare(who, kind) for kind in (OrderRow, PaymentRow) for _ in range(600)]
    for number, row in enumerate(rows):
        row.completed_at = datetime.now(UTC) - timedelta(days=number % 600)
        row.state = "received"
    put_rows(rows)
    left = leave(who)
    stored = plans.kept(left.case().plan)
    assert len(stored) > 1190
    (item,) = cloud.items("cases")
    assert sum(len(str(value)) for value in item.values()) < 200_000
    told = {one["record"]: one for one in plans.certified(who.ref, left.case().plan, datetime.now(UTC))}
    assert (told["order"]["count"], told["payment"]["count"]) == (600, 600)
    assert told["order"]["until"] == max(one["until"] for one in stored)


def test_what_stays_without_a_plan_ends_by_the_register(cloud: TestCloud):
    who = make_person()
    told = plans.remaining(who.ref, datetime.now(UTC))
    assert [one.kind for one in told[5:]] == [
        *("cancellation", "code", "codes_sent", "child_declaration", "counter", "network_log")
    ]
    assert {one.kind for one in told[:5]} == {"audit", "consent", "disclosure", "erasure", "look"}
    for one in told[:6]:
        assert lookup.retention(one.retention).period == "P3Y"
