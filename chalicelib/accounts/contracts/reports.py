"""Wire shapes of reports of fraud."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from chalicelib.foundation.kernel.shapes import Command, View

FraudKind = Literal["phishing", "off_platform_payment", "impersonation", "account_stolen", "other"]


class ReportFraud(Command):
    """Report fraud: which kind, and what happened, in one's own words."""

    kind: FraudKind
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class FraudReportedView(View):
    """The report was taken."""

    report_id: str


class FraudReportShown(View):
    """A report as whoever looks after its case reads it."""

    report_id: str
    kind: FraudKind
    text: str
    at: datetime
