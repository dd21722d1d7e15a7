"""Who gets no account back: strangers, whoever asks too often or too early, and whoever asks for the wrong account."""

from datetime import timedelta

import pytest

from chalicelib.accounts.service import recovery
from chalicelib.accounts.service.bindings import bindings_of
from chalicelib.accounts.tables.recovery import recovery_of
from chalicelib.foundation.gateways.errors import ProviderUnavailable
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.errors import TooMany
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.minors import GuardianConsentRequired
from chalicelib.foundation.standing.rows import FROZEN, StandingRow
from chalicelib.foundation.store.write import commit, update
from chalicelib.foundation.web.limits import Limit
from tests.support.accounts import PASSWORD, Member, enrol, new_mobile, new_name
from tests.support.identities import PURPOSE, Citizen, agree, citizen, number_from
from tests.support.passwords import FAILED, try_in
from tests.support.recovery import NEXT, ask, code_now, finish, stop, tell, texts
from tests.support.ways_in import INVALID, told

NOT_OPEN = "request.not_found"


@pytest.mark.promise("B6.3")
def test_unknown_unverified_wrong_and_right_look_and_cost_the_same(who, known, counterparties, aws_calls, cloud):
    plain, other = enrol(counterparties), citizen(counterparties, "钱七")
    asked = []
    for account, said in (
        (who.user_name, known),
        (who.user_name, other),
        (plain.user_name, other),
        (plain.mobile, Citizen("李四", number_from())),
        (new_name(), known),
        (new_mobile(), other),
    ):
        mobile = new_mobile()
        code = code_now(counterparties, mobile)
        before = len(aws_calls)
        view = ask(counterparties, account, said, mobile, code=code)
        asked.append(([call.operation for call in aws_calls[before:]], len(view.reference), view.wait_h))
    assert all(one == asked[0] for one in asked), asked
    assert recovery_of(who.person_id) is not None
    assert recovery_of(plain.person_id) is None


@pytest.mark.promise("B6.3")
def test_before_the_wait_is_over_a_match_answers_like_none(who, known, counterparties, hands):
    mobile, other = new_mobile(), new_mobile()
    ask(counterparties, who.user_name, known, mobile)
    ask(counterparties, who.mobile, citizen(counterparties, "钱七"), other)
    hands.by(hours=71)
    assert finish(counterparties, who.user_name, mobile) == NOT_OPEN
    assert finish(counterparties, who.mobile, other) == NOT_OPEN
    hands.by(hours=2)
    assert finish(counterparties, who.mobile, other) == NOT_OPEN
    assert finish(counterparties, who.user_name, mobile) == "done"


@pytest.mark.promise("B6.1", "B6.6")
@pytest.mark.parametrize("is_verified", [True, False])
def test_whoever_knows_name_number_and_account_but_has_no_card_of_theirs_gets_nothing(
    who, known, counterparties, cloud, hands, is_verified
):
    if not is_verified:
        who = enrol(counterparties, clock.now())
        known = citizen(counterparties, "李四", who.mobile)
    mobile = new_mobile()
    ask(counterparties, who.user_name, known, mobile, card=False)
    tell(cloud)
    assert recovery_of(who.person_id) is None
    assert texts(counterparties, who.mobile) == []
    hands.by(hours=73)
    assert finish(counterparties, who.user_name, mobile) == NOT_OPEN
    ask(counterparties, who.user_name, known, new_mobile())
    assert recovery_of(who.person_id) is not None


@pytest.mark.promise("B6.3")
def test_the_authority_is_asked_the_same_whatever_stands_behind_the_account(who, counterparties):
    plain, asked = enrol(counterparties, clock.now()), []
    for account in (who.user_name, plain.user_name, new_name()):
        said = citizen(counterparties, "钱七")
        ask(counterparties, account, said, new_mobile())
        books = counterparties.control("GET", "/state")["asked"]
        asked.append([times for about, times in books.items() if about.endswith(said.number)])
    assert asked == [[2]] * 3


@pytest.mark.promise("B6.3")
def test_tries_are_counted_per_asker_and_per_identity_number(who, known, counterparties, hands):
    mobile = new_mobile()
    for _ in range(5):
        ask(counterparties, who.user_name, citizen(counterparties, "钱七"), mobile)
        hands.by(minutes=13)
    with pytest.raises(TooMany):
        ask(counterparties, who.user_name, known, mobile)
    guessed = citizen(counterparties, "孙八")
    for _ in range(5):
        ask(counterparties, new_name(), guessed, new_mobile())
    with pytest.raises(TooMany):
        ask(counterparties, new_name(), guessed, new_mobile())
    assert recovery_of(who.person_id) is None


@pytest.mark.promise("B6.3")
def test_strangers_who_ask_in_vain_do_not_shut_the_owner_out(who, known, counterparties):
    for _ in range(9):
        ask(counterparties, who.user_name, citizen(counterparties, "钱七"), new_mobile())
    ask(counterparties, who.user_name, known, new_mobile())
    assert recovery_of(who.person_id) is not None


