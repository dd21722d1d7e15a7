"""Entries of the consent ledger: what was shown, what was answered, what was withdrawn."""

import hashlib
import hmac
from datetime import datetime
from typing import Any

import msgspec

from chalicelib.foundation.audit.evidence import EvidenceRow, append
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.ids import letters
from chalicelib.foundation.register import lookup
from chalicelib.foundation.store.write import Write
from chalicelib.foundation.vault.wrapping import secret

from ..contracts import Agreement
from ..rules import china_day, in_effect, refuse_implausible_time, refuse_other_policy
from ..tables import ConsentRow

POLICY = "policy"


class TextShown(msgspec.Struct, frozen=True):
    """A published text as it was on the screen."""

    text_id: str
    version: str
    sha256: str
    language: str
    shown_at: datetime


def agreement_writes(call: Call, ref: str, agreement: Agreement) -> list[Write]:
    """Record that the policy in effect was shown and agreed to; covers basic functions and nothing else.

    The caller sets `policy_version` in standing and leaves `consents` as they are.

    Keeps: A2.1, A3.3

    Raises:
        PolicyNotCurrent: another version is in effect.
        TextUnknown: that version has no such text in that language.
        ShownAtImplausible: it can't have been shown then.
    """
    refuse_other_policy(agreement, in_effect(lookup.manifests(), china_day(call.now)))
    refuse_implausible_time(agreement.shown_at, call.now, "/shown_at")
    text = TextShown(POLICY, agreement.version, agreement.sha256, agreement.language, agreement.shown_at)
    return answer_writes(call, ref, POLICY, answer="agree", text=text)


def answer_writes(call: Call, ref: str, about: str, *, answer: str, text: TextShown) -> list[Write]:
    """Record what was shown and what was answered, the second entry naming the first.

    Keeps: A3.3, J11.1
    """
    said: dict[str, Any] = {
        **_circumstances(call, ref),
        "about": about,
        "text_id": text.text_id,
        "text_version": text.version,
        "text_sha256": text.sha256,
        "language": text.language,
        "shown_at": text.shown_at,
    }
    shown = ConsentRow.entry(call, ref, step="shown", **said)
    answered = ConsentRow.entry(call, ref, step="answered", answer=answer, follows=entry_id(shown), **said)
    return [append(shown), append(answered)]


def withdrawal_write(call: Call, ref: str, about: str) -> Write:
    """Record a withdrawal; what was recorded before stays as it is.

    Keeps: J6.2, J11.1
    """
    return append(ConsentRow.entry(call, ref, step="withdrawn", about=about, **_circumstances(call, ref)))


def entry_id(row: EvidenceRow) -> str:
    """Give an entry's own id, the last part of its sort key."""
    return row.sk.rpartition("#")[2]


def _circumstances(call: Call, ref: str) -> dict[str, Any]:
    return {"channel": call.channel, "device": device_of(call.device, ref) or None}


def device_of(device: str, ref: str) -> str:
    """Name a device within one person's ledger only: a keyed hash that is another one for every person."""
    if not device:
        return ""
    digest = hmac.digest(secret("consent.device"), f"{ref}\0{device}".encode(), hashlib.sha256)
    return "dev_" + letters(digest[:24])
