"""Who is asking, for which purpose, when, and on which channel: handed down from the edge to every verb."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

import msgspec

Channel = Literal["app", "web", "wxmp", "system"]


class Minor(msgspec.Struct, frozen=True):
    """That somebody is under age, as their standing row told it.

    `child_until` and `minor_until` are when they turn 14 and 18; `told_by` is who said so. `guarded` is the age
    (`child`, `teen`) for which a guardian's agreement is on record, or `disputed`; `limited` are purposes that a
    guardian closed.
    """

    child_until: datetime
    minor_until: datetime
    told_by: str = "declared"
    guarded: str = ""
    limited: frozenset[str] = frozenset()


class Person(msgspec.Struct, frozen=True):
    """The caller as their standing row told it.

    `consents` holds the ids of the purposes agreed to now; `keys` the key ids of their data keys by ground;
    `ref` is their salted reference in the evidence, `log_name` their pseudonym in the log, and neither leads to the
    other; `read_s` is when standing was read, on the steady clock. `identified` says that their identity is verified,
    and `revision` rises with whatever changes age, guardians or that. `spoken_for` says that customer service acts for
    them at their word: then they may be frozen.
    """

    person_id: str
    epoch: int
    status: str
    consents: frozenset[str]
    keys: dict[str, str]
    ref: str
    read_s: float
    log_name: str = ""
    policy_version: str = ""
    session_id: str = ""
    reauthenticated_at: datetime | None = None
    minor: Minor | None = None
    identified: bool = False
    revision: int = 0
    spoken_for: bool = False


class Role(StrEnum):
    """What a member of staff is there for; one may have several."""

    CUSTOMER_SERVICE = "customer_service"
    MODERATOR = "moderator"
    MERCHANT = "merchant"
    PRIVACY_OFFICER = "privacy_officer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Staff(msgspec.Struct, frozen=True):
    """The member of staff who calls, as their row told it.

    `ref` is their salted reference in the evidence, `log_name` their pseudonym in the log; `trained` says whether
    training and exam are current, and `read_s` when the row was read, on the steady clock.
    """

    staff_id: str
    epoch: int
    roles: frozenset[str]
    keys: dict[str, str]
    ref: str
    read_s: float
    session_id: str = ""
    log_name: str = ""
    trained: bool = False


class Carried(msgspec.Struct, frozen=True):
    """What a browser's cookies carry where the website asks for a session by cookie.

    `session_id` is what the session cookie says, also once its token has run out; `refresh_token` comes only to the one
    route that takes it.
    """

    session_id: str = ""
    refresh_token: str = ""


class Call(msgspec.Struct, frozen=True):
    """One request or one message on its way through the house.

    `acting` says who acts where it is not the person themselves. What is done `of_right` takes nobody's agreement:
    seeing, cancelling, removing, and what a guardian does themselves. `carried` is there where the session travels by
    cookie; tokens then go into cookies and never into a body. `announced_at` is when the message at hand was written;
    however often it is delivered, that stays the same. `also` are writes that stand in one transaction with what
    the verb commits.
    """

    request_id: str
    now: datetime
    purpose: str = ""
    channel: Channel = "system"
    device: str = ""
    language: str = "zh-CN"
    address_hash: str = ""
    idempotency_key: str = ""
    fingerprint: str = ""
    route: str = ""
    announced_at: datetime | None = None
    person: Person | None = None
    staff: Staff | None = None
    carried: Carried | None = None
    of_right: bool = False
    acting: str = ""
    also: tuple[Any, ...] = ()

    @property
    def officer(self) -> Staff:
        """The member of staff, on routes that have authenticated one."""
        if self.staff is None:
            raise NoCaller
        return self.staff

    @property
    def who(self) -> Person:
        """The caller, on routes that have authenticated one."""
        if self.person is None:
            raise NoCaller
        return self.person


class NoCaller(RuntimeError):
    """A verb that needs a person or a member of staff was reached without one: a fault in a route's declaration."""