@pytest.mark.promise("B6.3")
def test_an_account_is_asked_for_so_often_a_day_whoever_asks_and_somebody_hears_of_it(
    who, known, counterparties, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    assert recovery._PER_ACCOUNT.count == 50
    monkeypatch.setattr(recovery, "_PER_ACCOUNT", Limit("recovery_account", 4, 86400))
    heard = []
    for _ in range(4):
        ask(counterparties, who.user_name, citizen(counterparties, "钱七"), new_mobile())
        heard.append('"event":"recovery_pressed"' in capsys.readouterr().out)
    assert heard == [False, True, False, False]
    with pytest.raises(TooMany):
        ask(counterparties, who.user_name, known, new_mobile())
    assert recovery_of(who.person_id) is None


@pytest.mark.promise("B6.3", "B6.4")
def test_a_stranger_who_does_not_match_disturbs_nobody(who, counterparties, cloud):
    ask(counterparties, who.user_name, citizen(counterparties, "钱七"), new_mobile())
    tell(cloud)
    assert recovery_of(who.person_id) is None
    assert texts(counterparties, who.mobile) == []
    assert told(cloud, "recovery_begun") == 0


@pytest.mark.promise("B6.4")
def test_a_code_to_another_number_stops_nothing(who, known, counterparties, hands):
    ask(counterparties, who.user_name, known, new_mobile())
    assert stop(counterparties, new_mobile()) == INVALID
    assert recovery_of(who.person_id) is not None


def freeze(who: Member, by: str) -> None:
    row = access.load(who.person_id)
    assert row is not None
    commit([access.freeze(row, by, clock.now(), otherwise=TooMany)])


@pytest.mark.parametrize(
    ("when", "by", "ends"),
    [
        ("before", "owner", "done"),
        ("before", "staff:investigation", NOT_OPEN),
        ("after", "owner", NOT_OPEN),
        ("after", "staff:investigation", NOT_OPEN),
    ],
)
def test_a_freeze_of_ones_own_before_is_lifted_and_any_other_refuses(who, known, counterparties, hands, when, by, ends):
    mobile = new_mobile()
    if when == "before":
        freeze(who, by)
    ask(counterparties, who.user_name, known, mobile)
    if when == "after":
        freeze(who, by)
    hands.by(hours=72, seconds=1)
    assert finish(counterparties, who.user_name, mobile) == ends
    assert (access.load(who.person_id).status == FROZEN) == (ends != "done")
    assert try_in(mobile, NEXT) == ("in" if ends == "done" else FAILED)


def test_an_account_that_is_leaving_is_not_given_back(who, known, counterparties):
    commit([update((StandingRow, who.person_id, access.SK), [StandingRow.status.set("closing")])])
    ask(counterparties, who.user_name, known, new_mobile())
    assert recovery_of(who.person_id) is None


def test_an_account_that_leaves_meanwhile_is_not_given_back(who, known, counterparties, hands):
    mobile = new_mobile()
    ask(counterparties, who.user_name, known, mobile)
    commit([update((StandingRow, who.person_id, access.SK), [StandingRow.status.set("closing")])])
    hands.by(hours=72, seconds=1)
    assert finish(counterparties, who.user_name, mobile) == NOT_OPEN


def test_a_minors_identity_is_left_to_people(who, counterparties):
    child = Citizen("王小小", number_from(born=clock.now().date().replace(day=1, year=clock.now().year - 12)))
    with pytest.raises(GuardianConsentRequired):
        ask(counterparties, who.user_name, child, new_mobile())


def test_an_account_known_as_a_minors_is_not_given_to_whoever_has_the_sim_card(counterparties):
    who = enrol(counterparties)
    parent = citizen(counterparties, "王大山", who.mobile)
    later = clock.now() + timedelta(days=900)
    actions = [StandingRow.child_until.set(later), StandingRow.minor_until.set(later)]
    commit([update((StandingRow, who.person_id, access.SK), actions)])
    ask(counterparties, who.user_name, parent, new_mobile())
    assert recovery_of(who.person_id) is None


@pytest.mark.promise("B6.1")
def test_a_name_that_the_authority_does_not_know_with_the_number_gives_nothing(who, known, counterparties):
    ask(counterparties, who.user_name, Citizen("李四", known.number), new_mobile())
    assert recovery_of(who.person_id) is None


def test_an_authority_that_is_away_leaves_the_code_good(who, known, counterparties, hands):
    mobile = new_mobile()
    code = code_now(counterparties, mobile)
    counterparties.plan("faceid.PhoneVerification", "throttle")
    with pytest.raises(ProviderUnavailable):
        ask(counterparties, who.user_name, known, mobile, code=code)
    assert recovery_of(who.person_id) is None
    ask(counterparties, who.user_name, known, mobile, code=code)
    assert recovery_of(who.person_id) is not None


def test_without_the_consent_to_be_verified_the_identity_is_not_used(who, known, counterparties):
    agree(who.person_id, "account.membership")
    ask(counterparties, who.user_name, known, new_mobile())
    assert recovery_of(who.person_id) is None
    agree(who.person_id, PURPOSE)
    ask(counterparties, who.user_name, known, new_mobile())
    assert recovery_of(who.person_id) is not None


def test_a_weak_password_gives_the_code_back(who, known, counterparties, hands):
    mobile = new_mobile()
    ask(counterparties, who.user_name, known, mobile)
    hands.by(hours=72, seconds=1)
    code = code_now(counterparties, mobile)
    weak = f"{who.user_name}1"
    assert finish(counterparties, who.user_name, mobile, new=weak, code=code) == "accounts.password_weak"
    assert finish(counterparties, who.user_name, mobile, code=code) == "done"
    assert try_in(who.user_name, PASSWORD) == FAILED
    assert bindings_of(who.person_id) == []
