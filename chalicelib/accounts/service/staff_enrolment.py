"""Taking staff on: an invitation, then a password and a second factor that only they know."""

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import Unauthenticated
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing.access import commit
from chalicelib.foundation.standing.rows import ACTIVE
from chalicelib.foundation.standing.staff import DIRECTORY, INVITED, StaffRow, member, reference
from chalicelib.foundation.store.keys import store_key
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import Write, put_new
from chalicelib.foundation.vault.keyring import new_data_key
from chalicelib.foundation.web.staff import digest, mint, names_of

from ..contracts.staff import BeginEnrolment, CompleteEnrolment, EnrolmentView, InvitationView, InviteMember
from ..errors import InvitationInvalid, UserNameTaken
from ..rules.passwords import password_of
from ..rules.staff import INVITATION_LIFE, administrators_change, is_guarded, matching_step, tied_to
from ..tables import staff as tables
from ..tables.staff import StaffLoginRow
from .passwords import digest_of
from .staff_entrance import count_try, login_index

_INVITATION = "staff_invitation"
_SALT_BYTES = 32
_ISSUER = "Jule"


def invite_member(call: Call, command: InviteMember) -> InvitationView:
    """Take somebody on: they can come in once they have used the invitation.

    Whoever is to come to people's data, or to staff, gets none before a second person has approved: see `reset_member`.

    Keeps: K7.4

    Raises:
        UserNameTaken: somebody has it.
    """
    row, token, writes = new_member(call, command)
    if is_guarded(command.roles):
        row.invitation = row.invited_until = token = None
    else:
        row.invited_by = tied_to(None, call.officer.ref, call.now)
    administrators = tables.count_administrators(administrators_change((), command.roles))
    commit(call, [put_new(row), *writes, *administrators, *act(call, row, "invited")])
    return invited(row, token)


def new_invitation(call: Call, row: StaffRow) -> tuple[str, str, datetime]:
    """Make an invitation of a member: the token, what it is known by, and when it ends."""
    token, known_by = mint(_INVITATION, row.sk)
    return token, known_by, call.now + INVITATION_LIFE


def begin_enrolment(call: Call, command: BeginEnrolment) -> EnrolmentView:
    """Make the second factor of whoever holds an invitation; asked again, it makes another one.

    Raises:
        InvitationInvalid: forged, used, replaced, or over.
    """
    import pyotp

    row, user_name = _invitee(call, command.invitation)
    login = get(*tables.login_key(row.login_index))
    if login is None or login.password is not None:
        raise InvitationInvalid
    secret = pyotp.random_base32()
    offered = tables.offer_factor(login, StaffLoginRow.totp.seal(row.keys, secret))
    commit(call, [offered, record(call, "staff:factor:offered", reference=reference(row), actor="staff")])
    return EnrolmentView(secret=secret, uri=pyotp.TOTP(secret).provisioning_uri(name=user_name, issuer_name=_ISSUER))


def complete_enrolment(call: Call, command: CompleteEnrolment) -> None:
    """Open the way in: password chosen, second factor proved, invitation used up, in one transaction.

    Keeps: K4.3

    Raises:
        InvitationInvalid: forged, used, replaced or over, or the code is wrong.
        PasswordWeak: against the rules.
    """
    row, user_name = _invitee(call, command.invitation)
    password = password_of(command.password, user_name=user_name, mobile="")
    login = count_try(call, row.login_index)
    if login is None or login.password is not None or login.totp is None:
        raise InvitationInvalid
    step = matching_step(login.totp.reveal(), command.code, call.now)
    if step is None:
        raise InvitationInvalid
    sealed = StaffLoginRow.password.seal(row.keys, digest_of(password))
    used = [StaffRow.status.set(ACTIVE), StaffRow.invitation.remove(), StaffRow.invited_until.remove()]
    commit(
        call,
        [
            tables.open_way_in(login, sealed, step=step, otherwise=InvitationInvalid),
            tables.change_member(row, used, otherwise=InvitationInvalid),
            record(call, "staff:entrance:opened", reference=reference(row), actor="staff"),
        ],
    )


def act(call: Call, row: StaffRow, verb: str) -> Sequence[Write]:
    """Put on record what one member of staff did to another: under both, joined by an id that names nobody."""
    act_id = new_id("act")
    done, whose = f"staff:member:{verb}", reference(row)
    return [
        record(call, done, reference=call.officer.ref, subject_id=act_id, actor="self"),
        record(call, done, reference=whose, subject_id=act_id, actor="staff:administrator"),
    ]


def new_member(call: Call, command: InviteMember) -> tuple[StaffRow, str | None, list[Write]]:
    """Make a new member with an invitation and a closed way in; the caller puts the row, with what it knows of them."""
    key, staff_id = new_data_key(), new_id("stf")
    keys = {"main": key.key_id}
    row = StaffRow(
        pk=DIRECTORY,
        sk=staff_id,
        person_id=staff_id,
        epoch=1,
        session_epoch=1,
        status=INVITED,
        roles=set(map(str, command.roles)),
        name=StaffRow.name.seal(keys, command.name),
        user_name=StaffRow.user_name.seal(keys, command.user_name),
        login_index=login_index(command.user_name),
        keys=keys,
        salt=secrets.token_bytes(_SALT_BYTES),
        made_at=call.now,
    )
    token, row.invitation, row.invited_until = new_invitation(call, row)
    login, pk, sk = tables.login_key(row.login_index)
    way_in = login(pk=pk, sk=sk, person_id=staff_id, epoch=1, used_step=0, attempts=0, rounds=0, tried_at=call.now)
    return row, token, [store_key(key, "main"), put_new(way_in, UserNameTaken)]


def invited(row: StaffRow, token: str | None) -> InvitationView:
    """Show an invitation, once."""
    return InvitationView(staff_id=row.sk, invitation=token, expires_at=row.invited_until)


def _invitee(call: Call, invitation: str) -> tuple[StaffRow, str]:
    """Name whoever holds a live invitation, and their user name."""
    try:
        (staff_id,) = names_of(_INVITATION, invitation)
    except Unauthenticated:
        raise InvitationInvalid from None
    row = member(staff_id)
    if row is None or row.status != INVITED or row.invitation is None or row.invited_until <= call.now:
        raise InvitationInvalid
    if not hmac.compare_digest(row.invitation, digest(invitation)):
        raise InvitationInvalid
    return row, row.user_name.reveal()
