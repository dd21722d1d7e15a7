"""The person of the bench who has many rows: what each of them holds, and how a bare client comes by their keys."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3

PERSON = f"per_{'a' * 26}"
KEY_ID, KEY = f"key_{'k' * 26}", b"bench" + bytes(27)
TABLES = {"inbox": "people", "order": "trade"}
_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
_PAGE_KINDS = "person_id = :p AND kind = :k"
_CLIENTS: dict[str, Any] = {}


def message() -> dict[str, Any]:
    """Give what a message in the inbox holds: nothing of it is sealed, and it goes with the person."""
    from chalicelib.notifications.tables import InboxRow

    row = InboxRow(
        pk="-",
        sk="-",
        person_id=PERSON,
        epoch=1,
        message_id=f"ntf_{'b' * 26}",
        template="order_shipped",
        subject_id=f"ord_{'c' * 26}",
        at=_AT,
        due_shard="due#3",
        due_at=_AT,
    )
    return _stored(row)


def order() -> dict[str, Any]:
    """Give what a received order holds: eight sealed values, and most of it is kept for years."""
    from chalicelib.orders.tables import OrderRow

    row = OrderRow(
        pk="-",
        sk="-",
        person_id=PERSON,
        epoch=1,
        state="received",
        version=4,
        placed_at=_AT,
        completed_at=_AT,
        history=[[state, "2026-11-22T12:00:00.000Z", "person"] for state in ("unpaid", "paid", "shipped", "received")],
    )
    for name, text in _SEALED.items():
        setattr(row, name, getattr(OrderRow, name).seal({"main": KEY_ID, "trade": KEY_ID}, text))
    return _stored(row)


def open_key() -> None:
    """Have this process know the person's data key, as it does within a copy: the ring forgets it after a minute."""
    from chalicelib.foundation.vault import keyring

    keyring._remember(KEY_ID, KEY)  # noqa: SLF001 - else KMS would have to answer


def bare() -> Any:  # noqa: ANN401 - made at run time
    """Give the one bare client."""
    return _CLIENTS.get("dynamodb") or _CLIENTS.setdefault("dynamodb", boto3.client("dynamodb"))


def keys(kind: str) -> Iterator[list[dict[str, Any]]]:
    """Read the keys of all rows of a kind with a bare client, page by page."""
    after: dict[str, Any] = {}
    while True:
        page = bare().query(
            TableName=physical(kind),
            IndexName="by_person",
            KeyConditionExpression=_PAGE_KINDS,
            ExpressionAttributeValues={":p": {"S": PERSON}, ":k": {"S": kind}},
            **after,
        )
        yield [{"pk": item["pk"], "sk": item["sk"]} for item in page["Items"]]
        if "LastEvaluatedKey" not in page:
            return
        after = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def physical(kind: str) -> str:
    """Name the table of a kind."""
    return f"jule-bench-{TABLES[kind]}"


def _stored(row: Any) -> dict[str, Any]:  # noqa: ANN401 - any row
    item = row.get_save_kwargs_from_instance()["Item"]
    return {name: value for name, value in item.items() if name not in {"pk", "sk"}}


_SEALED = {
    "goods": '[{"variant_id":"var_aaaaaaaaaaaaaaaaaaaaaaaaaa","product_id":"prd_aaaaaaaaaaaaaaaaaaaaaaaaaa",'
    '"title":"RX-78-2","variant_title":"1/144","price_fen":12800,"quantity":1}]',
    "amount_fen": "12800",
    "method": "wechatpay",
    "recipient_name": "林知夏",
    "recipient_mobile": "13800000001",
    "recipient_address": "上海市徐汇区漕溪北路595号3号楼602室",
    "carrier": "SF",
    "tracking_number": "SF1234567890",
}
