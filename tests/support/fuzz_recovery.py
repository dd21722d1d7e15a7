"""Recovery for fuzzing: accounts whose number was lost, ones asked for, and ones whose wait is over."""

from datetime import timedelta
from typing import Any

from chalicelib.accounts.tables.recovery import RecoveryRow, own_recovery
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.store.write import commit, update
from infra.demo.world import World

from .accounts import new_mobile, new_name
from .consents import answer_body
from .edges import Http
from .identities import number_from
from .lives import make_account
from .recovery_recipes import forget_sending

AHEAD = 3
_NAME, _NEXT = "王小明", "云想衣裳花想容 9"


class Lost:
    """Somebody whose number is gone, and who has another one."""

    def __init__(self, world: World, http: Http) -> None:
        self.world, self.http = world, http
        self.old, self.new, self.account = new_mobile(), new_mobile(), new_name()
        self.who = make_account(f"+86{self.old}", self.account)
        self.said = {"name": _NAME, "number": number_from()}
        world.control("POST", "/identity/citizens", {**self.said, "mobiles": [self.old, self.new]})

    def asking(self) -> dict[str, Any]:
        """Give what asks for the account."""
        return {"account": self.account, **self.said, "mobile": self.new, "code": self.code(self.new, "recover")}

    def ask(self) -> "Lost":
        """Ask for it."""
        body = {**self.asking(), "notice": notice_of_recovery()}
        answer = self.http("POST", "/v1/recovery", body)
        assert answer.status == 202, answer.text
        return self

    def stopping(self) -> dict[str, str]:
        """Give what stops it."""
        return {"mobile": self.old, "code": self.code(self.old, "stop_recovery")}

    def finishing(self) -> dict[str, str]:
        """Give what finishes it, its wait over."""
        earlier = clock.now() - timedelta(seconds=1)
        commit([update(own_recovery(self.who.person_id), [RecoveryRow.ready_at.set(earlier)])])
        forget_sending(f"+86{self.new}")
        code = self.code(self.new, "recover")
        return {"account": self.account, "mobile": self.new, "code": code, "new_password": _NEXT}

    def code(self, mobile: str, purpose: str) -> str:
        """Have a code sent to a number, and read it there."""
        sent = self.http("POST", "/v1/accounts/codes", {"mobile": mobile, "purpose": purpose})
        assert sent.status == 202, sent.text
        return str(self.world.code_sent_to(f"+86{mobile}"))


def notice_of_recovery() -> dict[str, Any]:
    """Give the notice about recovery as it was shown now."""
    return dict(answer_body("account.recovery")["notice"])


def recoveries(world: World, http: Http) -> dict[str, list[Any]]:
    """Give what asks for accounts, stops that, and finishes it."""
    return {
        "recoveries": [Lost(world, http).asking() for _ in range(AHEAD)],
        "recovery_stops": [Lost(world, http).ask().stopping() for _ in range(AHEAD)],
        "recovery_finishes": [Lost(world, http).ask().finishing() for _ in range(AHEAD)],
    }
