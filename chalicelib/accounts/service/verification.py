"""Real-name and real-person verification: asked of the authority, kept sealed, told to others as yes or no."""

from datetime import datetime
from typing import Final, Literal

import msgspec

from chalicelib.foundation.audit.disclosures import disclosed
from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.gateways import identity
from chalicelib.foundation.gateways.disclosure import Disclosure, disclose
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.config import config
from chalicelib.foundation.kernel.deadlines import Deadline
from chalicelib.foundation.kernel.errors import Busy, ConsentRequired, Unauthenticated
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.register import lookup
from chalicelib.foundation.register.model import Retention
from chalicelib.foundation.register.periods import end_of
from chalicelib.foundation.standing import birthdays
from chalicelib.foundation.standing.access import commit, load
from chalicelib.foundation.store.due import due
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import ConditionFailed, Write
from chalicelib.foundation.vault.blind import blind
from chalicelib.foundation.web.limits import Limit, spend

from ..contracts.verification import KeptView, Method, VerificationView, VerifyName
from ..errors import VerificationFailed, VerifiedOtherwise
from ..rules.ages import next_birthday
from ..rules.identities import NUMBER_LIMIT, number_of, real_name_of
from ..tables import verification as tables
from ..tables.profile import own_profile
from ..tables.verification import FaceCheckRow, VerificationRow
from . import sessions
from .identified_minors import refuse_older_by_name, refuse_unguarded
from .profile import WITHDRAWAL
from .verified import PURPOSE

_MOST_ACCOUNTS: Final = "3"
_PER_NUMBER: Final = Limit("identity_number", NUMBER_LIMIT, 86400)
_RECORD: Final = "verification.result"
_NAMED: Final = ("verification.name", "verification.number")


class Claim(msgspec.Struct, frozen=True):
    """Who somebody says they are, held against the rules; `check_id` names this try in the evidence."""

    name: str
    number: str
    check_id: str

    @property
    def index(self) -> str:
        """The blind index of the number."""
        return blind("identity", self.number)


def show_verification(call: Call) -> VerificationView:
    """Show the caller what is held about their identity; after a withdrawal, what stays and why.

    Keeps: B7.4, J6.2
    """
    row, check = tables.both_of(call.who.person_id)
    return view(call, row, check)


def verify_name(call: Call, command: VerifyName) -> VerificationView:
    """Have name and number (and the account's own mobile number) compared by the authority.

    A repeat of what is verified already asks nobody again. Whether an identity has other accounts is not told: too many
    of them look like a name that does not fit.

    Keeps: A4.1, B7.1, I2.3

    Raises:
        InvalidInput: no such name or number can exist; nothing left the house.
        VerifiedOtherwise: another identity is verified.
        FaceNeeded: it would make somebody older who is known to be under age.
        TooMany: the authority was asked about this number too often today.
        VerificationFailed: they don't belong together, nobody is known by them, or the identity has its accounts.
    """
    said = claim(call, command.name, command.number)
    seen, check = tables.both_of(call.who.person_id)
    if refuse_other(call, seen, said) and _same_name(seen, said):
        return view(call, seen, check)
    refuse_older_by_name(call, said.number)
    count_number(call, said)
    if not command.with_mobile:
        under = tell(call, said.check_id, *_NAMED)
        return settle(call, said, identity.check_name(said.name, said.number, under=under), seen=seen, method="name")
    mobile = _own_mobile(call)
    under = tell(call, said.check_id, *_NAMED, "account.mobile")
    checked = identity.check_phone(said.name, said.number, mobile, under=under)
    return settle(call, said, checked, seen=seen, method="phone")


def claim(call: Call, name: str, number: str) -> Claim:
    """Hold what somebody says against the rules, before anything leaves."""
    return Claim(real_name_of(name), number_of(number, call.now.date()), new_id("vrf"))


def refuse_other(call: Call, seen: VerificationRow | None, said: Claim) -> bool:
    """Say whether this very identity is verified already.

    Raises:
        VerifiedOtherwise: another one is.
    """
    if seen is None or seen.number is None or PURPOSE not in call.who.consents:
        return False
    if seen.identity_index != said.index:
        raise VerifiedOtherwise
    return True


def count_number(call: Call, said: Claim) -> None:
    """Count a try on an identity number before anybody is asked.

    The count has a keyed hash of its own: it outlives whoever tried by a day, and must not lead to their place.

    Keeps: B7.3
    """
    spend(_PER_NUMBER, blind("identity_tries", said.number), call.now).refuse_when_over()


def tell(call: Call, said_id: str, *items: str) -> Disclosure:
    """Put on record that these go to the authority's provider, once the register allows it.

    Keeps: I2.3
    """
    under = disclose(identity.RECIPIENT, items, purpose=PURPOSE, at=call.now)
    commit(call, [disclosed(call, under, subject_id=said_id)])
    return under


