"""Payments and refunds as WeChat Pay's API and its notifications tell them."""

from .ledger import Refund, Trade


def told_trade(trade: Trade) -> dict[str, object]:
    """Write a payment as the API and the notification tell it."""
    told: dict[str, object] = {
        "appid": trade.appid,
        "mchid": trade.mchid,
        "out_trade_no": trade.out_trade_no,
        "trade_type": "JSAPI",
        "trade_state": trade.state,
        "trade_state_desc": trade.state,
        "attach": "",
        "payer": {"openid": trade.openid},
        "amount": {"total": trade.total, "currency": trade.currency},
        "promotion_detail": [],
    }
    if trade.transaction_id:
        paid = {"payer_total": trade.total, "payer_currency": trade.currency}
        told |= {
            "transaction_id": trade.transaction_id,
            "bank_type": "OTHERS",
            "success_time": trade.success_at,
            "amount": {"total": trade.total, "currency": trade.currency, **paid},
        }
    return told


def told_refund(trade: Trade, refund: Refund) -> dict[str, object]:
    """Write a refund as the API tells it."""
    told: dict[str, object] = {
        "refund_id": refund.refund_id,
        "out_refund_no": refund.out_refund_no,
        "transaction_id": trade.transaction_id,
        "out_trade_no": trade.out_trade_no,
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        "create_time": refund.created_at,
        "status": refund.status,
        "amount": {
            "total": trade.total,
            "refund": refund.refund,
            "payer_total": trade.total,
            "payer_refund": refund.refund,
            "currency": trade.currency,
        },
        "promotion_detail": [],
    }
    return told | ({"success_time": refund.success_at} if refund.success_at else {})


def noticed_refund(trade: Trade, refund: Refund) -> dict[str, object]:
    """Write a refund as a notification tells it: other names than the API's, and no currency."""
    told: dict[str, object] = {
        "mchid": trade.mchid,
        "transaction_id": trade.transaction_id,
        "out_trade_no": trade.out_trade_no,
        "refund_id": refund.refund_id,
        "out_refund_no": refund.out_refund_no,
        "refund_status": refund.status,
        "user_received_account": "支付用户零钱",
        "amount": {
            "total": trade.total,
            "refund": refund.refund,
            "payer_total": trade.total,
            "payer_refund": refund.refund,
        },
    }
    return told | ({"success_time": refund.success_at} if refund.success_at else {})
