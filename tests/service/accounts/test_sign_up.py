"""An account comes into being whole or not at all, and there is one per number and per name."""

import base64
import json
import secrets
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.accounts.contracts.accounts import SendCode
from chalicelib.accounts.errors import CodeInvalid, MobileTaken, PasswordWeak, UserNameRefused, UserNameTaken
from chalicelib.accounts.service import codes, profile, signing_up
from chalicelib.consent.errors import PolicyNotCurrent, TextUnknown
from chalicelib.foundation.kernel.errors import Failure, InvalidInput
from chalicelib.foundation.standing import access
from chalicelib.foundation.store.keys import destroy_key
from chalicelib.foundation.store.write import commit
from chalicelib.foundation.vault import keyring
from tests.support.accounts import caller, enrol, guest, new_mobile, new_name, sign_up_command
from tests.support.cloud import TestCloud
from tests.support.consents import agreement
from tests.support.counterparties import Counterparties


def code_for(counterparties: Counterparties, mobile: str) -> str:
    codes.send_code(guest(), SendCode(mobile=mobile, purpose="sign_up"))
    return str(counterparties.sms(f"+86{mobile}"))


def outcome(mobile: str, code: str, **changes) -> str:
    try:
        signing_up.sign_up(guest(), sign_up_command(mobile, code, **changes))
    except Failure as refused:
        return refused.code
    return "opened"


def kinds(cloud: TestCloud, noun: str) -> Counter:
    return Counter(item["kind"]["S"] for item in cloud.items(noun) if "kind" in item)


def nobody_is_there(cloud: TestCloud) -> bool:
    made = kinds(cloud, "people") + kinds(cloud, "keys") + kinds(cloud, "ephemeral")
    return made.keys() <= {"code", "codes_sent", "counter"}


@pytest.mark.promise("A3.3", "B1.1")
def test_one_transaction_makes_everything_an_account_needs(counterparties, cloud: TestCloud, aws_calls):
    mobile = new_mobile()
    command = sign_up_command(mobile, code_for(counterparties, mobile))
    aws_calls.clear()
    view = signing_up.sign_up(guest(device="Pixel 9; Android 16"), command)
    assert [c.operation for c in aws_calls if c.service == "dynamodb"].count("TransactWriteItems") == 1
    assert kinds(cloud, "people") == {"standing": 1, "mobile_login": 1, "name_login": 1, "profile": 1}
    assert kinds(cloud, "keys")["data_key"] == 3
    assert kinds(cloud, "ephemeral")["session"] == 1
    assert kinds(cloud, "ephemeral")["code"] == 0
    assert kinds(cloud, "outbox") == {"outbox": 1}
    assert all(item["person_id"]["S"] == view.person_id for item in cloud.items("people"))
    standing = access.load(view.person_id)
    assert standing is not None
    assert (standing.status, standing.policy_version, standing.consents) == ("active", "1.0.0", None)
    about = {item["pk"]["S"] for item in cloud.items("evidence")} - {"RECIPIENT#sms"}
    assert about == {access.reference(standing)}
    assert kinds(cloud, "evidence") == {"consent": 2, "audit": 1, "disclosure": 2}


@pytest.mark.promise("K4.1")
def test_no_personal_value_is_stored_readable(counterparties, cloud: TestCloud):
    name, password, device = new_name(), f"canary {secrets.token_hex(8)}", f"canary {secrets.token_hex(8)}"
    mobile = new_mobile()
    command = sign_up_command(mobile, code_for(counterparties, mobile), user_name=name, password=password)
    signing_up.sign_up(guest(device=device), command)
    stored = json.dumps(
        [cloud.items(noun) for noun in ("people", "keys", "ephemeral", "outbox", "evidence")],
        default=lambda raw: raw.decode("latin-1"),
        ensure_ascii=False,
    )
    for canary in (mobile, name, password, device, "$argon2id$"):
        assert canary not in stored
        assert base64.b64encode(canary.encode()).decode()[:-4] not in stored


@pytest.mark.promise("J5.1", "K4.1")
def test_without_the_main_key_nothing_of_it_opens(counterparties):
    who = enrol(counterparties)
    call = caller(who)
    assert profile.show_account(call).user_name == who.user_name
    keyring.forget([call.who.keys["main"]])
    commit([destroy_key(call.who.keys["main"])])
    with pytest.raises(keyring.KeyDestroyed):
        profile.show_account(call)
    assert profile.authors([who.person_id], call.now) == {}


