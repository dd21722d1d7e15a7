"""The optional e-mail address: proved by a code mailed to it, kept sealed, removed at will."""

from typing import Final

from chalicelib.foundation.audit.disclosures import disclosed
from chalicelib.foundation.gateways import mail
from chalicelib.foundation.gateways.disclosure import disclose
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.standing.access import commit
from chalicelib.foundation.vault.blind import blind

from ..contracts.accounts import CodeSentView
from ..contracts.profile import ProfileView, SendEmailCode, SetEmail
from ..errors import CodeInvalid
from ..rules.addresses import email_of
from ..rules.codes import CODE_LIFE, RESEND_AFTER_S
from ..tables.codes import use_code
from ..tables.profile import ProfileRow
from . import codes, profile

_CODE_FOR: Final = "email"
_MOST_IN_A_DAY: Final = 20_000


def send_code(call: Call, command: SendEmailCode) -> CodeSentView:
    """Mail a one-time code; whose the address is otherwise plays no part in it, since several may have the same.

    Sendings are counted by address, whoever asks; the code is good for whoever asked and nobody else.

    Keeps: B2.6, I2.3, K4.3

    Raises:
        InvalidInput: no e-mail address.
        TooMany: too soon, or too often for this address.
        CodesPaused: today's budget of messages is used up.
    """
    address, code = email_of(command.email), codes.new_code()
    under = disclose(mail.RECIPIENT, ("profile.email", "account.code"), purpose=call.purpose, at=call.now)
    sent_to = blind("email", address.lower())
    writes, code_id = codes.noted(call, _CODE_FOR, _index(call, address), code=code, sent_to=sent_to)
    codes.spend_budget(call, "mail", _MOST_IN_A_DAY)
    commit(call, [*writes, disclosed(call, under, subject_id=code_id)])
    life_s = int(CODE_LIFE.total_seconds())
    mail.send_code(address, code, life_s // 60, language=call.language, under=under)
    return CodeSentView(expires_in_s=life_s, resend_after_s=RESEND_AFTER_S)


def set_email(call: Call, command: SetEmail, version: int) -> ProfileView:
    """Keep an address that is proved, for as long as its purpose is agreed to; the code is used up with it.

    Keeps: A2.2, B2.6

    Raises:
        CodeInvalid: the address is not proved.
        VersionStale: the profile was changed since that version.
        ConsentRequired: not agreed to, or withdrawn up to this very moment.
    """
    address, row = email_of(command.email), profile.own(call, version)
    code = codes.prove_code(call, _CODE_FOR, _index(call, address), code=command.code)
    sealed = ProfileRow.email.seal(call.who.keys, address)
    return profile.fill_in(call, row, {"email": sealed}, more=[use_code(code, CodeInvalid)])


def _index(call: Call, address: str) -> str:
    """Name what a code proves: that this person reads what comes to this address."""
    return blind("email_code", f"{call.who.person_id}\0{address}")
