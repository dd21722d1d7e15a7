"""Recipes of age and guardians: see `recipes`."""

from collections.abc import Callable
from typing import Any

import msgspec

from chalicelib.accounts.contracts.guardians import AnswerAsGuardian
from chalicelib.accounts.service import guardians, proven
from chalicelib.accounts.service.codes import mobile_index
from chalicelib.accounts.service.profile import mobile_of
from chalicelib.accounts.tables.codes import sent_key
from chalicelib.foundation.kernel.call import Role
from chalicelib.foundation.store.write import commit, delete
from chalicelib.rights.jobs import sweep_retention

from .accounts import code_for, guest, new_mobile
from .edges import Http
from .minors import agreed, born, identify, invite, know_age, make_guardian, make_minor, respond, rules_shown
from .people import Someone
from .schedules import tick
from .second_person import approved
from .staff import Official
from .staff_recipes import CASE, Asked, AtWork
from .trading import key

RECEIPT = "r" * 43
CITIZEN = {"name": "王小明", "number": "11010519491231002X"}
_WARD = "/v1/wards/{child_id}"
_CASE = "/v1/desk/cases/{case_id}"


class Guarding:
    """The owner as somebody under age, or as a guardian; part of a scene."""

    owner: Someone
    http: Http

    def minor(self, body: Any = None) -> Asked:
        """Have it known that the owner is under age."""
        know_age(self.owner, 15)
        return Asked(body=body)

    def invited(self) -> Asked:
        """Have the owner, a verified adult, invited by a child."""
        identify(self.owner)
        invitation = invite(self.http, make_minor(9))["invitation"]
        return Asked(body={"invitation": invitation, "answer": "agree", "notice": rules_shown("child")})

    def ward(self, body: Any = None, **ids: str) -> Asked:
        """Have the owner answer for a child who may post."""
        child = self.child()
        return Asked({"child_id": child.person_id, **ids}, body)

    def child(self) -> Someone:
        """Give a child for whom the owner has agreed."""
        identify(self.owner)
        child = make_minor(9, identified=True)
        agreed(self.http, self.owner, child)
        return child

    def wards_post(self) -> Asked:
        """Have the owner answer for a child who has posted."""
        child = self.child()
        post = {"text": "新作", "affirmed_others": True}
        made = self.http("POST", "/v1/posts", post, who=child, headers=key())
        assert made.status == 201, made.text
        return Asked({"child_id": child.person_id, "post_id": made.json["post_id"]})

    def wards_end(self) -> Asked:
        """Have the owner see what cancelling a child's account would do."""
        child = self.child()
        preview = self.http("GET", f"/v1/wards/{child.person_id}/cancellation", who=self.owner).json
        return Asked({"child_id": child.person_id}, {"plan_hash": preview["plan_hash"], "receipt": RECEIPT})


def declared_child(scene: Any) -> Asked:
    """Have a code sent to a child who has no account."""
    mobile = new_mobile()
    code = code_for(scene.http, scene.shop.providers, mobile)
    return Asked(body={"mobile": mobile, "code": code, "birth_date": born(9).isoformat()})


def answer_by_number(scene: Any) -> Asked:
    """Have a code sent to a guardian without an account, invited by a child."""
    mobile, invited = new_mobile(), invite(scene.http, make_minor(9))["invitation"]
    scene.shop.providers.control("POST", "/identity/citizens", {**CITIZEN, "mobiles": [mobile]})
    said = {"invitation": invited, "answer": "agree", "notice": rules_shown("child"), **CITIZEN}
    return Asked(body={**said, "mobile": mobile, "code": _code(scene, mobile)})


def withdrawal_by_number(scene: Any) -> Asked:
    """Have a guardian without an account who agreed and has another code."""
    asked = answer_by_number(scene)
    answered = scene.http("POST", "/v1/guardianships/answers", asked.body)
    assert answered.status == 200, answered.text
    mobile = asked.body["mobile"]
    forget_sendings(mobile)
    body = {"guardianship_id": answered.json["guardianship_id"], "mobile": mobile, "code": _code(scene, mobile)}
    return Asked(body=body)


