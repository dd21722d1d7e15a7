"""A page opens after its own consent, shows what was chosen at once, and is gone with consent, standing or age."""

from contextlib import suppress
from typing import Any

import pytest

from chalicelib.accounts.contracts.visibility import CHOICES, SetVisibility
from chalicelib.accounts.jobs import apply_withdrawal
from chalicelib.accounts.service import profile, public_side, visibility
from chalicelib.accounts.tables.profile import owner_of_page
from chalicelib.consent.contracts import ConsentWithdrawn
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.errors import ConsentRequired, NotFound
from chalicelib.foundation.standing import access, birthdays
from chalicelib.foundation.standing.minors import GuardianConsentRequired, NotForChildren
from chalicelib.foundation.standing.rows import ACTIVE, CLOSING, FROZEN, MERGING, StandingRow
from chalicelib.foundation.store.erase import values_of
from chalicelib.foundation.store.keys import destroy_key
from chalicelib.foundation.store.outbox import announce
from chalicelib.foundation.store.planner import read, traverse
from chalicelib.foundation.store.write import commit, update
from chalicelib.foundation.vault import keyring
from chalicelib.foundation.web.answer import VersionStale
from tests.support.cloud import TestCloud
from tests.support.edges import deliver
from tests.support.killing import MOMENTS, Killed, changes_something, killed_at
from tests.support.leaving import leave
from tests.support.lives import make_account
from tests.support.merging import two
from tests.support.minors import identify, know_age
from tests.support.pages import ALL, PAGE, also_agree, choose, page_of
from tests.support.people import Someone

POSTS = SetVisibility(posts=True)


@pytest.fixture
def who(cloud: TestCloud, counterparties: Any) -> Someone:
    """Give somebody with an account and a residence, who has agreed to everything but a page."""
    return make_account()


def seen(public_id: str | None) -> public_side.PublicSide:
    assert public_id is not None
    return public_side.public_side(public_id, clock.now())


def is_gone(public_id: str | None) -> bool:
    with suppress(NotFound):
        return not seen(public_id)
    return True


def stand(who: Someone, status: str) -> None:
    commit([update((StandingRow, who.person_id, access.SK), [StandingRow.status.set(status)])])


@pytest.mark.promise("A2.2", "B5.2")
def test_there_is_no_page_until_somebody_agrees_to_one_and_opens_it(who: Someone):
    before = visibility.show_visibility(who.call())
    assert (before.open, before.public_id, before.version) == (False, None, 1)
    assert profile.authors([who.person_id], clock.now())[who.person_id].public_id is None
    with pytest.raises(ConsentRequired):
        visibility.set_visibility(who.call(), ALL, 1)
    assert visibility.show_visibility(who.call()) == before
    opened = page_of(who, SetVisibility())
    assert (opened.open, opened.version) == (True, 2)
    assert [getattr(opened, name) for name in CHOICES] == [False] * len(CHOICES)
    assert visibility.show_visibility(who.call()) == opened
    side = seen(opened.public_id)
    assert (side.badges, side.posts, side.comments) == ((), False, False)
    assert profile.authors([who.person_id], clock.now())[who.person_id].public_id == opened.public_id


@pytest.mark.promise("B5.2")
def test_a_choice_holds_from_the_next_look_on(who: Someone):
    identify(who)
    opened = page_of(who)
    side = seen(opened.public_id)
    assert (side.author.name, side.badges, side.posts, side.comments) == (
        "收藏家甲",
        ("member", "verified"),
        True,
        True,
    )
    narrowed = visibility.set_visibility(who.call(), POSTS, opened.version)
    assert narrowed.public_id == opened.public_id, "what is linked to stays linked to"
    side = seen(opened.public_id)
    assert (side.badges, side.posts, side.comments) == ((), True, False)
    profile.remove_field(who.call(), "residence", narrowed.version)
    page_of(who)
    assert seen(opened.public_id).badges == ("verified",), "the badge goes with what it stood for"


