"""Sign-up whose number WeChat proved: three things as ever, and a proof that opens one new account and nothing else."""

import threading
from datetime import timedelta

import msgspec
import pytest

from chalicelib.accounts.contracts.bindings import WechatSignUp
from chalicelib.accounts.errors import MobileTaken, NotBound, PasswordWeak, ProofInvalid, UserNameTaken
from chalicelib.accounts.service import profile, proofs, signing_up
from chalicelib.foundation.gateways.errors import CodeInvalid, ProviderRefused, ProviderUnavailable
from chalicelib.foundation.kernel.errors import Failure, InvalidInput
from tests.support.accounts import PASSWORD, caller, enrol, guest, log_in, new_mobile, new_name
from tests.support.bindings import come_by_wechat, proof_of
from tests.support.clocks import began
from tests.support.cloud import TestCloud
from tests.support.consents import agreement
from tests.support.counterparties import Counterparties
from tests.support.edges import Http
from tests.support.passwords import try_in


def command(proof: str, **changes: str) -> WechatSignUp:
    given = {"user_name": new_name(), "password": PASSWORD, **changes}
    return WechatSignUp(proof=proof, policy=agreement(), **given)


def sign_up(proof: str, **changes: str) -> str:
    return signing_up.sign_up_by_wechat(guest(channel="wxmp"), command(proof, **changes)).person_id


@pytest.mark.promise("B1.1", "B1.2", "B1.3")
def test_a_number_that_wechat_verified_opens_an_account(counterparties: Counterparties, cloud: TestCloud) -> None:
    mobile, name = new_mobile(), new_name()
    proof = proof_of(counterparties, mobile)
    assert (proof.next, proof.mobile) == ("sign_up", f"{mobile[:3]}****{mobile[-4:]}")
    person_id = sign_up(proof.proof, user_name=name)
    assert try_in(mobile) == "in"
    assert try_in(name) == "in"
    sent = [item for item in cloud.items("evidence") if item.get("recipient", {}).get("S") == "wechat"]
    assert {item["items"]["S"] for item in sent} == {"account.wechat_code"}
    assert len(sent) == 2  # when it was sent, and under the person once there was one
    assert person_id
    assert counterparties.sms(f"+86{mobile}") is None


def test_nothing_of_a_number_is_stored_before_there_is_an_account(
    counterparties: Counterparties, cloud: TestCloud
) -> None:
    mobile = new_mobile()
    proof = proof_of(counterparties, mobile)
    stored = "".join(str(cloud.items(noun)) for noun in ("people", "ephemeral", "evidence"))
    assert mobile not in stored
    assert mobile not in proof.proof


@pytest.mark.promise("B1.3")
def test_a_name_that_is_taken_costs_no_other_proof(counterparties: Counterparties) -> None:
    taken = enrol(counterparties).user_name
    mobile = new_mobile()
    proof = proof_of(counterparties, mobile).proof
    with pytest.raises(UserNameTaken):
        sign_up(proof, user_name=taken)
    with pytest.raises(PasswordWeak):
        sign_up(proof, password="12345678")
    assert sign_up(proof)


@pytest.mark.promise("B4.1")
def test_a_verified_number_is_no_way_into_an_account_that_is_there(counterparties: Counterparties) -> None:
    """A number given up and handed to somebody else leads nobody into the account of the other."""
    who = enrol(counterparties)
    proof = proof_of(counterparties, who.mobile)
    assert proof.next == "log_in"
    with pytest.raises(MobileTaken):
        sign_up(proof.proof)
    with pytest.raises(NotBound):
        come_by_wechat(counterparties, "whoever holds the number now")
    assert profile.show_account(caller(who)).user_name == who.user_name


def test_a_proof_is_good_once_however_many_come_at_once(counterparties: Counterparties) -> None:
    proof = proof_of(counterparties, new_mobile()).proof
    outcomes: list[str] = []

    def attempt() -> None:
        try:
            outcomes.append("in" if sign_up(proof) else "")
        except Failure as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("in") == 1
    assert set(outcomes) <= {"in", MobileTaken.code, ProofInvalid.code, "service.unavailable"}


def test_a_used_proof_opens_no_second_account_once_the_first_is_gone(
    counterparties: Counterparties, cloud: TestCloud
) -> None:
    proof = proof_of(counterparties, new_mobile()).proof
    sign_up(proof)
    for item in [i for i in cloud.items("people") if i["kind"]["S"] == "mobile_login"]:
        key = {"pk": item["pk"], "sk": item["sk"]}
        cloud.client("dynamodb").delete_item(TableName="jule-test-people", Key=key)
    with pytest.raises(ProofInvalid):
        sign_up(proof)


def test_a_proof_ends_after_ten_minutes(counterparties: Counterparties) -> None:
    proof = proof_of(counterparties, new_mobile()).proof
    later = guest(began() + timedelta(minutes=11))
    with pytest.raises(ProofInvalid):
        proofs.open_proof(later, proof)


@pytest.mark.parametrize("spoilt", ["", "A", "AAAA" * 20, "-" * 100])
def test_a_made_up_proof_is_none(spoilt: str) -> None:
    with pytest.raises(ProofInvalid):
        proofs.open_proof(guest(), spoilt)


def test_an_altered_proof_is_none(counterparties: Counterparties) -> None:
    proof = proof_of(counterparties, new_mobile()).proof
    for at in (0, 20, len(proof) - 2):
        other = "A" if proof[at] != "A" else "B"
        with pytest.raises(ProofInvalid):
            proofs.open_proof(guest(), proof[:at] + other + proof[at + 1 :])


def test_a_number_from_abroad_opens_nothing(counterparties: Counterparties) -> None:
    code = counterparties.phone_code("+447700900123")
    with pytest.raises(InvalidInput):
        proofs.prove_number(guest(), proofs.ProveNumber(phone_code=code))


@pytest.mark.parametrize("mode", ["redirect", "oversize", "garbage", "lost", "error"])
def test_a_hostile_answer_proves_nothing(counterparties: Counterparties, cloud: TestCloud, mode: str) -> None:
    counterparties.plan("wechat.getuserphonenumber", mode, times=2)
    with pytest.raises((ProviderRefused, ProviderUnavailable)):
        proof_of(counterparties, new_mobile())
    assert not cloud.items("people")


def test_a_phone_code_that_was_used_is_clearly_refused(counterparties: Counterparties) -> None:
    code = counterparties.phone_code(f"+86{new_mobile()}")
    proofs.prove_number(guest(), proofs.ProveNumber(phone_code=code))
    with pytest.raises(CodeInvalid):
        proofs.prove_number(guest(), proofs.ProveNumber(phone_code=code))


def test_over_http_the_account_logs_in_elsewhere(http: Http, counterparties: Counterparties) -> None:
    mobile = new_mobile()
    body = {"phone_code": counterparties.phone_code(f"+86{mobile}")}
    proof = http("POST", "/v1/accounts/wechat/proofs", body)
    assert proof.status == 200, proof.text
    given = {"proof": proof.json["proof"], "user_name": new_name(), "password": PASSWORD}

    answer = http("POST", "/v1/accounts/wechat", {**given, "policy": msgspec.to_builtins(agreement())})
    assert answer.status == 201, answer.text
    assert log_in(http, mobile, PASSWORD).status == 201
