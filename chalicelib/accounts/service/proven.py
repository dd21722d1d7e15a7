"""Whether somebody is an adult whose identity is verified, and what is kept to prove it: never who they are."""

import hashlib
import hmac
from datetime import datetime
from typing import Final

import msgspec

from chalicelib.foundation.kernel.call import Person
from chalicelib.foundation.kernel.ids import letters
from chalicelib.foundation.standing.minors import stage_of
from chalicelib.foundation.store.row import get
from chalicelib.foundation.vault.wrapping import secret

from ..errors import GuardianNotVerified
from ..tables.verification import own_verification
from .verified import is_verified

STRONG: Final = frozenset({"phone", "face"})
"""How somebody is verified who decides about a minor: a name and number alone can be read off a parent's card."""


class Proof(msgspec.Struct, frozen=True):
    """How and with which result a guardian was verified, when, and a digest that nobody can turn back."""

    method: str
    result: str
    at: datetime
    digest: str


class Voice(msgspec.Struct, frozen=True):
    """A guardian who answers: under which reference in the evidence, how verified, and as whom (a blind index).

    Whoever only withdraws proves nothing anew, and is verified as they were.
    """

    ref: str
    method: str = ""
    identity: str = ""


def verified_adult(who: Person, now: datetime) -> bool:
    """Say whether somebody is of age by their verified identity: a verified minor is known as one.

    Keeps: M1.1, M2.1
    """
    return is_verified(who) and stage_of(who.minor, now) is None


def proven_guardian(who: Person, now: datetime) -> Voice:
    """Give the voice of an account that may answer for a minor: an adult's, verified by phone or face.

    Keeps: M1.1, M2.1

    Raises:
        GuardianNotVerified: no adult, not verified, or by name and number alone.
    """
    if not verified_adult(who, now):
        raise GuardianNotVerified
    row = get(*own_verification(who.person_id))
    if row is None or row.identity_index is None or row.method not in STRONG:
        raise GuardianNotVerified
    return Voice(who.ref, row.method, row.identity_index)


def number_voice(index: str, *, identity: str = "") -> Voice:
    """Name a guardian by a keyed digest of their number, which leads to nobody without our key."""
    digest = hmac.digest(secret("guardian"), f"number\0{index}".encode(), hashlib.sha256)
    return Voice(f"ref_{letters(digest)}", "phone_and_code" if identity else "", identity)


def prove_guardian(voice: Voice, salt: str, now: datetime) -> Proof:
    """Give what is kept of a guardian's verification, salted by what is between the two.

    Keeps: M2.1
    """
    return Proof(voice.method, "adult", now, _digest(voice, salt))


def same_human(voice: Voice, salt: str, digest: str) -> bool:
    """Say whether an earlier answer, by whichever way, was this guardian's."""
    return voice.identity != "" and hmac.compare_digest(_digest(voice, salt), digest)


def _digest(voice: Voice, salt: str) -> str:
    return hmac.digest(secret("guardian"), f"{salt}\0{voice.identity}".encode(), hashlib.sha256).hex()
