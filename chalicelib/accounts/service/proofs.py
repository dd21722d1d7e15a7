"""Numbers that WeChat verified, carried by the client as a proof that only we can read, good for one sign-up."""

import base64
from datetime import UTC, datetime
from typing import Final

import msgspec

from chalicelib.foundation.audit.disclosures import disclosed
from chalicelib.foundation.gateways import wechat_phone
from chalicelib.foundation.gateways.disclosure import Disclosure, disclose
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing.access import commit
from chalicelib.foundation.store.row import get
from chalicelib.foundation.vault import cipher
from chalicelib.foundation.vault.wrapping import secret

from ..contracts.bindings import NumberProofView, ProveNumber
from ..errors import ProofInvalid
from ..rules.codes import CODE_LIFE
from ..rules.numbers import mask_mobile, mobile_of
from ..tables.logins import mobile_door
from .codes import mobile_index
from .identities import TO_WECHAT

_USE: Final = "wechat_proof"


class NumberProof(msgspec.Struct, frozen=True):
    """That WeChat verified a number, until when it counts, and under which id it is used up."""

    proof_id: str
    mobile: str
    until_s: int

    @property
    def until(self) -> datetime:
        """When it ends."""
        return datetime.fromtimestamp(self.until_s, UTC)

    def __repr__(self) -> str:
        """Show only the id."""
        return f"<number proof {self.proof_id}>"


def prove_number(call: Call, command: ProveNumber) -> NumberProofView:
    """Have WeChat tell the number that it verified; a proof is given out, and nothing is stored.

    It opens a new account and nothing else. Whether there is one already is told only to whom WeChat has verified.

    Keeps: B1.2, B1.3

    Raises:
        CodeInvalid: WeChat does not take the code.
        InvalidInput: no mobile number of mainland China.
    """
    proof_id = new_id("prf")
    under = disclosure(call)
    commit(call, [disclosed(call, under, reference=TO_WECHAT, subject_id=proof_id)])
    mobile = mobile_of(wechat_phone.phone_number(command.phone_code, under=under), "/phone_code")
    known = get(*mobile_door(mobile_index(mobile)).key) is not None
    proof = NumberProof(proof_id, mobile, int((call.now + CODE_LIFE).timestamp()))
    return NumberProofView(
        proof=_closed(proof),
        mobile=mask_mobile(mobile),
        next="log_in" if known else "sign_up",
        expires_in_s=int(CODE_LIFE.total_seconds()),
    )


def disclosure(call: Call) -> Disclosure:
    """Ask the register whether the code may go to WeChat."""
    return disclose(wechat_phone.RECIPIENT, ("account.wechat_code",), purpose=call.purpose, at=call.now)


def open_proof(call: Call, text: str) -> NumberProof:
    """Read a proof of ours.

    Raises:
        ProofInvalid: it is none, or too old.
    """
    from cryptography.exceptions import InvalidTag

    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        proof = msgspec.json.decode(cipher.decrypt(secret(_USE), raw, _USE.encode()), type=NumberProof)
    except (InvalidTag, ValueError):
        raise ProofInvalid from None
    if proof.until <= call.now:
        raise ProofInvalid
    return proof


def _closed(proof: NumberProof) -> str:
    sealed = cipher.encrypt(secret(_USE), msgspec.json.encode(proof), _USE.encode())
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")
