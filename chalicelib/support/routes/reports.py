"""The edge of reports of fraud."""

from chalicelib.accounts.contracts.reports import FraudReportedView, ReportFraud
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import InvalidInput
from chalicelib.foundation.web.endpoint import Api
from chalicelib.foundation.web.limits import Limit
from chalicelib.foundation.web.route import Who

from ..errors import CaseClosed, CaseFull, CaseMoved
from ..service import fraud

api = Api(__name__)


@api.post(
    "/v1/reports/fraud",
    who=Who.GUEST,
    purpose="account.security",
    body=ReportFraud,
    returns=FraudReportedView,
    status=201,
    errors=(InvalidInput,),
    limits=(Limit("reports", 10, 3600),),
)
def report_fraud(call: Call, body: ReportFraud) -> FraudReportedView:
    """Report fraud without saying who one is."""
    return fraud.report_fraud(call, body)


@api.post(
    "/v1/reports/fraud/mine",
    who=Who.PERSON,
    purpose="account.security",
    body=ReportFraud,
    returns=FraudReportedView,
    status=201,
    errors=(InvalidInput, CaseClosed, CaseFull, CaseMoved),
    with_key=True,
    limits=(Limit("reports", 10, 3600, per="person"),),
)
def report_fraud_as_self(call: Call, body: ReportFraud) -> FraudReportedView:
    """Report fraud as the person one is; the report is one's own to see, take away and erase."""
    return fraud.report_fraud_as_self(call, body)
