"""Guardians without an account: by number and code, as adults by the authority, and nothing of who they are is kept."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from chalicelib.accounts.contracts.guardians import ClaimWard
from chalicelib.accounts.service import guardians_by_number
from chalicelib.accounts.tables.guardians import guardians_of
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.errors import Failure, NotFound
from chalicelib.foundation.vault.blind import blind
from tests.support.accounts import new_mobile, new_name
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.counterparties import Counterparties
from tests.support.edges import Http, Reply
from tests.support.identities import number_from
from tests.support.lives import make_account
from tests.support.minors import agreed, born, identify, invite, make_guardian, make_minor, minor_of, rules_shown
from tests.support.people import Someone

NAME = "欧阳明月"


class Parent:
    """A grown-up with a phone and an identity card."""

    def __init__(self, http: Http, counterparties: Counterparties, years: int = 40, *, mobile: str = "") -> None:
        self.http, self.world, self.mobile = http, counterparties, mobile or new_mobile()
        self.number = number_from(born=born(years))
        counterparties.control(
            "POST", "/identity/citizens", {"name": NAME, "number": self.number, "mobiles": [self.mobile]}
        )

    def code(self) -> str:
        """Read a code off the phone."""
        sent = self.http("POST", "/v1/accounts/codes", {"mobile": self.mobile, "purpose": "guardian"})
        assert sent.status == 202, sent.text
        return str(self.world.sms(f"+86{self.mobile}"))

    def answer(self, invited: dict[str, Any], said: str = "agree", **changes: str) -> Reply:
        """Answer an invitation."""
        body = {"invitation": invited["invitation"], "answer": said, "notice": rules_shown("child")}
        body |= {"mobile": self.mobile, "code": self.code(), "name": NAME, "number": self.number, **changes}
        return self.http("POST", "/v1/guardianships/answers", body)


@pytest.mark.promise("M1.1", "M2.1", "M2.2")
def test_a_guardian_without_an_account_agrees_and_withdraws_by_number(
    http: Http, counterparties: Counterparties, cloud: TestCloud, hands: Hands
):
    child, parent = make_minor(9), Parent(http, counterparties)
    answer = parent.answer(invite(http, child))
    assert (answer.status, answer.json["guarded"]) == (200, "child")
    left = str([cloud.items(table) for table in ("people", "ephemeral", "evidence", "cases", "outbox")])
    assert [one for one in (NAME, parent.number, parent.mobile) if one in left] == []
    assert blind("identity", parent.number) not in left
    assert blind("identity_tries", parent.number) in left
    hands.by(seconds=61)
    body = {"guardianship_id": answer.json["guardianship_id"], "mobile": parent.mobile, "code": parent.code()}
    other = Parent(http, counterparties)
    stranger = {**body, "mobile": other.mobile, "code": other.code()}
    assert http("POST", "/v1/guardianships/withdrawals", stranger).status == 404
    assert http("POST", "/v1/guardianships/withdrawals", {**body, "code": "000000"}).code == "accounts.code_invalid"
    gone = http("POST", "/v1/guardianships/withdrawals", body)
    assert (gone.status, gone.json["answer"], gone.json["guarded"]) == (200, "withdrawn", None)
    minor = minor_of(child)
    assert minor is not None
    assert minor.guarded == ""


@pytest.mark.promise("M2.1")
def test_whom_the_authority_does_not_know_as_an_adult_answers_nothing(
    http: Http, counterparties: Counterparties, hands: Hands
):
    child = make_minor(9)
    invited, parent, brother = invite(http, child), Parent(http, counterparties), Parent(http, counterparties, 17)
    told = [parent.answer(invited, name="李四"), brother.answer(invited)]
    hands.by(seconds=61)
    told.append(parent.answer(invited, number=number_from(born=born(40))))
    assert {(one.status, one.code) for one in told} == {(403, "minors.guardian_not_verified")}
    hands.by(seconds=61)
    assert parent.answer(invited, code="000000").code == "accounts.code_invalid"
    hands.by(seconds=61)
    assert parent.answer({"invitation": "x" * 43}).code == "minors.invitation_over"
    hands.by(seconds=61)
    assert parent.answer(invited).status == 200


@pytest.mark.promise("M2.2")
def test_with_and_without_account_they_can_disagree(http: Http, counterparties: Counterparties):
    child, mother = make_minor(9), make_guardian()
    agreed(http, mother, child)
    answer = Parent(http, counterparties).answer(invite(http, child), "refuse")
    assert answer.json["guarded"] == "disputed"


def kept_by(http: Http, counterparties: Counterparties, child: Someone) -> tuple[Someone, str]:
    """Have somebody agree by number, open an account with it, and be verified; gives them and what they were shown."""
    parent = Parent(http, counterparties)
    told = parent.answer(invite(http, child)).json["guardianship_id"]
    return identify(make_account(f"+86{parent.mobile}", new_name()), index=blind("identity", parent.number)), told


def claim(http: Http, who: Someone, guardianship_id: str) -> Reply:
    return http("POST", "/v1/guardianships/claims", {"guardianship_id": guardianship_id}, who=who)


@pytest.mark.promise("M2.2")
def test_with_an_account_under_that_number_a_guardian_sees_and_deletes_without_another_invitation(
    http: Http, counterparties: Counterparties, cloud: TestCloud, hands: Hands
):
    child = make_minor(9)
    guardian, told = kept_by(http, counterparties, child)
    assert http("GET", f"/v1/wards/{child.person_id}", who=guardian).status == 404
    claimed = claim(http, guardian, told)
    assert (claimed.status, claimed.json["child_id"], claimed.json["answer"]) == (200, child.person_id, "agreed")
    assert claimed.json["guardianship_id"] == told
    minor = minor_of(child)
    assert minor is not None
    assert minor.guarded == "child"
    assert http("GET", f"/v1/wards/{child.person_id}/records", who=guardian).status == 200
    gone = http("DELETE", f"/v1/wards/{child.person_id}/profile/residence", who=guardian)
    assert gone.status == 200
    assert len([item for item in cloud.items("people") if item["kind"]["S"] == "guardian"]) == 1
    assert claim(http, guardian, told).status == 404
    assert http("DELETE", f"/v1/guardianships/{child.person_id}", who=guardian).json["guarded"] is None


@pytest.mark.promise("M2.1", "M2.2")
def test_nobody_else_claims_and_nothing_withdrawn_or_lapsed_is_claimed(
    http: Http, counterparties: Counterparties, hands: Hands
):
    child = make_minor(9)
    guardian, told = kept_by(http, counterparties, child)
    assert claim(http, make_guardian(), told).status == 404
    assert claim(http, guardian, f"gua_{'a' * 26}").status == 404
    unverified = make_account(f"+86{new_mobile()}", new_name())
    assert claim(http, unverified, told).code == "minors.guardian_not_verified"
    assert claim(http, identify(guardian, method="name", index="card"), told).code == "minors.guardian_not_verified"
    assert claim(http, identify(guardian, index="the next subscriber"), told).status == 404
    hands.by(days=6 * 366)
    call = guardian.call(clock.now(), purpose="minor.protection")
    with pytest.raises(NotFound):
        guardians_by_number.claim_ward(call, ClaimWard(guardianship_id=told))


@pytest.mark.promise("M2.2")
def test_a_claim_and_a_withdrawal_by_number_at_once_leave_one_of_them(
    http: Http, counterparties: Counterparties, hands: Hands
):
    child, parent = make_minor(9), Parent(http, counterparties)
    told = parent.answer(invite(http, child)).json["guardianship_id"]
    guardian = identify(make_account(f"+86{parent.mobile}", new_name()), index=blind("identity", parent.number))
    hands.by(seconds=61)
    asked = {"guardianship_id": told, "mobile": parent.mobile, "code": parent.code()}
    acts = (
        lambda: http("POST", "/v1/guardianships/withdrawals", asked).status,
        lambda: guardians_by_number.claim_ward(
            guardian.call(clock.now(), purpose="minor.protection"), ClaimWard(guardianship_id=told)
        ),
    )
    with ThreadPoolExecutor(2) as threads:
        for _ in threads.map(attempted, acts):
            continue
    minor, rows = minor_of(child), guardians_of(child.person_id)
    assert minor is not None
    assert len(rows) == 1
    assert (minor.guarded == "child") == (rows[0].answer == "agreed")


def attempted(act: Callable[[], object]) -> None:
    with suppress(Failure):
        act()
