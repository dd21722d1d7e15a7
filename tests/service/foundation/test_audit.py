"""Evidence: written once, any later change shows, a day is sealed under a root that verifies without us."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from chalicelib.foundation.audit import evidence, reading, sealer
from chalicelib.foundation.audit.evidence import AuditRow, EvidenceRow, RootRow, append, record
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import ConditionFailed, commit
from chalicelib.foundation.work import sweeps
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.people import make_person
from tests.support.schedules import tick
from tests.support.wire import Wire, is_down

DAY = date(2026, 3, 1)
AT = datetime(2026, 3, 1, 9, 30, 15, 123456, tzinfo=UTC)
pytestmark = pytest.mark.promise("J11.1")


def call(at: datetime = AT, **changes: Any) -> Call:
    return msgspec.structs.replace(Call(request_id="rid_1", now=at, purpose="order.fulfil"), **changes)


def write(count: int, at: datetime = AT, reference: str = "ref_a") -> None:
    for n in range(count):
        moment = call(at + timedelta(seconds=n))
        commit([record(moment, "person:order:placed", reference=reference, subject_id=f"ord_{n}")])


def raw(cloud: TestCloud, kind: str = "audit") -> list[dict[str, Any]]:
    return sorted((i for i in cloud.items("evidence") if i["kind"]["S"] == kind), key=lambda item: item["sk"]["S"])


def alter(cloud: TestCloud, item: dict[str, Any]) -> None:
    """Change what is stored past the product, as somebody with a key to the table could."""
    cloud.client("dynamodb").put_item(TableName="jule-test-evidence", Item=item)


def altered(item: dict[str, Any]) -> list[EvidenceRow]:
    return [AuditRow.from_item({**item, **change}) for change in changes(item)]


def changes(item: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the item's attributes with one character changed each, one left out, one added."""
    found: list[dict[str, Any]] = []
    for name, value in item.items():
        if name in {"digest", "day_shard", "kind"}:
            continue
        text = value["S"]
        last = "1" if text[-1] != "1" else "2"
        found.append({name: {"S": f"{text[:-2]}{last}Z" if name == "at" else f"{text[:-1]}{last}"}})
    return found


def test_an_entry_says_who_did_what_by_code_and_reference(cloud: TestCloud):
    someone = make_person()
    commit([record(someone.call(AT, purpose="order.fulfil"), "person:order:placed", subject_id="ord_1")])
    (item,) = raw(cloud)
    assert {name: value["S"] for name, value in item.items() if name in {"pk", "action", "actor", "purpose"}} == {
        "pk": someone.ref,
        "action": "person:order:placed",
        "actor": "self",
        "purpose": "order.fulfil",
    }
    assert item["at"]["S"] == "2026-03-01T09:30:15.123Z"
    assert someone.person_id not in repr(item)


def test_the_digest_stands_after_reading_and_changes_with_every_attribute(cloud: TestCloud):
    write(1)
    (item,) = raw(cloud)
    assert evidence.digest(AuditRow.from_item(item)) == item["digest"]["S"]
    others = altered(item)
    assert len(others) == 7
    digests = {evidence.digest(row) for row in others}
    assert len(digests) == 7
    assert item["digest"]["S"] not in digests
    without = {name: value for name, value in item.items() if name != "purpose"}
    assert evidence.digest(AuditRow.from_item(without)) != item["digest"]["S"]


def test_the_kind_of_an_entry_is_digested_too(cloud: TestCloud):
    write(1)
    (item,) = raw(cloud)
    assert evidence.digest(AuditRow.from_item({**item, "kind": {"S": "consent"}})) != item["digest"]["S"]


def test_an_entry_can_not_be_written_over(cloud: TestCloud):
    row = AuditRow.entry(call(), "ref_a", action="person:order:placed", actor="self")
    commit([append(row)])
    before = raw(cloud)
    row.action = "person:order:cancelled"
    with pytest.raises(ConditionFailed):
        commit([append(row)])
    assert raw(cloud) == before


