"""Staff of the bench: taken on, logged in, and what administrators do."""

from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any

from .events import event
from .town import Caller, Town

Asked = dict[str, Any]
PASSWORD = "竹杖芒鞋轻胜马 谁怕 7"  # noqa: S105 - made up


def staffed(ann: Caller, _bob: Caller) -> Generator[Asked, Any, None]:
    """Play what staff do for themselves and to each other."""
    town = ann.town
    boss = enrolled(town, "chen", first_invitation(town))
    body = {"user_name": "wang", "name": "王小明", "roles": ["moderator"]}
    invited = yield boss.event("POST", "/v1/staff/members", body)
    begun = yield event("POST", "/v1/staff/enrolments", {"invitation": invited["invitation"]})
    done = {"invitation": invited["invitation"], "password": PASSWORD, "code": code(begun["secret"], -1)}
    yield event("POST", "/v1/staff/enrolments/completion", done)
    entering = {"user_name": "wang", "password": PASSWORD, "code": code(begun["secret"])}
    session = yield event("POST", "/v1/staff/sessions", entering)
    wang = Caller(town, "", session)
    yield wang.event("GET", "/v1/staff/me")
    yield wang.event("POST", "/v1/staff/sessions/logout")
    yield boss.event("GET", "/v1/staff/members")
    named, staff_id = "/v1/staff/members/{staff_id}", invited["staff_id"]
    yield boss.event("PUT", f"{named}/roles", {"roles": ["moderator", "auditor"]}, staff_id=staff_id)
    trained = {"trained_on": "2026-01-05", "exam_passed_on": "2026-01-06"}
    yield boss.event("PUT", f"{named}/training", trained, staff_id=staff_id)
    yield boss.event("DELETE", f"{named}/sessions", staff_id=staff_id)
    yield boss.event("POST", f"{named}/reset", staff_id=staff_id)
    yield boss.event("DELETE", named, staff_id=staff_id)


def first_invitation(_town: Town) -> str:
    """Take the first administrator on, as whoever deploys does."""
    from chalicelib.accounts.contracts.staff import InviteMember
    from chalicelib.accounts.service.staff_enrolment import invite_first
    from chalicelib.foundation.kernel import clock
    from chalicelib.foundation.kernel.call import Call, Role

    call = Call(request_id="bench", now=clock.now(), purpose="staff.access")
    return invite_first(call, InviteMember(user_name="chen", name="陈经理", roles=[Role.ADMINISTRATOR])).invitation


def enrolled(town: Town, user_name: str, invitation: str) -> Caller:
    """Use an invitation and log in."""
    secret = town.ask(event("POST", "/v1/staff/enrolments", {"invitation": invitation}))["secret"]
    done = {"invitation": invitation, "password": PASSWORD, "code": code(secret, -1)}
    town.ask(event("POST", "/v1/staff/enrolments/completion", done))
    entering = {"user_name": user_name, "password": PASSWORD, "code": code(secret)}
    return Caller(town, "", town.ask(event("POST", "/v1/staff/sessions", entering)))


def code(secret: str, drift: int = 0) -> str:
    """Read a second factor, this step or one beside it."""
    import pyotp

    return pyotp.HOTP(secret).at(int(datetime.now(UTC).timestamp()) // 30 + drift)
