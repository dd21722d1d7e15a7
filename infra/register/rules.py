"""What must hold within the register itself, before any row or policy text is looked at."""

from collections.abc import Container, Iterator

from chalicelib.foundation.register.model import EVERYTHING, Item, Recipient, Register
from chalicelib.foundation.register.periods import is_period

NOT_FOR_CHILDREN = {"2.2.4", "2.5.4", "2.6.2", "2.6.3", "2.6.4"}
"""Sections on recommendation, places shown to all, marketing and campaigns."""
SENSITIVE_GROUNDS = {"separate_consent", "legal_duty"}


def problems_of(register: Register) -> list[str]:
    """Return every contradiction, in the order of the ids."""
    return [
        *_of_purposes(register),
        *(problem for item in register.items.values() for problem in _of_item(item, register)),
        *_of_recipients(register),
        *_of_retention(register),
    ]


def unpromised(register: Register, promises: Container[str]) -> Iterator[str]:
    """Say which purposes name a promise that does not exist."""
    for purpose in register.purposes.values():
        yield from _unknown(f"purpose {purpose.id}", purpose.promises, promises, kind="promise")


def _of_purposes(register: Register) -> Iterator[str]:
    for purpose in register.purposes.values():
        asks_separately = purpose.ground == "separate_consent"
        if purpose.separate != asks_separately:
            yield f"purpose {purpose.id}: separate = {purpose.separate} but ground is {purpose.ground}"
        if purpose.essential and purpose.asks:
            yield f"purpose {purpose.id}: essential, so its ground can't be {purpose.ground}"
        if purpose.clause in NOT_FOR_CHILDREN and purpose.minors != "from_14":
            yield f"purpose {purpose.id}: section {purpose.clause} is for nobody under 14"
        if not purpose.promises:
            yield f"purpose {purpose.id}: names no promise"


def _of_item(item: Item, register: Register) -> Iterator[str]:
    yield from _unknown(f"item {item.id}", item.purposes, register.purposes, kind="purpose")
    yield from _unknown(f"item {item.id}", item.recipients, register.recipients, kind="recipient")
    yield from _unknown(f"item {item.id}", (item.retention,), register.retention, kind="retention")
    if not item.purposes:
        yield f"item {item.id}: is for no purpose"
    if (item.secrecy == "plain") != bool(item.why_plain):
        yield f"item {item.id}: why_plain belongs to plain items, and to all of them"
    if item.sensitive:
        yield from _of_sensitive(item, register)
    for recipient_id in item.recipients:
        recipient = register.recipients.get(recipient_id)
        if recipient and item.id not in recipient.fields:
            yield f"item {item.id}: recipient {recipient_id} does not list it among its fields"


def _of_sensitive(item: Item, register: Register) -> Iterator[str]:
    if item.secrecy != "sealed":
        yield f"item {item.id}: sensitive, so it must be sealed"
    for purpose_id in item.purposes:
        purpose = register.purposes.get(purpose_id)
        if purpose and purpose.ground not in SENSITIVE_GROUNDS:
            yield f"item {item.id}: sensitive, but {purpose_id} has the ground {purpose.ground}"


def _of_recipients(register: Register) -> Iterator[str]:
    for recipient in register.recipients.values():
        name = f"recipient {recipient.id}"
        if recipient.purposes != (EVERYTHING,):
            yield from _unknown(name, recipient.purposes, register.purposes, kind="purpose")
        yield from _of_place(recipient, register)
        if recipient.fields == (EVERYTHING,):
            if recipient.role != "processor":
                yield f"{name}: only a processor may hold everything"
            continue
        yield from _unknown(name, recipient.fields, register.items, kind="item")
        yield from _of_fields(recipient, register)


def _of_place(recipient: Recipient, register: Register) -> Iterator[str]:
    """Say where a recipient abroad lacks what stands on file for it, or asks for no consent of its own."""
    name = f"recipient {recipient.id}"
    if (recipient.country == "CN") != (recipient.abroad is None):
        yield f"{name}: abroad belongs to recipients outside mainland China, and to all of them"
    if recipient.abroad is not None:
        asked = register.purposes.get(recipient.abroad.consent)
        if asked is None or not asked.separate:
            yield f"{name}: {recipient.abroad.consent} is no purpose with a separate consent"


def _of_fields(recipient: Recipient, register: Register) -> Iterator[str]:
    for item_id in recipient.fields:
        item = register.items.get(item_id)
        if item is None:
            continue
        if recipient.id not in item.recipients:
            yield f"recipient {recipient.id}: item {item_id} does not name it"
        if not set(item.purposes) & set(recipient.purposes):
            yield f"recipient {recipient.id}: item {item_id} shares no purpose with it"


def _of_retention(register: Register) -> Iterator[str]:
    used = {item.retention for item in register.items.values()}
    for retention in register.retention.values():
        if not is_period(retention.period):
            yield f"retention {retention.id}: {retention.period!r} is not a period"
        if retention.id not in used:
            yield f"retention {retention.id}: no item uses it"


def _unknown(who: str, named: tuple[str, ...], known: Container[str], *, kind: str) -> Iterator[str]:
    for entry_id in named:
        if entry_id not in known:
            yield f"{who}: unknown {kind} {entry_id}"