def test_everything_about_a_reference_reads_back_oldest_first_and_nobody_elses(cloud: TestCloud):
    write(3)
    write(2, reference="ref_b")
    found = list(reading.about("ref_a"))
    assert [row.subject_id for row in found if isinstance(row, AuditRow)] == ["ord_0", "ord_1", "ord_2"]
    assert list(reading.about("ref_c")) == []


def test_entries_of_a_day_are_spread_and_found_and_others_are_not():
    write(12)
    write(1, datetime(2026, 2, 28, 23, 59, 59, 999999, tzinfo=UTC))
    write(1, datetime(2026, 3, 2, tzinfo=UTC))
    found = sealer.entries(DAY)
    assert len(found) == 12
    assert found == sorted(found)
    assert sealer.entries(date(2026, 3, 3)) == []


def test_a_root_hangs_on_every_digest_and_on_their_order():
    digests = ["a" * 64, "b" * 64, "c" * 64]
    roots = {
        sealer.root_of(digests),
        sealer.root_of(digests[::-1]),
        sealer.root_of(digests[:2]),
        sealer.root_of([*digests, "d" * 64]),
        sealer.root_of(["a" * 63 + "b", *digests[1:]]),
        sealer.root_of([]),
    }
    assert len(roots) == 6
    assert sealer.root_of(digests) == sealer.root_of(list(digests))


def statement(root: RootRow) -> bytes:
    return f"{root.day}|{root.entries}|{root.before}|{root.root}".encode()


def verifies(root: RootRow, key: EllipticCurvePublicKey) -> bool:
    """Check a root with nothing but what is stored and the public key, as an auditor would."""
    try:
        key.verify(base64.b64decode(root.signature), statement(root), ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def public_key() -> EllipticCurvePublicKey:
    key = load_der_public_key(sealer.public_key())
    assert isinstance(key, EllipticCurvePublicKey)
    return key


def sealed(day: date = DAY) -> RootRow:
    root = sealer.stored_root(day)
    assert root is not None
    return root


def test_a_day_is_sealed_once_under_a_root_that_verifies_offline():
    write(5)
    assert sealer.seal_day(call(AT + timedelta(days=1)), DAY) == 5
    root, key = sealed(), public_key()
    assert (root.day, root.entries, root.before) == ("2026-03-01", "5", "0" * 64)
    assert verifies(root, key)
    for change in ({"root": "f" * 64}, {"entries": "4"}, {"day": "2026-03-02"}, {"before": "1" * 64}):
        assert not verifies(RootRow.from_item({**root.serialize(), **{k: {"S": v} for k, v in change.items()}}), key)
    assert evidence.digest(root) == root.digest


def test_a_second_run_changes_nothing(cloud: TestCloud):
    write(2)
    sealer.seal_day(call(AT + timedelta(days=1)), DAY)
    before = raw(cloud, "root")
    assert sealer.seal_day(call(AT + timedelta(days=2)), DAY) == 0
    assert raw(cloud, "root") == before


def test_eight_sealers_at_once_leave_one_root(cloud: TestCloud):
    write(3)
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda n: sealer.seal_day(call(AT + timedelta(days=1, seconds=n)), DAY), range(8)))
    assert sorted(set(counts) - {0}) == [3]
    assert counts.count(3) == 1
    assert len(raw(cloud, "root")) == 1


def test_days_are_linked_each_to_the_one_before():
    write(1)
    write(1, AT + timedelta(days=1))
    for days in (0, 1, 2):
        sealer.seal_day(call(AT + timedelta(days=days + 1)), DAY + timedelta(days=days))
    assert sealed(DAY + timedelta(days=1)).before == sealed().root
    assert sealed(DAY + timedelta(days=2)).before == sealed(DAY + timedelta(days=1)).root
    assert sealed(DAY + timedelta(days=2)).entries == "0"


def is_intact(cloud: TestCloud, day: date = DAY) -> bool:
    """Recompute a day from the raw entries: every digest, their count and the root."""
    rows = [AuditRow.from_item(item) for item in raw(cloud) if item["at"]["S"].startswith(day.isoformat())]
    root = sealed(day)
    digests = [evidence.digest(row) for row in rows]
    return sealer.root_of(digests) == root.root and str(len(digests)) == root.entries and verifies(root, public_key())


