"""Opening an account: one transaction that makes a person, or nothing."""

import secrets

import msgspec

from chalicelib.consent.contracts import Agreement
from chalicelib.consent.service import agreement_writes
from chalicelib.foundation.audit.disclosures import disclosed
from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.gateways.disclosure import Disclosure
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.kernel.errors import Busy, Failure, FieldError
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing.access import SK, commit, person_of, reference
from chalicelib.foundation.standing.rows import ACTIVE, StandingRow
from chalicelib.foundation.store.keys import store_key
from chalicelib.foundation.store.write import Write, put_new
from chalicelib.foundation.vault.keyring import WrappedKey, new_data_key

from ..contracts.accounts import SignUp
from ..contracts.bindings import WechatSignUp
from ..contracts.sessions import TokensView
from ..errors import CodeInvalid, MobileTaken, ProofInvalid, UserNameTaken
from ..rules.names import user_name_of
from ..rules.numbers import mobile_of
from ..rules.passwords import password_of
from ..tables.codes import use_code
from ..tables.guardians import DeclarationRow
from ..tables.logins import Door, LoginRow, mobile_door, name_door
from ..tables.names import take_name
from ..tables.profile import PROFILE, ProfileRow
from ..tables.proofs import use_proof
from . import proofs, sessions, waiting
from .codes import disclosure, give_back, mobile_index, prove_code
from .passwords import digest_of, look_index, name_index

GROUNDS = ("main", "trade", "cases")
_SALT_BYTES = 32


class Given(msgspec.Struct, frozen=True):
    """What a person gave, held against the rules."""

    mobile: str
    user_name: str
    password: str


def sign_up(call: Call, command: SignUp) -> TokensView:
    """Open an account for whoever proves the number, and log them in.

    That a number has an account is told only to who has proved it.

    Keeps: A2.1, A3.3, B1.1, K4.1, M2.1

    Raises:
        InvalidInput: no mobile number of mainland China.
        UserNameRefused, PasswordWeak: against the rules.
        PolicyNotCurrent, TextUnknown, ShownAtImplausible: not the policy in effect.
        CodeInvalid: the number is not proved.
        GuardianConsentRequired: a child under 14, by this word or an earlier one; nothing but that word is kept.
        MobileTaken, UserNameTaken: not free.
    """
    given = _given(mobile_of(command.mobile), command)
    _newcomer(call, given, command)
    code = prove_code(call, "sign_up", mobile_index(given.mobile), code=command.code)
    way = _Way(disclosure(call), code.code_id, use_code(code, CodeInvalid))
    try:
        return _let_in(call, given, command, way=way)
    except (UserNameTaken, Busy):
        give_back(code)
        raise


def sign_up_by_wechat(call: Call, command: WechatSignUp) -> TokensView:
    """Open an account for whoever's number WeChat verified: as any other, but that no code is sent.

    The proof is used up only with the account, so a name that is taken costs nobody another one.

    Keeps: A2.1, A3.3, B1.2, B1.3, K4.1

    Raises:
        UserNameRefused, PasswordWeak: against the rules.
        PolicyNotCurrent, TextUnknown, ShownAtImplausible: not the policy in effect.
        ProofInvalid: not ours, too old, or used.
        MobileTaken, UserNameTaken: not free.
    """
    proof = proofs.open_proof(call, command.proof)
    used = use_proof(proof.proof_id, proof.until, ProofInvalid)
    way = _Way(proofs.disclosure(call), proof.proof_id, used, last=True)
    return _let_in(call, _given(proof.mobile, command), command, way=way)


class _Newcomer(msgspec.Struct, frozen=True):
    """Somebody about to have an account: what they gave, their standing to be, their agreement."""

    given: Given
    standing: StandingRow
    agreed: list[Write]
    declared: DeclarationRow | None


class _Way(msgspec.Struct, frozen=True):
    """How a number was proved: under which disclosure, by what, and how that is used up.

    Of several things that stand against an account the first is told: a code comes before numbers and names, what is
    used `last` after them.
    """

    under: Disclosure
    proof_id: str
    used: Write
    last: bool = False


def _newcomer(
    call: Call, given: Given, command: SignUp | WechatSignUp, *, declared: DeclarationRow | None = None
) -> _Newcomer:
    standing = _new_standing(call, command.policy)
    waiting.born_into(standing, waiting.age_of(call, command.birth_date, declared))
    return _Newcomer(given, standing, _agreed(call, reference(standing), command.policy), declared)