@pytest.mark.promise("B5.2", "J3.1")
def test_a_closed_page_is_gone_at_once_and_opens_again_elsewhere(who: Someone, cloud: TestCloud):
    opened = page_of(who)
    choose(who)
    closed = visibility.close_page(who.call(), opened.version)
    assert (closed.open, closed.public_id, closed.posts) == (False, None, False)
    assert is_gone(opened.public_id)
    assert opened.public_id not in str(cloud.items("people"))
    again = page_of(who, POSTS)
    assert again.public_id not in {None, opened.public_id}
    assert is_gone(opened.public_id)
    assert seen(again.public_id).posts


@pytest.mark.promise("B5.2")
def test_an_index_that_is_behind_leads_nowhere(who: Someone, monkeypatch: pytest.MonkeyPatch):
    closed = page_of(who)
    visibility.close_page(who.call(), closed.version)
    monkeypatch.setattr(public_side, "owner_of_page", lambda _: who.person_id)
    assert is_gone(closed.public_id)
    opened = page_of(who)
    assert is_gone(closed.public_id)
    assert seen(opened.public_id).posts


def test_an_edit_names_the_version_it_saw(who: Someone):
    opened = page_of(who)
    with pytest.raises(VersionStale):
        visibility.set_visibility(who.call(), POSTS, 1)
    with pytest.raises(VersionStale):
        visibility.close_page(who.call(), 1)
    assert visibility.show_visibility(who.call()) == opened


def test_each_change_is_on_record_without_what_was_chosen(who: Someone, cloud: TestCloud):
    opened = page_of(who)
    visibility.close_page(who.call(), opened.version)
    entries = [item for item in cloud.items("evidence") if "page" in item.get("action", {}).get("S", "")]
    assert sorted(item["action"]["S"] for item in entries) == ["person:page:removed", "person:page:set"]
    assert "comments" not in str(entries)
    assert str(opened.public_id) not in str(entries)


@pytest.mark.promise("B5.2", "J6.1")
@pytest.mark.parametrize("status", [ACTIVE, FROZEN])
def test_a_withdrawal_shuts_the_page_at_once_and_deletes_what_was_chosen(who: Someone, cloud: TestCloud, status: str):
    opened = page_of(who)
    write = announce(who.call(), "withdrawals", ConsentWithdrawn(purpose=PAGE))
    choose(who, "account.membership")
    commit([write])
    assert is_gone(opened.public_id), "before any job has run"
    shown = visibility.show_visibility(who.call())
    assert (shown.open, shown.posts) == (False, False)
    stand(who, status)
    assert write.message is not None
    body = write.message.body.decode()
    assert deliver(apply_withdrawal, body, body) == []
    stored = str(cloud.items("people"))
    assert str(opened.public_id) not in stored
    assert "shown_at" not in stored
    assert "residence" in stored, "nothing else goes"


@pytest.mark.promise("B5.2", "J7.4", "K6.1")
@pytest.mark.parametrize("status", [FROZEN, CLOSING, MERGING])
def test_whoever_may_not_act_is_shown_to_nobody(who: Someone, status: str):
    opened = page_of(who)
    stand(who, status)
    assert is_gone(opened.public_id)
    stand(who, ACTIVE)
    assert seen(opened.public_id).posts


@pytest.mark.promise("J7.3", "J7.4")
def test_an_erased_person_leaves_no_page(who: Someone, cloud: TestCloud):
    opened = page_of(who)
    leave(who).finish()
    assert is_gone(opened.public_id)
    assert owner_of_page(str(opened.public_id)) is None
    assert str(opened.public_id) not in str([cloud.items(name) for name in ("people", "community", "evidence")])


def test_a_page_whose_owners_key_is_destroyed_is_gone(who: Someone):
    opened = page_of(who)
    keyring.forget([who.keys["main"]])
    commit([destroy_key(who.keys["main"])])
    assert is_gone(opened.public_id)


