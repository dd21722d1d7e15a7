"""Recipes of what staff are sent, and of what lies on their desk: see `recipes`."""

import secrets
from collections.abc import Callable
from typing import Any

import msgspec

from chalicelib.foundation.kernel.call import Role
from chalicelib.support.service.identity import IDENTITY_ITEMS

from .accounts import new_mobile, new_name
from .edges import Http, Reply
from .identities import number_from, verify_account
from .lives import MOBILE, make_account
from .staff import PASSWORD as STAFF_PASSWORD
from .staff import Official, make_staff, new_user_name, second_factor
from .trading import Shop


class Asked(msgspec.Struct, frozen=True):
    """A request that is right for its owner, but for who sends it; `ids` go into the path, and `query` after it."""

    ids: dict[str, str] = {}
    body: Any = None
    raw: bytes | None = None
    headers: dict[str, str] = {}
    query: str = ""


class AtWork:
    """Staff, and what they come to do; part of a scene."""

    shop: Shop
    own: Callable[..., Reply]

    @property
    def http(self) -> Http:
        """Give the API."""
        return self.shop.http

    def official(self, *roles: Role, trained: bool = True) -> Official:
        """Have a member of staff with these roles."""
        return make_staff(*roles, trained=trained)

    def invitation(self) -> dict[str, Any]:
        """Have somebody taken on."""
        asked = {"user_name": new_user_name(), "name": "新同事", "roles": ["moderator"]}
        answer = self.http("POST", "/v1/staff/members", asked, who=self.official(Role.ADMINISTRATOR))
        assert answer.status == 201, answer.text
        return {"invitation": answer.json["invitation"]}

    def enrolment(self) -> Asked:
        """Have somebody taken on who has begun to enrol."""
        invitation = self.invitation()
        begun = self.http("POST", "/v1/staff/enrolments", invitation)
        return Asked(body={**invitation, "password": STAFF_PASSWORD, "code": second_factor(begun.json["secret"])})

    def entrance(self) -> Asked:
        """Have a member of staff before the door."""
        who = self.official(Role.MERCHANT)
        return Asked(body={"user_name": who.user_name, "password": STAFF_PASSWORD, "code": who.code()})

    def colleague(self, body: Any = None) -> Asked:
        """Have a member of staff to whom something is done."""
        return Asked({"staff_id": self.official(Role.MERCHANT).staff_id}, body)

    def case(self) -> Asked:
        """Have a case of the owner's."""
        made = self.own("POST", "/v1/cases", CASE).json
        return Asked({"case_id": made["case_id"]})

    def desk(self, *, mine: Official | None = None) -> Asked:
        """Have a case of nobody's yet on the desk; a member of staff may look after it."""
        sent = self.http("POST", "/v1/contact", CONTACT)
        assert sent.status == 201, sent.text
        if mine is not None:
            self.take(sent.json["case_id"], mine)
        return Asked({"case_id": sent.json["case_id"]})

    def take(self, case_id: str, who: Official) -> None:
        """Have a member of staff look after a case."""
        taken = self.http("POST", f"/v1/desk/cases/{case_id}/take", who=who)
        assert taken.status == 200, taken.text

    def read_back(self, case_id: str, who: Official, mobile: str = MOBILE) -> dict[str, str]:
        """Have a code sent to a number, the owner's unless named, for a case."""
        path = f"/v1/desk/cases/{case_id}/identity/codes"
        sent = self.http("POST", path, {"mobile": mobile}, who=who)
        assert sent.status == 202, sent.text
        return {"mobile": mobile, "code": str(self.shop.providers.sms(mobile))}

    def reading_back(self, who: Official) -> Asked:
        """Have somebody with an account on the line who reads back the code that went to their number."""
        asked, mobile = self.desk(mine=who), f"+86{new_mobile()}"
        make_account(mobile, new_name())
        return Asked(asked.ids, self.read_back(asked.ids["case_id"], who, mobile))

    def anybodys(self, who: Official) -> Asked:
        """Have an identified case of somebody other than the owner."""
        asked = self.reading_back(who)
        done = self.http("POST", f"/v1/desk/cases/{asked.ids['case_id']}/identity", asked.body, who=who)
        assert done.status == 200, done.text
        return Asked(asked.ids)

    def frozen(self, who: Official) -> Asked:
        """Have a frozen account, and its case with a member of staff."""
        clerk = self.official(Role.CUSTOMER_SERVICE)
        asked = self.anybodys(clerk)
        path = f"/v1/desk/cases/{asked.ids['case_id']}/freeze"
        done = self.http("POST", path, {"ground": "taken_over"}, who=clerk)
        assert done.status == 200, done.text
        self.take(asked.ids["case_id"], who)
        return asked

    def approved(self, who: Official, case_id: str, *, action: str, what: list[str]) -> str:
        """Have the privacy officer approve what somebody wants to do in a case."""
        asked = {"action": action, "what": what, "subject_id": case_id}
        made = self.http("POST", "/v1/staff/approvals", asked, who=who)
        assert made.status == 201, made.text
        approval_id = str(made.json["approval_id"])
        path = f"/v1/staff/approvals/{approval_id}/approve"
        given = self.http("POST", path, who=self.official(Role.PRIVACY_OFFICER))
        assert given.status == 200, given.text
        return approval_id

    def without_phone(self, who: Official) -> Asked:
        """Have somebody verified on the line who has lost the phone, and a second person who approves the check."""
        mobile, ids = f"+86{new_mobile()}", self.desk(mine=who).ids
        verify_account(make_account(mobile, new_name()), CITIZEN_NAME, CITIZEN_NUMBER)
        approval_id = self.approved(who, ids["case_id"], action="identity", what=list(IDENTITY_ITEMS))
        body = {"account": mobile, "name": CITIZEN_NAME, "number": CITIZEN_NUMBER, "approval_id": approval_id}
        return Asked(ids, body)

    def leaving(self, who: Official) -> Asked:
        """Have somebody on the line who was told what cancelling would do, and a second person who approves it."""
        ids = self.anybodys(who).ids
        path = f"/v1/on-behalf/{ids['case_id']}/cancellation/preview"
        told = self.http("POST", path, _WISH, who=who)
        assert told.status == 200, told.text
        approval_id = self.approved(who, ids["case_id"], action="right", what=["cancel"])
        body = {
            **_WISH,
            "approval_id": approval_id,
            "plan_hash": told.json["plan_hash"],
            "receipt": secrets.token_urlsafe(32),
        }
        return Asked(ids, body)

    def identified(self, who: Official) -> Asked:
        """Have the owner's case looked after by a member of staff."""
        asked = self.case()
        self.take(asked.ids["case_id"], who)
        return asked

    def looked_at(self) -> Asked:
        """Have staff look at the owner's account."""
        clerk = self.official(Role.CUSTOMER_SERVICE)
        case_id = self.identified(clerk).ids["case_id"]
        shown = self.http("GET", f"/v1/desk/cases/{case_id}/person", who=clerk)
        assert shown.status == 200, shown.text
        return Asked()

    def approval(self) -> Asked:
        """Have an administrator ask for other roles."""
        asked = {"action": "roles", "what": ["administrator", "auditor"]}
        made = self.http("POST", "/v1/staff/approvals", asked, who=self.official(Role.ADMINISTRATOR))
        assert made.status == 201, made.text
        return Asked({"approval_id": made.json["approval_id"]})


