"""Verification by face: shown to the provider's own page, its outcome fetched by token."""

from datetime import timedelta
from typing import Final

from chalicelib.foundation.gateways import identity
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.config import config
from chalicelib.foundation.standing.access import agreed, commit

from ..contracts.verification import FaceCheckView, VerificationView, VerifyFace
from ..errors import FaceNotBegun
from ..tables import verification as tables
from ..tables.verification import FaceCheckRow
from .identified_minors import refuse_minor_alone
from .verification import Claim, claim, count_number, refuse_other, settle, tell, view
from .verified import PURPOSE

LIFE: Final = timedelta(hours=2)
"""So long the provider's token is good."""


def begin_face(call: Call, command: VerifyFace) -> FaceCheckView:
    """Begin a check of the face; an earlier one is given up.

    Keeps: A4.1, B7.1, I2.3

    Raises:
        InvalidInput: no such name or number can exist; nothing left the house.
        VerifiedOtherwise: another identity is verified.
        TooMany: the authority was asked about this number too often today.
    """
    said = claim(call, command.name, command.number)
    seen, _ = tables.both_of(call.who.person_id)
    refuse_other(call, seen, said)
    refuse_minor_alone(call, said.number)
    count_number(call, said)
    under = tell(call, said.check_id, "verification.name", "verification.number")
    back_to = f"{config().setting('WEB_ORIGIN')}/verification"
    begun = identity.begin_face(said.name, said.number, back_to=back_to, under=under)
    commit(call, [agreed(call.who, PURPOSE), tables.keep_face_check(_row(call, said, begun.token))])
    return FaceCheckView(url=begun.url, expires_in_s=int(LIFE.total_seconds()))


def settle_face(call: Call) -> VerificationView:
    """Fetch the outcome of the caller's face check and keep it; a repeat shows what was kept.

    Keeps: B7.1, I2.3

    Raises:
        FaceNotBegun: none is under way, or it was begun too long ago.
        VerificationFailed: the face is not this person's, or the identity has its accounts.
    """
    seen, check = tables.both_of(call.who.person_id)
    if check is None or check.expires_at <= call.now:
        if seen is not None and seen.number is not None and seen.method == "face":
            return view(call, seen, None)
        raise FaceNotBegun
    under = tell(call, check.check_id, "verification.face_token")
    said = Claim(check.name.reveal(), check.number.reveal(), check.check_id)
    found = identity.face_result(check.token.reveal(), said.name, said.number, under=under)
    if found is None:
        return view(call, seen, check)
    return settle(call, said, found, seen=seen, method="face", ends=(tables.end_face_check(check),))


def _row(call: Call, said: Claim, token: str) -> FaceCheckRow:
    keys = call.who.keys
    return FaceCheckRow(
        pk=call.who.person_id,
        sk=tables.FACE_CHECK,
        person_id=call.who.person_id,
        epoch=call.who.epoch,
        check_id=said.check_id,
        token=FaceCheckRow.token.seal(keys, token),
        name=FaceCheckRow.name.seal(keys, said.name),
        number=FaceCheckRow.number.seal(keys, said.number),
        begun_at=call.now,
        expires_at=call.now + LIFE,
    )
