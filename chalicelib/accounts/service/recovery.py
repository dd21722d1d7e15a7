"""Asking for an account back by real name and identity number, when its number is lost (找回帐号).

A known name and a known number alone give nothing back: the authority must say that the mobile number from which
somebody asks is this person's; and the account's verified identity must be this one, or its own mobile number must be
this person's too. Whatever comes of it, the answer, the calls and the words are the same; only the owner's old number
and inbox tell more.
"""

from datetime import timedelta
from typing import Final

import msgspec

from chalicelib.consent.contracts import NoticeShown
from chalicelib.consent.service import agreed_now
from chalicelib.foundation.audit.disclosures import disclosed
from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.gateways import identity, sms
from chalicelib.foundation.gateways.disclosure import Disclosure, disclose
from chalicelib.foundation.gateways.errors import IdentityLimited, ProviderRefused
from chalicelib.foundation.kernel import log
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.kernel.config import config
from chalicelib.foundation.kernel.errors import Busy, Failure, FieldError, InvalidInput
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing.access import commit, load, minor_of, person_of, still_there
from chalicelib.foundation.standing.minors import GuardianConsentRequired, stage_of
from chalicelib.foundation.standing.rows import ACTIVE, FROZEN, OWNER, StandingRow
from chalicelib.foundation.store.outbox import announce
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import ConditionFailed, Write
from chalicelib.foundation.vault.blind import blind
from chalicelib.foundation.web.limits import Limit, spend

from ..contracts.recovery import BeginRecovery, RecoveryAsked, RecoveryAskedView
from ..errors import CodeInvalid
from ..rules.ages import minor_born
from ..rules.identities import born_of, number_of, real_name_of
from ..rules.numbers import mobile_of
from ..rules.recovery import FINISH_WITHIN, stands
from ..tables import recovery as tables
from ..tables.codes import use_code
from ..tables.logins import Door, LoginRow, mobile_door, name_door
from ..tables.profile import own_profile
from ..tables.recovery import Held, RecoveryRow
from . import sessions
from .codes import mobile_index, prove_code
from .mailing import order_mail
from .passwords import name_index
from .verified import is_verified

PURPOSE: Final = "account.recovery"
CODE: Final = "recover"
"""What the code to the new number is good for."""
LEGAL_GROUND: Final = "recovery"
"""What is written for whoever is not logged in, and may have frozen the account."""
TO_AUTHORITY: Final = f"RECIPIENT#{identity.RECIPIENT}"
_WAIT_H: Final = "72"
_TRIES: Final = 3
_ASKED_ABOUT: Final = ("verification.name", "verification.number", "account.mobile")
_PER_ASKER: Final = Limit("recovery_asker", 5, 86400)
"""For one account, by one new number that was proved: nobody's tries shut somebody else out."""
_PER_NUMBER: Final = Limit("recovery_number", 5, 86400)
_PER_ACCOUNT: Final = Limit("recovery_account", 50, 86400)
"""For one account, whoever asks; at half of it somebody hears of it."""
_TOLD_FOR: Final = "notice.service"


class Account(msgspec.Struct, frozen=True):
    """What stands behind a name or number that somebody gave; of nobody, nothing, read in as many calls."""

    door: Door
    login: LoginRow | None
    standing: StandingRow | None
    held: Held

    @property
    def who(self) -> Person | None:
        """Give whose it is, if it may be given back: active, or frozen by its owner alone."""
        seen = self.standing
        if seen is None or self.held.profile is None:
            return None
        open_to = seen.status == ACTIVE or (seen.status == FROZEN and seen.frozen_by == OWNER)
        return person_of(seen) if open_to else None


class _Said(msgspec.Struct, frozen=True):
    """What somebody said, held against the rules; it is never written anywhere."""

    name: str
    number: str
    index: str
    mobile: str

    def __repr__(self) -> str:
        """Show nothing of it."""
        return "<identity that was said>"


