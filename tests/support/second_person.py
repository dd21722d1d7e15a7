"""Second persons for tests: what somebody asks for is approved by another who may."""

from collections.abc import Iterable
from typing import Any

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


def taken_on(http: Http, boss: Official, member: dict[str, Any]) -> dict[str, Any]:
    """Have an administrator take on somebody who comes to people's data, as a second person approves."""
    made = http("POST", "/v1/staff/members", member, who=boss)
    assert (made.status, made.json["invitation"]) == (201, None), made.text
    return reset(http, boss, made.json["staff_id"], member["roles"])


def reset(
    http: Http, boss: Official, staff_id: str, roles: Iterable[str], *, by: Official | None = None
) -> dict[str, Any]:
    """Have an administrator hand out another invitation, as a second person approves."""
    given = approved(http, boss, "invitation", roles, about=staff_id, by=by)
    answer = http("POST", f"/v1/staff/members/{staff_id}/reset", {"approval_id": given}, who=boss)
    assert answer.status == 200, answer.text
    return dict(answer.json)


def opened(http: Http, who: Official, case_id: str, *fields: str, purpose: str = "support.case") -> None:
    """Have fields of a minor's account or case opened to somebody, with a second person's approval."""
    approval_id = approved(http, who, "look", [*fields, purpose], about=case_id)
    body = {"fields": list(fields), "purpose": purpose, "approval_id": approval_id}
    answer = http("POST", f"/v1/desk/cases/{case_id}/looks", body, who=who)
    assert answer.status == 201, answer.text
