"""A code proves one number for one purpose, once, for ten minutes and five tries; nothing of it can be read."""

import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from chalicelib.accounts.contracts.accounts import SendCode
from chalicelib.accounts.errors import CodeInvalid, CodesPaused
from chalicelib.accounts.service import codes
from chalicelib.accounts.tables.codes import CodeRow, use_code
from chalicelib.foundation.gateways.errors import ProviderUnavailable, SmsUndeliverable
from chalicelib.foundation.kernel.config import reset_config
from chalicelib.foundation.kernel.errors import Failure, InvalidInput, TooMany
from chalicelib.foundation.store.write import commit
from tests.support.accounts import enrol, guest, new_mobile
from tests.support.clocks import began
from tests.support.cloud import TestCloud
from tests.support.counterparties import Counterparties
from tests.support.ways_in import outcome

PURPOSE = "sign_up"


def send(mobile: str, now: datetime | None = None) -> None:
    codes.send_code(guest(now or began()), SendCode(mobile=mobile, purpose=PURPOSE))


def received(counterparties: Counterparties, mobile: str) -> str:
    code = counterparties.sms(f"+86{mobile}")
    assert code is not None
    return code


def prove(mobile: str, code: str, now: datetime | None = None, purpose: str = PURPOSE) -> CodeRow:
    return codes.prove_code(guest(now or began()), purpose, codes.mobile_index(f"+86{mobile}"), code=code)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def messages(counterparties: Counterparties) -> int:
    return len(counterparties.control("GET", "/state")["sms"])


@pytest.mark.promise("B1.2")
def test_the_code_that_arrives_proves_the_number(counterparties):
    mobile = new_mobile()
    send(mobile)
    assert prove(mobile, received(counterparties, mobile)).attempts == 1


@pytest.mark.promise("B1.2", "K4.3")
def test_a_code_is_bound_to_its_number_and_its_purpose(counterparties):
    mobile, other = new_mobile(), new_mobile()
    send(mobile)
    send(other)
    code = received(counterparties, mobile)
    for number, purpose in ((other, PURPOSE), (mobile, "recover"), (new_mobile(), PURPOSE)):
        if number == other and code == received(counterparties, other):
            continue
        with pytest.raises(CodeInvalid):
            prove(number, code, purpose=purpose)
    assert prove(mobile, code)


@pytest.mark.promise("K4.1")
def test_neither_code_nor_number_is_stored_anywhere(counterparties, cloud: TestCloud):
    mobile = new_mobile()
    send(mobile)
    code = received(counterparties, mobile)
    stored = json.dumps([cloud.items(noun) for noun in ("ephemeral", "people", "outbox", "evidence")], default=str)
    assert mobile not in stored
    digest = next(item["digest"]["S"] for item in cloud.items("ephemeral") if item["kind"]["S"] == "code")
    assert len(digest) == 64
    assert f'"{code}"' not in stored


@pytest.mark.promise("K4.3")
def test_a_code_ends_after_ten_minutes_even_where_the_row_is_still_there(counterparties):
    mobile = new_mobile()
    send(mobile)
    code = received(counterparties, mobile)
    assert prove(mobile, code, began() + timedelta(minutes=9, seconds=59))
    with pytest.raises(CodeInvalid):
        prove(mobile, code, began() + timedelta(minutes=10))


@pytest.mark.promise("K4.3")
def test_five_wrong_tries_burn_a_code(counterparties):
    mobile = new_mobile()
    send(mobile)
    code = received(counterparties, mobile)
    for _ in range(5):
        with pytest.raises(CodeInvalid):
            prove(mobile, wrong(code))
    with pytest.raises(CodeInvalid):
        prove(mobile, code)


@pytest.mark.promise("K4.3")
def test_of_fifty_guesses_at_once_five_are_compared(counterparties, monkeypatch: pytest.MonkeyPatch):
    mobile = new_mobile()
    send(mobile)
    guesses = [wrong(received(counterparties, mobile))] * 50
    compared = []
    honest = hmac.compare_digest
    monkeypatch.setattr(codes.hmac, "compare_digest", lambda *pair: compared.append(pair) or honest(*pair))

    def guess(code: str) -> str:
        try:
            prove(mobile, code)
        except CodeInvalid as refused:
            return refused.code
        return "taken"

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(guess, guesses))
    assert answers == ["accounts.code_invalid"] * 50
    assert len(compared) == 5


@pytest.mark.promise("K4.3")
def test_a_used_code_is_gone_and_a_later_one_does_not_bring_it_back(counterparties):
    mobile = new_mobile()
    send(mobile)
    code = received(counterparties, mobile)
    row = prove(mobile, code)
    commit([use_code(row, CodeInvalid)])
    with pytest.raises(CodeInvalid):
        commit([use_code(row, CodeInvalid)])
    send(mobile, began() + timedelta(seconds=60))
    if received(counterparties, mobile) != code:
        with pytest.raises(CodeInvalid):
            prove(mobile, code, began() + timedelta(seconds=61))


def test_a_code_that_arrives_late_is_good_beside_the_one_sent_after_it(counterparties):
    mobile = new_mobile()
    send(mobile)
    first = received(counterparties, mobile)
    send(mobile, began() + timedelta(minutes=2))
    second = received(counterparties, mobile)
    assert prove(mobile, first, began() + timedelta(minutes=3))
    assert prove(mobile, second, began() + timedelta(minutes=3))
    assert prove(mobile, second, began() + timedelta(minutes=11))
    if first != second:
        with pytest.raises(CodeInvalid):
            prove(mobile, first, began() + timedelta(minutes=11))


