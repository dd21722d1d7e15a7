"""People with a whole account for tests: what sign-up writes, without the way there."""

from datetime import UTC, datetime, timedelta

from chalicelib.accounts.service.codes import mobile_index
from chalicelib.accounts.service.passwords import digest_of, look_index, name_index
from chalicelib.accounts.tables.logins import Door, LoginRow, mobile_door, name_door
from chalicelib.accounts.tables.names import take_name
from chalicelib.accounts.tables.profile import PROFILE, ProfileRow
from chalicelib.accounts.tables.sessions import SESSION, SessionRow
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import Busy
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.store.write import commit, put_new

from .people import Someone, make_person

MOBILE = "+8613812345678"
NAME = "收藏家甲"
RESIDENCE = "上海市徐汇区"
PASSWORD = "a-long-password-1"


def make_account(mobile: str = MOBILE, name: str = NAME) -> Someone:
    """Write a person with profile, both ways in, and a session; they have just proved who they are."""
    someone = make_person(recent=True, consents=("account.membership", "account.public_profile", "account.email"))
    now = datetime.now(UTC)
    doors = (mobile_door(mobile_index(mobile)), name_door(name_index(name)))
    rows = [_profile(someone, now, mobile=mobile, name=name), _session(someone, now)]
    named = take_name(look_index(name), someone.person(), otherwise=Busy(retry_after_s=1))
    commit([named, *(put_new(row) for row in [*rows, *(_login(someone, now, door) for door in doors)])])
    return someone


def _profile(someone: Someone, now: datetime, *, mobile: str, name: str) -> ProfileRow:
    return ProfileRow(
        pk=someone.person_id,
        sk=PROFILE,
        person_id=someone.person_id,
        epoch=1,
        version=1,
        user_name=ProfileRow.user_name.seal(someone.keys, name),
        mobile=ProfileRow.mobile.seal(someone.keys, mobile),
        residence=ProfileRow.residence.seal(someone.keys, RESIDENCE),
        language="zh-CN",
        opened_at=now,
    )


def _session(someone: Someone, now: datetime) -> SessionRow:
    return SessionRow(
        pk=someone.session_id,
        sk=SESSION,
        person_id=someone.person_id,
        epoch=1,
        session_epoch=1,
        token_digest="0" * 64,
        device=SessionRow.device.seal(someone.keys, "iPhone 17"),
        channel="app",
        started_at=now,
        last_used_at=now,
        expires_at=now + timedelta(days=30),
    )


def _login(someone: Someone, now: datetime, door: Door) -> LoginRow:
    row, pk, sk = door.key
    return row(
        pk=pk,
        sk=sk,
        person_id=someone.person_id,
        epoch=1,
        key_id=someone.keys["main"],
        password=row.password.seal(someone.keys, digest_of(PASSWORD)),
        attempts=0,
        rounds=0,
        tried_at=now,
        own_attempts=0,
        own_rounds=0,
        own_tried_at=now,
    )


def system_call(now: datetime | None = None) -> Call:
    """Make a call of a job, for nobody in particular."""
    return Call(request_id=new_id("rid"), now=now or datetime.now(UTC), route="test")
