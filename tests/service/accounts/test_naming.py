"""Whose a name is: one look, one person, by user name or nickname; taken, left and erased with them."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from chalicelib.accounts.contracts.profile import SetNickname
from chalicelib.accounts.errors import NicknameTaken, UserNameTaken
from chalicelib.accounts.service import profile, signing_up
from chalicelib.accounts.service.public_side import PUBLIC
from chalicelib.accounts.tables.names import NameGuardRow
from chalicelib.foundation.kernel.errors import Failure
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.rows import StandingRow
from chalicelib.foundation.store.write import commit, update
from tests.service.accounts.test_sign_up import code_for
from tests.support.accounts import guest, new_mobile, new_name, sign_up_command
from tests.support.cloud import TestCloud
from tests.support.counterparties import Counterparties
from tests.support.lives import make_account
from tests.support.people import Someone


def somebody(name: str = "") -> Someone:
    return make_account(f"+86{new_mobile()}", name or new_name())


def rename(who: Someone, nickname: str) -> str:
    version = profile.show_profile(who.call()).version
    return str(profile.set_nickname(who.call(), SetNickname(nickname=nickname), version).nickname)


def open_account(counterparties: Counterparties, name: str) -> Callable[[], Any]:
    mobile = new_mobile()
    command = sign_up_command(mobile, code_for(counterparties, mobile), user_name=name)
    return lambda: signing_up.sign_up(guest(device="Pixel 9; Android 16"), command)


def guards(cloud: TestCloud) -> int:
    return sum(item["kind"]["S"] == NameGuardRow.row_kind for item in cloud.items("people"))


@pytest.mark.promise("B2.7")
@pytest.mark.parametrize("nickname", ["高达大师", "高_达大师", "Gundam0"])
def test_nobody_signs_up_as_what_another_is_called(counterparties: Counterparties, nickname: str):
    rename(somebody(), nickname)
    with pytest.raises(UserNameTaken):
        open_account(counterparties, nickname.replace("0", "O").replace("_", ""))()


@pytest.mark.promise("B2.7")
def test_nobody_is_called_what_another_logs_in_with_or_is_called(cloud: TestCloud):
    somebody("Alice")
    who = somebody()
    for name in ("alice", "A1ice", "AIice", "A_lice"):
        with pytest.raises(NicknameTaken):
            rename(who, name)
    assert rename(who, "Modern") == "Modern"
    with pytest.raises(NicknameTaken):
        rename(somebody(), "modem")
    assert guards(cloud) == 4


@pytest.mark.promise("B2.7")
def test_a_name_that_is_left_is_anybodys(cloud: TestCloud, hands):
    one, other = somebody(), somebody()
    rename(one, "高达大师")
    hands.by(days=4)
    rename(one, "模型大师")
    assert rename(other, "高达大师") == "高达大师"
    profile.remove_field(other.call(), "nickname", profile.show_profile(other.call()).version)
    hands.by(days=4)
    assert guards(cloud) == 3
    commit([update((StandingRow, one.person_id, access.SK), [StandingRow.consents.remove()])])
    profile.apply_withdrawal(one.call(), PUBLIC)
    assert guards(cloud) == 2
    assert rename(other, "别的大师") == "别的大师"


@pytest.mark.promise("B2.4", "B2.7")
def test_ones_own_user_name_stays_ones_own_when_the_nickname_goes(cloud: TestCloud):
    who = somebody("Alice")
    rename(who, "A1ice")
    assert guards(cloud) == 1
    profile.remove_field(who.call(), "nickname", profile.show_profile(who.call()).version)
    assert guards(cloud) == 1
    with pytest.raises(NicknameTaken):
        rename(somebody(), "alice")


@pytest.mark.promise("B2.7")
def test_one_look_wanted_by_eight_at_once_in_both_ways_goes_to_one(counterparties: Counterparties, cloud: TestCloud):
    looks = ["Modern1", "modem1", "ModernI", "Modeml"]
    wanted: list[Callable[[], Any]] = [open_account(counterparties, look) for look in looks]
    wanted += [partial(rename, somebody(), look) for look in looks]
    with ThreadPoolExecutor(8) as threads:
        answers = Counter(threads.map(outcome, wanted))
    assert answers["done"] == 1
    assert set(answers) <= {"done", "accounts.user_name_taken", "accounts.nickname_taken"}
    assert guards(cloud) == 4 + 1


def outcome(what: Callable[[], Any]) -> str:
    try:
        what()
    except Failure as failure:
        return failure.code
    return "done"
