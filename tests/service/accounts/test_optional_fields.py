"""Every optional field follows its own consent to the moment; the tier follows the fields; an avatar follows both."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest

from chalicelib.accounts.contracts.profile import (
    ProfileView,
    SetAvatar,
    SetBirthDate,
    SetGender,
    SetNickname,
    SetResidence,
)
from chalicelib.accounts.errors import NicknameTaken, NicknameTooSoon
from chalicelib.accounts.jobs import apply_withdrawal
from chalicelib.accounts.rules.profile import OPTIONAL
from chalicelib.accounts.service import profile, public_side
from chalicelib.accounts.tables.profile import ProfileRow
from chalicelib.consent.contracts import ConsentWithdrawn
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.errors import ConsentRequired
from chalicelib.foundation.register import lookup
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.rows import ACTIVE, FROZEN, StandingRow
from chalicelib.foundation.store.erase import values_of
from chalicelib.foundation.store.outbox import announce
from chalicelib.foundation.store.planner import personal, read, traverse
from chalicelib.foundation.store.write import commit, update
from chalicelib.foundation.web.answer import VersionStale
from chalicelib.media import rules as media_rules
from chalicelib.media.errors import MediaUnusable
from tests.support.accounts import Member, caller, enrol
from tests.support.edges import deliver
from tests.support.leaving import leave
from tests.support.lives import make_account
from tests.support.people import Someone
from tests.support.photographs import jpeg
from tests.support.publishing import Town, unknown_media

MEMBERSHIP, PUBLIC = "account.membership", public_side.PUBLIC
BORN = date(1990, 2, 28)


class Field(NamedTuple):
    """How a field is set, by a profile verb, and what is then shown."""

    fill: Callable[[Any, int, str], ProfileView]
    shown: Callable[[ProfileView], Any]
    purpose: str


FIELDS: dict[str, Field] = {
    "residence": Field(
        lambda c, v, _: profile.set_residence(c, SetResidence(residence="上海市"), v),
        lambda view: view.residence == "上海市",
        MEMBERSHIP,
    ),
    "gender": Field(
        lambda c, v, _: profile.set_gender(c, SetGender(gender="other"), v),
        lambda view: view.gender == "other",
        MEMBERSHIP,
    ),
    "birth_date": Field(
        lambda c, v, _: profile.set_birth_date(c, SetBirthDate(birth_date=BORN), v),
        lambda view: view.birth_date == BORN,
        MEMBERSHIP,
    ),
    "nickname": Field(
        lambda c, v, _: profile.set_nickname(c, SetNickname(nickname="拼装小能手"), v),
        lambda view: view.nickname == "拼装小能手",
        PUBLIC,
    ),
    "avatar": Field(
        lambda c, v, media_id: profile.set_avatar(c, SetAvatar(media_id=media_id), v),
        lambda view: view.avatar is not None and view.avatar.large.endswith("/large"),
        PUBLIC,
    ),
}
EACH = pytest.mark.parametrize("name", OPTIONAL)


@pytest.fixture
def who(town: Town) -> Someone:
    """Give somebody with an account who has agreed to nothing."""
    someone = make_account()
    agree(someone)
    profile.remove_field(someone.call(), "residence", 1)
    return someone


def agree(who: Someone, *purposes: str) -> None:
    actions = [StandingRow.consents.set(set(purposes)) if purposes else StandingRow.consents.remove()]
    commit([update((StandingRow, who.person_id, access.SK), actions)])


def filled(town: Town, who: Someone, *names: str) -> ProfileView:
    agree(who, MEMBERSHIP, PUBLIC)
    view = profile.show_profile(who.call())
    for name in names:
        view = FIELDS[name].fill(who.call(), view.version, picture(town, who, name))
    return view


def picture(town: Town, who: Someone, name: str = "avatar") -> str:
    return town.picture(who, jpeg()) if name == "avatar" else ""


def withdraw(who: Someone, purpose: str, *left: str) -> str:
    """Withdraw, and give the message as it goes on the queue."""
    write = announce(who.call(), "withdrawals", ConsentWithdrawn(purpose=purpose))
    agree(who, *left)
    commit([write])
    assert write.message is not None
    return write.message.body.decode()


def test_every_optional_field_is_tried_here():
    assert FIELDS.keys() == set(OPTIONAL)
    optional = {
        name
        for name, said in personal(ProfileRow)
        if all(not lookup.purpose(p).essential for p in lookup.item(said.item).purposes)
    }
    apart = {"email", "public_id", "shown"}
    assert optional == {*OPTIONAL, *apart}, "the e-mail and the page have tests of their own"


@pytest.mark.promise("A2.2", "B2.2", "B2.4")
@EACH
def test_a_field_is_refused_under_any_purpose_but_its_own(town: Town, who: Someone, name: str):
    media_id = picture(town, who, name)
    for purposes in ((), ({MEMBERSHIP, PUBLIC} - {FIELDS[name].purpose})):
        agree(who, *purposes)
        with pytest.raises(ConsentRequired):
            FIELDS[name].fill(who.call(), 2, media_id)
    view = profile.show_profile(who.call())
    assert (view.version, view.tier, set(view.missing)) == (2, "none", set(OPTIONAL))


@pytest.mark.promise("B2.2", "B2.4")
@EACH
def test_a_field_is_filled_in_and_removed_without_consent(town: Town, who: Someone, name: str):
    view = filled(town, who, name)
    assert FIELDS[name].shown(view)
    assert profile.show_profile(who.call()) == view
    with pytest.raises(VersionStale):
        profile.remove_field(who.call(), name, view.version - 1)
    agree(who)
    emptied = profile.remove_field(who.call(), name, view.version)
    assert (getattr(emptied, name), emptied.version, emptied.tier) == (None, view.version + 1, "none")
    agree(who, MEMBERSHIP, PUBLIC)
    assert profile.show_profile(who.call()) == emptied


@pytest.mark.promise("B2.3", "J6.1")
def test_the_tier_follows_what_is_filled_in_and_agreed_to(town: Town, who: Someone):
    assert filled(town, who, "gender").tier == "member"
    view = filled(town, who, *(name for name in OPTIONAL if name != "gender"))
    assert (view.tier, view.missing) == ("full", [])
    agree(who, PUBLIC)
    view = profile.show_profile(who.call())
    assert (view.tier, view.missing) == ("member", ["residence", "gender", "birth_date"])
    assert (view.residence, view.gender, view.birth_date) == (None, None, None)
    agree(who)
    view = profile.show_profile(who.call())
    assert (view.tier, view.nickname, view.avatar) == ("none", None, None)


@pytest.mark.promise("B2.2", "B2.4", "J6.1")
@pytest.mark.parametrize("purpose", [MEMBERSHIP, PUBLIC])
@pytest.mark.parametrize("status", [ACTIVE, FROZEN])
def test_a_withdrawal_removes_the_fields_of_its_purpose_and_no_others(
    town: Town, who: Someone, purpose: str, status: str
):
    filled(town, who, *OPTIONAL)
    (left,) = {MEMBERSHIP, PUBLIC} - {purpose}
    body = withdraw(who, purpose, left)
    commit([update((StandingRow, who.person_id, access.SK), [StandingRow.status.set(status)])])
    assert deliver(apply_withdrawal, body, body) == []
    gone = {name for name, field in FIELDS.items() if field.purpose == purpose}
    (stored,) = [item for item in town.cloud.items("people") if item["kind"]["S"] == "profile"]
    assert {name for name in OPTIONAL if name in stored} == set(OPTIONAL) - gone
    assert {name for name in OPTIONAL if f"{name}_at" in stored} == set(OPTIONAL) - gone
    assert "renamed_at" in stored, "the wait outlives a withdrawal"
    assert town.pump("community") == []
    assert bool(town.objects("media")) is (purpose == MEMBERSHIP)


@pytest.mark.promise("B2.4", "J3.1")
def test_an_avatar_goes_with_all_its_sizes_when_it_is_removed_or_replaced(town: Town, who: Someone):
    view = filled(town, who, "avatar")
    first = town.objects("media")
    assert len(first) == len(media_rules.SIZES)
    other = town.picture(who, jpeg())
    view = profile.set_avatar(who.call(), SetAvatar(media_id=other), view.version)
    assert town.pump("community") == []
    second = town.objects("media")
    assert (len(second), second & first) == (len(media_rules.SIZES), set())
    profile.remove_field(who.call(), "avatar", view.version)
    assert town.pump("community") == []
    assert town.objects("media") == set()
    assert [item for item in town.cloud.items("community") if item["kind"]["S"] == "media"] == []


@pytest.mark.promise("B2.4")
def test_only_ones_own_judged_and_unused_picture_becomes_an_avatar(town: Town, who: Someone):
    agree(who, PUBLIC)
    strangers = town.picture(town.author("路人"), jpeg())
    for bad in (unknown_media(), strangers, town.upload(who, jpeg())):
        with pytest.raises(MediaUnusable) as refused:
            profile.set_avatar(who.call(), SetAvatar(media_id=bad), 2)
        assert [(e.pointer, e.code) for e in refused.value.errors] == [("/media_id", "unusable")]
    good = town.picture(who, jpeg())
    profile.set_avatar(who.call(), SetAvatar(media_id=good), 2)
    with pytest.raises(MediaUnusable):
        profile.set_avatar(who.call(), SetAvatar(media_id=good), 3)


@pytest.mark.promise("B2.4", "J7.3")
def test_an_avatar_goes_with_the_account(town: Town, who: Someone):
    filled(town, who, *OPTIONAL)
    assert town.objects("media")
    leave(who).finish()
    assert town.objects("media") == set()


@pytest.mark.promise("B2.4", "B2.5", "J6.1")
def test_others_see_nickname_and_avatar_and_nothing_else(town: Town, who: Someone):
    filled(town, who, *OPTIONAL)
    author = profile.authors([who.person_id], clock.now())[who.person_id]
    assert (author.name, author.avatar is not None) == ("拼装小能手", True)
    assert set(author.__struct_fields__) == {"person_id", "name", "avatar", "public_id"}
    agree(who, MEMBERSHIP)
    author = profile.authors([who.person_id], clock.now())[who.person_id]
    assert (author.name, author.avatar) == ("收藏家甲", None)


@pytest.mark.promise("B2.7")
def test_a_nickname_is_changed_again_only_after_three_days_and_removing_it_is_no_way_round(town: Town, who: Someone):
    view = filled(town, who, "nickname")
    call = who.call()
    assert view.nickname_changes_from is not None
    with pytest.raises(NicknameTooSoon) as refused:
        profile.set_nickname(call, SetNickname(nickname="另一个名字"), view.version)
    assert 3 * 86400 - 60 < (refused.value.retry_after_s or 0) <= 3 * 86400 + 1
    same = profile.set_nickname(call, SetNickname(nickname="拼装小能手"), view.version)
    assert same.nickname_changes_from == view.nickname_changes_from
    emptied = profile.remove_field(call, "nickname", same.version)
    assert emptied.nickname_changes_from == view.nickname_changes_from
    with pytest.raises(NicknameTooSoon):
        profile.set_nickname(call, SetNickname(nickname="另一个名字"), emptied.version)
    later = who.call(view.nickname_changes_from)
    changed = profile.set_nickname(later, SetNickname(nickname="另一个名字"), emptied.version)
    assert changed.nickname_changes_from == view.nickname_changes_from + timedelta(days=3)


@pytest.mark.promise("B2.7")
def test_a_nickname_may_be_ones_own_user_name_and_nobody_elses(town: Town, who: Someone):
    make_account("+8613900000002", "Collector乙")
    agree(who, PUBLIC)
    for taken in ("Collector乙", "ｃｏｌｌｅｃｔｏｒ乙"):
        with pytest.raises(NicknameTaken):
            profile.set_nickname(who.call(), SetNickname(nickname=taken), 2)
    assert profile.set_nickname(who.call(), SetNickname(nickname="收藏家甲"), 2).nickname == "收藏家甲"


@pytest.mark.promise("B2.5", "K4.1")
def test_the_optional_fields_are_stored_sealed_and_shown_in_a_copy(town: Town, counterparties):
    member: Member = enrol(counterparties)
    row = (StandingRow, member.person_id, access.SK)
    commit([update(row, [StandingRow.consents.set({MEMBERSHIP, PUBLIC})])])
    for number, name in enumerate(("residence", "gender", "birth_date", "nickname"), 1):
        FIELDS[name].fill(caller(member), number, "")
    stored = str(town.cloud.items("people"))
    for value in ("上海市", "other", BORN.isoformat(), "拼装小能手"):
        assert value not in stored
    shown = {one.row_kind: values_of(one) for one in read(traverse(member.person_id))}["profile"]
    assert (shown["gender"], shown["birth_date"], shown["nickname"]) == ("other", BORN.isoformat(), "拼装小能手")
