"""A payment settles its order exactly once, whoever brings the news, however often and in whatever order."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.foundation.gateways.wechatpay_notification import TOLERANCE
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.errors import Busy
from chalicelib.orders import errors
from chalicelib.orders.service import pay
from tests.support.goods import on_sale, stock
from tests.support.trading import run_sweep, settle, state, stored

TABLES = ("trade", "catalog", "evidence", "outbox", "ephemeral")


@pytest.fixture
def variant_id(shop):
    return on_sale(stock=5)


@pytest.fixture
def order_id(shop, buyer, variant_id):
    """Place an order and pay it at WeChat Pay, which tells nobody yet."""
    return shop.approved(buyer, shop.placed(buyer, variant_id, 2))


def everything(cloud):
    return {noun: sorted(map(repr, cloud.items(noun))) for noun in TABLES}


def told(cloud, template: str) -> int:
    return sum(template in json.dumps(item["body"]["S"]) for item in cloud.items("outbox"))


def assert_paid_once(cloud, order_id: str, variant_id: str) -> None:
    found = stored(order_id)
    assert [step[0] for step in found.order.history] in (["unpaid", "paid"], ["unpaid", "closing", "paid"])
    assert found.payment is not None
    assert (found.payment.state, found.payment.transaction_id is not None) == ("success", True)
    assert stock(variant_id) == {"available": 3, "held": 0, "sold": 2}
    assert told(cloud, "order_paid") == 1
    paid = [item for item in cloud.items("evidence") if item.get("action", {}).get("S") == "provider:order:paid"]
    assert len(paid) == 1


@pytest.mark.promise("D8.1")
@pytest.mark.parametrize("repeat", ["bytes", "event", "other"])
def test_ten_notifications_at_once_pay_once(shop, cloud, order_id, variant_id, repeat):
    """Pitfall 1: duplicate notifications are normal."""
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(settle, shop.notices(order_id, times=10, repeat=repeat)))
    assert_paid_once(cloud, order_id, variant_id)


@pytest.mark.promise("D8.1")
def test_notification_query_and_closing_race_to_one_payment(shop, cloud, buyer, order_id, variant_id, hands, capsys):
    """Pitfall 2: notification against the client's query against the sweep (saleor#12652, medusa#13301)."""
    hands.by(minutes=31)
    late = {"offset_s": 31 * 60}
    work = [lambda n=n: settle(n) for n in shop.notices(order_id, times=6, repeat="event", tamper=late)]
    work += [lambda: pay.sync_payment(buyer.call(), order_id)] * 4
    work += [run_sweep] * 4

    def attempt(act) -> None:
        try:
            act()
        except Busy:  # it lost the race; a retry comes again
            return

    with ThreadPoolExecutor(14) as pool:
        list(pool.map(attempt, work))
    settle(shop.notices(order_id, tamper=late)[0])
    assert_paid_once(cloud, order_id, variant_id)
    assert "fault" not in capsys.readouterr().out


@pytest.mark.promise("D8.1")
def test_a_query_settles_what_no_notification_told(shop, cloud, buyer, order_id, variant_id):
    synced = shop.act(buyer, order_id, "payments/sync")
    assert (synced.status, synced.json["state"], synced.json["method"]) == (200, "paid", "wechatpay")
    assert shop.act(buyer, order_id, "payments/sync").json["state"] == "paid"
    assert_paid_once(cloud, order_id, variant_id)


@pytest.mark.promise("D8.2")
def test_the_clients_word_changes_nothing(shop, buyer, variant_id):
    """Pitfall 4: `/paySuccess` by any client (mall#613)."""
    order_id = shop.placed(buyer, variant_id)
    assert shop.act(buyer, order_id, "payments/sync").json["state"] == "unpaid"
    shop.begin(buyer, order_id)
    assert shop.act(buyer, order_id, "payments/sync").json["state"] == "unpaid"
    assert shop.http("POST", f"/v1/orders/{order_id}/payments/success", {}, who=buyer).status in {403, 404}


@pytest.mark.promise("D8.1")
@pytest.mark.parametrize(
    ("tamper", "status", "code"),
    [
        ({"forged": True}, 401, "wechatpay.notification_forged"),
        ({"flipped": True}, 401, "wechatpay.notification_forged"),
        ({"serial": "PUB_KEY_ID_0000000000000001"}, 401, "wechatpay.notification_key_unknown"),
        ({"offset_s": -301}, 401, "wechatpay.notification_late"),
        ({"offset_s": 302}, 401, "wechatpay.notification_late"),
        ({"foreign_key": True}, 400, "wechatpay.notification_malformed"),
        ({"algorithm": "AEAD_AES_128_GCM"}, 400, "wechatpay.notification_malformed"),
        ({"drop": ["Wechatpay-Nonce"]}, 400, "wechatpay.notification_malformed"),
        ({"drop": ["Wechatpay-Signature"]}, 400, "wechatpay.notification_malformed"),
        ({"event_type": "TRANSACTION.UNKNOWN"}, 400, "wechatpay.notification_malformed"),
        ({"content": {"amount": 1}}, 422, "orders.payment_mismatch"),
        ({"content": {"amount": 47601}}, 422, "orders.payment_mismatch"),
        ({"content": {"currency": "USD"}}, 422, "orders.payment_mismatch"),
        ({"content": {"mchid": "1900000001"}}, 422, "orders.payment_mismatch"),
        ({"content": {"appid": "wx0000000000000001"}}, 422, "orders.payment_mismatch"),
        ({"content": {"out_trade_no": "ord_" + "a" * 26}}, 422, "orders.payment_mismatch"),
        ({"content": {"out_trade_no": "someone-elses-1"}}, 422, "orders.payment_mismatch"),
        ({"content": {"trade_state": "NOTPAY"}}, 400, "wechatpay.notification_malformed"),
        ({"content": {"transaction_id": ""}}, 400, "wechatpay.notification_malformed"),
    ],
    ids=repr,
)
def test_what_is_forged_tampered_late_or_of_another_order_writes_nothing(shop, cloud, order_id, tamper, status, code):
    """Pitfall 5: exact bytes, known key, time, and then every fact against the order."""
    before = everything(cloud)
    answer = shop.notify(shop.notices(order_id, tamper=tamper)[0])
    assert (answer.status, answer.json) == (status, {"code": "FAIL", "message": code})
    assert everything(cloud) == before
    assert shop.notify(shop.notices(order_id)[0]).status == 204
    assert state(order_id) == "paid"


