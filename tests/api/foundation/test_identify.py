"""Who is asking, and may they, for this, now? Read anew with each request, so that a change bites at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.foundation.kernel import clock
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.rows import StandingRow
from chalicelib.foundation.store.keys import destroy_key
from chalicelib.foundation.store.write import commit, delete, update
from chalicelib.foundation.vault import keyring, wrapping
from chalicelib.foundation.web import tokens
from tests.support.clocks import Hands
from tests.support.people import Someone, expired_token, make_person
from tests.support.scratch_api import Gateway, Scratch

MINE = ("GET", "/v1/scratch/mine")
RECENT = ("GET", "/v1/scratch/recent")
ASKED = ("GET", "/v1/scratch/asked")
PLACE = "community.place"


@pytest.fixture
def someone() -> Someone:
    return make_person()


def stand(who: Someone, *actions: Any) -> None:
    commit([update((StandingRow, who.person_id, access.SK), list(actions))])


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_person_is_known_by_token_and_standing_with_one_strong_read(
    someone: Someone, scratch: Scratch, ask: Gateway, aws_calls: list[Any]
):
    aws_calls.clear()
    assert ask(*RECENT, who=make_person(recent=True)).status == 200
    assert ask("GET", "/v1/scratch/mine", who=someone).status == 200
    person = scratch.calls[-1][0].who
    assert (person.person_id, person.session_id, person.ref) == (someone.person_id, someone.session_id, someone.ref)
    reads = [call for call in aws_calls if call.operation == "GetItem" and "people" in call.params["TableName"]]
    assert [call.params["ConsistentRead"] for call in reads] == [True, True]


def test_a_route_that_opens_sealed_values_gets_the_key_in_the_same_call(
    someone: Someone, ask: Gateway, aws_calls: list[Any]
):
    ask("GET", "/v1/scratch/sealed", who=someone)  # a process opens the house's own secrets once
    keyring.forget()
    aws_calls.clear()
    assert ask("GET", "/v1/scratch/sealed", who=someone).status == 200
    assert [call.operation for call in aws_calls] == ["BatchGetItem"]
    keyring.data_key(someone.keys["main"])
    assert len(aws_calls) == 1


NOBODY = ["", "Bearer", "Bearer ", "Basic dTpw", "Token abc", "Bearer abc", "Bearer a.b.c", "Bearer  x", "bearer"]


@pytest.mark.parametrize("header", NOBODY)
def test_without_a_valid_token_there_is_nobody(header: str, scratch: Scratch, ask: Gateway, aws_calls: list[Any]):
    wrapping.secret("token")
    aws_calls.clear()
    reply = ask("GET", "/v1/scratch/sealed", headers={"Authorization": header} if header else {})
    assert (reply.status, reply.code) == (401, "session.invalid")
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")
    assert scratch.calls == []
    assert aws_calls == []


def test_the_scheme_is_taken_in_any_case(someone: Someone, ask: Gateway):
    assert ask(*MINE, headers={"authorization": f"bEaReR {someone.token}"}).status == 200


def test_an_expired_token_is_none(someone: Someone, ask: Gateway, hands: Hands):
    assert ask(*MINE, headers=bearer(expired_token(someone))).status == 401
    assert ask(*MINE, who=someone).status == 200
    hands.by(minutes=15, seconds=1)
    assert ask(*MINE, who=someone).status == 401


ENDED = {
    "this session": [StandingRow.ended.set({})],
    "every session": [StandingRow.session_epoch.add(1)],
}


@pytest.mark.parametrize("how", ENDED)
def test_an_ended_session_bites_at_once(how: str, someone: Someone, ask: Gateway):
    assert ask(*MINE, who=someone).status == 200
    ended = {someone.session_id: int(clock.now().timestamp()) + 900, "ses_other": 1}
    stand(someone, *([StandingRow.ended.set(ended)] if how == "this session" else ENDED[how]))
    assert ask(*MINE, who=someone).code == "session.invalid"
    assert ask("GET", "/v1/scratch/sealed", who=someone).code == "session.invalid"


def test_the_end_of_another_session_is_no_end_of_this(someone: Someone, ask: Gateway):
    stand(someone, StandingRow.ended.set({"ses_other": 1}))
    assert ask(*MINE, who=someone).status == 200


@pytest.mark.parametrize(
    ("status", "answer"), [("frozen", (403, "account.frozen")), ("closing", (410, "account.closing"))]
)
def test_whoever_is_frozen_or_closing_may_not_act(status: str, answer: tuple[int, str], someone: Someone, ask: Gateway):
    stand(someone, StandingRow.status.set(status))
    reply = ask(*MINE, who=someone)
    assert (reply.status, reply.code) == answer


@pytest.mark.promise("J3.2")
def test_somebody_erased_is_nobody(someone: Someone, ask: Gateway):
    commit([delete((StandingRow, someone.person_id, access.SK))])
    assert ask(*MINE, who=someone).code == "session.invalid"
    assert ask("GET", "/v1/scratch/sealed", who=someone).code == "session.invalid"


def test_a_destroyed_key_shuts_nobody_out_of_what_needs_none(someone: Someone, ask: Gateway):
    commit([destroy_key(someone.keys["main"])])
    keyring.forget()
    assert ask("GET", "/v1/scratch/sealed", who=someone).status == 200


@pytest.mark.promise("A2.2", "A4.1", "H3")
def test_a_purpose_is_refused_until_it_is_agreed_to_and_again_after_withdrawal(scratch: Scratch, ask: Gateway):
    someone = make_person(consents=["account.membership"])
    reply = ask(*ASKED, who=someone)
    assert (reply.status, reply.code, reply.errors) == (403, "consent.required", [(f"/purposes/{PLACE}", "not_agreed")])
    assert scratch.calls == []
    assert ask(*MINE, who=someone).status == 200
    stand(someone, StandingRow.consents.add({PLACE}))
    assert ask(*ASKED, who=someone).status == 200
    stand(someone, StandingRow.consents.delete({PLACE}))
    assert ask(*ASKED, who=someone).code == "consent.required"
    assert ask(*MINE, who=someone).status == 200


def test_a_sensitive_act_needs_a_proof_of_identity_not_older_than_five_minutes(ask: Gateway, hands: Hands):
    someone = make_person(recent=True)
    assert ask(*RECENT, who=someone).status == 200
    assert ask(*RECENT, who=make_person()).code == "session.reauthentication_required"
    hands.by(minutes=4, seconds=58)
    assert ask(*RECENT, who=someone).status == 200
    hands.by(seconds=4)
    reply = ask(*RECENT, who=someone)
    assert (reply.status, reply.code) == (403, "session.reauthentication_required")
    assert ask(*MINE, who=someone).status == 200


def test_another_persons_key_in_a_token_opens_nothing_of_theirs(ask: Gateway, scratch: Scratch):
    """Only the house signs tokens; were one signed wrongly, standing still names the right keys."""
    someone, other = make_person(), make_person()
    expires_at = datetime.now(UTC) + timedelta(minutes=5)
    claims = tokens.Claims(someone.person_id, someone.session_id, 1, other.keys["main"], expires_at)
    assert ask("GET", "/v1/scratch/sealed", headers=bearer(tokens.issue(claims))).status == 200
    assert scratch.calls[0][0].who.keys == someone.keys


@pytest.mark.promise("K4.2")
def test_the_log_names_a_person_by_a_pseudonym_only(someone: Someone, ask: Gateway, capsys: pytest.CaptureFixture[str]):
    capsys.readouterr()
    ask(*MINE, who=someone)
    printed = capsys.readouterr().out
    assert f'"who":"{someone.person().log_name}"' in printed
    assert someone.ref.removeprefix("ref_")[:8] not in printed
    assert someone.person_id not in printed
    assert someone.session_id not in printed
    assert someone.token not in printed
