"""The ledger says exactly which text was shown and answered, and never changes."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.consent import service
from chalicelib.consent.errors import PolicyNotCurrent, ShownAtImplausible, TextUnknown
from chalicelib.consent.tables import ConsentRow
from chalicelib.foundation.audit.evidence import append, digest
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.store.write import ConditionFailed, commit
from tests.support.cloud import TestCloud
from tests.support.consents import agreement
from tests.support.rows import every

REF = "ref_" + "a" * 32
NOW = datetime(2026, 12, 1, 12, 0, 0, 123456, tzinfo=UTC)
DEVICE = "device-canary-7431"


def guest(**changes) -> Call:
    return Call(**{"request_id": new_id("rid"), "now": NOW, "channel": "wxmp", "device": DEVICE, **changes})


def ledger(ref: str = REF) -> dict[str, ConsentRow]:
    return {row.step: row for row in every(ConsentRow, ref)}


@pytest.mark.promise("A2.1", "A3.3", "J11.1")
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_agreeing_to_the_policy_leaves_two_linked_entries(language):
    given = agreement(language, NOW - timedelta(seconds=40))
    commit(service.agreement_writes(guest(), REF, given))
    shown, answered = ledger()["shown"], ledger()["answered"]
    for entry in (shown, answered):
        assert (entry.about, entry.text_id, entry.text_version) == ("policy", "policy", given.version)
        assert (entry.text_sha256, entry.language, entry.channel) == (given.sha256, language, "wxmp")
        assert abs(entry.shown_at - given.shown_at) < timedelta(milliseconds=1)
        assert abs(entry.at - NOW) < timedelta(milliseconds=1)
    assert answered.answer == "agree"
    assert answered.follows == shown.sk.rpartition("#")[2]
    assert (shown.answer, shown.follows) == (None, None)


@pytest.mark.promise("J11.1")
def test_an_entry_still_matches_its_digest_when_it_is_read_back():
    commit(service.agreement_writes(guest(), REF, agreement(at=NOW - timedelta(seconds=3.14159))))
    for entry in ledger().values():
        assert digest(entry) == entry.digest
        entry.language = "en"
        assert digest(entry) != entry.digest


@pytest.mark.promise("J11.1")
def test_an_entry_can_not_be_written_over():
    commit(service.agreement_writes(guest(), REF, agreement(at=NOW)))
    stored = ledger()["answered"]
    stored.answer = "refuse"
    with pytest.raises(ConditionFailed):
        commit([append(stored)])
    assert ledger()["answered"].answer == "agree"


@pytest.mark.promise("A3.3")
def test_a_device_is_named_within_one_ledger_only(cloud: TestCloud):
    other = "ref_" + "b" * 32
    for ref in (REF, other):
        commit(service.agreement_writes(guest(), ref, agreement(at=NOW)))
    names = {ref: {entry.device for entry in ledger(ref).values()} for ref in (REF, other)}
    assert all(len(found) == 1 for found in names.values())
    assert names[REF] != names[other]
    assert DEVICE not in str(cloud.items("evidence"))


def test_without_a_device_none_is_made_up():
    commit(service.agreement_writes(guest(device=""), REF, agreement(at=NOW)))
    assert {entry.device for entry in ledger().values()} == {None}


@pytest.mark.promise("A3.3")
@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"version": "0.9.9"}, PolicyNotCurrent),
        ({"sha256": "0" * 64}, TextUnknown),
        ({"shown_at": "2026-11-30T11:59:59Z"}, ShownAtImplausible),
        ({"shown_at": "2026-12-01T12:06:00Z"}, ShownAtImplausible),
    ],
)
def test_what_was_not_shown_can_not_be_agreed_to(changes, refusal):
    with pytest.raises(refusal):
        service.agreement_writes(guest(), REF, agreement(at=NOW, **changes))
