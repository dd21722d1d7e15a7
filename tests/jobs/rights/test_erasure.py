"""Erasing a person, checkpoint by checkpoint: whole, killed anywhere, run twice."""

import base64
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from chalicelib.foundation.kernel.config import reset_config
from chalicelib.foundation.kernel.deadlines import Deadline
from chalicelib.foundation.kernel.errors import Unauthenticated
from chalicelib.foundation.standing import access
from chalicelib.foundation.store.outbox import announce
from chalicelib.foundation.store.planner import traverse
from chalicelib.foundation.store.write import commit
from chalicelib.foundation.vault import keyring
from chalicelib.foundation.vault.keyring import KeyDestroyed
from chalicelib.foundation.work.job import NotYet
from chalicelib.notifications.contracts import NoticeOrdered
from chalicelib.rights import rules
from chalicelib.rights.service import certificate, erasure
from tests.support.leaving import HOUR, Left, leave, raw
from tests.support.lives import MOBILE, NAME, RESIDENCE, make_account, system_call

pytestmark = pytest.mark.usefixtures("counterparties")


def cancelled(someone):
    """Cancel somebody's account; gives the request and the receipt."""
    return leave(someone)


def case(request_id):
    """Read the case of a cancellation."""
    return Left(request_id, "").case()


@pytest.mark.promise("J3.2", "J5.1", "J7.4", "J11.3")
def test_a_person_is_erased_and_the_certificate_proves_it(cloud):
    someone = make_account()
    main = keyring.data_key(someone.keys["main"])
    request_id, receipt = cancelled(someone)
    assert certificate.show_certificate(system_call(), receipt).state == "running"
    erasure.erase(system_call(), request_id, HOUR)
    done = certificate.show_certificate(system_call(), receipt)
    assert done.state == "done"
    key = load_der_public_key(base64.b64decode(done.public_key))
    key.verify(base64.b64decode(done.signature), done.statement.encode(), ECDSA(SHA256()))
    left = raw(cloud)
    for trace in (someone.person_id, MOBILE, NAME, RESIDENCE, someone.keys["main"]):
        assert trace.encode() not in left
        assert trace not in done.statement
    assert main not in left
    assert list(traverse(someone.person_id)) == []
    keyring.forget()
    for ground in ("main", "trade", "cases"):
        with pytest.raises(KeyDestroyed):
            keyring.data_key(someone.keys[ground])
    assert msgspec.json.decode(done.statement)["found_afterwards"] == 0


@pytest.mark.promise("G1.1")
def test_the_last_notice_goes_out_once_and_the_number_is_dropped(counterparties):
    someone = make_account()
    request_id, _ = cancelled(someone)
    assert case(request_id).mobile is not None
    erasure.erase(system_call(), request_id, HOUR)
    erasure.erase(system_call(), request_id, HOUR)
    arrived = [s for s in counterparties.control("GET", "/state")["sms"] if s["mobile"] == MOBILE]
    assert len(arrived) == 1
    row = case(request_id)
    assert row.mobile is None
    assert row.erasing_id is None


@pytest.mark.promise("J7.4")
@pytest.mark.parametrize("step", rules.STEPS[:-1])
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_a_checkpoint_it_is_taken_up_again(cloud, monkeypatch, step, when):
    someone = make_account()
    request_id, receipt = cancelled(someone)
    real = erasure._DO[step]

    class Killed(BaseException):
        """The process is gone."""

    def dying(*given):
        if when == "after":
            real(*given)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setitem(erasure._DO, step, dying)
        with pytest.raises(Killed):
            erasure.erase(system_call(), request_id, HOUR)
    assert case(request_id).step in ({"done"} if (step, when) == ("certificate", "after") else {step})
    erasure.continue_erasures(system_call(datetime.now(UTC) + rules.WORKING), HOUR)
    assert case(request_id).step == "done"
    assert certificate.show_certificate(system_call(), receipt).state == "done"
    assert someone.person_id.encode() not in raw(cloud)


@pytest.mark.promise("J7.4")
def test_short_of_time_it_stops_at_a_checkpoint_and_the_sweep_goes_on():
    request_id, _ = cancelled(make_account())
    with pytest.raises(NotYet):
        erasure.erase(system_call(), request_id, Deadline(0))
    assert case(request_id).step == "entrances"
    erasure.continue_erasures(system_call(), HOUR)
    assert case(request_id).step == "done"


@pytest.mark.promise("J3.2")
def test_what_is_written_late_does_not_survive(cloud, monkeypatch):
    someone = make_account()
    late = someone.call()
    request_id, _ = cancelled(someone)
    monkeypatch.setenv("ERASURE_SETTLE_S", "60")
    reset_config()
    erasure.erase(system_call(), request_id, HOUR)
    assert case(request_id).step == "settle"

    commit([announce(late, "notices", NoticeOrdered(template="copy_ready", subject_id="req_x"))])
    assert someone.person_id.encode() in raw(cloud)
    erasure.continue_erasures(system_call(datetime.now(UTC) + timedelta(seconds=30)), HOUR)
    assert case(request_id).step == "settle"
    erasure.continue_erasures(system_call(datetime.now(UTC) + timedelta(minutes=3)), HOUR)
    assert case(request_id).step == "done"
    assert someone.person_id.encode() not in raw(cloud)


@pytest.mark.promise("J7.4")
def test_nobody_acts_any_more_once_the_account_is_closing():
    someone = make_account()
    late = someone.call()
    cancelled(someone)
    standing = access.load(someone.person_id)
    assert standing.status == "closing"
    with pytest.raises(Unauthenticated, match="session\\.invalid"):
        access.commit(late, [access.change(late.who, [type(standing).policy_version.set("9")])])


def test_evidence_outlives_the_person_and_leads_to_nobody(cloud):
    someone = make_account()
    request_id, _ = cancelled(someone)
    erasure.erase(system_call(), request_id, HOUR)
    entries = [item for item in cloud.items("evidence") if item["pk"]["S"] == someone.ref]
    kinds = {item["kind"]["S"] for item in entries}
    assert {"audit", "erasure"} <= kinds
    assert all(someone.person_id not in str(item) for item in entries)
