"""Policies, notices and consents over HTTP."""

from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.paging import Page
from chalicelib.foundation.standing.minors import GuardianConsentRequired, NotForChildren
from chalicelib.foundation.web.answer import Answer
from chalicelib.foundation.web.endpoint import Api
from chalicelib.foundation.web.limits import Limit
from chalicelib.foundation.web.route import Who

from . import service
from .contracts import (
    AnswerNotice,
    ConsentEntryView,
    ConsentListView,
    ConsentView,
    HistoryQuery,
    NoticeView,
    PageQuery,
    PolicyListView,
    PolicyView,
)
from .errors import (
    Essential,
    NoticeNotCurrent,
    NoticeUnsuited,
    PurposeUnknown,
    ShownAtImplausible,
    StandingMoved,
    TextUnknown,
)

api = Api(__name__)
RECORD = "consent.record"
SHORT_S, LONG_S = 300, 86_400
CHOICES = Limit("consent", 30, 60, per="person")
REFUSALS = (
    PurposeUnknown,
    NoticeUnsuited,
    Essential,
    NoticeNotCurrent,
    TextUnknown,
    ShownAtImplausible,
    StandingMoved,
)


@api.get("/v1/policies", who=Who.GUEST, purpose="", returns=PolicyListView, cache_s=SHORT_S)
def list_policies(call: Call) -> PolicyListView:
    """List every version of the privacy policy."""
    return service.list_policies(call)


@api.get("/v1/policies/current", who=Who.GUEST, purpose="", returns=PolicyView, cache_s=SHORT_S)
def show_current_policy(call: Call) -> PolicyView:
    """Show the privacy policy in effect."""
    return service.show_current_policy(call)


@api.get("/v1/policies/{version}", who=Who.GUEST, purpose="", returns=PolicyView, cache_s=SHORT_S)
def show_policy(call: Call, version: str) -> PolicyView:
    """Show one version of the privacy policy."""
    return service.show_policy(call, version)


@api.get(
    "/v1/policies/{version}/page",
    who=Who.GUEST,
    purpose="",
    query=PageQuery,
    returns=None,
    cache_s=LONG_S,
    html=True,
)
def show_policy_page(call: Call, version: str, asked: PageQuery) -> Answer:
    """Show one version of the privacy policy as a page for people."""
    language = asked.language or ("en" if call.language == "en" else "zh-CN")
    return Answer(html=service.policy_page(version, language), language=language)


@api.get("/v1/notices/{feature}", who=Who.GUEST, purpose="", returns=NoticeView, cache_s=SHORT_S)
def show_notice(call: Call, feature: str) -> NoticeView:
    """Show the notice that a feature puts up before it first uses new information."""
    return service.show_notice(call, feature)


@api.get("/v1/consents", who=Who.PERSON, purpose=RECORD, returns=ConsentListView)
def list_consents(call: Call) -> ConsentListView:
    """List what is agreed to, what is not, and what rests on no consent."""
    return service.list_consents(call)


@api.post(
    "/v1/consents",
    who=Who.PERSON,
    purpose=RECORD,
    body=AnswerNotice,
    returns=ConsentView,
    errors=(*REFUSALS, GuardianConsentRequired, NotForChildren),
    on_record=True,
    limits=(CHOICES,),
)
def answer_notice(call: Call, given: AnswerNotice) -> ConsentView:
    """Agree to one additional purpose, or refuse it."""
    return service.answer_notice(call, given)


@api.delete(
    "/v1/consents/{purpose}",
    who=Who.PERSON,
    purpose=RECORD,
    returns=ConsentView,
    errors=(Essential, StandingMoved),
    on_record=True,
    limits=(CHOICES,),
)
def withdraw_consent(call: Call, purpose: str) -> ConsentView:
    """Withdraw consent to one additional purpose."""
    return service.withdraw_consent(call, purpose)


@api.get("/v1/consents/history", who=Who.PERSON, purpose=RECORD, query=HistoryQuery, returns=Page[ConsentEntryView])
def list_consent_history(call: Call, asked: HistoryQuery) -> Page[ConsentEntryView]:
    """List every entry of the caller's consent ledger."""
    return service.list_history(call, asked)
