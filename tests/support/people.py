"""People for tests, made as sign-up makes them: standing, three data keys, a session's access token."""

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.rows import ACTIVE, StandingRow
from chalicelib.foundation.store.keys import store_key
from chalicelib.foundation.store.write import commit, put_new
from chalicelib.foundation.vault import keyring
from chalicelib.foundation.web import tokens

POLICY = "1.0.0"


class Someone(NamedTuple):
    """A person with a session."""

    person_id: str
    session_id: str
    token: str
    keys: dict[str, str]
    ref: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def standing(self) -> StandingRow:
        """Read their standing as it is stored now."""
        row = access.load(self.person_id)
        assert row is not None
        return row

    def person(self) -> Person:
        """Give them as a caller, read now."""
        return access.person_of(self.standing(), session_id=self.session_id)

    def call(self, now: datetime | None = None, **changes: Any) -> Call:
        """Make a call of theirs, as the edge would."""
        at = now or clock.now()
        made = Call(request_id=new_id("rid"), now=at, purpose="account.service", channel="app", person=self.person())
        return msgspec.structs.replace(made, **changes)


def make_person(
    *, consents: Iterable[str] = (), status: str = ACTIVE, recent: bool = False, now: datetime | None = None
) -> Someone:
    """Write a person and give them with a valid access token; `recent` when they have just proved who they are."""
    at = now or clock.now()
    made = {ground: keyring.new_data_key() for ground in ("main", "trade", "cases")}
    person_id, session_id = new_id("per"), new_id("ses")
    row = StandingRow(
        pk=person_id,
        sk=access.SK,
        person_id=person_id,
        status=status,
        epoch=1,
        session_epoch=1,
        policy_version=POLICY,
        consents=set(consents) or None,
        keys={ground: key.key_id for ground, key in made.items()},
        salt=secrets.token_bytes(16),
        ended={},
        created_at=at,
    )
    commit([put_new(row), *(store_key(key, ground) for ground, key in made.items())])
    claims = tokens.Claims(
        person_id, session_id, 1, made["main"].key_id, at + tokens.LIFE, at if recent else None, made["trade"].key_id
    )
    return Someone(person_id, session_id, tokens.issue(claims), dict(row.keys), access.reference(row))


def expired_token(someone: Someone) -> str:
    """Sign a token for them that ended a second ago."""
    ended_at = datetime.now(UTC) - timedelta(seconds=1)
    return tokens.issue(tokens.Claims(someone.person_id, someone.session_id, 1, someone.keys["main"], ended_at))