@pytest.mark.parametrize("how", ["changed", "changed with its digest", "removed", "added", "back-dated"])
def test_tampering_after_sealing_is_found(how: str, cloud: TestCloud):
    write(4)
    sealer.seal_day(call(AT + timedelta(days=1)), DAY)
    assert is_intact(cloud)
    victim = raw(cloud)[1]
    if how.startswith("changed"):
        victim = {**victim, "action": {"S": "person:order:cancelled"}}
        if how.endswith("digest"):
            victim["digest"] = {"S": evidence.digest(AuditRow.from_item(victim))}
        alter(cloud, victim)
    elif how == "removed":
        cloud.client("dynamodb").delete_item(
            TableName="jule-test-evidence", Key={"pk": victim["pk"], "sk": victim["sk"]}
        )
    elif how == "added":
        write(1, AT + timedelta(hours=1))
    else:
        alter(cloud, {**victim, "at": {"S": "2026-02-01T00:00:00.000Z"}})
    assert not is_intact(cloud)


@pytest.mark.promise("J3.2")
def test_evidence_is_cut_loose_when_the_salt_goes(cloud: TestCloud):
    someone = make_person()
    commit([record(someone.call(AT), "person:account:closed")])
    everything = json.dumps([{k: v["S"] for k, v in item.items()} for item in raw(cloud)])
    assert someone.person_id not in everything
    assert someone.session_id not in everything
    again = make_person()
    assert again.ref != someone.ref


def seal_until(hands: Hands, at: datetime) -> None:
    hands.to(at)
    tick(sweeps.seal_evidence)


def test_the_sweep_seals_days_that_are_over_and_settled(hands: Hands, capsys: pytest.CaptureFixture[str]):
    write(2)
    seal_until(hands, datetime(2026, 3, 1, 23, 0, tzinfo=UTC))
    assert sealer.stored_root(DAY) is None
    seal_until(hands, datetime(2026, 3, 2, 0, 59, tzinfo=UTC))
    assert sealer.stored_root(DAY) is None
    seal_until(hands, datetime(2026, 3, 2, 1, 1, tzinfo=UTC))
    assert sealed().entries == "2"
    assert '"event":"evidence_sealed","day":"2026-03-01","count":2' in capsys.readouterr().out
    assert sealer.stored_root(DAY + timedelta(days=1)) is None


def test_days_missed_in_an_outage_are_sealed_in_order_later(hands: Hands, wire: Wire):
    seal_until(hands, datetime(2026, 3, 2, 2, tzinfo=UTC))
    write(1, AT + timedelta(days=1))
    wire.always("Sign", is_down)
    for days in (1, 4, 9):
        with pytest.raises(Exception, match="Could not connect"):
            seal_until(hands, datetime(2026, 3, 2, 2, tzinfo=UTC) + timedelta(days=days))
    wire.restore()
    seal_until(hands, datetime(2026, 3, 12, 2, tzinfo=UTC))
    roots = [sealed(DAY + timedelta(days=days)) for days in range(11)]
    assert all(later.before == earlier.root for earlier, later in pairwise(roots))
    assert [root.entries for root in roots[:3]] == ["0", "1", "0"]


def test_no_day_is_left_unsealed_however_long_nothing_ran(hands: Hands):
    seal_until(hands, datetime(2026, 3, 2, 2, tzinfo=UTC))
    write(1, AT + timedelta(days=1))
    seal_until(hands, datetime(2026, 4, 20, 2, tzinfo=UTC))
    roots = [sealed(DAY + timedelta(days=days)) for days in range(50)]
    assert all(later.before == earlier.root for earlier, later in pairwise(roots))
    assert roots[1].entries == "1"


def test_a_sweep_seals_nothing_twice(hands: Hands, aws_calls: list[Any]):
    seal_until(hands, datetime(2026, 3, 2, 2, tzinfo=UTC))
    aws_calls.clear()
    seal_until(hands, datetime(2026, 3, 2, 3, tzinfo=UTC))
    assert [call.operation for call in aws_calls] == ["Query"]
    assert get(RootRow, "ROOT", "ROOT#2026-03-01") is not None
    assert clock.now() < datetime(2026, 3, 2, 4, tzinfo=UTC)
