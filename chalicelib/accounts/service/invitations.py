"""What a minor hands to a guardian: made, opened, and held against the rules that were shown."""

import hashlib
import hmac
import secrets

from chalicelib.consent.errors import NoticeUnsuited
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import FieldError
from chalicelib.foundation.kernel.ids import letters
from chalicelib.foundation.standing.minors import Stage
from chalicelib.foundation.store.row import get
from chalicelib.foundation.vault.wrapping import secret

from ..contracts.guardians import AnswerAsGuardian
from ..errors import InvitationOver
from ..rules import ages as rules
from ..tables import guardians as tables
from ..tables.guardians import InvitationRow


def invitation(call: Call) -> tuple[str, InvitationRow]:
    """Make an invitation: its token, and the row that knows the digest."""
    token = secrets.token_urlsafe(32)
    until = call.now + rules.INVITED_FOR
    _, pk, sk = tables.invitation_place(_digest(token))
    return token, InvitationRow(pk=pk, sk=sk, until=until, expires_at=until)


def open_invitation(call: Call, token: str) -> InvitationRow:
    """Read what a token invites to.

    Raises:
        InvitationOver: not ours, too old, or answered.
    """
    row = get(*tables.invitation_place(_digest(token)))
    if row is None or row.until <= call.now:
        raise InvitationOver
    return row


def refuse_other_rules(command: AnswerAsGuardian, stage: Stage) -> None:
    """Stop an answer to the rules of another age.

    Raises:
        NoticeUnsuited: those were not this age's.
    """
    if command.notice.feature != f"minor.{stage}":
        raise NoticeUnsuited((FieldError("/notice/feature", "unsuited"),))


def _digest(token: str) -> str:
    return letters(hmac.digest(secret("guardian"), token.encode(), hashlib.sha256))
