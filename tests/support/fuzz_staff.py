"""Staff for fuzzing: for each operation of theirs somebody who may do it, and what they would do it to."""

from typing import Any

from chalicelib.foundation.kernel.call import Role

from .accounts import new_mobile, new_name
from .edges import Http
from .lives import make_account
from .people import Someone
from .routes import OF_STAFF
from .staff import Official, make_staff
from .staff_recipes import CASE, CONTACT
from .trading import key

_ENOUGH = 3


class Desk:
    """Lays on a member of staff's desk what an operation is about."""

    def __init__(self, http: Http, who: Official) -> None:
        self.http, self.who = http, who

    def send(self, path: str, body: Any = None, who: Official | Someone | None = None) -> Any:
        """Send what must go well."""
        answer = self.http("POST", path, body, who=who, headers=key())
        assert answer.status < 300, answer.text
        return answer.json

    def colleague(self) -> str:
        """Have a colleague."""
        return make_staff(Role.MERCHANT).staff_id

    def letter(self) -> str:
        """Look after a letter of nobody's."""
        return self.taken(self.send("/v1/contact", CONTACT)["case_id"])

    def case(self) -> str:
        """Look after a case of somebody's."""
        somebody = make_account(f"+86{new_mobile()}", new_name())
        return self.taken(self.send("/v1/cases", CASE, somebody)["case_id"])

    def frozen(self) -> str:
        """Look after the case of somebody whose account is frozen."""
        case_id = self.case()
        self.send(f"/v1/desk/cases/{case_id}/freeze", {"ground": "owner_asked"}, self.who)
        return case_id

    def approval(self) -> str:
        """Have somebody wait for an approval."""
        asked = {"action": "roles", "what": ["auditor"]}
        return str(self.send("/v1/staff/approvals", asked, make_staff(Role.ADMINISTRATOR))["approval_id"])

    def taken(self, case_id: str) -> str:
        """Look after a case."""
        self.send(f"/v1/desk/cases/{case_id}/take", None, self.who)
        return case_id

    def things(self, path: str) -> list[str]:
        """Make what a path's operation is about."""
        kinds = {"{staff_id}": self.colleague, "{approval_id}": self.approval, "/identity": self.letter}
        kinds |= {"/thaw": self.frozen, "{case_id}": self.case}
        make = next((make for part, make in kinds.items() if part in path), None)
        return [make() for _ in range(_ENOUGH)] if make else []


def staff_at_work(http: Http) -> dict[str, list[dict[str, Any]]]:
    """Give, by operation of staff, who may do it and to what."""
    found: dict[str, list[dict[str, Any]]] = {}
    for route in OF_STAFF:
        who = make_staff(*Role)
        owns = Desk(http, who).things(route.path)
        at_work = {"token": who.token, "staff_id": who.staff_id, "owns": {route.name: owns} if owns else {}}
        found[route.name] = [at_work]
    return found
