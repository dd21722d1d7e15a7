"""Made-up citizens: their numbers add up, and the authority on the other side knows them."""

import secrets
from datetime import date, timedelta
from typing import Any, NamedTuple

from chalicelib.accounts.contracts.verification import VerifyName
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.rows import StandingRow
from chalicelib.foundation.store.write import commit, update

from .counterparties import Counterparties

PURPOSE = "account.verification"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


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
    body = f"{place}{day:%Y%m%d}{secrets.randbelow(1000) if order is None else order:03d}"
    return body + "10X98765432"[sum(w * int(d) for w, d in zip(_WEIGHTS, body, strict=True)) % 11]


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
