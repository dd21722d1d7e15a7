"""The certificate of an erasure: what was confirmed and came of it, about nobody, and as good as its key."""

import base64
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from chalicelib.foundation.kernel.errors import NotFound
from chalicelib.orders.tables import OrderRow, PaymentRow
from chalicelib.rights.service import cancellation, certificate
from tests.support.cloud import TestCloud
from tests.support.leaving import leave
from tests.support.lives import MOBILE, NAME, RESIDENCE, make_account, system_call
from tests.support.planted import plant

pytestmark = pytest.mark.usefixtures("counterparties")
VERIFIER = Path(__file__).parents[3] / "docs" / "verify_certificate.py"
RECEIPT = "r" * 43


@pytest.mark.promise("J11.3")
@pytest.mark.parametrize("receipt", ["A" * 43, "-" * 43, RECEIPT])
def test_a_receipt_that_was_never_given_leads_to_nothing(cloud: TestCloud, receipt: str):
    leave(make_account())
    with pytest.raises(NotFound):
        certificate.show_certificate(system_call(), receipt)


@pytest.mark.promise("J7.3", "J11.3", "K2.2")
def test_the_certificate_states_what_was_confirmed_and_verifies_offline(cloud: TestCloud, tmp_path: Path):
    who = make_account()
    plant(who, OrderRow)
    plant(who, PaymentRow)
    before = cancellation.preview_cancellation(who.call())
    left = leave(who)
    assert left.certificate() == type(left.certificate())(state="running")
    left.go_on()
    done = left.certificate()
    said = json.loads(done.statement)
    confirmed = {
        one.kind: (one.count, one.until.isoformat()) for one in before.lines if one.kind in {"order", "payment"}
    }
    stated = {one["record"]: (one["count"], one["until"]) for one in said["kept"]}
    assert {kind: stated[kind] for kind in confirmed} == confirmed
    assert {one.kind for one in before.lines if one.outcome == "kept_in_part"} == set(stated)
    assert all(one["ground"] and one["items"] for one in said["kept"])
    gone = {f"{one.kind}:delete": one.count for one in before.lines if one.outcome == "deleted"}
    assert {name: said["done"][name] for name in gone} == gone
    assert said["done"]["order:cut"] == said["done"]["payment:cut"] == 1
    assert said["plan"] == before.plan_hash
    last = max(stated[kind][1] for kind in confirmed)
    assert said["keys"] == {"main": "destroyed", "cases": "destroyed", "trade": f"destroyed on {last}"}
    path = tmp_path / "certificate.json"
    path.write_bytes(msgspec.json.encode(done))
    assert verified(path, own_key(tmp_path)).returncode == 0
    path.write_text(path.read_text().replace('found_afterwards\\":0', 'found_afterwards\\":1'))
    altered = verified(path, own_key(tmp_path))
    assert (altered.returncode, altered.stdout[:9]) == (1, "NOT VALID")


@pytest.mark.promise("J11.3")
def test_a_certificate_is_only_as_good_as_where_its_key_is_from(cloud: TestCloud, tmp_path: Path):
    left = leave(make_account())
    left.go_on()
    done = left.certificate()
    path, own = tmp_path / "certificate.json", own_key(tmp_path)
    path.write_bytes(msgspec.json.encode(done))
    alone = verified(path)
    assert (alone.returncode, "ORIGIN UNPROVEN" in alone.stdout) == (2, True)
    pem = tmp_path / "key.pem"
    public = load_der_public_key(base64.b64decode(done.public_key))
    pem.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    assert verified(path, pem).returncode == verified(path, own).returncode == 0
    forger = generate_private_key(SECP256R1())
    der = forger.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for key_id in (json.loads(done.statement)["key"], hashlib.sha256(der).hexdigest()):
        statement = json.dumps({**json.loads(done.statement), "key": key_id})
        signature = base64.b64encode(forger.sign(statement.encode(), ECDSA(SHA256()))).decode()
        forged = {"statement": statement, "signature": signature, "public_key": base64.b64encode(der).decode()}
        path.write_text(json.dumps(forged))
        assert verified(path, own).returncode == 1
        assert verified(path).returncode != 0


@pytest.mark.promise("J11.3")
def test_the_certificate_is_about_nobody(cloud: TestCloud):
    who = make_account()
    left = leave(who)
    left.go_on()
    statement = left.certificate().statement
    traces = (who.person_id, who.ref, left.receipt, MOBILE, NAME, RESIDENCE, who.session_id, *who.keys.values())
    assert not [trace for trace in traces if trace in statement]


def own_key(folder: Path) -> Path:
    """Save the house's own key as its API publishes it."""
    path = folder / "evidence-key.json"
    path.write_bytes(msgspec.json.encode(certificate.show_evidence_key(system_call())))
    return path


def verified(*paths: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(VERIFIER), *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