def settle(
    call: Call,
    said: Claim,
    checked: identity.Checked,
    *,
    seen: VerificationRow | None,
    method: Method,
    ends: tuple[Write, ...] = (),
) -> VerificationView:
    """Keep what the authority said: an identity and its place, or that it did not fit.

    Raises:
        VerificationFailed: it did not fit, or the identity has all the accounts it may have.
        Busy: something else about this person was written at the same moment.
        ConsentRequired: the consent was withdrawn while the authority was asked; nothing is kept.
        GuardianConsentRequired: it is a minor's identity, and no guardian has agreed; the age alone is kept.
    """
    who, slot = call.who, None
    if checked.finding is identity.Finding.CONSISTENT:
        slot = tables.slot_for(said.index, who.person_id, _most_accounts())
    if slot is None:
        commit(call, [record(call, "person:identity:refused", subject_id=said.check_id), *ends])
        raise VerificationFailed
    age = refuse_unguarded(call, said.number)
    row = _row(call, said, method=method, reference=checked.request_id)
    row.version, row.slot = 1 if seen is None else seen.version + 1, slot
    _commit_agreed(
        call,
        [
            *birthdays.keep_identity(who, age, PURPOSE, at=next_birthday(age, call.now) if age else None),
            tables.keep_verification(row, seen),
            tables.take_slot(said.index, slot, person_id=who.person_id, epoch=who.epoch),
            *ends,
            record(call, "person:identity:verified", subject_id=said.check_id),
            sessions.notice(call, who, "identity_verified", session_id=who.session_id),
        ],
    )
    return view(call, row, None)


def _commit_agreed(call: Call, writes: list[Write]) -> None:
    """Commit; tell a consent that has ended from a standing that only moved, which one condition holds together."""
    try:
        commit(call, writes)
    except ConsentRequired:
        standing = load(call.who.person_id)
        if standing is not None and PURPOSE in (standing.consents or ()):
            raise Busy(retry_after_s=1) from None
        raise


def apply_withdrawal(call: Call, purpose: str) -> None:
    """Remove who somebody is once the consent to know it is gone; that it was verified stays on record for its years.

    Whoever was verified anew after the withdrawal keeps that. A second run finds nothing to do.

    Keeps: B7.4, J6.1
    """
    if purpose != PURPOSE:
        return
    row, check = tables.both_of(call.who.person_id)
    before = call.announced_at or call.now
    writes: list[Write] = []
    if row is not None and row.number is not None and row.verified_at <= before:
        writes += tables.strip(row, now=before, ends_at=end_of(_kept_for().period, before))
    if check is not None and check.begun_at <= before:
        writes.append(tables.drop_face_check(check))
    if row is not None and writes and call.who.identified and row.verified_at <= before:
        writes.append(birthdays.forget_identity(call.who))
    if writes:
        on_record = record(call, "system:identity:withdrawn", subject_id=purpose, actor="system")
        commit(call, [*writes, on_record], legal_ground=WITHDRAWAL)


def end_old_records(call: Call, deadline: Deadline) -> int:
    """Delete the records of withdrawn verifications whose years are over; gives how many.

    Keeps: K1.2
    """
    ended = 0
    for pk, _ in due("people", call.now, frozenset({tables.VERIFICATION})):
        if deadline.passed():
            break
        try:
            commit(call, [tables.end_record(pk, call.now)], legal_ground="retention")
        except ConditionFailed:
            continue
        ended += 1
    return ended


def view(call: Call, row: VerificationRow | None, check: FaceCheckRow | None) -> VerificationView:
    """Show a verification to its owner; what is no longer agreed to is not shown, whether or not it has gone yet."""
    waits = check is not None and check.expires_at > call.now
    if row is None:
        return VerificationView(verified=False, state="pending" if waits else "none")
    holds = row.number is not None and row.name is not None and PURPOSE in call.who.consents
    return VerificationView(
        verified=holds,
        state=_state(holds=holds, waits=waits),
        method=_METHODS[row.method],
        verified_at=row.verified_at,
        name=row.name.reveal() if holds and row.name is not None else None,
        number=row.number.reveal() if holds and row.number is not None else None,
        reference=row.reference,
        withdrawn_at=row.withdrawn_at,
        kept=[] if holds else [_kept(call, row.withdrawn_at or call.now)],
    )


_METHODS: Final[dict[str, Method]] = {"name": "name", "phone": "phone", "face": "face"}


def _state(*, holds: bool, waits: bool) -> Literal["verified", "pending", "withdrawn"]:
    if holds:
        return "verified"
    return "pending" if waits else "withdrawn"


def _kept(call: Call, since: datetime) -> KeptView:
    """Say what stays, until when, and on which ground."""
    item, rule = lookup.item(_RECORD), _kept_for()
    english = call.language == "en"
    return KeptView(
        item=item.id,
        title=item.title_en if english else item.title,
        until=end_of(rule.period, since).date(),
        reason=rule.ground_en if english else rule.ground,
    )


def _kept_for() -> Retention:
    return lookup.retention(lookup.item(_RECORD).retention)


def _same_name(seen: VerificationRow | None, said: Claim) -> bool:
    return seen is not None and seen.name is not None and seen.name.reveal() == said.name


def _row(call: Call, said: Claim, *, method: Method, reference: str) -> VerificationRow:
    keys = call.who.keys
    return VerificationRow(
        pk=call.who.person_id,
        sk=tables.VERIFICATION,
        person_id=call.who.person_id,
        epoch=call.who.epoch,
        name=VerificationRow.name.seal(keys, said.name),
        number=VerificationRow.number.seal(keys, said.number),
        identity_index=said.index,
        method=method,
        verified_at=call.now,
        reference=reference,
    )


def _own_mobile(call: Call) -> str:
    profile = get(*own_profile(call.who.person_id))
    if profile is None:
        raise Unauthenticated
    return profile.mobile.reveal()


def _most_accounts() -> int:
    return int(config().setting("IDENTITY_MOST_ACCOUNTS", _MOST_ACCOUNTS))
