"""Where data leaves: a recipient gets the fields that the register allows it, and each time is on record."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

import msgspec

from ..register import lookup
from ..register.model import EVERYTHING, Recipient
from .errors import DisclosureRefused

AT_HOME: Final = "CN"


class Disclosure(msgspec.Struct, frozen=True):
    """Who gets which data items for which purpose, when. The caller writes it as evidence; it holds no value."""

    recipient: str
    items: tuple[str, ...]
    purpose: str
    at: datetime


def disclose(
    recipient_id: str, items: Iterable[str], *, purpose: str, at: datetime, consents: frozenset[str] = frozenset()
) -> Disclosure:
    """Ask the register whether these data items may go to this recipient for this purpose now.

    A gateway sends nothing without the answer.

    Args:
        recipient_id: id of the recipient in the register.
        items: ids of the data items about to leave; a mapping from them to their values will do.
        purpose: id of the purpose they leave for.
        at: the time of the call.
        consents: what the person agrees to now; asked only where a recipient sits abroad.

    Raises:
        DisclosureRefused: the recipient, an item or the purpose is not registered for the others (a purpose for
            each item too), no assessment or agreement was on file by that day, or the recipient sits abroad and
            something that this takes is missing.

    Keeps: I2.1, I2.2, K3.2, K3.3
    """
    leaving = tuple(sorted(items))
    try:
        recipient = lookup.recipient(recipient_id)
        held = [lookup.item(item_id) for item_id in leaving]
        lookup.purpose(purpose)
    except lookup.UnknownEntry:
        raise DisclosureRefused from None
    allowed = (
        bool(leaving)
        and all(recipient.may_receive(item.id) for item in held)
        and all(purpose in item.purposes for item in held)
        and (recipient.purposes == (EVERYTHING,) or purpose in recipient.purposes)
        and max(recipient.agreement_on, recipient.assessed_on) <= at.date()
        and (recipient.country == AT_HOME or _abroad_allowed(recipient, consents, at.date()))
    )
    if not allowed:
        raise DisclosureRefused
    return Disclosure(recipient_id, leaving, purpose, at)


def _abroad_allowed(recipient: Recipient, consents: frozenset[str], day: date) -> bool:
    """Say whether the way abroad is on file, its audit is current, and the person agreed to exactly that."""
    filed = recipient.abroad
    return (
        filed is not None
        and filed.consent in consents
        and filed.filed_on <= day
        and filed.audited_on <= day <= filed.audit_until
    )


def demand(under: Disclosure, recipient_id: str, *items: str) -> None:
    """Let a gateway make sure that what it is about to send was disclosed to this recipient.

    Raises:
        DisclosureRefused: it was not.

    Keeps: I2.2
    """
    if under.recipient != recipient_id or not set(items) <= set(under.items):
        raise DisclosureRefused
