"""People of the bench, made as clients make them."""

from datetime import UTC, datetime
from typing import Any

from .events import event
from .town import Caller, Town

PASSWORD = "竹杖芒鞋轻胜马 7"  # noqa: S105 - made up


def agreement(town: Town) -> dict[str, Any]:
    """Agree to the policy as it is shown."""
    policy = town.ask(event("GET", "/v1/policies/current"))
    return {"version": policy["version"], **_said(policy["texts"])}


def answer(town: Town, purpose: str) -> dict[str, Any]:
    """Agree to a purpose after its notice of the same name."""
    notice = town.ask(event("GET", "/v1/notices/{feature}", feature=purpose))
    shown = {"feature": purpose, "version": notice["version"], **_said(notice["texts"])}
    return {"purpose": purpose, "notice": shown, "answer": "agree"}


def _said(texts: list[dict[str, Any]]) -> dict[str, str]:
    text = next(one for one in texts if one["language"] == "zh-CN")
    return {"sha256": text["sha256"], "language": "zh-CN", "shown_at": datetime.now(UTC).isoformat()}


def code_event(mobile: str, purpose: str = "sign_up") -> dict[str, Any]:
    """Ask for a code."""
    return event("POST", "/v1/accounts/codes", {"mobile": mobile, "purpose": purpose})


def code_to(town: Town, mobile: str, purpose: str = "") -> str:
    """Read the newest code off a phone, after asking for one if it is said what for."""
    if purpose:
        as_if_no_code_went(town, mobile)
        town.ask(code_event(mobile, purpose))
    return str(town.control("GET", f"/sms?mobile=%2B86{mobile}")["code"])


def as_if_no_code_went(town: Town, mobile: str) -> None:
    """Forget when codes went to a number: the next would have to wait for a minute."""
    from chalicelib.accounts.service.codes import mobile_index

    store, table = town.client("dynamodb"), "jule-bench-ephemeral"
    went = {
        "TableName": table,
        "FilterExpression": "kind = :sent AND contains(pk, :number)",
        "ExpressionAttributeValues": {":sent": {"S": "codes_sent"}, ":number": {"S": mobile_index(f"+86{mobile}")}},
    }
    for page in store.get_paginator("scan").paginate(**went):
        for row in page["Items"]:
            store.delete_item(TableName=table, Key={"pk": row["pk"], "sk": row["sk"]})


def sign_up_event(town: Town, mobile: str, name: str) -> dict[str, Any]:
    """Sign up with the code that has arrived."""
    code = code_to(town, mobile)
    policy = agreement(town)
    body = {"mobile": mobile, "code": code, "user_name": name, "password": PASSWORD, "policy": policy}
    return event("POST", "/v1/accounts", body)


def newcomer(town: Town, mobile: str, name: str) -> Caller:
    """Open an account."""
    town.ask(code_event(mobile))
    return Caller(town, mobile, town.ask(sign_up_event(town, mobile, name)))


def prove_again(who: Caller) -> None:
    """Prove once more who is there."""
    fresh = who.ask("POST", "/v1/sessions/reauthentication", {"password": PASSWORD})
    who.tokens = {**who.tokens, **fresh}
