"""Customer service at work for tests: a case of whoever calls, who they are checked, a second person's approval."""

from typing import Any

from chalicelib.foundation.kernel.call import Role

from . import copies
from .edges import Http, Reply
from .lives import MOBILE, NAME, PASSWORD
from .people import Someone
from .staff import Official
from .staff_recipes import Asked, AtWork

WISH = "我的账户被冻结了，请帮我办理"


def phoned(http: Http, clerk: Official) -> str:
    """Open a case for somebody who called; gives its id."""
    made = http("POST", "/v1/desk/cases", {"topic": "account", "text": "来电"}, who=clerk)
    assert made.status == 201, made.text
    return str(made.json["case_id"])


def checked(scene: AtWork, clerk: Official, mobile: str = MOBILE) -> str:
    """Open a case for somebody who called and read back the code that went to their number; gives its id."""
    case_id = phoned(scene.http, clerk)
    done = scene.http("POST", f"/v1/desk/cases/{case_id}/identity", scene.read_back(case_id, clerk, mobile), who=clerk)
    assert done.json["identified_how"] == "code", done.text
    return case_id


def may(scene: AtWork, clerk: Official, case_id: str, verb: str) -> str:
    """Have it approved that a clerk does something in the name of a case's person."""
    return scene.approved(clerk, case_id, action="right", what=[verb])


def do(http: Http, clerk: Official, case_id: str, what: str, **said: Any) -> Reply:
    """Do something in the name of a case's person."""
    method = "PUT" if what == "profile" else "POST"
    return http(method, f"/v1/on-behalf/{case_id}/{what}", {"wish": WISH, **said}, who=clerk)


def frozen(http: Http, who: Someone, clerk: Official, case_id: str) -> None:
    """Freeze the account of a case."""
    done = http("POST", f"/v1/desk/cases/{case_id}/freeze", {"ground": "taken_over"}, who=clerk)
    assert (done.status, who.standing().status) == (200, "frozen"), done.text


def copy_at_the_desk(scene: Any) -> Asked:
    """Have customer service ask for the owner's copy in their name, and have it made."""
    clerk = scene.official(Role.CUSTOMER_SERVICE)
    case_id = scene.identified(clerk).ids["case_id"]
    begun = do(scene.http, clerk, case_id, "copy")
    assert begun.status == 202, begun.text
    assert copies.make(scene.town.cloud) == []
    return Asked(body={"request_id": begun.json["request_id"], "login": NAME, "password": PASSWORD})
