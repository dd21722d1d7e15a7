"""Shapes of the processing register.

They are compiled from ``policies/`` by ``python -m infra.register`` and never written by hand.
"""

from datetime import date
from typing import Literal

from msgspec import Struct

Ground = Literal["contract", "consent", "separate_consent", "legal_duty", "safety"]
Secrecy = Literal["public", "plain", "key", "sealed"]
Ending = Literal["erase", "anonymise", "restrict"]
Role = Literal["processor", "joint", "independent"]
Minors = Literal["open", "guardian", "identified", "from_14"]
Place = Literal["rows", "quarantine", "media", "exports", "logs", "passing"]

EVERYTHING = "*"


class Purpose(Struct, frozen=True, forbid_unknown_fields=True):
    """What personal information is processed for, and by which right.

    ``clause`` is a section id of our policy. ``essential`` purposes serve basic functions or the
    law and cannot be withdrawn short of cancelling; ``separate`` ones need a consent of their own. ``minors`` says what
    somebody under 18 needs for it: nothing (``open``), a guardian's agreement (``guardian``, unless said otherwise),
    that and a verified identity (``identified``); ``from_14`` is for no child under 14, then like ``guardian``.
    """

    id: str
    title: str
    title_en: str
    clause: str
    promises: tuple[str, ...]
    ground: Ground
    essential: bool
    separate: bool
    minors: Minors = "guardian"

    @property
    def asks(self) -> bool:
        """Whether a person must have agreed to exactly this before the first use."""
        return self.ground in {"consent", "separate_consent"}


class Item(Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of personal information.

    ``why_plain`` says why an item that is neither public, a key nor sealed may be stored plain.
    ``held`` says where it is: in rows, in a bucket, in the logs, or only passing through.
    """

    id: str
    title: str
    title_en: str
    category: str
    sensitive: bool
    secrecy: Secrecy
    purposes: tuple[str, ...]
    retention: str
    recipients: tuple[str, ...] = ()
    why_plain: str = ""
    held: tuple[Place, ...] = ("rows",)


class Abroad(Struct, frozen=True, forbid_unknown_fields=True):
    """What is on file about a recipient outside mainland China, and which separate consent it takes.

    ``route`` is the legal way (PIPL article 38), ``audit_until`` the last day that the audit of the recipient covers,
    ``rights`` where a person exercises their rights against it.
    """

    consent: str
    route: Literal["security_assessment", "certification", "standard_contract"]
    filed_on: date
    audited_on: date
    audit_until: date
    manner: str
    manner_en: str
    rights: str


class Recipient(Struct, frozen=True, forbid_unknown_fields=True):
    """Someone who receives personal information from us, and what exactly."""

    id: str
    title: str
    title_en: str
    role: Role
    contact: str
    duty: str
    duty_en: str
    purposes: tuple[str, ...]
    fields: tuple[str, ...]
    country: str
    agreement_on: date
    assessed_on: date
    handed_by: Literal["product", "operator"] = "product"
    abroad: Abroad | None = None

    def may_receive(self, item_id: str) -> bool:
        """Whether this item is among the fields its duty needs."""
        return self.fields == (EVERYTHING,) or item_id in self.fields


class Client(Struct, frozen=True, forbid_unknown_fields=True):
    """A third-party service that people may log in to with an account of ours.

    ``fields`` are ids of data items it may ask for, beside an id of its own; ``use`` says what for, on the consent
    page; ``rules`` is where its own privacy rules stand. Redirect URIs are compared character by character. A
    ``sample`` is not served in production.
    """

    id: str
    title: str
    title_en: str
    recipient: str
    confidential: bool
    redirect_uris: tuple[str, ...]
    fields: tuple[str, ...]
    use: str
    use_en: str
    rules: str
    secrets_sha256: tuple[str, ...] = ()
    sample: bool = False


class Retention(Struct, frozen=True, forbid_unknown_fields=True):
    """How long, counted from which event, and what happens then.

    ``period`` is an ISO 8601 duration, or ``none`` where the start event itself is the end.
    """

    id: str
    title: str
    title_en: str
    period: str
    start: str
    ending: Ending
    ground: str
    ground_en: str


class Register(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole register by id."""

    purposes: dict[str, Purpose]
    items: dict[str, Item]
    recipients: dict[str, Recipient]
    retention: dict[str, Retention]
    clients: dict[str, Client] = {}


class RowAttribute(Struct, frozen=True, forbid_unknown_fields=True):
    """One declared attribute of a row: personal (with an item) or technical (with a reason)."""

    name: str
    stored_as: str
    item: str = ""
    ending: str = ""
    whose: str = ""
    ground: str = ""
    why: str = ""


class RowEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """One row class as the planner sees it. ``path`` is ``package.module:Class``."""

    path: str
    table: str
    kind: str
    keys: tuple[str, ...]
    attributes: tuple[RowAttribute, ...]


class NoticeText(Struct, frozen=True, forbid_unknown_fields=True):
    """What a just-in-time notice (即时告知) says in one language."""

    title: str
    body: str
    agree: str
    decline: str


class Notice(Struct, frozen=True, forbid_unknown_fields=True):
    """A just-in-time notice, versioned, part of the policy version it is published with."""

    id: str
    version: int
    policy: str
    purposes: tuple[str, ...]
    affirms: str
    texts: dict[str, NoticeText]
    sha256: dict[str, str]


class Change(Struct, frozen=True, forbid_unknown_fields=True):
    """One change against the version before. ``kind`` is one of the six major kinds or ``wording``."""

    kind: str
    text: str
    text_en: str
    purposes: tuple[str, ...] = ()


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """What a policy version covers, by whom, from when. ``files`` maps its files to their SHA-256."""

    version: str
    effective_on: date
    published_at: str
    major: bool
    responsible_party: str
    responsible_party_en: str
    address: str
    contact: str
    privacy_department: str
    privacy_department_en: str
    languages: tuple[str, ...]
    authoritative: str
    purposes: tuple[str, ...]
    items: tuple[str, ...]
    recipients: tuple[str, ...]
    files: dict[str, str]
    changes: tuple[Change, ...] = ()

    @property
    def sha256(self) -> dict[str, str]:
        """Digest of the published text, by language tag."""
        return {tag: self.files[f"policy.{tag}.md"] for tag in self.languages}


class PolicyText(Struct, frozen=True, forbid_unknown_fields=True):
    """One language of one version: the text as published and the same as HTML."""

    markdown: str
    html: str


class Policy(Struct, frozen=True):
    """One version with its texts by language tag."""

    version: str
    manifest: Manifest
    texts: dict[str, str]
    html: dict[str, str]
    sha256: dict[str, str]