def begin_recovery(call: Call, command: BeginRecovery) -> RecoveryAskedView:
    """Ask for an account back; whether it exists, is verified or matches changes nothing that the asker can see.

    Keeps: A4.1, B6.1, B6.2, B6.3, B6.6, I2.3

    Raises:
        InvalidInput: no such name, identity number or mobile number can exist.
        GuardianConsentRequired: by the identity number itself its holder is under age.
        CodeInvalid: the new number is not proved.
        TooMany: too many tries today on this account, by this number or by all, or on this identity number.
        NoticeUnsuited, NoticeNotCurrent, TextUnknown, ShownAtImplausible: not the notice about this.
        ProviderUnavailable: the authority is not to be reached now; the code is still good.
    """
    mobile = mobile_of(command.mobile)
    said, index = _said(call, command, mobile), mobile_index(mobile)
    code = prove_code(call, CODE, index, code=command.code)
    door = door_of(command.account)
    _count_try(call, door, said, asker=index)
    found = account_at(door)
    who = found.who if _may_ask(call, found, index) else None
    matches = _matches(call, said, found, who=who, shown=command.notice)
    reference = f"rcv_{blind('recovery', f'{door.key[1]}#{index}')}"
    for attempt in range(1, _TRIES + 1):
        asked = _asked(call, found if matches else None, reference=reference, index=index)
        try:
            commit(call, [use_code(code, CodeInvalid), *asked], legal_ground=LEGAL_GROUND)
        except Busy:  # told at once, it would say that two at the same moment both matched
            if attempt == _TRIES:
                raise
            found = account_at(door)
        else:
            break
    return RecoveryAskedView(reference=reference, wait_h=_wait_h(), finish_within_d=FINISH_WITHIN.days)


def door_of(account: str) -> Door:
    """Name the way in that somebody means, by number or by user name."""
    try:
        return mobile_door(mobile_index(mobile_of(account)))
    except InvalidInput:
        return name_door(name_index(account))


def account_at(door: Door) -> Account:
    """Read what stands behind a way in: three calls, whether or not there is anything."""
    login = get(*door.key)
    person_id, key_id = (login.person_id, login.key_id) if login else (f"per_{door.index}", f"key_{door.index}")
    standing, held = load(person_id, key_id), tables.held_by(person_id)
    if login is None or standing is None or standing.epoch != login.epoch:
        return Account(door, None, None, Held(None, None, None))
    return Account(door, login, standing, held)


def tell_owner(call: Call) -> None:
    """Tell the number that the account has, its inbox and its e-mail address that somebody asks; once for each.

    Keeps: B6.4, G1.2, I2.3
    """
    if call.person is None:
        return
    row, profile = tables.recovery_of(call.who.person_id), get(*own_profile(call.who.person_id))
    if row is None or profile is None or row.told_at is not None:
        return
    under = disclose(sms.RECIPIENT, ("account.mobile",), purpose=_TOLD_FOR, at=call.now)
    said = [sessions.notice(call, call.who, "recovery_begun", session_id=""), order_mail(call, "recovery_begun")]
    try:
        commit(call, [tables.note_told(row, call.now), disclosed(call, under), *said], legal_ground=LEGAL_GROUND)
    except ConditionFailed:
        return
    try:
        sms.send_recovery(profile.mobile.reveal(), under=under)
    except Failure:
        return  # the inbox has it, and asking a provider twice might say it twice


def _said(call: Call, command: BeginRecovery, mobile: str) -> _Said:
    """Hold what was said against the rules, before anything leaves; a minor's number stays here."""
    name, number = real_name_of(command.name), number_of(command.number, call.now.date())
    if stage_of(minor_born(born_of(number), "verified"), call.now) is not None:
        raise GuardianConsentRequired((FieldError("/number", "under_age"),))
    return _Said(name, number, blind("identity", number), mobile)


