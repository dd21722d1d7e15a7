"""Second persons for tests: what somebody asks for is approved by another who may."""

from collections.abc import Iterable

from chalicelib.foundation.kernel.call import Role

from .edges import Http
from .staff import Official, make_staff


def approved(
    http: Http, who: Official, action: str, what: Iterable[str], *, about: str = "", by: Official | None = None
) -> str:
    """Have a second person approve something, a privacy officer unless named; gives the approval."""
    asked = {"action": action, "what": list(what), "subject_id": about}
    made = http("POST", "/v1/staff/approvals", asked, who=who)
    assert made.status == 201, made.text
    approval_id = str(made.json["approval_id"])
    second = by or make_staff(Role.PRIVACY_OFFICER)
    given = http("POST", f"/v1/staff/approvals/{approval_id}/approve", who=second)
    assert given.status == 200, given.text
    return approval_id


def opened(http: Http, who: Official, case_id: str, *fields: str, purpose: str = "support.case") -> None:
    """Have fields of a minor's account or case opened to somebody, with a second person's approval."""
    approval_id = approved(http, who, "look", [*fields, purpose], about=case_id)
    body = {"fields": list(fields), "purpose": purpose, "approval_id": approval_id}
    answer = http("POST", f"/v1/desk/cases/{case_id}/looks", body, who=who)
    assert answer.status == 201, answer.text