@pytest.mark.promise("B1.2")
def test_one_code_used_by_sixteen_at_once_opens_one_account(counterparties, cloud: TestCloud):
    mobile = new_mobile()
    code = code_for(counterparties, mobile)
    with ThreadPoolExecutor(16) as threads:
        answers = Counter(threads.map(lambda _: outcome(mobile, code), range(16)))
    assert answers["opened"] == 1
    assert set(answers) <= {"opened", "accounts.code_invalid", "accounts.mobile_taken"}
    assert kinds(cloud, "people") == {"standing": 1, "mobile_login": 1, "name_login": 1, "profile": 1}
    assert kinds(cloud, "keys")["data_key"] == 3
    assert kinds(cloud, "ephemeral")["session"] == 1


@pytest.mark.promise("B1.1")
def test_one_name_wanted_by_eight_at_once_goes_to_one(counterparties, cloud: TestCloud):
    name = new_name()
    numbers = [new_mobile() for _ in range(8)]
    codes = [code_for(counterparties, mobile) for mobile in numbers]
    spellings = [name, name.upper()] * 4
    with ThreadPoolExecutor(8) as threads:
        answers = Counter(threads.map(lambda m, c, n: outcome(m, c, user_name=n), numbers, codes, spellings))
    assert answers == {"opened": 1, "accounts.user_name_taken": 7}
    assert kinds(cloud, "people")["standing"] == 1
    again = Counter(map(outcome, numbers, codes))
    assert again == {"opened": 7, "accounts.code_invalid": 1}


@pytest.mark.promise("K4.4")
def test_that_a_number_has_an_account_is_told_only_to_who_has_proved_it(counterparties):
    known, unknown = enrol(counterparties).mobile, new_mobile()
    assert [outcome(mobile, "000000") for mobile in (known, unknown)] == ["accounts.code_invalid"] * 2
    later = datetime.now(UTC) + timedelta(minutes=2)
    codes.send_code(guest(later), SendCode(mobile=known, purpose="sign_up"))
    code = str(counterparties.sms(f"+86{known}"))
    with pytest.raises(MobileTaken):
        signing_up.sign_up(guest(later), sign_up_command(known, code, now=later))


@pytest.mark.promise("B1")
def test_a_taken_name_costs_no_try_of_the_code(counterparties):
    taken = enrol(counterparties).user_name
    mobile = new_mobile()
    code = code_for(counterparties, mobile)
    for _ in range(7):
        with pytest.raises(UserNameTaken):
            signing_up.sign_up(guest(), sign_up_command(mobile, code, user_name=taken))
    assert outcome(mobile, code) == "opened"


@pytest.mark.parametrize(
    ("changes", "refusal", "pointer"),
    [
        ({"user_name": "admin"}, UserNameRefused, "/user_name"),
        ({"password": "12345678"}, PasswordWeak, "/password"),
        ({"mobile": "010-12345678"}, InvalidInput, "/mobile"),
        ({"policy": agreement(version="0.0.1")}, PolicyNotCurrent, "/policy/version"),
        ({"policy": agreement(sha256="0" * 64)}, TextUnknown, "/policy/sha256"),
    ],
)
def test_what_is_refused_says_where_writes_nothing_and_costs_no_try(
    counterparties, cloud: TestCloud, changes, refusal, pointer
):
    mobile = new_mobile()
    code = code_for(counterparties, mobile)
    for _ in range(6):
        with pytest.raises(refusal) as refused:
            signing_up.sign_up(guest(), sign_up_command(**{"mobile": mobile, "code": code, **changes}))
        assert [error.pointer for error in refused.value.errors] == [pointer]
    assert nobody_is_there(cloud)
    assert outcome(mobile, code) == "opened"


@pytest.mark.promise("B1.2")
@pytest.mark.parametrize("code", ["000000", "999999"])
def test_without_the_code_nothing_is_written(counterparties, cloud: TestCloud, code):
    mobile = new_mobile()
    if code_for(counterparties, mobile) == code:
        code = "111111"
    with pytest.raises(CodeInvalid):
        signing_up.sign_up(guest(), sign_up_command(mobile, code))
    assert nobody_is_there(cloud)
    assert kinds(cloud, "evidence") == {"disclosure": 1}


@pytest.mark.promise("A2.1", "A2.2")
def test_the_agreement_allows_no_additional_purpose(counterparties):
    assert caller(enrol(counterparties)).who.consents == frozenset()