def at_the_desk(ask: Callable[[AtWork, Official], Asked], scene: AtWork) -> Asked:
    """Ask as a member of customer service who looks after a case."""
    return ask(scene, scene.official(Role.CUSTOMER_SERVICE))


CASE = {"topic": "account", "text": "我想改一下手机号"}
CONTACT = {"topic": "privacy", "text": "请问怎样投诉？", "contact": "visitor@example.com"}
CITIZEN_NAME, CITIZEN_NUMBER = "王小明", number_from()
_TRAINED = {"trained_on": "2026-01-05", "exam_passed_on": "2026-01-06"}
_MEMBER = "/v1/staff/members/{staff_id}"
_CASE = "/v1/desk/cases/{case_id}"
LOOK = {"fields": ["account.mobile"], "purpose": "account.service"}
_BEHALF = "/v1/on-behalf/{case_id}"
_WISH = {"wish": "请帮我办理"}
AT_THE_DESK: dict[str, Callable[[AtWork, Official], Asked]] = {
    "GET /v1/desk/cases": lambda _, __: Asked(),
    "POST /v1/desk/cases": lambda _, __: Asked(body=CASE),
    f"POST {_CASE}/take": lambda s, _: s.desk(),
    f"GET {_CASE}": AtWork.identified,
    f"POST {_CASE}/messages": lambda s, who: Asked(s.identified(who).ids, {"text": "您好，请稍等"}),
    f"POST {_CASE}/close": lambda s, who: s.desk(mine=who),
    f"POST {_CASE}/identity/codes": lambda s, who: Asked(s.desk(mine=who).ids, {"mobile": new_mobile()}),
    f"POST {_CASE}/looks": lambda s, who: Asked(s.identified(who).ids, LOOK),
    f"POST {_CASE}/freeze": lambda s, who: Asked(s.anybodys(who).ids, {"ground": "owner_asked"}),
    f"POST {_CASE}/thaw": lambda s, who: Asked(s.frozen(who).ids, {"ground": "owner_proved"}),
    f"GET {_CASE}/person": AtWork.identified,
    f"POST {_CASE}/identity": AtWork.reading_back,
    f"POST {_CASE}/identity/verified": AtWork.without_phone,
    f"POST {_CASE}/freeze/unchecked": lambda s, who: Asked(
        s.desk(mine=who).ids, {"account": new_mobile(), "ground": "taken_over"}
    ),
    f"POST {_BEHALF}/copy": lambda s, who: Asked(s.anybodys(who).ids, _WISH),
    f"PUT {_BEHALF}/profile": lambda s, who: Asked(s.anybodys(who).ids, {**_WISH, "remove": "residence"}),
    f"POST {_BEHALF}/withdrawals": lambda s, who: Asked(s.anybodys(who).ids, {**_WISH, "purpose": "account.email"}),
    f"POST {_BEHALF}/cancellation/preview": lambda s, who: Asked(s.anybodys(who).ids, _WISH),
    f"POST {_BEHALF}/cancellation": AtWork.leaving,
}
"""What a member of staff is sent who looks after a case."""
OF_STAFF: dict[str, Callable[[Any], Asked]] = {
    "POST /v1/contact": lambda _: Asked(body=CONTACT),
    "POST /v1/staff/sessions": AtWork.entrance,
    "POST /v1/staff/sessions/logout": lambda _: Asked(),
    "POST /v1/staff/enrolments": lambda s: Asked(body=s.invitation()),
    "POST /v1/staff/enrolments/completion": AtWork.enrolment,
    "GET /v1/staff/me": lambda _: Asked(),
    "GET /v1/staff/members": lambda _: Asked(),
    "POST /v1/staff/members": lambda _: Asked(
        body={"user_name": new_user_name(), "name": "新同事", "roles": ["auditor"]}
    ),
    "POST /v1/staff/approvals": lambda _: Asked(body={"action": "roles", "what": ["auditor"]}),
    "GET /v1/staff/approvals": AtWork.approval,
    "POST /v1/staff/approvals/{approval_id}/approve": AtWork.approval,
    f"PUT {_MEMBER}/roles": lambda s: s.colleague({"roles": ["moderator"]}),
    f"PUT {_MEMBER}/training": lambda s: s.colleague(_TRAINED),
    f"POST {_MEMBER}/reset": lambda s: s.colleague({}),
    f"DELETE {_MEMBER}/sessions": AtWork.colleague,
    f"DELETE {_MEMBER}": AtWork.colleague,
}
"""What staff are sent, and whoever is to become one of them."""
