"""The optional profile follows consent to the moment; the public sees the name and nothing else."""

from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from chalicelib.accounts.contracts.profile import SetResidence
from chalicelib.accounts.rules.profile import OPTIONAL
from chalicelib.accounts.service import profile, public_side
from chalicelib.accounts.service.grounds import without_ground
from chalicelib.accounts.tables.profile import ProfileRow, own_profile
from chalicelib.foundation.kernel.errors import ConsentRequired, Failure, Unauthenticated
from chalicelib.foundation.register import lookup
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.rows import StandingRow
from chalicelib.foundation.store.planner import personal
from chalicelib.foundation.store.write import commit, delete, update
from chalicelib.foundation.vault import keyring
from chalicelib.foundation.web.answer import VersionStale
from tests.support.accounts import Member, caller, enrol
from tests.support.clocks import began

PLACE = SetResidence(residence="上海市")
PAGE = {"public_id", "shown"}


@pytest.fixture
def who(counterparties) -> Member:
    return enrol(counterparties, began())


def agree(who: Member, purposes: set[str] | None) -> None:
    actions = [StandingRow.consents.set(purposes) if purposes else StandingRow.consents.remove()]
    commit([update((StandingRow, who.person_id, access.SK), actions)])


@pytest.mark.promise("B2.1")
def test_residence_is_filled_in_changed_and_removed(who):
    agree(who, {"account.membership"})
    assert profile.set_residence(caller(who, began()), PLACE, 1).residence == "上海市"
    assert profile.set_residence(caller(who, began()), SetResidence(residence="苏州市"), 2).residence == "苏州市"
    assert profile.show_profile(caller(who, began())).residence == "苏州市"
    view = profile.remove_field(caller(who, began()), "residence", 3)
    assert (view.residence, view.version) == (None, 4)
    assert profile.show_profile(caller(who, began())) == view


@pytest.mark.promise("A2.2", "B2.1", "J6.1")
def test_a_withdrawal_between_the_edge_and_the_write_stops_the_write(who):
    agree(who, {"account.membership"})
    call = caller(who, began())
    agree(who, None)
    with pytest.raises(ConsentRequired):
        profile.set_residence(call, PLACE, 1)
    assert profile.show_profile(caller(who, began())) == msgspec.structs.replace(
        profile.show_profile(call), residence=None, version=1
    )


@pytest.mark.promise("B2.1")
def test_removing_needs_no_consent(who):
    agree(who, {"account.membership"})
    profile.set_residence(caller(who, began()), PLACE, 1)
    agree(who, None)
    assert profile.remove_field(caller(who, began()), "residence", 2).residence is None


@pytest.mark.parametrize("version", [0, 2, 99])
def test_an_edit_of_another_version_is_refused(who, version):
    agree(who, {"account.membership"})
    with pytest.raises(VersionStale):
        profile.set_residence(caller(who, began()), PLACE, version)
    with pytest.raises(VersionStale):
        profile.remove_field(caller(who, began()), "residence", version)


def test_of_many_edits_of_one_version_one_counts(who):
    agree(who, {"account.membership"})
    call = caller(who, began())

    def edit(number: int) -> str:
        try:
            profile.set_residence(call, SetResidence(residence=f"上海市{number}"), 1)
        except Failure as refused:
            return refused.code
        return "set"

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(edit, range(8)))
    assert answers.count("set") == 1
    assert set(answers) <= {"set", "version.stale", "service.unavailable"}
    assert profile.show_profile(caller(who, began())).version == 2


@pytest.mark.promise("J6.1")
def test_what_goes_with_a_purpose_follows_from_the_declarations():
    optional = {
        name
        for name, said in personal(ProfileRow)
        if all(not lookup.purpose(p).essential for p in lookup.item(said.item).purposes)
    }
    assert set(without_ground(frozenset())) == optional == {*OPTIONAL, "email"} | PAGE
    assert set(without_ground(frozenset({"account.membership"}))) == {"nickname", "avatar", "email"} | PAGE
    assert set(without_ground(frozenset({public_side.PUBLIC}))) == {"residence", "gender", "birth_date", "email"} | PAGE
    assert set(without_ground(frozenset({"community.publish"}))) == optional


def test_the_account_shows_its_number_masked(who):
    view = profile.show_account(caller(who, began()))
    assert view.mobile == f"{who.mobile[:3]}****{who.mobile[-4:]}"
    assert (view.user_name, view.policy_version, view.consents) == (who.user_name, "1.0.0", [])
    assert who.mobile not in msgspec.json.encode(view).decode()


def test_whoever_is_gone_has_no_profile(who):
    call = caller(who, began())
    commit([delete(own_profile(who.person_id))])
    for show in (profile.show_account, profile.show_profile):
        with pytest.raises(Unauthenticated):
            show(call)
    assert profile.mobile_of(who.person_id) is None


def test_the_number_is_given_to_who_owes_the_person_a_message(who):
    assert profile.mobile_of(who.person_id) == f"+86{who.mobile}"


def test_authors_are_read_in_two_calls_and_whoever_is_gone_is_left_out(counterparties, aws_calls):
    people = [enrol(counterparties, began()) for _ in range(3)]
    commit([delete(own_profile(people[2].person_id))])
    keyring.forget()
    aws_calls.clear()
    asked = [person.person_id for person in people]
    found = profile.authors([*asked, *asked, "per_nobody"], began())
    assert {person_id: author.name for person_id, author in found.items()} == {
        person.person_id: person.user_name for person in people[:2]
    }
    assert [call.operation for call in aws_calls] == ["BatchGetItem", "BatchGetItem"]
    assert profile.authors([], began()) == {}
