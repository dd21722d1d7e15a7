"""Staff of the demo: the first administrator, or whoever an earlier demo made that, and those they take on."""

import json
import time
from datetime import UTC, datetime
from typing import Any

from .world import Client, World

PASSWORD = "demo 竹杖芒鞋轻胜马"  # noqa: S105 - of the local product only
_KEPT = "demo-administrator.json"
"""Beside the state of the stack, and gone with it."""
_STEP_S = 30


def clerk_of(world: World, mark: str) -> Client:
    """Take a member of customer service on, have them trained, and log them in."""
    boss, user_name = _administrator(world), f"c{mark}"
    asked = {"user_name": user_name, "name": "演示客服", "roles": ["customer_service"]}
    invited = boss.want(201, "POST /v1/staff/members", asked)
    clerk = Client(world.base_url, "web/1.0.0")
    clerk.keep(_come_in(clerk, user_name, _enrol(clerk, invited["invitation"])))
    clerk.refused("staff.training_missing", "GET /v1/desk/cases")
    today = str(datetime.now(UTC).date())
    trained = {"trained_on": today, "exam_passed_on": today}
    boss.want(200, f"PUT /v1/staff/members/{invited['staff_id']}/training", trained)
    return clerk


def _administrator(world: World) -> Client:
    """Log the administrator in: made now if there was none, else as an earlier demo made them."""
    boss = Client(world.base_url, "web/1.0.0")
    invitation = world.first_administrator()
    if invitation:
        kept = {"user_name": "demochen", "secret": _enrol(boss, invitation)}
        (world.folder / _KEPT).write_text(json.dumps(kept))
    kept = json.loads((world.folder / _KEPT).read_text())
    boss.keep(_come_in(boss, kept["user_name"], kept["secret"]))
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
