"""Whether somebody is an adult whose identity is verified, and what is kept to prove it: never who they are."""

import hashlib
import hmac
from datetime import datetime

import msgspec

from chalicelib.foundation.kernel.call import Call, Person
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


def prove_guardian(call: Call, salt: str) -> Proof:
    """Give what is kept of a guardian's verification, salted by what is between the two.

    Keeps: M2.1
    """
    digest = hmac.digest(secret("guardian"), f"{salt}\0{call.who.ref}".encode(), hashlib.sha256).hex()
    return Proof("real_name", "adult", call.now, digest)
