"""Staff of the demo: two administrators, or those whom an earlier demo made that, and those they take on."""

import json
import time
from datetime import UTC, datetime
from typing import Any

from .world import Client, World, check

PASSWORD = "demo 竹杖芒鞋轻胜马"  # noqa: S105 - of the local product only
_BOTH = (("demochen",), ("demozhao", "--another"))
"""Whoever deploys makes both; what they come in by stands beside the state of the stack, and goes with it."""
_STEP_S = 30


def clerk_of(world: World, mark: str) -> Client:
    """Take a member of customer service on by two administrators, have them trained, and log them in.

    Proves: K4.6, K7.1
    """
    boss, second = (_administrator(world, user_name, *more) for user_name, *more in _BOTH)
    user_name = f"c{mark}"
    asked = {"user_name": user_name, "name": "演示客服", "roles": ["customer_service"]}
    made = boss.want(201, "POST /v1/staff/members", asked)
    check(made["invitation"] is None, "one administrator alone invites nobody who comes to people's data")
    reset = f"POST /v1/staff/members/{made['staff_id']}/reset"
    boss.refused("approval.required", reset, {})
    wanted = {"action": "invitation", "what": ["customer_service"], "subject_id": made["staff_id"]}
    approval_id = boss.want(201, "POST /v1/staff/approvals", wanted)["approval_id"]
    second.want(200, f"POST /v1/staff/approvals/{approval_id}/approve")
    invited = boss.want(200, reset, {"approval_id": approval_id})
    clerk = Client(world.base_url, "web/1.0.0")
    clerk.keep(_come_in(clerk, user_name, _enrol(clerk, invited["invitation"])))
    clerk.refused("staff.training_missing", "GET /v1/desk/cases")
    today = str(datetime.now(UTC).date())
    trained = {"trained_on": today, "exam_passed_on": today}
    boss.want(200, f"PUT /v1/staff/members/{made['staff_id']}/training", trained)
    return clerk


def _administrator(world: World, user_name: str, *more: str) -> Client:
    """Log an administrator in: made now if there was none of that name, else as an earlier demo made them."""
    boss, kept = Client(world.base_url, "web/1.0.0"), world.folder / f"{user_name}.json"
    invitation = world.administrator(user_name, *more)
    if invitation:
        kept.write_text(json.dumps({"secret": _enrol(boss, invitation)}))
    boss.keep(_come_in(boss, user_name, json.loads(kept.read_text())["secret"]))
    return boss


def _enrol(client: Client, invitation: str) -> str:
    """Use an invitation; gives the secret of the second factor."""
    secret = str(client.want(201, "POST /v1/staff/enrolments", {"invitation": invitation})["secret"])
    done = {"invitation": invitation, "password": PASSWORD, "code": _code(secret, -1)}
    client.want(204, "POST /v1/staff/enrolments/completion", done)
    return secret


def _come_in(client: Client, user_name: str, secret: str) -> dict[str, Any]:
    """Log in; a code works once, so that whoever came in moments ago shows the next one, or waits for it."""
    body = {"user_name": user_name, "password": PASSWORD}
    for drift in (0, 1):
        reply = client.call("POST", "/v1/staff/sessions", {**body, "code": _code(secret, drift)})
        if reply.status == 201:  # noqa: PLR2004 - created
            return dict(reply.json)
    time.sleep(_STEP_S)
    return dict(client.want(201, "POST /v1/staff/sessions", {**body, "code": _code(secret, 0)}))


def _code(secret: str, drift: int) -> str:
    import pyotp

    return pyotp.HOTP(secret).at(int(datetime.now(UTC).timestamp()) // _STEP_S + drift)
