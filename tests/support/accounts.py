"""Accounts for tests, opened as a client opens them: a code by SMS, sign-up, log-in."""

import secrets
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from chalicelib.accounts.contracts.accounts import SendCode, SignUp
from chalicelib.accounts.service import codes, signing_up
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing import access

from .consents import agreement
from .counterparties import Counterparties
from .edges import Http, Reply

PASSWORD = "竹杖芒鞋轻胜马 7"


class Member(NamedTuple):
    """Somebody with an account and the tokens of one session."""

    mobile: str
    user_name: str
    password: str
    tokens: dict[str, Any]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens['access_token']}"}

    @property
    def person_id(self) -> str:
        return str(self.tokens["person_id"])

    @property
    def session_id(self) -> str:
        return str(self.tokens["session_id"])

    @property
    def refresh(self) -> dict[str, str]:
        """Give the body of a refresh."""
        return {"refresh_token": self.tokens["refresh_token"]}

    def holding(self, tokens: dict[str, Any]) -> "Member":
        """Give the same person with other tokens."""
        return self._replace(tokens={**self.tokens, **tokens})


def guest(now: datetime | None = None, **changes: Any) -> Call:
    """Make a call of somebody who is not logged in, as the edge would."""
    at = now or clock.now()
    made = Call(request_id=new_id("rid"), now=at, purpose="account.service", channel="app", address_hash="0" * 24)
    return msgspec.structs.replace(made, **changes)


def caller(member: "Member", now: datetime | None = None, **changes: Any) -> Call:
    """Make a call of a member, as the edge would."""
    row = access.load(member.person_id)
    assert row is not None
    return guest(now, person=access.person_of(row, session_id=member.session_id), **changes)


def enrol(counterparties: Counterparties, now: datetime | None = None, **changes: Any) -> Member:
    """Open an account below the edge."""
    mobile = changes.pop("mobile", None) or new_mobile()
    codes.send_code(guest(now), SendCode(mobile=mobile, purpose="sign_up"))
    code = counterparties.sms(f"+86{mobile}")
    body = sign_up_command(mobile, str(code), now=now, **changes)
    view = signing_up.sign_up(guest(now, device="Pixel 9; Android 16"), body)
    return Member(mobile, body.user_name, body.password, msgspec.to_builtins(view))


def sign_up_command(mobile: str, code: str, *, now: datetime | None = None, **changes: Any) -> SignUp:
    """Write the command of a sign-up."""
    given = {"user_name": new_name(), "password": PASSWORD, "policy": agreement(at=now), **changes}
    return SignUp(mobile=mobile, code=code, **given)


def new_mobile() -> str:
    """Make up a number."""
    return f"138{secrets.randbelow(10**8):08d}"


def new_name() -> str:
    """Make up a user name."""
    return f"模友{secrets.token_hex(4)}"


def ask_code(http: Http, mobile: str, purpose: str = "sign_up") -> Reply:
    """Ask for a code."""
    return http("POST", "/v1/accounts/codes", {"mobile": mobile, "purpose": purpose})


def code_for(http: Http, counterparties: Counterparties, mobile: str) -> str:
    """Have a code sent and read it off the phone."""
    assert ask_code(http, mobile).status == 202
    code = counterparties.sms(f"+86{mobile}")
    assert code is not None
    return code


def sign_up_body(mobile: str, code: str, /, **changes: Any) -> dict[str, Any]:
    """Write the body of a sign-up; `changes` replace or (with None) leave out fields."""
    policy = msgspec.to_builtins(agreement())
    body = {"mobile": mobile, "code": code, "user_name": new_name(), "password": PASSWORD, "policy": policy}
    return {name: value for name, value in {**body, **changes}.items() if value is not None}


def open_account(http: Http, counterparties: Counterparties, **changes: Any) -> Member:
    """Open an account."""
    mobile = changes.pop("mobile", None) or new_mobile()
    headers = changes.pop("headers", None)
    body = sign_up_body(mobile, code_for(http, counterparties, mobile), **changes)
    answer = http("POST", "/v1/accounts", body, headers=headers)
    assert answer.status == 201, answer.text
    return Member(mobile, body["user_name"], body["password"], answer.json)


def log_in(http: Http, login: str, password: str = PASSWORD, **headers: str) -> Reply:
    """Log in."""
    return http("POST", "/v1/sessions", {"login": login, "password": password}, headers=headers)