def test_a_mismatch_is_logged_by_order_and_reason(shop, order_id, capsys):
    shop.notify(shop.notices(order_id, tamper={"content": {"amount": 1}})[0])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"event": "payment_mismatch", "order_id": order_id, "reason": "amount"} in lines


def test_a_refused_notification_says_why_in_the_log(shop, order_id, capsys):
    shop.notify(shop.notices(order_id, tamper={"forged": True})[0])
    done = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "take_notification" in line]
    assert [(line["status"], line["code"]) for line in done] == [(401, "wechatpay.notification_forged")]


def test_a_nonce_serves_one_notification(shop, cloud, buyer, variant_id, order_id):
    """Pitfall 5: a nonce that comes again with other content."""
    other = shop.approved(buyer, shop.placed(buyer, variant_id))
    nonce = "0123456789abcdef0123456789abcdef"
    assert shop.notify(shop.notices(order_id, tamper={"nonce": nonce})[0]).status == 204
    before = everything(cloud)
    replayed = shop.notify(shop.notices(other, tamper={"nonce": nonce})[0])
    assert (replayed.status, replayed.json["message"]) == (401, "orders.notification_replayed")
    assert everything(cloud) == before


def test_a_nonce_is_known_for_longer_than_any_notification_is_taken(shop, cloud, order_id):
    """Pitfall 5: ten minutes, whatever the clocks of both sides are apart."""
    assert shop.notify(shop.notices(order_id)[0]).status == 204
    (row,) = [item for item in cloud.items("ephemeral") if item["kind"]["S"] == "notification_nonce"]
    kept = datetime.fromtimestamp(int(row["expires_at"]["N"]), UTC) - clock.now()
    assert kept > 2 * TOLERANCE >= timedelta(minutes=10)


def test_a_second_transaction_for_a_paid_order_is_a_mismatch(shop, order_id, variant_id, cloud):
    settle(shop.notices(order_id)[0])
    with pytest.raises(errors.PaymentMismatch):
        settle(shop.notices(order_id, tamper={"content": {"transaction_id": "4200000000000000000000000001"}})[0])
    assert_paid_once(cloud, order_id, variant_id)


def test_one_transaction_pays_one_order(shop, buyer, variant_id, order_id):
    settle(shop.notices(order_id)[0])
    used = stored(order_id).payment.transaction_id
    other = shop.approved(buyer, shop.placed(buyer, variant_id, 2))
    with pytest.raises(errors.PaymentMismatch):
        settle(shop.notices(other, tamper={"content": {"transaction_id": used}})[0])
    assert state(other) == "unpaid"


def test_a_frozen_buyers_payment_is_still_settled(shop, buyer, order_id, variant_id, cloud):
    from chalicelib.foundation.standing.rows import StandingRow
    from chalicelib.foundation.store.write import commit, update

    commit([update(buyer.standing(), [StandingRow.status.set("frozen")])])
    settle(shop.notices(order_id)[0])
    assert_paid_once(cloud, order_id, variant_id)


def test_the_notice_goes_to_the_buyer_whose_epoch_it_is_now(shop, cloud, buyer, order_id):
    settle(shop.notices(order_id)[0])
    (told_row,) = [item for item in cloud.items("outbox") if "order_paid" in item["body"]["S"]]
    assert told_row["person_id"]["S"] == buyer.person_id
    assert int(told_row["epoch"]["N"]) == buyer.standing().epoch


def test_a_repeat_costs_one_read(shop, order_id, aws_calls):
    notice = shop.notices(order_id)[0]
    settle(notice)
    aws_calls.clear()
    settle(notice)
    assert [call.operation for call in aws_calls] == ["BatchGetItem"]


def test_settling_costs_two_reads_a_transaction_and_a_message(shop, order_id, aws_calls):
    notice = shop.notices(order_id)[0]
    aws_calls.clear()
    settle(notice)
    expected = ["BatchGetItem", "BatchGetItem", "TransactWriteItems", "SendMessageBatch"]
    assert [call.operation for call in aws_calls] == expected


def test_a_payment_carries_the_time_it_was_settled(shop, order_id):
    before = clock.now()
    settle(shop.notices(order_id)[0])
    assert stored(order_id).payment.paid_at >= before.replace(microsecond=before.microsecond // 1000 * 1000)