def claim_by_number(scene: Any) -> Asked:
    """Have the owner, a verified adult, have agreed by the account's number before."""
    identify(scene.owner, index="somebody")
    command = {"invitation": invite(scene.http, make_minor(9))["invitation"], "answer": "agree"}
    said = msgspec.convert({**command, "notice": rules_shown("child")}, AnswerAsGuardian)
    voice = proven.number_voice(mobile_index(str(mobile_of(scene.owner.person_id))), identity="somebody")
    view = guardians.take_answer(guest(purpose="minor.guardian_check"), voice, said)
    return Asked(body={"guardianship_id": view.guardianship_id})


def forget_sendings(mobile: str) -> None:
    """Forget when codes went to a number: the next would have to wait for a minute."""
    commit([delete(sent_key(mobile_index(f"+86{mobile}")))])


def _code(scene: Any, mobile: str) -> str:
    sent = scene.http("POST", "/v1/accounts/codes", {"mobile": mobile, "purpose": "guardian"})
    assert sent.status == 202, sent.text
    return str(scene.shop.providers.sms(f"+86{mobile}"))


def disputed(scene: AtWork, who: Official) -> Asked:
    """Have guardians disagree, and the case of it with an officer."""
    child = make_minor(9)
    agreed(scene.http, make_guardian(), child)
    respond(scene.http, make_guardian(), invite(scene.http, child), "refuse")
    tick(sweep_retention)
    listed = scene.http("GET", "/v1/desk/cases", who=scene.official(Role.PRIVACY_OFFICER)).json["data"]
    case_id = next(one["case_id"] for one in reversed(listed) if one["topic"] == "privacy")
    scene.take(case_id, who)
    given = approved(scene.http, who, "guardians", ["consent_stands"], about=case_id)
    return Asked({"case_id": case_id}, {"outcome": "consent_stands", "approval_id": given})


def of_wrong_age(scene: AtWork, who: Official) -> Asked:
    """Have somebody's case in which their age turns out to be wrong."""
    made = scene.http("POST", "/v1/cases", CASE, who=make_minor(15), headers=key())
    case_id = made.json["case_id"]
    scene.take(case_id, who)
    given = approved(scene.http, who, "age", ["adult"], about=case_id)
    return Asked({"case_id": case_id}, {"birth_date": born(30).isoformat(), "approval_id": given})


AT_THE_DESK_FOR_MINORS: dict[str, Callable[[AtWork, Official], Asked]] = {
    f"POST {_CASE}/guardians": disputed,
    f"PUT {_CASE}/age": of_wrong_age,
}
"""What an officer is sent who decides about minors."""
OF_MINORS: dict[str, Callable[[Any], Asked]] = {
    "GET /v1/guardianships/age": lambda s: s.minor(),
    "POST /v1/guardianships/age": lambda _: Asked(body={"birth_date": born(15).isoformat()}),
    "POST /v1/guardianships/invitations": lambda s: s.minor(),
    "POST /v1/guardianships/children": declared_child,
    "POST /v1/guardianships/answers": answer_by_number,
    "POST /v1/guardianships/withdrawals": withdrawal_by_number,
    "POST /v1/guardianships/claims": claim_by_number,
    "GET /v1/guardianships": lambda s: Asked(body=s.ward().body),
    "POST /v1/guardianships": lambda s: s.invited(),
    "DELETE /v1/guardianships/{child_id}": lambda s: s.ward(),
    f"GET {_WARD}": lambda s: s.ward(),
    f"GET {_WARD}/records": lambda s: s.ward(),
    f"PUT {_WARD}/profile": lambda s: s.ward({"gender": "female"}),
    f"PUT {_WARD}/age": lambda s: s.ward({"birth_date": born(12).isoformat()}),
    f"DELETE {_WARD}/profile/{{field}}": lambda s: s.ward(field="residence"),
    f"DELETE {_WARD}/posts/{{post_id}}": lambda s: s.wards_post(),
    f"PUT {_WARD}/limits": lambda s: s.ward({"purposes": ["community.publish"]}),
    f"GET {_WARD}/cancellation": lambda s: s.ward(),
    f"POST {_WARD}/cancellation": lambda s: s.wards_end(),
}
"""What somebody under age is sent, and a guardian."""
