"""Looking things up in the compiled register."""

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from chalicelib.foundation.register import lookup

ROOT = Path(__file__).parents[3]


def test_entries_are_found_by_id():
    assert lookup.item("account.mobile").title_en == "Mobile number"
    assert lookup.purpose("order.fulfil").clause == "2.3.1"
    assert lookup.recipient("sms").may_receive("account.mobile")
    assert lookup.retention("code.life").period == "PT10M"
    assert lookup.item("post.place") in lookup.items_of("community.place")


@pytest.mark.parametrize(
    "find",
    [lookup.item, lookup.purpose, lookup.recipient, lookup.retention, lookup.items_of, lookup.policy, lookup.notice],
)
def test_an_unknown_id_says_what_was_asked_for(find):
    with pytest.raises(lookup.UnknownEntry, match="nosuch") as caught:
        find("nosuch.entry")
    assert caught.value.entry_id == "nosuch.entry"


def test_every_list_is_in_order_of_its_ids():
    for entries in (lookup.items(), lookup.purposes(), lookup.recipients(), lookup.retentions(), lookup.notices()):
        ids = [entry.id for entry in entries]
        assert ids
        assert ids == sorted(ids)


def test_only_what_its_duty_needs_may_go_to_a_recipient():
    assert not lookup.recipient("sms").may_receive("order.recipient")
    assert lookup.recipient("hosting").may_receive("order.recipient")


@pytest.mark.promise("L1.1")
def test_a_policy_version_is_found_with_every_text_and_digest():
    manifest = lookup.current_manifest()
    policy = lookup.policy(manifest.version)
    assert policy == lookup.current_policy()
    assert set(policy.texts) == set(policy.html) == set(policy.sha256) == set(manifest.languages)


def test_before_the_first_version_took_effect_there_is_none():
    first = lookup.manifests()[0].effective_on
    assert lookup.current_manifest(first).effective_on == first
    with pytest.raises(lookup.UnknownEntry):
        lookup.current_manifest(first - timedelta(days=1))


def test_a_version_to_come_is_not_current_yet(monkeypatch):
    now = lookup.manifests()[-1]
    later = replace(now, version="9.0.0", effective_on=date(2999, 1, 1))
    monkeypatch.setattr(lookup, "manifests", lambda: (now, later))
    assert lookup.current_manifest(date(2998, 1, 1)) == now
    assert lookup.current_manifest(date(2999, 1, 1)).version == "9.0.0"


@pytest.mark.promise("A3.1")
def test_a_notice_is_found_in_the_version_that_was_shown(monkeypatch):
    newest = lookup.notice("order.gift")
    older = replace(newest, version=7, policy="0.9.0")
    monkeypatch.setattr(lookup, "_all_notices", lambda: (newest, older))
    assert lookup.notice("order.gift") == newest
    assert lookup.notice("order.gift", 7) == older
    with pytest.raises(lookup.UnknownEntry):
        lookup.notice("order.gift", 8)


def test_importing_the_look_up_reads_nothing():
    code = "from chalicelib.foundation.register import lookup; print(lookup.register.cache_info().currsize)"
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert shown.stdout == "0\n"
