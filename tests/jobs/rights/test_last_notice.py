"""The last message to somebody who has left: sent when the provider takes it, and the number is never kept for it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.foundation.gateways import sms
from chalicelib.foundation.gateways.errors import ProviderRefused, ProviderUnavailable, SmsLimited, SmsUndeliverable
from chalicelib.foundation.kernel.errors import Failure
from tests.support.cloud import TestCloud
from tests.support.counterparties import Counterparties
from tests.support.leaving import leave
from tests.support.lives import MOBILE, make_account

pytestmark = pytest.mark.usefixtures("counterparties")


def messages_to(counterparties: Counterparties, mobile: str = MOBILE) -> int:
    return len([one for one in counterparties.control("GET", "/state")["sms"] if one["mobile"] == mobile])


def raises(failure: type[Failure]) -> Callable[..., None]:
    def refuse(*_: object, **__: object) -> None:
        raise failure

    return refuse


@pytest.mark.promise("G1.1")
@pytest.mark.parametrize("mode", ["error", "lost", "limited"])
def test_a_provider_that_does_not_take_it_now_is_asked_again(
    cloud: TestCloud, counterparties: Counterparties, mode: str
):
    left = leave(make_account())
    counterparties.plan("sms.SendSms", mode)
    with pytest.raises((ProviderUnavailable, SmsLimited)):
        left.go_on()
    assert left.case().step == "notices"
    assert left.case().mobile is not None
    assert left.finish().state == "done"
    assert messages_to(counterparties) == (2 if mode == "lost" else 1)
    assert left.case().mobile is None


@pytest.mark.promise("K1.2")
def test_a_number_is_not_kept_longer_than_seven_days(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch):
    left = leave(make_account())
    monkeypatch.setattr(sms, "send_closed", raises(ProviderUnavailable))
    started = left.case().started_at
    with pytest.raises(ProviderUnavailable):
        left.go_on()
    with pytest.raises(ProviderUnavailable):
        left.go_on(started + timedelta(days=7) - timedelta(seconds=1))
    assert left.case().mobile is not None
    left.go_on(started + timedelta(days=8))
    assert (left.case().step, left.case().mobile) == ("done", None)


@pytest.mark.parametrize("failure", [SmsUndeliverable, ProviderRefused])
def test_a_number_that_nothing_reaches_is_dropped_at_once(
    cloud: TestCloud, monkeypatch: pytest.MonkeyPatch, failure: type[Failure]
):
    left = leave(make_account())
    monkeypatch.setattr(sms, "send_closed", raises(failure))
    left.go_on()
    assert (left.case().step, left.case().mobile) == ("done", None)


@pytest.mark.promise("I2.3", "J11.1")
def test_the_last_notice_is_on_record_as_a_disclosure(cloud: TestCloud):
    who = make_account()
    leave(who).go_on()
    (told,) = [item for item in cloud.items("evidence") if item["kind"]["S"] == "disclosure"]
    assert (told["pk"]["S"], told["recipient"]["S"], told["items"]["S"]) == (who.ref, "sms", "notice.destination")
