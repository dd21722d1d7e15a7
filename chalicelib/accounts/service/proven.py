"""Whether somebody is an adult whose identity is verified, and what is kept to prove it: never who they are."""

import hashlib
import hmac
from datetime import datetime

import msgspec

from chalicelib.foundation.kernel.call import Person
from chalicelib.foundation.standing.minors import stage_of
from chalicelib.foundation.vault.wrapping import secret

from .verified import is_verified


class Proof(msgspec.Struct, frozen=True):
    """How and with which result a guardian was verified, when, and a digest that nobody can turn back."""

    method: str
    result: str
    at: datetime
    digest: str


def verified_adult(who: Person, now: datetime) -> bool:
    """Say whether somebody is of age by their verified identity: a verified minor is known as one.

    Keeps: M1.1, M2.1
    """
    return is_verified(who) and stage_of(who.minor, now) is None


class Voice(msgspec.Struct, frozen=True):
    """A guardian who answers: under which reference in the evidence, and how they were verified."""

    ref: str
    method: str = "real_name"


def prove_guardian(voice: Voice, salt: str, now: datetime) -> Proof:
    """Give what is kept of a guardian's verification, salted by what is between the two.

    Keeps: M2.1
    """
    digest = hmac.digest(secret("guardian"), f"{salt}\0{voice.ref}".encode(), hashlib.sha256).hex()
    return Proof(voice.method, "adult", now, digest)
