"""Made-up citizens: their numbers add up, and the authority on the other side knows them."""

import secrets
from datetime import date, timedelta
from typing import Any, NamedTuple

from chalicelib.accounts.contracts.verification import VerificationView, VerifyName
from chalicelib.accounts.service import verification
from chalicelib.accounts.tables.verification import VERIFICATION, VerificationRow
from chalicelib.consent.service import choosing
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.standing import access, birthdays
from chalicelib.foundation.standing.rows import StandingRow
from chalicelib.foundation.store.write import commit, put_new, update
from chalicelib.foundation.vault.blind import blind
from infra.local.counterparties.authority import whole_number

from .accounts import Member, caller
from .cloud import TestCloud
from .counterparties import Counterparties
from .people import Someone

PURPOSE = "account.verification"


class Citizen(NamedTuple):
    """Somebody's real name and identity number."""

    name: str
    number: str

    @property
    def said(self) -> VerifyName:
        """Give the command that says so."""
        return VerifyName(name=self.name, number=self.number)


def number_from(place: str = "110105", born: date | None = None, order: int | None = None) -> str:
    """Make up a number whose check character fits."""
    day = born or date(1950, 1, 1) + timedelta(days=secrets.randbelow(18000))
    return whole_number(f"{place}{day:%Y%m%d}{secrets.randbelow(1000) if order is None else order:03d}")


def citizen(counterparties: Counterparties, name: str = "王小明", *mobiles: str) -> Citizen:
    """Make somebody up whom the authority knows."""
    made = Citizen(name, number_from())
    counterparties.control("POST", "/identity/citizens", {**made._asdict(), "mobiles": list(mobiles)})
    return made


def agree(person_id: str, *purposes: str) -> None:
    """Have somebody agree to be verified, or to these purposes only."""
    commit([update((StandingRow, person_id, access.SK), [StandingRow.consents.set({*(purposes or (PURPOSE,))})])])


def show_face(counterparties: Counterparties, url: str, *, passes: bool = True) -> Any:
    """Show a face on the page that a check named."""
    token = url.rpartition("/")[2]
    return counterparties.control("POST", "/identity/faces", {"token": token, "passes": passes})


def asking(member: Member, **changes: Any) -> Call:
    """Have a member ask for the purpose."""
    return caller(member, purpose=PURPOSE, **changes)


def verify(member: Member, known: Citizen, **changes: Any) -> VerificationView:
    """Have a member verified by name and number."""
    return verification.verify_name(asking(member), VerifyName(name=known.name, number=known.number, **changes))


def withdraw(member: Member) -> str:
    """Withdraw, and give the message as it waits on the queue."""
    choosing.withdraw_consent(caller(member), PURPOSE)
    return PURPOSE


def kinds(cloud: TestCloud, noun: str = "people") -> list[str]:
    """List the kinds of rows in a table."""
    return sorted(item["kind"]["S"] for item in cloud.items(noun))


def actions(cloud: TestCloud) -> list[str]:
    """List what is on record."""
    return [item["action"]["S"] for item in cloud.items("evidence") if "action" in item]


def sent(cloud: TestCloud) -> list[tuple[str, str]]:
    """Give to whom which items went for the verification."""
    found = [item for item in cloud.items("evidence") if item["kind"]["S"] == "disclosure"]
    return [(i["recipient"]["S"], i["items"]["S"]) for i in found if i["purpose"]["S"] == PURPOSE]


def verify_account(who: Someone, name: str, number: str) -> None:
    """Write that the authority knows somebody with an account under this name and number."""
    row = VerificationRow(
        pk=who.person_id, sk=VERIFICATION, person_id=who.person_id, epoch=1, version=1,
        name=VerificationRow.name.seal(who.keys, name), number=VerificationRow.number.seal(who.keys, number),
        identity_index=blind("identity", number), method="name", verified_at=clock.now(), reference="vrf_test",
    )  # fmt: skip
    agreed = StandingRow.consents.add({PURPOSE})
    commit([put_new(row), birthdays.revise(who.person(), [StandingRow.identified.set(True), agreed])])
