"""A person's choice on one additional purpose: answer a notice, withdraw."""

from collections.abc import Callable

import msgspec

from chalicelib.foundation.audit import evidence
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.kernel.errors import FieldError, NotFound
from chalicelib.foundation.register import lookup
from chalicelib.foundation.register.lookup import UnknownEntry
from chalicelib.foundation.register.model import Purpose
from chalicelib.foundation.standing import access, minors
from chalicelib.foundation.store.outbox import announce
from chalicelib.foundation.store.write import Write

from .. import rules, tables
from ..contracts import AnswerNotice, ConsentView, ConsentWithdrawn, NoticeShown
from ..errors import NoticeUnsuited, PurposeUnknown, StandingMoved
from ..tables import ConsentStateRow
from .ledger import TextShown, answer_writes, withdrawal_write
from .looking import consent_view

TRIES = 4


def answer_notice(call: Call, given: AnswerNotice) -> ConsentView:
    """Record one answer to one notice and let it take effect at once; the same answer again changes nothing.

    Keeps: A1.5, A2.2, A2.3, A3.3, A4.1, H3

    Raises:
        PurposeUnknown, NoticeUnsuited: no such purpose, or the notice asks about something else.
        Essential: the purpose rests on no consent.
        NoticeNotCurrent, TextUnknown, ShownAtImplausible: not what is published now, or not shown then.
        StandingMoved: consents kept changing meanwhile.
    """
    purpose = _purpose_asked(given, call)
    rules.refuse_general(purpose)
    return _settled(call, lambda now: _answer(now, purpose, given))


def agreed_now(call: Call, ref: str, purpose_id: str, *, shown: NoticeShown) -> list[Write]:
    """Record that a notice was agreed to just now by somebody not known yet, before what it tells of is done.

    Standing takes no part in it: whoever it turns out to be must have agreed for themselves.

    Keeps: A3.3, A4.1, K3.3

    Raises:
        NoticeUnsuited, NoticeNotCurrent, TextUnknown, ShownAtImplausible: not the published notice about this.
    """
    _purpose_asked(AnswerNotice(purpose=purpose_id, notice=shown), call)
    return answer_writes(call, ref, purpose_id, answer="agree", text=_text(shown))


def notice_answered(call: Call, ref: str, shown: NoticeShown, *, answer: str) -> list[Write]:
    """Record an answer to a notice that asks for no consent of a purpose's own, such as a guardian's.

    Raises:
        NoticeUnsuited, NoticeNotCurrent, TextUnknown, ShownAtImplausible: not the published notice.
    """
    try:
        notice = lookup.notice(shown.feature)
    except UnknownEntry:
        raise NoticeUnsuited((FieldError("/notice/feature", "unknown"),)) from None
    rules.refuse_other_notice(shown, notice)
    rules.refuse_implausible_time(shown.shown_at, call.now, "/notice/shown_at")
    return answer_writes(call, ref, notice.id, answer=answer, text=_text(shown))


def ended_for(call: Call, who: Person, purpose_id: str) -> list[Write]:
    """Give what ends somebody's consent that may not stand any more; the caller takes it off their standing.

    Keeps: M2.3
    """
    theirs, purpose = msgspec.structs.replace(call, person=who), lookup.purpose(purpose_id)
    seen = tables.state_of(who.person_id, purpose_id)
    row = _state(theirs, purpose, "withdrawn")
    return [tables.replace_state(row, seen), *_withdrawal(theirs, purpose)]


def withdraw_consent(call: Call, purpose_id: str) -> ConsentView:
    """Withdraw consent to one purpose: processing stops at once, what went before stays lawful.

    Keeps: J6.1, J6.2, J11.1

    Raises:
        NotFound: no such purpose, or none that an account agrees to for good.
        Essential: the purpose rests on no consent; says on what, and the way out.
        StandingMoved: consents kept changing meanwhile.
    """
    try:
        purpose = lookup.purpose(purpose_id)
    except UnknownEntry:
        raise NotFound from None
    if purpose.id in rules.EACH_TIME:
        raise NotFound
    rules.refuse_essential(purpose, f"/purposes/{purpose.id}")
    return _settled(call, lambda now: _withdraw(now, purpose))


