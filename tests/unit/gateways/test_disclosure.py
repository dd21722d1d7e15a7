"""The register decides what may leave; nothing leaves without its word."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import msgspec
import pytest

from chalicelib.foundation.gateways.disclosure import Disclosure, demand, disclose
from chalicelib.foundation.gateways.errors import DisclosureRefused
from chalicelib.foundation.register import lookup

AT = datetime(2099, 1, 1, tzinfo=UTC)
PURPOSE = "account.service"


def changed(monkeypatch: pytest.MonkeyPatch, **values: Any) -> None:
    known = lookup.recipient("sms")
    other = msgspec.structs.replace(known, **values)
    monkeypatch.setattr(lookup, "recipient", lambda _: other)


@pytest.mark.promise("I2.2")
def test_what_the_register_allows_may_leave_and_makes_a_record_without_values() -> None:
    values = {"account.mobile": "+8613800138000", "account.code": "482913"}
    record = disclose("sms", values, purpose=PURPOSE, at=AT)
    assert record == Disclosure("sms", ("account.code", "account.mobile"), PURPOSE, AT)
    assert "138" not in repr(record)


@pytest.mark.promise("I2.2")
@pytest.mark.parametrize(
    ("recipient", "items", "purpose"),
    [
        ("sms", ["account.mobile", "account.user_name"], PURPOSE),
        ("sms", ["order.recipient"], PURPOSE),
        ("sms", ["made.up"], PURPOSE),
        ("sms", [], PURPOSE),
        ("sms", ["account.mobile"], "community.safety"),
        ("sms", ["account.mobile"], "made.up"),
        ("nobody", ["account.mobile"], PURPOSE),
        ("sms", ["account.mobile", "account.code"], "notice.service"),
        ("wechat", ["order.payment"], "order.payment"),
        ("wechatpay", ["order.transaction"], "order.payment"),
    ],
)
def test_anything_else_stays_here(recipient: str, items: list[str], purpose: str) -> None:
    with pytest.raises(DisclosureRefused):
        disclose(recipient, items, purpose=purpose, at=AT)


@pytest.mark.promise("I2.1")
@pytest.mark.parametrize("missing", ["agreement_on", "assessed_on"])
def test_nothing_leaves_before_assessment_and_agreement(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    changed(monkeypatch, **{missing: AT.date().replace(year=2100)})
    with pytest.raises(DisclosureRefused):
        disclose("sms", ["account.mobile"], purpose=PURPOSE, at=AT)
    changed(monkeypatch, **{missing: AT.date()})
    assert disclose("sms", ["account.mobile"], purpose=PURPOSE, at=AT).items == ("account.mobile",)


@pytest.mark.promise("K3.2")
def test_nothing_leaves_for_abroad(monkeypatch: pytest.MonkeyPatch) -> None:
    changed(monkeypatch, country="SG")
    with pytest.raises(DisclosureRefused):
        disclose("sms", ["account.mobile"], purpose=PURPOSE, at=AT)


@pytest.mark.promise("K3.2", "K3.3")
def test_the_way_abroad_opens_only_with_consent_a_filed_route_and_a_current_audit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = lookup.recipient("apple").abroad
    assert known is not None
    asked = {"purpose": "account.apple", "consents": frozenset({"account.apple"})}
    fine = datetime.combine(known.audited_on, time(), UTC)
    assert disclose("apple", ["account.apple_code"], at=fine, **asked).recipient == "apple"
    late, early = datetime.combine(known.audit_until + timedelta(days=1), time(), UTC), fine - timedelta(days=1)
    spoilt: list[tuple[datetime, dict[str, Any]]] = [
        (late, asked),
        (early, asked),
        (fine, {**asked, "consents": frozenset({"account.wechat"})}),
        (fine, {"purpose": "account.apple"}),
    ]
    for at, how in spoilt:
        with pytest.raises(DisclosureRefused):
            disclose("apple", ["account.apple_code"], at=at, **how)


@pytest.mark.promise("I2.2")
def test_a_gateway_sends_only_under_a_disclosure_to_its_own_recipient() -> None:
    under = Disclosure("sms", ("account.code", "account.mobile"), PURPOSE, AT)
    assert demand(under, "sms", "account.mobile") is None
    for recipient, item in (("sms", "account.user_name"), ("moderation", "account.mobile")):
        with pytest.raises(DisclosureRefused):
            demand(under, recipient, item)


@pytest.mark.promise("I2.2")
@pytest.mark.parametrize(
    ("recipient", "purpose", "items"),
    [
        ("sms", "account.service", ("account.mobile", "account.code")),
        ("moderation", "community.safety", ("post.text",)),
        ("moderation", "community.safety", ("comment.text",)),
        ("moderation", "community.safety", ("media.picture",)),
        ("wechat", "order.payment", ("order.login_code",)),
        ("wechat", "account.service", ("account.wechat_code",)),
        ("wechat", "account.wechat", ("account.wechat_code",)),
        ("wechatpay", "order.payment", ("order.number", "order.amount", "order.payment", "order.refund")),
    ],
)
def test_the_register_allows_what_the_gateways_send(recipient: str, purpose: str, items: tuple[str, ...]) -> None:
    assert set(disclose(recipient, items, purpose=purpose, at=AT).items) == set(items)
