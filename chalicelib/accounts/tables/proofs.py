"""Proofs of a number that were used up, with every condition on them."""

from datetime import datetime

from ...foundation.kernel.errors import Failure
from ...foundation.store.attributes import Expiry, Text
from ...foundation.store.declare import EXPIRY, KEY, Technical
from ...foundation.store.row import Row
from ...foundation.store.write import Write, put_new

USED = "USED"


class NumberProofRow(Row, table="ephemeral", kind="number_proof"):
    """That a proof opened an account; kept as long as it would be good."""

    pk = Text(Technical("random id of a proof"), hash_key=True)
    sk = Text(KEY, range_key=True)
    expires_at = Expiry(EXPIRY)


def use_proof(proof_id: str, until: datetime, otherwise: type[Failure]) -> Write:
    """Use a proof up, within the transaction it allows."""
    return put_new(NumberProofRow(pk=f"PROOF#{proof_id}", sk=USED, expires_at=until), otherwise)