def _purpose_asked(given: AnswerNotice, call: Call) -> Purpose:
    try:
        purpose = lookup.purpose(given.purpose)
    except UnknownEntry:
        raise PurposeUnknown((FieldError("/purpose", "unknown"),)) from None
    rules.refuse_essential(purpose, "/purpose")
    try:
        notice = lookup.notice(given.notice.feature)
    except UnknownEntry:
        raise NoticeUnsuited((FieldError("/notice/feature", "unknown"),)) from None
    rules.refuse_bundle(purpose, [p for p in map(lookup.purpose, notice.purposes) if p.asks])
    rules.refuse_other_notice(given.notice, notice)
    rules.refuse_implausible_time(given.notice.shown_at, call.now, "/notice/shown_at")
    return purpose


def _settled(call: Call, attempt: Callable[[Call], ConsentView]) -> ConsentView:
    """Try again on fresh standing when consents moved under us."""
    for _ in range(TRIES):
        try:
            return attempt(call)
        except StandingMoved:
            call = _afresh(call)
    raise StandingMoved(retry_after_s=1)


def _afresh(call: Call) -> Call:
    return msgspec.structs.replace(call, person=access.again(call.who))


def _answer(call: Call, purpose: Purpose, given: AnswerNotice) -> ConsentView:
    who, agrees = call.who, given.answer == "agree"
    if agrees:
        minors.refuse(who, purpose.id, call.now)
    seen = tables.state_of(who.person_id, purpose.id)
    row = _state(call, purpose, "agreed" if agrees else "refused", shown=given.notice)
    if seen is not None and _same(seen, row) and (purpose.id in who.consents) == agrees:
        return consent_view(call, purpose, seen)
    writes = [
        tables.allow(who, purpose.id) if agrees else tables.disallow(who, purpose.id),
        tables.replace_state(row, seen),
        *answer_writes(call, who.ref, purpose.id, answer=given.answer, text=_text(given.notice)),
        evidence.record(call, f"person:consent:{row.state}", subject_id=purpose.id),
    ]
    if not agrees and purpose.id in who.consents:
        writes += _withdrawal(call, purpose)
    return _committed(call, writes, row)


def _withdraw(call: Call, purpose: Purpose) -> ConsentView:
    who = call.who
    seen = tables.state_of(who.person_id, purpose.id)
    if purpose.id not in who.consents:
        return consent_view(call, purpose, seen)
    row = _state(call, purpose, "withdrawn")
    writes = [
        tables.disallow(who, purpose.id),
        tables.replace_state(row, seen),
        *_withdrawal(call, purpose),
        evidence.record(call, "person:consent:withdrawn", subject_id=purpose.id),
    ]
    return _committed(call, writes, row)


def _withdrawal(call: Call, purpose: Purpose) -> list[Write]:
    return [
        withdrawal_write(call, call.who.ref, purpose.id),
        announce(call, rules.queue_of(purpose.id), ConsentWithdrawn(purpose=purpose.id)),
    ]


def _committed(call: Call, writes: list[Write], row: ConsentStateRow) -> ConsentView:
    access.commit(call, writes)
    who = call.who
    consents = who.consents | {row.purpose} if row.state == "agreed" else who.consents - {row.purpose}
    after = msgspec.structs.replace(call, person=msgspec.structs.replace(who, consents=consents))
    return consent_view(after, lookup.purpose(row.purpose), row)


def _state(call: Call, purpose: Purpose, state: str, *, shown: NoticeShown | None = None) -> ConsentStateRow:
    return ConsentStateRow(
        pk=call.who.person_id,
        sk=f"{tables.SK}{purpose.id}",
        person_id=call.who.person_id,
        epoch=call.who.epoch,
        purpose=purpose.id,
        state=state,
        since=call.now,
        feature=shown.feature if shown else None,
        version=str(shown.version) if shown else None,
        language=shown.language if shown else None,
        shown_at=shown.shown_at if shown else None,
    )


def _same(seen: ConsentStateRow, row: ConsentStateRow) -> bool:
    """Say whether this is the answer we already have, sent again."""
    names = ("state", "feature", "version", "language", "shown_at")
    stored, given = seen.to_simple_dict(), row.to_simple_dict()
    return all(stored.get(name) == given.get(name) for name in names)


def _text(shown: NoticeShown) -> TextShown:
    return TextShown(shown.feature, str(shown.version), shown.sha256, shown.language, shown.shown_at)
