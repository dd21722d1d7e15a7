"""Each way in as somebody tries it who knows a number and nothing else: what goes before, and the try itself."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from chalicelib.accounts.contracts.accounts import CodePurpose
from chalicelib.accounts.contracts.recovery import BeginRecovery, StopRecovery
from chalicelib.accounts.service import recovered, recovery, signing_up
from chalicelib.accounts.service.codes import mobile_index
from chalicelib.accounts.tables.codes import sent_key
from chalicelib.accounts.tables.logins import MobileLoginRow, mobile_door
from chalicelib.foundation.store.write import ConditionFailed, commit, delete, update
from chalicelib.foundation.web.limits import CounterRow

from .accounts import guest, new_mobile, sign_up_command
from .clocks import began
from .cloud import TestCloud
from .counterparties import Counterparties
from .identities import Citizen, number_from
from .passwords import FAILED, WRONG, try_in
from .recovery import code_now, now_guest, shown
from .ways_in import INVALID, code_to, outcome, try_freeze, try_log_in, try_reset, try_thaw, wrong

Try = Callable[[str], object]
Way = Callable[[], Try]
NAMES = (
    *("code request", "sign-up", "password log-in", "code log-in", "password reset"),
    *("freeze", "thaw", "recovery", "recovery stopped"),
)
_PROVES: dict[str, CodePurpose] = {
    "sign-up": "sign_up",
    "code log-in": "log_in",
    "password reset": "reset_password",
    "freeze": "freeze",
    "thaw": "thaw",
    "recovery stopped": "stop_recovery",
}


class Ways(NamedTuple):
    """Makes tries ready, one way at a time."""

    counterparties: Counterparties
    cloud: TestCloud

    def ready(self, name: str, mobile: str) -> Callable[[], None]:
        """Forget what was counted of a number, do what goes before, and give the try; it has to be refused as usual."""
        self._forget(mobile)
        if name == "code request":
            return lambda: _unrefused(code_to(self.counterparties, mobile, "sign_up"))
        if name == "password log-in":
            return lambda: _expect(try_in(mobile, WRONG), FAILED)
        if name == "recovery":
            return self._recovery(mobile)
        code = wrong(code_to(self.counterparties, mobile, _PROVES[name]))
        self._forget(mobile)
        return partial(_refused, name, mobile, code)

    def _recovery(self, mobile: str) -> Callable[[], None]:
        """Have an account asked back by somebody whom the authority does not know."""
        known, new = Citizen("王小明", number_from()), new_mobile()
        code = code_now(self.counterparties, new)
        said = {"account": mobile, "name": known.name, "number": known.number, "mobile": new}
        asked = BeginRecovery(code=code, notice=shown(), **said)
        return lambda: _unrefused(recovery.begin_recovery(now_guest(), asked))

    def _forget(self, mobile: str) -> None:
        """Have nothing counted: no wait may hide what a try costs."""
        index = mobile_index(f"+86{mobile}")
        counters = [item for item in self.cloud.items("ephemeral") if item["kind"]["S"] == CounterRow.row_kind]
        for item in counters:
            commit([delete((CounterRow, item["pk"]["S"], item["sk"]["S"]))])
        commit([delete(sent_key(index))])
        zero = [MobileLoginRow.attempts.set(0), MobileLoginRow.rounds.set(0)]
        try:
            commit([update(mobile_door(index).key, zero, MobileLoginRow.kind.exists())])
        except ConditionFailed:
            return


def _refused(name: str, mobile: str, code: str) -> None:
    tries: dict[str, Callable[[], str]] = {
        "sign-up": lambda: outcome(signing_up.sign_up, guest(began()), sign_up_command(mobile, code, now=began())),
        "code log-in": lambda: try_log_in(mobile, code),
        "password reset": lambda: try_reset(mobile, code),
        "freeze": lambda: try_freeze(mobile, code),
        "thaw": lambda: try_thaw(mobile, code),
        "recovery stopped": lambda: outcome(
            recovered.stop_by_code, guest(began(), purpose="account.security"), StopRecovery(mobile=mobile, code=code)
        ),
    }
    _expect(tries[name](), INVALID)


def _expect(said: str, usual: str) -> None:
    assert said == usual


def _unrefused(_answer: object) -> None:
    """Take any answer: a refusal would have been raised."""
