"""Asking for accounts back, below the edge and now by the product's clock."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import msgspec

from chalicelib.accounts import jobs
from chalicelib.accounts.contracts.accounts import SendCode
from chalicelib.accounts.contracts.recovery import BeginRecovery, FinishRecovery, RecoveryAskedView, StopRecovery
from chalicelib.accounts.contracts.verification import VerifyName
from chalicelib.accounts.service import codes, recovered, recovery, verification
from chalicelib.consent.contracts import NoticeShown
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import Failure

from .accounts import Member, caller, enrol, guest
from .cloud import TestCloud
from .consents import answer_body
from .counterparties import Counterparties
from .edges import deliver
from .identities import PURPOSE as VERIFICATION
from .identities import Citizen, agree
from .ways_in import outcome

NEXT = "云想衣裳花想容 9"
TOLD = "有人申请找回您的账号"


def now_guest() -> Call:
    """Make a call of a guest of this moment."""
    return guest(clock.now(), purpose="account.security")


def verified(counterparties: Counterparties, known: Citizen) -> Member:
    """Open an account and have it verified."""
    member = enrol(counterparties)
    agree(member.person_id)
    call = caller(member, clock.now(), purpose=VERIFICATION)
    verification.verify_name(call, VerifyName(name=known.name, number=known.number))
    return member


def code_now(counterparties: Counterparties, mobile: str, purpose: Any = "recover") -> str:
    """Have a code sent now, and read it off the phone."""
    codes.send_code(now_guest(), SendCode(mobile=mobile, purpose=purpose))
    return str(counterparties.sms(f"+86{mobile}"))


def shown() -> NoticeShown:
    """Give the notice about recovery as it was shown now."""
    return msgspec.convert(answer_body("account.recovery", at=clock.now())["notice"], NoticeShown)


def ask(counterparties: Counterparties, account: str, known: Citizen, mobile: str, **changes: Any) -> RecoveryAskedView:
    """Ask for an account back, with a SIM card of one's own unless `card` says no."""
    if changes.pop("card", True):
        counterparties.control("POST", "/identity/cards", {"number": known.number, "mobile": mobile})
    code = changes.pop("code", None) or code_now(counterparties, mobile)
    said = {"account": account, "name": known.name, "number": known.number, "mobile": mobile, **changes}
    return recovery.begin_recovery(now_guest(), BeginRecovery(code=code, notice=shown(), **said))


def finish(counterparties: Counterparties, account: str, mobile: str, new: str = NEXT, code: str = "") -> str:
    """Try to finish a recovery; gives `done`, or the code of the refusal."""
    code = code or code_now(counterparties, mobile)
    asked = FinishRecovery(account=account, mobile=mobile, code=code, new_password=new)
    return outcome(recovered.finish_recovery, now_guest(), asked)


def stop(counterparties: Counterparties, mobile: str) -> str:
    """Try to stop a recovery by a code to a number."""
    asked = StopRecovery(mobile=mobile, code=code_now(counterparties, mobile, "stop_recovery"))
    return outcome(recovered.stop_by_code, now_guest(), asked)


def tell(cloud: TestCloud) -> None:
    """Deliver what waits for whoever is to be told."""
    for message in cloud.messages("withdrawals"):
        assert deliver(jobs.apply_withdrawal, message["Body"]) == []


def texts(counterparties: Counterparties, mobile: str) -> list[str]:
    """List the text messages of a number that are no codes."""
    arrived = counterparties.control("GET", "/state")["sms"]
    return [one["text"] for one in arrived if one["mobile"] == f"+86{mobile}" and TOLD in one["text"]]


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """Run all at the same time; gives `done` or the code of each refusal."""

    def run(act: Callable[[], Any]) -> str:
        try:
            act()
        except Failure as met:
            return met.code
        return "done"

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def finishing(account: str, mobile: str, code: str) -> Callable[[], None]:
    """Give the act of finishing a recovery."""
    asked = FinishRecovery(account=account, mobile=mobile, code=code, new_password=NEXT)
    return partial(recovered.finish_recovery, now_guest(), asked)
