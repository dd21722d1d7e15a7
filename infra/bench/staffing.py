"""Staff of the bench: taken on, logged in, and what administrators do."""

import secrets
from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any

from .events import event
from .people import as_if_no_code_went, newcomer
from .town import Caller, Town

Asked = dict[str, Any]
CASE = {"topic": "account", "text": "我想改一下手机号"}
administrators: dict[Town, Caller] = {}
seconds: dict[Town, Caller] = {}
officers: dict[Town, Caller] = {}
clerks: dict[Town, Caller] = {}
"""Who runs each town, who approves what they ask for, its privacy officer, and who works at its desk."""
PASSWORD = "竹杖芒鞋轻胜马 谁怕 7"  # noqa: S105 - made up


def staffed(ann: Caller, _bob: Caller) -> Generator[Asked, Any, None]:
    """Play what staff do for themselves and to each other."""
    town = ann.town
    boss = administrators[town] = enrolled(town, "chen", by_deployer("chen"))
    seconds[town] = enrolled(town, "zhao", by_deployer("zhao", another=True))
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
    yield boss.event("POST", "/v1/staff/approvals", {"action": "roles", "what": ["auditor"]})
    officers[town] = taken_on(town, "qian", "privacy_officer", by=seconds)
    second = seconds[town]
    waiting = (yield second.event("GET", "/v1/staff/approvals"))["data"][0]["approval_id"]
    yield second.event("POST", "/v1/staff/approvals/{approval_id}/approve", approval_id=waiting)
    yield boss.event("DELETE", f"{named}/sessions", staff_id=staff_id)
    yield boss.event("POST", f"{named}/reset", {}, staff_id=staff_id)
    yield boss.event("DELETE", named, staff_id=staff_id)


def served(ann: Caller, _bob: Caller) -> Generator[Asked, Any, None]:
    """Play a person's case, a letter of nobody's, and what staff do for both."""
    town, desk = ann.town, "/v1/desk/cases/{case_id}"
    case = yield ann.event("POST", "/v1/cases", CASE, headers=_key())
    theirs = case["case_id"]
    yield ann.event("POST", "/v1/cases/{case_id}/messages", {"text": "补充"}, headers=_key(), case_id=theirs)
    yield ann.event("GET", "/v1/cases")
    yield ann.event("GET", "/v1/cases/{case_id}", case_id=theirs)
    yield event("POST", "/v1/contact", {**CASE, "contact": "visitor@example.com"})
    clerk = clerks[town] = taken_on(town, "lihua", "customer_service", by=administrators)
    yield clerk.event("GET", "/v1/desk/cases")
    letter = (yield clerk.event("POST", "/v1/desk/cases", CASE))["case_id"]
    as_if_no_code_went(town, ann.mobile)
    yield clerk.event("POST", f"{desk}/identity/codes", {"mobile": ann.mobile}, case_id=letter)
    told = town.control("GET", f"/sms?mobile=%2B86{ann.mobile}")["code"]
    yield clerk.event("POST", f"{desk}/identity", {"mobile": ann.mobile, "code": told}, case_id=letter)
    yield clerk.event("POST", f"{desk}/take", case_id=theirs)
    yield clerk.event("GET", desk, case_id=theirs)
    yield clerk.event("POST", f"{desk}/messages", {"text": "您好"}, case_id=theirs)
    yield clerk.event(
        "POST", f"{desk}/looks", {"fields": ["account.mobile"], "purpose": "account.service"}, case_id=theirs
    )
    yield clerk.event("GET", f"{desk}/person", case_id=theirs)
    yield ann.event("GET", "/v1/looks")
    dan = newcomer(town, "13800000008", "模友丹")
    frozen = dan.ask("POST", "/v1/cases", CASE, headers=_key())["case_id"]
    clerk.ask("POST", f"{desk}/take", case_id=frozen)
    yield clerk.event("POST", f"{desk}/freeze", {"ground": "owner_asked"}, case_id=frozen)
    officer = officers[town]
    officer.ask("POST", f"{desk}/take", case_id=frozen)
    yield officer.event("POST", f"{desk}/thaw", {"ground": "owner_proved"}, case_id=frozen)
    yield clerk.event("POST", f"{desk}/close", case_id=theirs)
    town.pump(notices="notifications.deliver_notice")


def approved(asker: Caller, action: str, what: list[str], *, about: str, by: Caller) -> str:
    """Have a second person approve what somebody asks for; gives the approval."""
    asked = asker.ask("POST", "/v1/staff/approvals", {"action": action, "what": what, "subject_id": about})
    approval_id = str(asked["approval_id"])
    by.ask("POST", "/v1/staff/approvals/{approval_id}/approve", approval_id=approval_id)
    return approval_id


def _key() -> dict[str, str]:
    return {"Idempotency-Key": secrets.token_hex(8)}


def by_deployer(user_name: str, *, another: bool = False) -> str:
    """Take an administrator on, as whoever deploys does."""
    from chalicelib.accounts.contracts.staff import InviteMember, RecordTraining
    from chalicelib.accounts.service.staff_by_deployer import invite_administrator
    from chalicelib.foundation.kernel import clock
    from chalicelib.foundation.kernel.call import Call, Role

    call = Call(request_id="bench", now=clock.now(), purpose="staff.access")
    who = InviteMember(user_name=user_name, name="陈经理", roles=[Role.ADMINISTRATOR])
    trained = RecordTraining(trained_on=call.now.date(), exam_passed_on=call.now.date())
    return str(invite_administrator(call, who, training=trained, another=another).invitation)


def taken_on(town: Town, user_name: str, role: str, *, by: dict[Town, Caller]) -> Caller:
    """Take somebody on who comes to people's data: one administrator invites and trains, the other approves.

    Whoever asks for approvals and whoever gives them must not be guests of the same person.
    """
    other, named = (seconds if by is administrators else administrators)[town], "/v1/staff/members/{staff_id}"
    asked = {"user_name": user_name, "name": "李华", "roles": [role]}
    staff_id = by[town].ask("POST", "/v1/staff/members", asked)["staff_id"]
    given = approved(by[town], "invitation", [role], about=staff_id, by=other)
    invited = by[town].ask("POST", f"{named}/reset", {"approval_id": given}, staff_id=staff_id)
    today = str(datetime.now(UTC).date())
    by[town].ask("PUT", f"{named}/training", {"trained_on": today, "exam_passed_on": today}, staff_id=staff_id)
    return enrolled(town, user_name, invited["invitation"])


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
