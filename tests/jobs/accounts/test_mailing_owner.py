"""A proved e-mail address is told what happens to the number: to whoever lost the phone it is what is left."""

import pytest

from chalicelib.accounts.contracts.profile import SendEmailCode, SetEmail
from chalicelib.accounts.service import email
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.errors import Busy
from chalicelib.foundation.standing import access
from tests.support.accounts import Member, caller, new_mobile
from tests.support.identities import PURPOSE as VERIFICATION
from tests.support.identities import Citizen, agree, citizen
from tests.support.recovery import ask, finish, tell, verified
from tests.support.ways_in import code_to, move, told

ADDRESS = "owner@example.com"
MAIL = "account.email"


@pytest.fixture
def known(counterparties) -> Citizen:
    return citizen(counterparties)


@pytest.fixture
def who(counterparties, known, hands) -> Member:
    member = verified(counterparties, known)
    agree(member.person_id, VERIFICATION, MAIL)
    call = caller(member, clock.now(), purpose=MAIL)
    email.send_code(call, SendEmailCode(email=ADDRESS))
    email.set_email(call, SetEmail(email=ADDRESS, code=str(counterparties.mail(ADDRESS))), 1)
    hands.by(minutes=2)
    return member


def tell_all(cloud) -> None:
    tell(cloud)  # the owner is told of an asking by one message, and by mail by the next
    tell(cloud)


def mails(counterparties) -> list[str]:
    arrived = [one for one in counterparties.control("GET", "/state")["mail"] if not one["code"]]
    assert {one["to"] for one in arrived} <= {ADDRESS}
    return [one["subject"].split()[0] for one in arrived]


@pytest.mark.promise("B6.4", "I2.3")
def test_an_asking_and_a_finished_recovery_are_mailed_once_each_on_record(who, known, counterparties, cloud, hands):
    mobile = new_mobile()
    ask(counterparties, who.user_name, known, mobile)
    tell_all(cloud)
    assert mails(counterparties) == ["有人申请找回您的账号"]
    hands.by(hours=73)
    assert finish(counterparties, who.user_name, mobile) == "done"
    tell_all(cloud)
    assert mails(counterparties) == ["有人申请找回您的账号", "您的账号已被找回"]
    sent = [item for item in cloud.items("evidence") if item.get("items", {}).get("S") == "profile.email"]
    assert {item["recipient"]["S"] for item in sent} == {"mail"}
    assert len(sent) == 2
    stored = str(counterparties.control("GET", "/state")["mail"])
    assert not any(said in stored for said in (mobile, who.mobile, who.user_name, known.name, known.number))


@pytest.mark.promise("B1.4")
def test_a_number_that_changes_is_mailed(who, counterparties, cloud):
    at, mobile = clock.now(), new_mobile()
    codes = [code_to(counterparties, number, "change_mobile", at) for number in (mobile, who.mobile)]
    move(who, mobile, (codes[0], codes[1]), at)
    tell_all(cloud)
    assert mails(counterparties) == ["您的账号已更换手机号码"]


@pytest.mark.promise("B6.4")
def test_whoever_froze_the_account_is_mailed_too(who, known, counterparties, cloud):
    row = access.load(who.person_id)
    access.commit(caller(who), [access.freeze(row, "owner", clock.now(), otherwise=Busy)], legal_ground="freeze")
    ask(counterparties, who.user_name, known, new_mobile())
    tell_all(cloud)
    assert len(mails(counterparties)) == 1


@pytest.mark.promise("B6.4", "A2.2")
def test_nothing_is_mailed_once_the_address_is_no_longer_agreed_to(who, known, counterparties, cloud):
    ask(counterparties, who.user_name, known, new_mobile())
    agree(who.person_id, VERIFICATION)
    tell_all(cloud)
    assert (mails(counterparties), told(cloud, "recovery_begun")) == ([], 1)


@pytest.mark.promise("B6.4")
def test_a_mail_service_that_is_away_leaves_number_and_inbox(who, known, counterparties, cloud):
    ask(counterparties, who.user_name, known, new_mobile())
    counterparties.plan("mail.Send", "throttle", times=5)
    tell_all(cloud)
    assert (mails(counterparties), told(cloud, "recovery_begun")) == ([], 1)


@pytest.mark.promise("B6.3")
def test_who_does_not_match_has_nothing_mailed(who, counterparties, cloud):
    ask(counterparties, who.user_name, citizen(counterparties, "钱七"), new_mobile())
    tell_all(cloud)
    assert mails(counterparties) == []
