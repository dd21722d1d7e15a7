"""The register, what is compiled from it, and the rows that declare against it are one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.foundation.register import lookup
from chalicelib.foundation.register.model import EVERYTHING

ROOT = Path(__file__).parents[2]
COMPILED = ROOT / "chalicelib/foundation/register/compiled"

CODES_AND_TIMES = {"state", "evidence", "log", "device", "profile", "trade"}
ITEMS = pytest.mark.parametrize("item", lookup.items(), ids=lambda item: item.id)
PURPOSES = pytest.mark.parametrize("purpose", lookup.purposes(), ids=lambda purpose: purpose.id)
RECIPIENTS = pytest.mark.parametrize("recipient", lookup.recipients(), ids=lambda recipient: recipient.id)
RETENTIONS = pytest.mark.parametrize("retention", lookup.retentions(), ids=lambda retention: retention.id)


def said_by_the_check(seed: str) -> list[str]:
    """Run the compiler's check as the build does and return its lines."""
    done = subprocess.run(
        [sys.executable, "-m", "infra.register", "--check"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (1 if done.stderr else 0)
    return done.stderr.splitlines()


@pytest.mark.parametrize("seed", ["1", "2"])
def test_everything_compiled_is_what_its_sources_say_whatever_the_hash_seed(seed):
    assert [line for line in said_by_the_check(seed) if not line.startswith("unused: ")] == []


def test_the_register_says_nothing_that_no_row_and_no_endpoint_does():
    assert [line for line in said_by_the_check("0") if line.startswith("unused: ")] == []


@pytest.mark.promise("K4.1")
@ITEMS
def test_what_is_neither_public_nor_a_key_nor_a_code_is_sealed(item):
    if item.secrecy == "plain":
        assert item.why_plain
        assert item.category in CODES_AND_TIMES
    if item.category in {"contact", "payment", "location", "message"}:
        assert item.secrecy in {"sealed", "key"}


@pytest.mark.promise("A4.1", "K4.1")
@ITEMS
def test_what_is_sensitive_is_sealed_and_asked_for_separately(item):
    if item.sensitive or item.category == "location":
        assert item.sensitive
        assert item.secrecy == "sealed"
        assert {lookup.purpose(purpose).ground for purpose in item.purposes} <= {"separate_consent", "legal_duty"}


@pytest.mark.promise("A2.2")
@PURPOSES
def test_a_purpose_asks_exactly_where_it_is_additional(purpose):
    assert purpose.essential != purpose.asks
    assert purpose.separate == (purpose.ground == "separate_consent")


@PURPOSES
def test_a_purpose_stands_in_the_policy_and_serves_a_promise(purpose):
    assert f"{{#{purpose.clause}}}" in lookup.current_policy().texts["zh-CN"]
    assert purpose.promises


@RECIPIENTS
def test_a_recipient_is_at_home_or_its_way_is_on_file_and_can_be_reached(recipient):
    assert (recipient.country == "CN") == (recipient.abroad is None)
    if recipient.abroad is not None:
        assert lookup.purpose(recipient.abroad.consent).separate
        assert set(recipient.purposes) == {recipient.abroad.consent}
        assert recipient.abroad.filed_on <= recipient.abroad.audited_on < recipient.abroad.audit_until
    assert recipient.contact
    assert recipient.duty
    assert recipient.assessed_on <= recipient.agreement_on


@pytest.mark.promise("I2.2")
@RECIPIENTS
def test_a_recipient_gets_fields_for_its_own_purposes_only(recipient):
    if recipient.fields == (EVERYTHING,):
        assert recipient.role == "processor"
        return
    for item in lookup.items():
        assert (recipient.id in item.recipients) == recipient.may_receive(item.id)
        if recipient.may_receive(item.id):
            assert set(item.purposes) & set(recipient.purposes)


@pytest.mark.promise("K1.1")
@RETENTIONS
def test_a_period_has_a_start_an_ending_and_a_ground(retention):
    assert retention.start.count(".") == 1
    assert retention.ending in {"erase", "anonymise", "restrict"}
    assert retention.ground
    assert retention.ground_en


@pytest.mark.promise("K2.1")
def test_trade_records_stay_three_years_from_completion():
    for item in lookup.items_of("order.record"):
        retention = lookup.retention(item.retention)
        assert (retention.period, retention.start) == ("P3Y", "order.completed")


def test_every_row_of_the_index_names_its_keys_and_declares_each_attribute():
    assert lookup.rows()
    for row in lookup.rows():
        assert row.keys == ("pk", "sk")
        assert all(bool(attribute.item) != bool(attribute.why) for attribute in row.attributes)
        assert all(attribute.ending for attribute in row.attributes if attribute.item)


@ITEMS
def test_the_record_of_processing_names_every_item(item):
    records = (ROOT / "docs/records-of-processing.md").read_text("utf-8")
    assert f"| `{item.id}` {item.title} ({item.title_en}) |" in records


def test_nothing_compiled_holds_more_than_the_look_up_reads():
    read = {"register.json", "rows.json", "policies.json", "notices.json"}
    read |= {f"policy-{manifest.version}.json" for manifest in lookup.manifests()}
    assert {path.name for path in COMPILED.iterdir()} == read
    assert all(json.loads(path.read_text("utf-8")) for path in COMPILED.iterdir())
