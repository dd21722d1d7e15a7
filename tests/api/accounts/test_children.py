"""Children under 14 who want an account: what is kept of them before a guardian has agreed, and after."""

import msgspec
import pytest

from chalicelib.foundation.kernel import clock
from chalicelib.foundation.standing import access
from tests.support.accounts import code_for, new_mobile, open_account, sign_up_body
from tests.support.clocks import Hands
from tests.support.consents import agreement
from tests.support.counterparties import Counterparties
from tests.support.edges import Http
from tests.support.minors import (
    born,
    make_guardian,
    respond,
)


@pytest.mark.promise("M2.1")
def test_of_a_child_who_signs_up_only_its_word_is_kept(http: Http, counterparties: Counterparties, cloud):
    mobile, day = new_mobile(), born(9).isoformat()
    refused = http("POST", "/v1/accounts", sign_up_body(mobile, code_for(http, counterparties, mobile), birth_date=day))
    assert (refused.status, refused.code) == (403, "minors.guardian_consent_required")
    kinds = {row["kind"]["S"] for row in cloud.client("dynamodb").scan(TableName="jule-test-ephemeral")["Items"]}
    assert "child_declaration" in kinds
    assert "session" not in kinds


@pytest.mark.promise("M2.1")
def test_a_child_does_not_sign_up_as_somebody_else_by_the_same_number(
    http: Http, counterparties: Counterparties, hands: Hands
):
    mobile, day, guardian = new_mobile(), born(9).isoformat(), make_guardian()
    code = code_for(http, counterparties, mobile)
    said = http("POST", "/v1/guardianships/children", {"mobile": mobile, "code": code, "birth_date": day})
    assert said.status == 201, said.text
    for older in (None, born(30).isoformat()):
        hands.by(seconds=61)
        code = code_for(http, counterparties, mobile)
        again = http("POST", "/v1/accounts", sign_up_body(mobile, code, birth_date=older))
        assert (again.status, again.code) == (403, "minors.guardian_consent_required")
    answer = respond(http, guardian, said.json)
    assert (answer.status, answer.json["child_id"]) == (200, None)
    hands.by(seconds=61)
    code = code_for(http, counterparties, mobile)
    member = http("POST", "/v1/accounts", sign_up_body(mobile, code, birth_date=born(30).isoformat()))
    assert member.status == 201, member.text
    child = access.person(member.json["person_id"])
    assert child is not None
    assert child.minor is not None
    assert (child.minor.guarded, clock.now() < child.minor.child_until) == ("child", True)
    (ward,) = http("GET", "/v1/guardianships", who=guardian).json["data"]
    assert (ward["child_id"], ward["answer"], ward["guarded"]) == (child.person_id, "agreed", "child")


@pytest.mark.promise("M2.1")
def test_a_refused_child_stays_refused_until_its_week_is_over(http: Http, counterparties: Counterparties, hands: Hands):
    mobile, guardian = new_mobile(), make_guardian()
    code = code_for(http, counterparties, mobile)
    day = born(9).isoformat()
    said = http("POST", "/v1/guardianships/children", {"mobile": mobile, "code": code, "birth_date": day})
    assert respond(http, guardian, said.json, "refuse").json["answer"] == "refused"
    hands.by(seconds=61)
    body = sign_up_body(mobile, code_for(http, counterparties, mobile))
    assert http("POST", "/v1/accounts", body).code == "minors.guardian_consent_required"
    hands.by(days=7)
    policy = msgspec.to_builtins(agreement(at=clock.now()))
    assert open_account(http, counterparties, mobile=mobile, policy=policy).person_id
