"""A number changes by a code to the new one and one to the old: it belongs to one account, and the old one is told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chalicelib.accounts.contracts.codes import ChangeMobile
from chalicelib.accounts.errors import CodeInvalid, MobileTaken
from chalicelib.accounts.service import moving, profile
from chalicelib.foundation.kernel.errors import InvalidInput
from tests.support.accounts import PASSWORD, Member, caller, enrol, new_mobile
from tests.support.clocks import began
from tests.support.passwords import FAILED, WRONG, logins, try_in
from tests.support.ways_in import INVALID, alive, code_to, log_in, move, outcome, recorded, told, try_log_in, wrong

MOVED = "您的账号已更换手机号码"


@pytest.fixture
def who(counterparties) -> Member:
    return enrol(counterparties, began() - timedelta(minutes=5))


def both(counterparties, who: Member, mobile: str) -> tuple[str, str]:
    """Have a code sent to either number."""
    codes = [code_to(counterparties, number, "change_mobile") for number in (mobile, who.mobile)]
    return codes[0], codes[1]


def texts(counterparties, mobile: str) -> list[str]:
    return [one["text"] for one in counterparties.control("GET", "/state")["sms"] if one["mobile"] == f"+86{mobile}"]


def try_move(who: Member, mobile: str, codes: tuple[str, str]) -> str:
    return outcome(move, who, mobile, codes)


@pytest.mark.promise("B1.4")
def test_the_account_moves_whole_and_the_old_number_is_free(who, counterparties, cloud):
    mobile, other = new_mobile(), who
    tablet = log_in(who, code_to(counterparties, who.mobile, "log_in", began() - timedelta(minutes=2)))
    now = move(who, mobile, both(counterparties, who, mobile))
    assert now.session_id == who.session_id
    assert alive(now) == {who.session_id}
    assert tablet.session_id not in alive(now)
    assert profile.mobile_of(who.person_id) == f"+86{mobile}"
    assert [try_in(login) for login in (mobile, who.user_name)] == ["in", "in"]
    assert try_in(other.mobile) == FAILED
    assert (told(cloud, "mobile_changed"), recorded(cloud, "person:mobile:changed")) == (1, 1)
    assert enrol(counterparties, began() + timedelta(minutes=2), mobile=other.mobile).person_id != who.person_id
    assert profile.show_account(caller(now, began())).mobile.endswith(mobile[-4:])


@pytest.mark.promise("B1.4", "I2.3")
def test_the_old_number_is_told_on_record_and_without_the_new_one(who, counterparties, cloud):
    mobile = new_mobile()
    move(who, mobile, both(counterparties, who, mobile))
    (said,) = [text for text in texts(counterparties, who.mobile) if MOVED in text]
    assert mobile not in said
    assert not [text for text in texts(counterparties, mobile) if MOVED in text]
    sent = [i for i in cloud.items("evidence") if i.get("purpose", {}).get("S") == "notice.service"]
    assert [(i["recipient"]["S"], i["items"]["S"]) for i in sent] == [("sms", "account.mobile")]


@pytest.mark.promise("B1.4")
def test_a_provider_that_is_away_undoes_nothing(who, counterparties, cloud):
    mobile = new_mobile()
    codes = both(counterparties, who, mobile)
    counterparties.plan("sms.SendSms", "throttle")
    assert move(who, mobile, codes).mobile == mobile
    assert told(cloud, "mobile_changed") == 1


@pytest.mark.promise("B1.4")
@pytest.mark.parametrize("which", ["new", "old"])
def test_each_number_is_proved_by_its_own_code(who, counterparties, which):
    mobile = new_mobile()
    new, old = both(counterparties, who, mobile)
    asked = ChangeMobile(
        mobile=mobile,
        code=wrong(new) if which == "new" else new,
        old_code=wrong(old) if which == "old" else old,
    )
    with pytest.raises(CodeInvalid) as refused:
        moving.change_mobile(caller(who, began()), asked)
    assert [e.pointer for e in refused.value.errors] == ["/code" if which == "new" else "/old_code"]
    assert try_in(who.mobile) == "in"


@pytest.mark.promise("B1.4")
def test_a_number_that_has_an_account_is_told_to_who_proved_it_and_stays_there(who, counterparties):
    other = enrol(counterparties, began() - timedelta(minutes=5))
    codes = both(counterparties, who, other.mobile)
    assert try_move(who, other.mobile, (wrong(codes[0]), codes[1])) == INVALID
    assert try_move(who, other.mobile, codes) == MobileTaken.code
    assert [try_in(one.mobile) for one in (who, other)] == ["in", "in"]


def test_the_number_it_has_is_no_other_number(who):
    with pytest.raises(InvalidInput):
        move(who, who.mobile, ("000000", "000000"))


def test_failures_do_not_move_along_and_the_password_does(who, counterparties):
    for _ in range(6):
        assert try_in(who.mobile, WRONG) == FAILED
    mobile = new_mobile()
    now = move(who, mobile, both(counterparties, who, mobile))
    assert try_in(mobile, PASSWORD) == "in"
    assert {row.password.reveal() for row in logins(now)} == {logins(now)[0].password.reveal()}


def test_a_code_that_was_sent_to_the_old_number_opens_nothing_any_more(who, counterparties):
    code = code_to(counterparties, who.mobile, "log_in", began() - timedelta(minutes=2))
    mobile = new_mobile()
    move(who, mobile, both(counterparties, who, mobile))
    assert try_log_in(who.mobile, code) == INVALID


@pytest.mark.promise("B1.4")
def test_of_two_accounts_that_want_one_number_at_once_one_gets_it(who, counterparties):
    other, mobile = enrol(counterparties, began() - timedelta(minutes=5)), new_mobile()
    new = code_to(counterparties, mobile, "change_mobile")
    old = [code_to(counterparties, one.mobile, "change_mobile") for one in (who, other)]
    with ThreadPoolExecutor(2) as threads:
        tries = zip((who, other), old, strict=True)
        answers = list(threads.map(lambda pair: try_move(pair[0], mobile, (new, pair[1])), tries))
    assert answers.count("done") == 1
    owner = (who, other)[answers.index("done")]
    assert profile.mobile_of(owner.person_id) == f"+86{mobile}"
    left = (who, other)[answers.index("done") - 1]
    assert try_in(left.mobile) == "in"


@pytest.mark.promise("B1.4", "K4.3")
def test_one_account_that_moves_to_two_numbers_at_once_ends_at_one(who, counterparties):
    numbers = [new_mobile(), new_mobile()]
    old = code_to(counterparties, who.mobile, "change_mobile")
    new = [code_to(counterparties, mobile, "change_mobile") for mobile in numbers]
    with ThreadPoolExecutor(2) as threads:
        tries = zip(numbers, new, strict=True)
        answers = list(threads.map(lambda pair: try_move(who, pair[0], (pair[1], old)), tries))
    assert answers.count("done") == 1
    entered = [mobile for mobile in (*numbers, who.mobile) if try_in(mobile) == "in"]
    assert entered == [numbers[answers.index("done")]]
    assert profile.mobile_of(who.person_id) == f"+86{entered[0]}"