@pytest.mark.promise("J2.1")
def test_a_copy_says_what_others_are_shown(who: Someone):
    opened = page_of(who, POSTS)
    shown = {one.row_kind: values_of(one) for one in read(traverse(who.person_id))}["profile"]
    assert (shown["public_id"], list(shown["shown"])) == (opened.public_id, ["posts"])


@pytest.mark.promise("B4.4", "B5.2")
def test_a_merge_ends_the_page_of_the_account_that_goes(cloud: TestCloud, counterparties: Any):
    both = two()
    stays, goes = page_of(both.stays, POSTS), page_of(both.goes)
    both.merge()
    assert is_gone(goes.public_id)
    assert not seen(stays.public_id).comments
    assert visibility.show_visibility(both.stays.call()).public_id == stays.public_id


@pytest.mark.promise("B5.2", "M2.3")
def test_nobody_under_14_opens_a_page_whoever_agrees(who: Someone):
    know_age(who, 9, guarded="child")
    identify(who)
    also_agree(who, PAGE)
    with pytest.raises(NotForChildren):
        visibility.set_visibility(who.call(purpose=PAGE), POSTS, 1)
    assert not visibility.show_visibility(who.call()).open


@pytest.mark.promise("B5.2", "M2.3")
def test_a_page_is_shut_the_moment_its_owner_is_known_to_be_a_child(who: Someone):
    opened = page_of(who)
    know_age(who, 9, guarded="child")
    assert is_gone(opened.public_id)
    shown = visibility.show_visibility(who.call())
    assert (shown.open, shown.public_id, shown.posts) == (False, None, True)
    assert profile.authors([who.person_id], clock.now())[who.person_id].public_id is None
    assert not visibility.close_page(who.call(), shown.version).posts, "closing it takes nobody's agreement"


@pytest.mark.promise("B5.2", "M1.1", "M2.2")
def test_from_14_to_18_it_takes_a_guardian_who_can_close_it(who: Someone):
    also_agree(who, PAGE)
    know_age(who, 15)
    with pytest.raises(GuardianConsentRequired):
        visibility.set_visibility(who.call(purpose=PAGE), POSTS, 1)
    know_age(who, 15, guarded="teen")
    opened = visibility.set_visibility(who.call(purpose=PAGE), POSTS, 1)
    assert seen(opened.public_id).posts
    commit([birthdays.keep_limited(who.person(), {PAGE})])
    assert is_gone(opened.public_id)
    commit([birthdays.keep_limited(who.person(), set())])
    assert seen(opened.public_id).posts
    commit([birthdays.keep_guarded(who.person(), "")])
    assert is_gone(opened.public_id)


@pytest.mark.promise("M2.4")
def test_what_guardians_said_ends_with_the_18th_birthday(who: Someone, hands: Any):
    know_age(who, 17, guarded="teen")
    opened = page_of(who)
    commit([birthdays.keep_limited(who.person(), {PAGE})])
    assert is_gone(opened.public_id)
    hands.by(days=366)
    assert seen(opened.public_id).posts


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("verb", ["open", "close"])
def test_a_killed_change_is_whole_or_not_there(who: Someone, cloud: TestCloud, moment: Any, number: int, verb: str):
    version = page_of(who).version if verb == "close" else 1
    also_agree(who, PAGE)
    before = visibility.show_visibility(who.call())
    noted = len(cloud.items("evidence"))
    call = who.call()
    with suppress(Killed), killed_at(number, moment, changes_something):
        if verb == "open":
            visibility.set_visibility(call, ALL, version)
        else:
            visibility.close_page(call, version)
    after = visibility.show_visibility(who.call())
    changed = after.version != before.version
    assert len(cloud.items("evidence")) == noted + changed
    assert after.open is (changed if verb == "open" else not changed)
    assert all(getattr(after, name) is after.open for name in CHOICES)
    if after.open:
        assert seen(after.public_id).posts
