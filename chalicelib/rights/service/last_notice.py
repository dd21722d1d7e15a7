"""The last message to a person whose account is gone, and the end of the contact it needed."""

from ...foundation.audit.disclosures import disclosed
from ...foundation.gateways import disclosure, sms
from ...foundation.gateways.errors import ProviderRefused, ProviderUnavailable, SmsLimited, SmsUndeliverable
from ...foundation.kernel.call import Call
from ...foundation.standing.access import commit
from ...foundation.store.keys import destroy_key
from ...foundation.vault.keyring import KeyDestroyed, forget
from ..rules import NOTICE_TRIED
from ..tables import CancellationRow, checkpoint

_GROUND = "erasure"


def send_last_notice(call: Call, row: CancellationRow) -> None:
    """Tell by SMS that the account is gone, then drop the number and destroy the key it was sealed under.

    A number that nothing can be sent to is dropped at once. While the provider does not answer, it is kept and tried
    again, a week at most. A kill between message and drop costs a second message, never the first.

    Keeps: G1.1, I2.3

    Raises:
        ProviderUnavailable, SmsLimited: not now; try again.
    """
    number = _number(row)
    if number:
        _tell(call, row, number)
    commit(call, [checkpoint(row, mobile=None)], legal_ground=_GROUND)
    commit(call, [destroy_key(row.key_ids["cases"])], legal_ground=_GROUND)
    forget((row.key_ids["cases"],))


def _tell(call: Call, row: CancellationRow, number: str) -> None:
    under = disclosure.disclose("sms", ("notice.destination",), purpose="rights.answer", at=call.now)
    on_record = disclosed(call, under, reference=row.reference, subject_id=row.pk)
    commit(call, [on_record], legal_ground=_GROUND)
    try:
        sms.send_closed(number, under=under)
    except (ProviderUnavailable, SmsLimited):
        if call.now < row.started_at + NOTICE_TRIED:
            raise
    except (ProviderRefused, SmsUndeliverable):
        return


def _number(row: CancellationRow) -> str:
    if row.mobile is None:
        return ""
    try:
        return row.mobile.reveal()
    except KeyDestroyed:
        return ""
