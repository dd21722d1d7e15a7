"""Fraud is reported by anyone: sealed, kept a year, and a guest's report leads to nobody."""

from datetime import timedelta

import pytest

from chalicelib.accounts.contracts.reports import ReportFraud
from chalicelib.accounts.service import reports
from chalicelib.accounts.tables.reports import REPORT, FraudReportRow
from chalicelib.foundation.kernel.deadlines import Deadline
from chalicelib.foundation.kernel.errors import InvalidInput
from chalicelib.foundation.store.keys import DataKeyRow
from chalicelib.foundation.store.row import get
from tests.support.accounts import guest
from tests.support.clocks import began
from tests.support.leaving import leave, raw, traces
from tests.support.lives import make_account

SAID = "对方冒充客服，要我离开平台转账"


def told(text: str = SAID) -> ReportFraud:
    return ReportFraud(kind="off_platform_payment", text=text)


def stored(report_id: str) -> FraudReportRow | None:
    return get(FraudReportRow, report_id, REPORT)


@pytest.mark.promise("K6.3", "K4.1", "A1.4")
def test_a_guests_report_is_sealed_under_its_own_key_and_names_nobody(cloud):
    view = reports.report_fraud(guest(began(), device="canary", purpose="account.security"), told())
    row = stored(view.report_id)
    assert row is not None
    assert row.text.reveal() == SAID
    assert (row.person_id, row.epoch, row.fraud_kind) == (None, None, "off_platform_payment")
    assert SAID.encode() not in raw(cloud)
    assert b"canary" not in raw(cloud)


@pytest.mark.promise("K6.3", "K4.1")
def test_a_persons_report_is_theirs_and_goes_with_them(cloud):
    who = make_account()
    view = reports.report_fraud_as_self(who.call(purpose="account.security"), told())
    row = stored(view.report_id)
    assert row is not None
    assert (row.person_id, row.key_id, row.text.reveal()) == (who.person_id, None, SAID)
    assert SAID.encode() not in raw(cloud)
    leave(who).finish()
    assert stored(view.report_id) is None
    assert traces(cloud, who) == []


@pytest.mark.promise("K1.2")
def test_after_a_year_a_report_is_gone_with_its_key(cloud):
    view = reports.report_fraud(guest(began()), told())
    row = stored(view.report_id)
    assert row is not None
    for days, left in ((364, True), (366, False)):
        ended = reports.end_old_reports(guest(began() + timedelta(days=days)), Deadline(60))
        assert ended == int(not left)
        assert (stored(view.report_id) is not None) is left
        assert (get(DataKeyRow, str(row.key_id), "KEY") is not None) is left


@pytest.mark.parametrize("text", [" \n ", "\x00", "a\x1bb"])
def test_a_report_says_something(text, cloud):
    with pytest.raises(InvalidInput):
        reports.report_fraud(guest(began()), told(text))
    assert cloud.items("cases") == []