def _count_try(call: Call, door: Door, said: _Said, *, asker: str) -> None:
    """Count a try before anything is compared, under keyed hashes that lead to nobody.

    Keeps: B6.3

    Raises:
        TooMany: today's are used up.
    """
    spend(_PER_ASKER, blind("recovery_tries", f"{door.index}#{asker}"), call.now).refuse_when_over()
    spend(_PER_NUMBER, blind("recovery_tries", said.number), call.now).refuse_when_over()
    spent = spend(_PER_ACCOUNT, blind("recovery_tries", door.index), call.now)
    if spent.used == _PER_ACCOUNT.count // 2:
        log.event(log.Event.RECOVERY_PRESSED, request_id=call.request_id)
    spent.refuse_when_over()


def _may_ask(call: Call, found: Account, index: str) -> bool:
    """Say that its holder is not known to be under age, and that the new number is another one than it has.

    A minor's account is given back by people. Whoever has its number needs no other way than a code.
    """
    if found.standing is None or found.who is None or found.held.profile is None:
        return False
    grown = stage_of(minor_of(found.standing), call.now) is None
    return grown and mobile_index(found.held.profile.mobile.reveal()) != index


def _matches(call: Call, said: _Said, found: Account, *, who: Person | None, shown: NoticeShown) -> bool:
    """Ask the authority, whoever it is about, and say whether the account is theirs.

    The new number must be registered to who they say they are: leaks and courier slips hold names and identity
    numbers, and no SIM card. Then the account: of one that is verified the identity number must be the verified one,
    of any other its own mobile number must be theirs too. What is asked twice is so often asked, whatever there is.
    """
    verified = who is not None and is_verified(who)
    profile = found.held.profile
    own = profile.mobile.reveal() if who is not None and profile is not None and not verified else ""
    agreed = agreed_now(call, TO_AUTHORITY, PURPOSE, shown=shown)
    under = disclose(identity.RECIPIENT, _ASKED_ABOUT, purpose=PURPOSE, at=call.now)
    commit(call, [*agreed, disclosed(call, under, reference=TO_AUTHORITY, subject_id=new_id("vrf"))])
    try:
        theirs = _registered(said, said.mobile, under) and _registered(said, own or said.mobile, under)
    except (IdentityLimited, ProviderRefused):  # which number was asked about must not show
        return False
    row = found.held.verification
    same = not verified or (row is not None and row.identity_index == said.index)
    return who is not None and same and theirs


def _registered(said: _Said, mobile: str, under: Disclosure) -> bool:
    """Ask whether a mobile number is registered to this name and identity number."""
    return identity.check_phone(said.name, said.number, mobile, under=under).finding is identity.Finding.CONSISTENT


def _asked(call: Call, found: Account | None, *, reference: str, index: str) -> list[Write]:
    """Give what is written of an asking: of one that matches the recovery, of any other that there was one."""
    who = None if found is None else found.who
    if found is None or who is None:
        writes = [record(call, "guest:recovery:asked", reference=TO_AUTHORITY, subject_id=reference)]
    else:
        writes = _begun(call, found, who, reference=reference, index=index)
    return [*writes, announce(call, "withdrawals", RecoveryAsked(reference=reference), person=who)]


def _begun(call: Call, found: Account, who: Person, *, reference: str, index: str) -> list[Write]:
    """Begin a recovery; one that waits for the same number goes on, one for another is disputed from now on."""
    seen, session_epoch = found.held.recovery, 0 if found.standing is None else found.standing.session_epoch
    writes = [
        still_there(who, otherwise=Busy),
        record(call, "person:recovery:asked", reference=who.ref, subject_id=reference),
    ]
    if seen is not None and stands(seen.waiting(), session_epoch, call.now):
        return writes if seen.mobile_index == index or seen.contested else [*writes, tables.contest(seen)]
    row = RecoveryRow(
        pk=who.person_id,
        sk=tables.RECOVERY,
        person_id=who.person_id,
        epoch=who.epoch,
        reference=reference,
        mobile_index=index,
        session_epoch=session_epoch,
        contested=False,
        begun_at=call.now,
        ready_at=call.now + timedelta(hours=_wait_h()),
    )
    return [*writes, tables.keep_recovery(row, seen)]


def _wait_h() -> int:
    return int(config().setting("RECOVERY_WAIT_H", _WAIT_H))
