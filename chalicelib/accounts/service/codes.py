"""One-time codes: sent by SMS or mail, known here by keyed digest only, counted before they are compared."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final, cast

from chalicelib.foundation.audit.disclosures import disclosed
from chalicelib.foundation.gateways import sms
from chalicelib.foundation.gateways.disclosure import Disclosure, disclose
from chalicelib.foundation.kernel import log
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.config import config
from chalicelib.foundation.kernel.errors import Busy, TooMany, Unauthenticated
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing.access import commit
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import ConditionFailed, Unmet, Write, update_now
from chalicelib.foundation.store.write import commit as write_all
from chalicelib.foundation.vault.blind import blind
from chalicelib.foundation.vault.wrapping import secret
from chalicelib.foundation.web.limits import Limit, count, spend

from ..contracts.accounts import CodeSentView, SendCode, SendOwnCode
from ..errors import CodeInvalid, CodesPaused
from ..rules.codes import (
    CODE_LIFE,
    CODE_TRIES,
    CODE_WINDOWS,
    RESEND_AFTER_S,
    RESERVED,
    RESERVED_PER_NUMBER,
    RESERVED_WINDOWS,
    budget_alarms,
    budget_day,
    recent_codes,
    wait_before_code,
)
from ..rules.numbers import mobile_of
from ..tables.codes import (
    CodeRow,
    CodesSentRow,
    code_key,
    codes_of,
    count_code_try,
    give_try_back,
    keep_code,
    note_sent,
    sent_key,
)
from ..tables.profile import own_profile

SENT_TO: Final = f"RECIPIENT#{sms.RECIPIENT}"
"""Under which reference a sending is on record while nobody is known yet."""
_BUDGET_PER_DAY: Final = "20000"
_DAY: Final = timedelta(days=1)


def mobile_index(mobile: str) -> str:
    """Give the blind index of a number."""
    return blind("mobile", mobile)


def send_code(call: Call, command: SendCode) -> CodeSentView:
    """Send a one-time code; whether the number has an account plays no part in it.

    Keeps: B1.2, I2.3, K4.3

    Raises:
        InvalidInput: no mobile number of mainland China.
        TooMany: too soon, or too often for this number.
        CodesPaused: today's budget of messages is used up.
    """
    return send_code_to(call, mobile_of(command.mobile), command.purpose)


def send_own_code(call: Call, command: SendOwnCode) -> CodeSentView:
    """Send a one-time code to the number that the caller's account has now.

    Keeps: I2.3, K4.3

    Raises:
        TooMany: too soon, or too often for this number.
        CodesPaused: today's budget of messages is used up.
    """
    profile = get(*own_profile(call.who.person_id))
    if profile is None:
        raise Unauthenticated
    return send_code_to(call, profile.mobile.reveal(), command.purpose, reference=call.who.ref)


def send_code_to(call: Call, mobile: str, purpose: str, *, reference: str = SENT_TO) -> CodeSentView:
    """Send a one-time code of a purpose to a number (E.164); the sending is on record under a reference.

    Raises:
        TooMany: too soon, or too often for this number.
        CodesPaused: today's budget of messages is used up.
    """
    index = mobile_index(mobile)
    under = disclosure(call)
    code = new_code()
    writes, code_id = noted(call, purpose, index, code=code, sent_to=index)
    spend_budget(call, "sms", int(config().setting("SMS_DAILY_BUDGET", _BUDGET_PER_DAY)))
    commit(call, [*writes, disclosed(call, under, reference=reference, subject_id=code_id)])
    sms.send_code(mobile, code, int(CODE_LIFE.total_seconds()) // 60, under=under)
    return CodeSentView(
        expires_in_s=int(CODE_LIFE.total_seconds()),
        resend_after_s=RESEND_AFTER_S,
    )


def new_code() -> str:
    """Draw a code."""
    return f"{secrets.randbelow(1_000_000):06d}"


def disclosure(call: Call) -> Disclosure:
    """Ask the register whether number and code may go to the SMS provider."""
    return disclose(sms.RECIPIENT, ("account.mobile", "account.code"), purpose=call.purpose, at=call.now)


def prove_code(call: Call, purpose: str, index: str, *, code: str) -> CodeRow:
    """Hold a code against the one sent to this number for this purpose; the try is counted first.

    The code is not used up yet: `use_code` does that in the transaction that it allows.

    Keeps: B1.2, K4.3

    Raises:
        CodeInvalid: wrong, unknown, expired, used, or tried five times.
    """
    counted = count_code_try(purpose, index, now=call.now, most=CODE_TRIES)
    try:
        row = cast("CodeRow", update_now(counted))
    except Unmet:
        raise CodeInvalid from None
    given = _digest(purpose, index, code)
    good = hmac.compare_digest(row.digest, given)
    before = _still_good(row, call.now)
    if before is not None:
        good |= hmac.compare_digest(before, given)
    if not good:
        raise CodeInvalid
    return row


def give_back(code: CodeRow) -> None:
    """Let a right code be used for another attempt; where it was used or replaced meanwhile, there is none."""
    try:
        write_all([give_try_back(code)])
    except (ConditionFailed, Busy):
        return


def noted(call: Call, purpose: str, index: str, *, code: str, sent_to: str) -> tuple[list[Write], str]:
    """Note a sending within the limits of what it goes to, and the new code beside the one that is still good.

    Args:
        call: who asks.
        purpose: what the code is good for.
        index: blind index of what it proves.
        code: the code.
        sent_to: blind index of the number or address, under which sendings are counted.
    """
    apart = purpose in RESERVED
    place = sent_key(sent_to, f"{purpose}#{call.address_hash}" if apart else "")
    seen, sent = codes_of(purpose, index, place)
    now_s, times = int(call.now.timestamp()), [] if sent is None else sent.sent
    wait_s = wait_before_code(times, now_s, RESERVED_WINDOWS if apart else CODE_WINDOWS)
    if wait_s:
        raise TooMany(retry_after_s=wait_s)
    if apart:
        spend(Limit(f"codes_{purpose}", *RESERVED_PER_NUMBER), sent_to, call.now).refuse_when_over()
    _, pk, sk = place
    sent_now = CodesSentRow(
        pk=pk,
        sk=sk,
        version=1 if sent is None else sent.version + 1,
        sent=recent_codes(times, now_s),
        expires_at=call.now + _DAY,
    )
    row = _anew(call, seen, purpose, index=index, code=code)
    return [note_sent(sent_now, sent), keep_code(row, seen)], row.code_id


def spend_budget(call: Call, way: str, most: int) -> None:
    """Count a message of today's; whoever is on duty hears of it before they are used up, and then.

    Raises:
        CodesPaused: today's are used up.
    """
    used = count(f"BUDGET#{way}", budget_day(call.now), call.now + 2 * _DAY)
    if budget_alarms(used, most):
        log.event(log.Event.MESSAGE_BUDGET, way=way, used=used, budget=most)
    if used > most:
        raise CodesPaused(retry_after_s=3600)


def _anew(call: Call, seen: CodeRow | None, purpose: str, *, index: str, code: str) -> CodeRow:
    """Make the row of a new code, beside the one that was sent before while that may still be tried."""
    _, pk, sk = code_key(purpose, index)
    alive = seen is not None and seen.expires_at > call.now and seen.attempts < CODE_TRIES
    before = seen if alive else None
    return CodeRow(
        pk=pk,
        sk=sk,
        code_id=new_id("cod"),
        digest=_digest(purpose, index, code),
        attempts=0,
        digest_before=None if before is None else before.digest,
        before_until=None if before is None else before.expires_at,
        before_attempts=0 if before is None else before.attempts,
        expires_at=call.now + CODE_LIFE,
    )


def _still_good(row: CodeRow, now: datetime) -> str | None:
    """Give the digest of the code before, within its time and its own tries: before this code and since."""
    if row.before_until is None or now >= row.before_until or row.before_attempts + row.attempts > CODE_TRIES:
        return None
    return row.digest_before


def _digest(purpose: str, index: str, code: str) -> str:
    return hmac.digest(secret("code"), f"{purpose}\0{index}\0{code}".encode(), hashlib.sha256).hex()