@pytest.mark.promise("K4.3")
def test_a_burned_code_stays_burned_when_another_is_sent(counterparties):
    mobile = new_mobile()
    send(mobile)
    first = received(counterparties, mobile)
    for _ in range(5):
        with pytest.raises(CodeInvalid):
            prove(mobile, wrong(first))
    send(mobile, began() + timedelta(minutes=1))
    if received(counterparties, mobile) != first:
        with pytest.raises(CodeInvalid):
            prove(mobile, first, began() + timedelta(minutes=1))
    assert prove(mobile, received(counterparties, mobile), began() + timedelta(minutes=1))


@pytest.mark.promise("K4.3")
def test_one_a_minute_five_an_hour_ten_a_day(counterparties):
    mobile, at = new_mobile(), began()
    sent: list[datetime] = []
    while at < began() + timedelta(hours=25):
        try:
            send(mobile, at)
        except TooMany as refused:
            at += timedelta(seconds=refused.retry_after_s or 0)
        else:
            sent.append(at)
            at += timedelta(seconds=1)
    gaps = [(after - before).total_seconds() for before, after in pairwise(sent)]
    assert min(gaps) == 60
    assert [int((at - began()).total_seconds()) for at in sent[:6]] == [0, 60, 120, 180, 240, 3600]
    assert len([at for at in sent if at < began() + timedelta(days=1)]) == 10
    assert messages(counterparties) == len(sent)


def test_of_many_requests_at_once_for_a_number_one_sends(counterparties):
    mobile = new_mobile()

    def try_to_send(_: int) -> str:
        try:
            send(mobile)
        except Failure as refused:
            return refused.code
        return "sent"

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(try_to_send, range(8)))
    assert answers.count("sent") == 1
    assert set(answers) <= {"sent", "rate.limited", "service.unavailable"}
    assert messages(counterparties) == 1


def test_the_budget_of_a_day_stops_pumping(counterparties, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SMS_DAILY_BUDGET", "2")
    reset_config()
    for _ in range(2):
        send(new_mobile())
    with pytest.raises(CodesPaused):
        send(new_mobile())
    assert messages(counterparties) == 2
    send(new_mobile(), began() + timedelta(days=1))


@pytest.mark.promise("K4.3")
def test_whoever_is_on_duty_hears_of_the_budget_before_it_is_used_up_and_then(
    counterparties, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("SMS_DAILY_BUDGET", "5")
    reset_config()
    heard = []
    for _ in range(6):
        outcome(send, new_mobile())
        heard.append([line for line in capsys.readouterr().out.splitlines() if '"event":"message_budget"' in line])
    assert [len(lines) for lines in heard] == [0, 0, 0, 1, 0, 1]
    assert '"way":"sms","used":4,"budget":5' in heard[3][0]


@pytest.mark.promise("K4.4")
def test_a_number_with_an_account_gets_the_same_answer_by_the_same_calls(counterparties, aws_calls):
    known, unknown = enrol(counterparties, began() - timedelta(minutes=5)).mobile, new_mobile()
    answers, seen = [], []
    for mobile in (known, unknown):
        aws_calls.clear()
        answers.append(codes.send_code(guest(began()), SendCode(mobile=mobile, purpose=PURPOSE)))
        seen.append([call.operation for call in aws_calls])
    assert answers[0] == answers[1]
    assert seen[0] == seen[1] == ["BatchGetItem", "UpdateItem", "TransactWriteItems"]


@pytest.mark.promise("I2.3")
def test_each_sending_is_on_record_without_the_number(counterparties, cloud: TestCloud):
    mobile = new_mobile()
    send(mobile)
    (entry,) = cloud.items("evidence")
    assert (entry["pk"]["S"], entry["recipient"]["S"]) == ("RECIPIENT#sms", "sms")
    assert (entry["items"]["S"], entry["purpose"]["S"]) == ("account.code,account.mobile", "account.service")
    assert mobile not in json.dumps(entry, default=str)


def test_a_number_elsewhere_is_refused_before_anything_is_counted(counterparties, cloud: TestCloud):
    for mobile in ("+1 650 253 0000", "010-12345678"):
        with pytest.raises(InvalidInput):
            send(mobile)
    assert cloud.items("ephemeral") == []
    assert messages(counterparties) == 0


def test_a_provider_that_fails_is_told_and_not_asked_twice(counterparties):
    mobile = new_mobile()
    counterparties.plan("sms.SendSms", "lost")
    with pytest.raises(ProviderUnavailable):
        send(mobile)
    assert messages(counterparties) == 1
    assert prove(mobile, received(counterparties, mobile))
    with pytest.raises(TooMany):
        send(mobile, began() + timedelta(seconds=30))


def test_a_number_the_provider_does_not_reach_is_said_so(monkeypatch: pytest.MonkeyPatch):
    def undeliverable(*_, **__):
        raise SmsUndeliverable

    monkeypatch.setattr(codes.sms, "send_code", undeliverable)
    with pytest.raises(SmsUndeliverable):
        send(new_mobile())
