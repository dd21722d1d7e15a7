"""Ending authorizations at Apple: Apple asks for it when somebody unbinds or leaves."""

from chalicelib.foundation.audit.disclosures import disclosed
from chalicelib.foundation.gateways import apple
from chalicelib.foundation.gateways.disclosure import disclose
from chalicelib.foundation.gateways.errors import ProviderRefused
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.standing.access import commit
from chalicelib.foundation.store import planner
from chalicelib.foundation.vault.keyring import KeyDestroyed
from chalicelib.foundation.vault.sealed import Sealed

from ..rules.bindings import PURPOSES
from ..tables.bindings import AppleBindingRow, AppleRevocationRow, drop_revocation, revocation_of
from .profile import WITHDRAWAL


def end_authorization(call: Call, revocation_id: str) -> None:
    """Have Apple end an authorization that has ended here, then forget its token.

    Keeps: B4.2

    Raises:
        ProviderUnavailable: not now; the message comes again.
    """
    row = revocation_of(call.who.person_id, revocation_id)
    if row is not None:
        _end(call, row.token, reference=call.who.ref, ground=WITHDRAWAL)
        commit(call, [drop_revocation(row)], legal_ground=WITHDRAWAL)


def end_all_authorizations(call: Call, person_id: str, *, reference: str, ground: str) -> None:
    """Have Apple end whatever authorization somebody who leaves has there, before the key to its token goes.

    Keeps: B4.2

    Raises:
        ProviderUnavailable: not now.
    """
    for row in planner.read(planner.traverse(person_id, [AppleBindingRow, AppleRevocationRow])):
        if isinstance(row, AppleBindingRow | AppleRevocationRow):
            _end(call, row.token, reference=reference, ground=ground)


def _end(call: Call, sealed: Sealed, *, reference: str, ground: str) -> None:
    """Send the token that ends it; the notice that was agreed to says that this follows."""
    try:
        token = sealed.reveal()
    except KeyDestroyed:
        return
    purpose = PURPOSES["apple"]
    consents = frozenset({purpose})
    under = disclose(apple.RECIPIENT, ("account.apple_token",), purpose=purpose, at=call.now, consents=consents)
    commit(call, [disclosed(call, under, reference=reference)], legal_ground=ground)
    try:
        apple.revoke(token, under=under)
    except ProviderRefused:  # Apple knows no such authorization, or none of ours: asking again changes nothing
        return
