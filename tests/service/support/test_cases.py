"""What becomes of cases: with the account, with time, and when two do something at once."""

from datetime import timedelta

import pytest

from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.call import Role
from chalicelib.foundation.kernel.errors import Failure, NotFound
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.rows import StandingRow
from chalicelib.foundation.store.planner import plan
from chalicelib.foundation.store.write import commit, update
from chalicelib.foundation.vault import keyring
from chalicelib.rights.jobs import sweep_retention
from chalicelib.support import rules, tables
from chalicelib.support.contracts.cases import OpenCase, SendContact, WriteMessage
from chalicelib.support.errors import CaseFull, CaseMoved
from chalicelib.support.service import cases, desk
from tests.support.accounts import guest
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.people import Someone, make_person
from tests.support.schedules import tick
from tests.support.staff import Official, make_staff

ASKED = OpenCase(topic="other", text="一个问题")
SENT = SendContact(topic="other", text="一封来信", contact="visitor@example.com")


def opened(who: Someone) -> str:
    call = who.call(idempotency_key=new_id("idk"), route="POST /v1/cases")
    return cases.open_case(call, ASKED).case_id


def clerk_of(case_id: str) -> Official:
    clerk = make_staff(Role.CUSTOMER_SERVICE)
    desk.take_case(clerk.call(), case_id)
    return clerk


def kinds(cloud: TestCloud) -> list[str]:
    return sorted(item["kind"]["S"] for item in cloud.items("cases"))


@pytest.mark.promise("K1.2")
def test_three_years_after_closing_all_of_a_case_goes(cloud: TestCloud, hands: Hands):
    letter = cases.send_contact(guest(), SENT).case_id
    clerk, began = clerk_of(letter), clock.now()
    key_id = tables.case(letter).key_id
    desk.close_case(clerk.call(), letter)
    hands.to(began.replace(year=began.year + 3) - timedelta(minutes=1))
    tick(sweep_retention)
    assert kinds(cloud) == ["case", "case_message"]
    hands.by(minutes=2)
    tick(sweep_retention)
    assert kinds(cloud) == []
    assert key_id not in str(cloud.items("keys"))


@pytest.mark.promise("J1.1", "J3.2")
def test_a_plan_knows_of_a_persons_cases(cloud: TestCloud):
    who = make_person()
    opened(who)
    lines, blocks = plan(who.person_id, clock.now())
    assert {"case", "case_message", "desk_entry"} <= {line.kind for line in lines}
    assert blocks == []


def test_what_staff_do_for_whoever_has_gone_meanwhile_is_not_written(cloud: TestCloud):
    who = make_person()
    case_id = opened(who)
    clerk = clerk_of(case_id)
    raised = [StandingRow.status.set("closing"), StandingRow.epoch.set(2)]
    commit([update((StandingRow, who.person_id, access.SK), raised)])
    for act in (desk.read_case, desk.close_case):
        with pytest.raises(NotFound):
            act(clerk.call(), case_id)
    with pytest.raises(NotFound):
        desk.answer_case(clerk.call(), case_id, WriteMessage(text="迟到的回复"))
    assert kinds(cloud).count("case_message") == 1


def test_of_two_changes_at_once_one_is_told_to_look_again(cloud: TestCloud):
    who = make_person()
    case_id = opened(who)
    seen = tables.case(case_id)
    clerk = clerk_of(case_id)
    with pytest.raises(CaseMoved):
        access.commit(clerk.call(), [tables.move(seen, [tables.CaseRow.state.set(rules.CLOSED)])])
    assert tables.case(case_id).state == rules.IDENTIFIED


def test_a_letter_holds_no_more_than_can_be_put_under_another_key_at_once():
    letter = cases.send_contact(guest(), SENT).case_id
    clerk = clerk_of(letter)
    for _ in range(rules.MOST_UNIDENTIFIED - 1):
        desk.answer_case(clerk.call(), letter, WriteMessage(text="嗯"))
    with pytest.raises(CaseFull):
        desk.answer_case(clerk.call(), letter, WriteMessage(text="嗯"))


def test_two_who_take_a_case_at_once_do_not_both_have_it():
    letter = cases.send_contact(guest(), SENT).case_id
    clerks = [clerk_of(letter), clerk_of(letter)]
    desk.read_case(clerks[1].call(), letter)
    with pytest.raises(Failure):
        desk.read_case(clerks[0].call(), letter)


def test_without_the_key_of_a_letter_nobody_reads_it(cloud: TestCloud):
    letter = cases.send_contact(guest(), SENT).case_id
    row = tables.case(letter)
    commit([tables.destroy_key(row.key_id)])
    keyring.forget()
    with pytest.raises(keyring.KeyDestroyed):
        row.contact.reveal()
