"""The optional e-mail address: proved by a code of one's own, agreed to, sealed, masked, removable."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from chalicelib.accounts.contracts.profile import ProfileView, SendEmailCode, SetEmail
from chalicelib.accounts.errors import CodeInvalid, CodesPaused
from chalicelib.accounts.jobs import apply_withdrawal
from chalicelib.accounts.rules.codes import CODE_LIFE, CODE_TRIES
from chalicelib.accounts.service import email, profile
from chalicelib.consent.contracts import ConsentWithdrawn
from chalicelib.foundation.gateways.errors import MailUndeliverable
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import ConsentRequired, Failure, InvalidInput, TooMany
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.rows import StandingRow
from chalicelib.foundation.store.erase import values_of
from chalicelib.foundation.store.outbox import announce
from chalicelib.foundation.store.planner import read, traverse
from chalicelib.foundation.store.write import commit, update
from chalicelib.foundation.web.answer import VersionStale
from tests.support.cloud import TestCloud
from tests.support.counterparties import Counterparties
from tests.support.edges import deliver
from tests.support.leaving import leave
from tests.support.lives import make_account
from tests.support.people import Someone

ADDRESS = "Collector.One@example.com"
PURPOSE = "account.email"


@pytest.fixture
def who() -> Someone:
    """Give somebody who has agreed."""
    return make_account()


def asks(who: Someone, now: datetime | None = None) -> Call:
    return who.call(now, purpose=PURPOSE)


def ask_code(who: Someone, address: str = ADDRESS, now: datetime | None = None) -> None:
    email.send_code(asks(who, now), SendEmailCode(email=address))


def code_of(counterparties: Counterparties, address: str = ADDRESS) -> str:
    code = counterparties.mail(address)
    assert code is not None
    return code


def prove(
    who: Someone, code: str, version: int = 1, address: str = ADDRESS, now: datetime | None = None
) -> ProfileView:
    return email.set_email(asks(who, now), SetEmail(email=address, code=code), version)


@pytest.fixture
def proved(who: Someone, counterparties: Counterparties) -> Someone:
    """Give somebody with an address."""
    ask_code(who)
    prove(who, code_of(counterparties))
    return who


@pytest.mark.promise("B2.6", "K4.1")
def test_an_address_is_kept_once_its_code_came_back_and_shown_masked(proved: Someone, cloud: TestCloud):
    view = profile.show_profile(proved.call())
    assert (view.email, view.version) == ("C***@example.com", 2)
    for table in ("people", "ephemeral", "evidence", "outbox"):
        kept = json.dumps(cloud.items(table), default=repr, ensure_ascii=False)
        assert "collector.one" not in kept.lower(), table
    (row,) = [one for one in read(traverse(proved.person_id)) if one.row_kind == "profile"]
    assert values_of(row)["email"] == ADDRESS


@pytest.mark.promise("B2.6", "J3.1")
def test_it_is_removed_without_consent_and_opens_no_tier(proved: Someone):
    commit([update((StandingRow, proved.person_id, access.SK), [StandingRow.consents.remove()])])
    view = profile.remove_field(proved.call(), "email", 2)
    assert (view.email, view.tier) == (None, "none")


@pytest.mark.promise("B2.6", "J6.1")
def test_a_withdrawal_hides_it_at_once_and_removes_it(proved: Someone, cloud: TestCloud):
    write = announce(proved.call(), "withdrawals", ConsentWithdrawn(purpose=PURPOSE))
    commit([update((StandingRow, proved.person_id, access.SK), [StandingRow.consents.remove()]), write])
    assert profile.show_profile(proved.call()).email is None
    assert write.message is not None
    assert deliver(apply_withdrawal, write.message.body.decode()) == []
    (stored,) = [item for item in cloud.items("people") if item["kind"]["S"] == "profile"]
    assert not {"email", "email_at"} & stored.keys()


@pytest.mark.promise("A2.2", "B2.6")
def test_a_withdrawal_between_the_edge_and_the_write_stops_the_write(who: Someone, counterparties: Counterparties):
    ask_code(who)
    call = asks(who)
    commit([update((StandingRow, who.person_id, access.SK), [StandingRow.consents.remove()])])
    command = SetEmail(email=ADDRESS, code=code_of(counterparties))
    with pytest.raises(ConsentRequired):
        email.set_email(call, command, 1)


@pytest.mark.promise("B2.6", "K4.3")
def test_a_code_is_good_for_its_address_its_person_and_once(who: Someone, counterparties: Counterparties):
    other = make_account("+8613900000002", "路人乙")
    ask_code(who)
    code = code_of(counterparties)
    for person, address in ((other, ADDRESS), (who, "other@example.com")):
        with pytest.raises(CodeInvalid):
            prove(person, code, address=address)
    assert prove(who, code).email is not None
    with pytest.raises(CodeInvalid):
        prove(who, code, 2)


@pytest.mark.promise("K4.3")
def test_tries_are_counted_before_they_are_compared(who: Someone, counterparties: Counterparties):
    ask_code(who)
    code = code_of(counterparties)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(CODE_TRIES):
        with pytest.raises(CodeInvalid):
            prove(who, wrong)
    with pytest.raises(CodeInvalid):
        prove(who, code)


@pytest.mark.promise("B2.6", "K4.3")
def test_a_code_ends_after_ten_minutes(who: Someone, counterparties: Counterparties):
    now = who.call().now
    ask_code(who, now=now)
    with pytest.raises(CodeInvalid):
        prove(who, code_of(counterparties), now=now + CODE_LIFE)


@pytest.mark.promise("K4.3")
def test_an_address_gets_few_codes_whoever_asks(who: Someone, counterparties: Counterparties):
    now = who.call().now
    ask_code(who, now=now)
    other = make_account("+8613900000002", "路人乙")
    for person, spelling in ((who, ADDRESS), (other, ADDRESS), (other, ADDRESS.upper())):
        with pytest.raises(TooMany):
            ask_code(person, spelling, now + timedelta(seconds=59))
    ask_code(other, now=now + timedelta(seconds=61))
    assert len(counterparties.control("GET", "/state")["mail"]) == 2


def test_a_stale_version_uses_no_code_up(who: Someone, counterparties: Counterparties):
    ask_code(who)
    with pytest.raises(VersionStale):
        prove(who, code_of(counterparties), 2)
    assert prove(who, code_of(counterparties)).version == 2


def test_of_many_at_once_one_counts(who: Someone, counterparties: Counterparties):
    ask_code(who)
    code = code_of(counterparties)

    def once(_: int) -> str:
        try:
            prove(who, code)
        except Failure as refused:
            return refused.code
        return "set"

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(once, range(4))).count("set") == 1


@pytest.mark.promise("B2.6")
def test_two_people_may_have_the_same_address(proved: Someone, counterparties: Counterparties):
    other = make_account("+8613900000002", "路人乙")
    later = other.call().now + timedelta(seconds=61)
    ask_code(other, now=later)
    assert prove(other, code_of(counterparties), now=later).email == profile.show_profile(proved.call()).email


@pytest.mark.promise("I2.3")
def test_a_sending_is_on_record_before_it_leaves_and_what_is_no_address_never_does(
    who: Someone, counterparties: Counterparties, cloud: TestCloud
):
    with pytest.raises(InvalidInput):
        ask_code(who, "a@example.com\r\nBcc: b@example.com")
    with pytest.raises(MailUndeliverable):
        ask_code(who, "someone@refused.example")
    told = [item for item in cloud.items("evidence") if item.get("recipient", {}).get("S") == "mail"]
    assert [item["items"]["S"] for item in told] == ["account.code,profile.email"]
    assert counterparties.control("GET", "/state")["mail"] == []


def test_a_day_has_its_budget(who: Someone, counterparties: Counterparties, monkeypatch):
    monkeypatch.setattr(email, "_MOST_IN_A_DAY", 0)
    with pytest.raises(CodesPaused):
        ask_code(who)
    assert counterparties.control("GET", "/state")["mail"] == []


@pytest.mark.promise("B2.6", "J7.3")
def test_the_address_goes_with_the_account(proved: Someone, cloud: TestCloud):
    leave(proved).finish()
    assert [item for item in cloud.items("people") if item["kind"]["S"] == "profile"] == []
