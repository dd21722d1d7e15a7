"""What the routes of account recovery must be sent to do their work."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from chalicelib.accounts.tables.recovery import RecoveryRow, own_recovery
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.store.write import commit, update

from .accounts import new_mobile
from .consents import answer_body
from .entering_recipes import Entering
from .identities import number_from
from .lives import MOBILE, NAME
from .people import Someone
from .staff_recipes import Asked


class Recovering(Entering):
    """The owner without the phone, but with another number; part of a scene."""

    owner: Someone

    def lost(self) -> Asked:
        """Have the owner prove another number, and the authority know whose the lost one is."""
        said = {"name": "王小明", "number": number_from()}
        mobile = f"+86{new_mobile()}"
        self.shop.providers.control("POST", "/identity/citizens", {**said, "mobiles": [MOBILE[3:], mobile[3:]]})
        code, notice = self.code("recover", mobile), answer_body("account.recovery")["notice"]
        return Asked(body={"account": NAME, **said, "mobile": mobile, "code": code, "notice": notice})

    def waiting(self) -> Asked:
        """Have the owner ask for the account."""
        asked = self.lost()
        answer = self.http("POST", "/v1/recovery", asked.body)
        assert answer.status == 202, answer.text
        return asked

    def waited(self) -> Asked:
        """Have the wait be over, and the owner prove the new number once more."""
        mobile = self.waiting().body["mobile"]
        earlier = clock.now() - timedelta(seconds=1)
        commit([update(own_recovery(self.owner.person_id), [RecoveryRow.ready_at.set(earlier)])])
        forget_sending(mobile)
        said = {"account": NAME, "mobile": mobile, "code": self.code("recover", mobile)}
        return Asked(body={**said, "new_password": "云想衣裳花想容 9"})

    def stopping(self) -> Asked:
        """Have somebody ask for the account, and its owner read a code that stops it."""
        self.waiting()
        return self.by_code("stop_recovery")


def forget_sending(mobile: str) -> None:
    """Forget when codes went to a number, asked for from nowhere: the next would have to wait for a minute."""
    from chalicelib.accounts.rules.codes import RESERVED
    from chalicelib.accounts.service.codes import mobile_index
    from chalicelib.accounts.tables.codes import sent_key
    from chalicelib.foundation.store.write import delete

    nowhere = "0" * 24
    lanes = ["", *(f"{purpose}#{nowhere}" for purpose in RESERVED)]
    commit([delete(sent_key(mobile_index(mobile), lane)) for lane in lanes])


def _asked_for(scene: Any) -> Asked:
    scene.waiting()
    return Asked()


OF_RECOVERY: dict[str, Callable[[Any], Asked]] = {
    "POST /v1/recovery": Recovering.lost,
    "POST /v1/recovery/stop": Recovering.stopping,
    "DELETE /v1/recovery": _asked_for,
    "POST /v1/recovery/finish": Recovering.waited,
}
