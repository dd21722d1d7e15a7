"""Cancelling: told before, confirmed as told, one transaction; and the certificate that states what came of it."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.errors import NotFound, Unauthenticated
from chalicelib.foundation.register import lookup
from chalicelib.foundation.register.periods import end_of
from chalicelib.foundation.store.batch import put_rows
from chalicelib.foundation.store.write import commit
from chalicelib.orders.tables import OrderRow, PaymentRow
from chalicelib.rights.contracts import CancelAccount, CancellationPreview, PlanLineView
from chalicelib.rights.errors import CancellationBlocked, PlanChanged, ReceiptUsed
from chalicelib.rights.service import cancellation, certificate, plans
from tests.support.cloud import TestCloud
from tests.support.leaving import leave
from tests.support.lives import MOBILE, NAME, RESIDENCE, make_account, system_call
from tests.support.people import Someone, make_person
from tests.support.planted import bare, plant, stored_now

pytestmark = pytest.mark.usefixtures("counterparties")
VERIFIER = Path(__file__).parents[3] / "docs" / "verify_certificate.py"
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


@pytest.mark.promise("J11.3")
@pytest.mark.parametrize("receipt", ["A" * 43, "-" * 43, RECEIPT])
def test_a_receipt_that_was_never_given_leads_to_nothing(cloud: TestCloud, receipt: str):
    leave(make_account())
    with pytest.raises(NotFound):
        certificate.show_certificate(system_call(), receipt)


@pytest.mark.promise("J7.3", "J11.3", "K2.2")
def test_the_certificate_states_what_was_confirmed_and_verifies_offline(cloud: TestCloud, tmp_path: Path):
    who = make_account()
    plant(who, OrderRow)
    plant(who, PaymentRow)
    before = preview(who)
    left = leave(who)
    assert left.certificate() == type(left.certificate())(state="running")
    left.go_on()
    done = left.certificate()
    said = json.loads(done.statement)
    confirmed = {
        one.kind: (one.count, one.until.isoformat()) for one in before.lines if one.kind in {"order", "payment"}
    }
    stated = {one["record"]: (one["count"], one["until"]) for one in said["kept"]}
    assert {kind: stated[kind] for kind in confirmed} == confirmed
    assert {one.kind for one in before.lines if one.outcome == "kept_in_part"} == set(stated)
    assert all(one["ground"] and one["items"] for one in said["kept"])
    gone = {f"{one.kind}:delete": one.count for one in before.lines if one.outcome == "deleted"}
    assert {name: said["done"][name] for name in gone} == gone
    assert said["done"]["order:cut"] == said["done"]["payment:cut"] == 1
    assert said["plan"] == before.plan_hash
    last = max(stated[kind][1] for kind in confirmed)
    assert said["keys"] == {"main": "destroyed", "cases": "destroyed", "trade": f"destroyed on {last}"}
    path = tmp_path / "certificate.json"
    path.write_bytes(msgspec.json.encode(done))
    assert verified(path).returncode == 0
    path.write_text(path.read_text().replace('found_afterwards\\":0', 'found_afterwards\\":1'))
    assert "NOT VALID" in verified(path).stdout


@pytest.mark.promise("J11.3")
def test_the_certificate_is_about_nobody(cloud: TestCloud):
    who = make_account()
    left = leave(who)
    left.go_on()
    statement = left.certificate().statement
    traces = (who.person_id, who.ref, left.receipt, MOBILE, NAME, RESIDENCE, who.session_id, *who.keys.values())
    assert not [trace for trace in traces if trace in statement]


def test_what_stays_without_a_plan_ends_by_the_register(cloud: TestCloud):
    who = make_person()
    told = plans.remaining(who.ref, datetime.now(UTC))
    assert {one.kind for one in told} == {"audit", "consent", "disclosure", "erasure", "cancellation"}
    for one in told:
        assert lookup.retention(one.retention).period == "P3Y"


def verified(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(VERIFIER), str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