def _let_in(call: Call, given: Given, command: SignUp | WechatSignUp, *, way: _Way) -> TokensView:
    """Open an account, unless it is for a child whose guardian has not agreed, by this word or an earlier one."""
    index = mobile_index(given.mobile)
    declared = waiting.refuse_child(call, index, command.birth_date, used=way.used)
    try:
        return _opened(call, _newcomer(call, given, command, declared=declared), way)
    except waiting.ChildDeclared:
        declared = waiting.agreed_declaration(call, index)
        return _opened(call, _newcomer(call, given, command, declared=declared), way)


def _opened(call: Call, newcomer: _Newcomer, way: _Way) -> TokensView:
    """Write an account in one transaction and log its owner in."""
    given, standing = newcomer.given, newcomer.standing
    keys = {ground: new_data_key() for ground in GROUNDS}
    standing.keys = {ground: key.key_id for ground, key in keys.items()}
    who = person_of(standing)
    session, view = sessions.begin(call, who, standing.session_epoch)
    declared = newcomer.declared
    writes = [
        *([] if way.last else [way.used]),
        *_logins(call, who, given),
        *([way.used] if way.last else []),
        *([waiting.nothing_declared(call, mobile_index(given.mobile))] if declared is None else []),
        put_new(standing),
        *_stored(keys),
        put_new(_profile(call, who, given)),
        session,
        *newcomer.agreed,
        *waiting.begun_writes(call, who, declared),
        disclosed(call, way.under, reference=who.ref, subject_id=way.proof_id),
        record(call, "person:account:opened", reference=who.ref, subject_id=view.session_id),
        sessions.notice(call, who, "signed_up", session_id=view.session_id),
    ]
    commit(call, writes)
    return view


def _given(mobile: str, command: SignUp | WechatSignUp) -> Given:
    user_name = user_name_of(command.user_name)
    password = password_of(command.password, user_name=user_name, mobile=mobile)
    return Given(mobile, user_name, password)


def _new_standing(call: Call, agreement: Agreement) -> StandingRow:
    person_id = new_id("per")
    return StandingRow(
        pk=person_id,
        sk=SK,
        person_id=person_id,
        status=ACTIVE,
        epoch=1,
        session_epoch=1,
        policy_version=agreement.version,
        consents=None,
        keys={},
        salt=secrets.token_bytes(_SALT_BYTES),
        ended={},
        created_at=call.now,
    )


def _agreed(call: Call, ref: str, agreement: Agreement) -> list[Write]:
    """Have the agreement recorded; a refusal points into this request's body."""
    try:
        return agreement_writes(call, ref, agreement)
    except Failure as failure:
        raise type(failure)(tuple(FieldError(f"/policy{e.pointer}", e.code) for e in failure.errors)) from None


def _logins(call: Call, who: Person, given: Given) -> list[Write]:
    """Open both ways in; their keys are what makes number and name unique, and the guard what makes its look so."""
    digest = digest_of(given.password)
    mobile = mobile_door(mobile_index(given.mobile))
    name = name_door(name_index(given.user_name))
    taken = UserNameTaken((FieldError("/user_name", "taken"),))
    return [
        put_new(_login(call, who, mobile, digest=digest), MobileTaken((FieldError("/mobile", "taken"),))),
        put_new(_login(call, who, name, digest=digest), taken),
        take_name(look_index(given.user_name), who, otherwise=taken),
    ]


def _login(call: Call, who: Person, door: Door, *, digest: str) -> LoginRow:
    row, pk, sk = door.key
    return row(
        pk=pk,
        sk=sk,
        person_id=who.person_id,
        epoch=who.epoch,
        key_id=who.keys["main"],
        password=row.password.seal(who.keys, digest),
        attempts=0,
        rounds=0,
        tried_at=call.now,
        own_attempts=0,
        own_rounds=0,
        own_tried_at=call.now,
    )


def _stored(keys: dict[str, WrappedKey]) -> list[Write]:
    return [store_key(key, ground) for ground, key in keys.items()]


def _profile(call: Call, who: Person, given: Given) -> ProfileRow:
    return ProfileRow(
        pk=who.person_id,
        sk=PROFILE,
        person_id=who.person_id,
        epoch=who.epoch,
        version=1,
        user_name=ProfileRow.user_name.seal(who.keys, given.user_name),
        mobile=ProfileRow.mobile.seal(who.keys, given.mobile),
        language=call.language,
        opened_at=call.now,
    )
