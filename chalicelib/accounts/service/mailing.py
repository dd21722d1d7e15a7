"""What happened to an account, mailed to the proved address too: whoever took the number away can't read it there."""

from chalicelib.foundation.audit.disclosures import disclosed
from chalicelib.foundation.gateways import mail
from chalicelib.foundation.gateways.disclosure import disclose
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import Failure
from chalicelib.foundation.standing.access import commit
from chalicelib.foundation.store.outbox import announce
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import Write

from ..contracts.notices import MailedEvent, MailOrdered
from ..tables.profile import own_profile

PURPOSE = "account.email"
LEGAL_GROUND = "account_safety"
"""Why somebody who is frozen is told about the security of the account (Personal Information Protection Law, 51)."""


def order_mail(call: Call, event: MailedEvent) -> Write:
    """Have the caller's proved address told once this stands; whether there is one is looked up then.

    Keeps: B1.4, B6.4
    """
    return announce(call, "withdrawals", MailOrdered(what=event), person=call.person)


def mail_owner(call: Call, event: MailedEvent) -> None:
    """Mail what was ordered, once; the inbox has it where that can't be done.

    Keeps: B1.4, B6.4, I2.3
    """
    profile = get(*own_profile(call.who.person_id))
    if profile is None or profile.email is None or PURPOSE not in call.who.consents:
        return
    under = disclose(mail.RECIPIENT, ("profile.email",), purpose=PURPOSE, at=call.now)
    commit(call, [disclosed(call, under)], legal_ground=LEGAL_GROUND)
    try:
        mail.send_notice(profile.email.reveal(), event, under=under)
    except Failure:
        return  # the inbox has it, and asking a service twice might say it twice
