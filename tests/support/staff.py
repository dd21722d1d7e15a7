"""Staff for tests, made as enrolment makes them: their row, a way in, a session; and how they come in."""

import secrets
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
import pyotp

from chalicelib.accounts.service.passwords import digest_of
from chalicelib.accounts.service.staff_entrance import login_index
from chalicelib.accounts.tables.staff import (
    ADMINISTRATORS,
    AdministratorsRow,
    StaffLoginRow,
    administrators_key,
    login_key,
)
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.call import Call, Role, Staff
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing.staff import (
    DIRECTORY,
    SESSION,
    SESSION_LIFE,
    StaffRow,
    StaffSessionRow,
    member,
    reference,
    staff_of,
)
from chalicelib.foundation.store.keys import store_key
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import commit, put, put_new
from chalicelib.foundation.vault import keyring
from chalicelib.foundation.web.staff import mint

from .edges import Http, Reply

PASSWORD = "correct horse 电池 staple"
STAFF_NAME = "客服小王"


class Official(NamedTuple):
    """A member of staff with a session."""

    staff_id: str
    session_id: str
    token: str
    user_name: str
    secret: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def ref(self) -> str:
        return reference(self.row())

    def row(self) -> StaffRow:
        """Read their row as it is stored now."""
        row = member(self.staff_id)
        assert row is not None
        return row

    def staff(self, now: datetime | None = None) -> Staff:
        """Give them as a caller, read now."""
        return staff_of(self.row(), now or clock.now(), session_id=self.session_id)

    def call(self, now: datetime | None = None, **changes: Any) -> Call:
        """Make a call of theirs, as the edge would."""
        at = now or clock.now()
        made = Call(request_id=new_id("rid"), now=at, purpose="staff.access", channel="web", staff=self.staff(at))
        return msgspec.structs.replace(made, **changes)

    def code(self, now: datetime | None = None) -> str:
        """Read the second factor."""
        return second_factor(self.secret, now)


def second_factor(secret: str, now: datetime | None = None) -> str:
    """Give the code that a second factor shows."""
    return pyotp.TOTP(secret).at(now or clock.now())


def new_user_name() -> str:
    """Make up a working user name."""
    return f"w{secrets.token_hex(6)}"


def make_staff(*roles: Role, trained: bool = True, now: datetime | None = None) -> Official:
    """Write a member of staff with a way in and a session; they are trained unless said otherwise."""
    at = now or clock.now()
    staff_id, session_id, key = new_id("stf"), new_id("sst"), keyring.new_data_key()
    user_name, secret, keys = new_user_name(), pyotp.random_base32(), {"main": key.key_id}
    token, known_by = mint("staff_session", staff_id, session_id)
    day = at - timedelta(days=10) if trained else None
    row = StaffRow(
        pk=DIRECTORY, sk=staff_id, person_id=staff_id, epoch=1, session_epoch=1, status="active",
        roles={str(role) for role in roles} or None, trained_at=day, exam_at=day,
        name=StaffRow.name.seal(keys, STAFF_NAME), user_name=StaffRow.user_name.seal(keys, user_name),
        login_index=login_index(user_name), keys=keys, salt=secrets.token_bytes(32), made_at=at,
    )  # fmt: skip
    login, pk, sk = login_key(login_index(user_name))
    way_in = login(
        pk=pk, sk=sk, person_id=staff_id, epoch=1, used_step=0, attempts=0, rounds=0, tried_at=at,
        password=StaffLoginRow.password.seal(keys, _digest()), totp=StaffLoginRow.totp.seal(keys, secret),
    )  # fmt: skip
    session = StaffSessionRow(
        pk=session_id, sk=SESSION, person_id=staff_id, epoch=1, session_epoch=1, token_digest=known_by,
        begun_at=at, used_at=at, expires_at=at + SESSION_LIFE,
    )  # fmt: skip
    commit([store_key(key, "main"), put_new(row), put_new(way_in), put_new(session)])
    if Role.ADMINISTRATOR in roles:
        counted = get(*administrators_key())
        number = 1 if counted is None else counted.number + 1
        commit([put(AdministratorsRow(pk=DIRECTORY, sk=ADMINISTRATORS, number=number))])
    return Official(staff_id, session_id, token, user_name, secret)


_DIGESTS: list[str] = []


def _digest() -> str:
    """Digest the password once: that takes long."""
    if not _DIGESTS:
        _DIGESTS.append(digest_of(PASSWORD))
    return _DIGESTS[0]


def log_in_staff(http: Http, who: Official, *, password: str = PASSWORD, code: str = "") -> Reply:
    """Log in."""
    body = {"user_name": who.user_name, "password": password, "code": code or who.code()}
    return http("POST", "/v1/staff/sessions", body)


def enrol(http: Http, invitation: str, password: str = PASSWORD) -> str:
    """Use an invitation as whoever was handed it; gives the secret of the second factor."""
    begun = http("POST", "/v1/staff/enrolments", {"invitation": invitation})
    assert begun.status == 201, begun.text
    secret = str(begun.json["secret"])
    body = {"invitation": invitation, "password": password, "code": second_factor(secret)}
    done = http("POST", "/v1/staff/enrolments/completion", body)
    assert done.status == 204, done.text
    return secret
