"""The copy holds every personal value of its owner, of every kind of record there is, and nothing of anybody else."""

import pytest
from PIL import Image

from chalicelib.foundation.audit.disclosures import DisclosureRow, disclosed
from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.gateways.disclosure import disclose
from chalicelib.foundation.kernel.config import config
from chalicelib.foundation.store.planner import personal
from chalicelib.foundation.store.write import commit
from chalicelib.media.rules import held_keys, picture_keys
from chalicelib.media.tables import MediaRow
from chalicelib.orders.tables import OrderRow
from chalicelib.rights.service import archive
from tests.support.cloud import TestCloud
from tests.support.copies import made
from tests.support.people import Someone, make_person
from tests.support.photographs import encoded
from tests.support.planted import Planted, evidence_classes, owned_classes, plant, plant_everything, stored_now


@pytest.fixture
def planted(cloud: TestCloud) -> tuple[Someone, list[Planted], Someone, list[Planted]]:
    """Give two people with a row of every class each."""
    owner, other = make_person(), make_person()
    return owner, plant_everything(owner), other, plant_everything(other)


def found_in(text: str, canaries: list[str]) -> list[str]:
    return [canary for canary in canaries if canary in text]


@pytest.mark.promise("J1.1", "J2.1", "N2.2")
def test_every_canary_of_the_owner_is_in_it_and_none_of_another(cloud: TestCloud, planted):
    owner, mine, other, theirs = planted
    copy = made(cloud, owner)
    repeated = [one for one in mine if not one.row.told]
    mine = [one for one in mine if one.row.told]
    missing = [
        f"{one.kind}.{name}"
        for one in mine
        for name, canary in one.shown.items()
        if canary not in copy.data or canary not in copy.pages
    ]
    assert missing == []
    everything = copy.data + copy.pages
    assert found_in(everything, [canary for one in theirs for canary in one.canaries.values()]) == []
    assert found_in(everything, [other.person_id, other.ref, *other.keys.values()]) == []
    assert found_in(everything, [canary for one in mine for canary in one.hidden.values()]) == []
    assert found_in(everything, [one.row.pk for one in repeated if one.row.pk != owner.person_id]) == []


@pytest.mark.promise("J2.1")
def test_every_kind_of_record_and_of_evidence_is_named(cloud: TestCloud, planted):
    owner, mine, *_ = planted
    copy = made(cloud, owner)
    kinds = {record["kind"] for record in copy.records}
    assert kinds == {row.row_kind for row in (*owned_classes(), *evidence_classes()) if row.told}
    assert kinds <= {one.kind for one in mine}
    for one in mine:
        if one.row.told and one.kind != "standing":
            assert one.row.pk in {record["id"] for record in copy.records if record["kind"] == one.kind}


@pytest.mark.promise("J2.2")
def test_the_pages_speak_chinese_and_the_front_page_leads_to_each(cloud: TestCloud, planted):
    owner, mine, *_ = planted
    copy = made(cloud, owner)
    front = copy.archive.read("index.html").decode()
    for name in copy.files("pages"):
        assert f'href="{name}"' in front
    for one in mine:
        if not one.row.told:
            continue
        (page,) = [text.decode() for name, text in copy.files("pages").items() if name.endswith(f"-{one.kind}.html")]
        shown = archive.titles(type(one.row))
        assert all(f"<th>{shown[name]}<br>" in page for name in one.shown)
        assert archive.heading(type(one.row)) in page
        assert archive.heading(type(one.row)) in front
    assert 'lang="zh-CN"' in front


@pytest.mark.promise("D4", "J2.1")
def test_a_recipient_who_is_the_buyer_is_shown_and_anybody_else_is_not(cloud: TestCloud):
    owner = make_person()
    gift, own = plant(owner, OrderRow), stored_now(owner, OrderRow, affirmation=None)
    names = {"recipient_name", "recipient_mobile", "recipient_address"}
    assert set(gift.hidden) == names
    copy = made(cloud, owner)
    shown = {name: value for name, value in own.shown.items() if name in names}
    assert set(shown) == names
    assert all(value in copy.data and value in copy.pages for value in shown.values())
    assert not any(value in copy.data + copy.pages for value in gift.hidden.values())


@pytest.mark.promise("J11.2")
def test_access_records_say_what_was_done_and_when(cloud: TestCloud):
    owner = make_person()
    call = owner.call(purpose="rights.answer")
    under = disclose("sms", ("account.mobile",), purpose="account.service", at=call.now)
    commit([record(call, "staff:profile:looked_at", actor="staff:service", subject_id="cas_1"), disclosed(call, under)])
    copy = made(cloud, owner)
    (looked,) = [one for one in copy.of("audit") if one["action"] == "staff:profile:looked_at"]
    assert looked["actor"] == "staff:service"
    assert looked["at"].startswith(f"{call.now:%Y-%m-%dT%H:%M}")
    (left,) = copy.of(DisclosureRow.row_kind)
    assert (left["recipient"], left["items"]) == ("sms", "account.mobile")
    assert left["at"]
    assert [one["action"] for one in copy.of("audit")][-1] == "person:copy:requested"


@pytest.mark.promise("J2.1")
def test_pictures_are_in_it_by_name_of_their_record(cloud: TestCloud):
    owner, s3 = make_person(), cloud.client("s3")
    ready, pending = plant(owner, MediaRow), plant(owner, MediaRow)
    content = {}
    for number, key in enumerate(picture_keys(ready.row.folder)):
        content[key.rpartition("/")[2]] = encoded(Image.new("RGB", (8, 8), (number, 9, 9)), "JPEG")
        s3.put_object(Bucket=config().bucket("media"), Key=key, Body=content[key.rpartition("/")[2]])
    copy = made(cloud, owner)
    assert copy.files("pictures") == {f"pictures/{ready.row.pk}-{size}.jpg": data for size, data in content.items()}
    assert pending.row.pk in copy.data
    front = copy.archive.read("index.html").decode()
    assert all(f'href="{name}"' in front for name in copy.files("pictures"))


@pytest.mark.promise("J2.1")
@pytest.mark.parametrize(("state", "keys_of"), [("ready", picture_keys), ("review", held_keys)])
def test_a_picture_that_should_be_there_and_is_not_is_named(cloud: TestCloud, state: str, keys_of):
    owner, s3 = make_person(), cloud.client("s3")
    row = stored_now(owner, MediaRow, state=state).row
    refused = stored_now(owner, MediaRow, state="refused").row
    first, *missing = keys_of(row.folder)
    s3.put_object(Bucket=config().bucket("media"), Key=first, Body=encoded(Image.new("RGB", (8, 8)), "JPEG"))
    copy = made(cloud, owner)
    assert len(copy.files("pictures")) == 1
    sizes = sorted(key.rpartition("/")[2] for key in missing)
    unreadable = [record for record in copy.records if record["kind"] == "unreadable"]
    assert sorted(record["values"]["file"] for record in unreadable) == sizes
    assert {record["id"] for record in unreadable} == {row.pk}
    front = copy.archive.read("index.html").decode()
    assert all(f"{row.pk} {size}" in front for size in sizes)
    assert refused.pk not in front


def test_a_copy_in_which_all_is_there_speaks_of_nothing_unreadable(cloud: TestCloud):
    owner = make_person()
    stored_now(owner, MediaRow, state="uploading")
    copy = made(cloud, owner)
    assert "data/unreadable.json" not in copy.names
    assert "未能读取" not in copy.archive.read("index.html").decode()


@pytest.mark.promise("K4.3")
def test_digests_of_passwords_and_tokens_stay_here(planted):
    _, mine, *_ = planted
    withheld = {(one.kind, name) for one in mine for name in one.hidden}
    assert {("mobile_login", "password"), ("name_login", "password"), ("session", "token_digest")} <= withheld


def test_the_copy_of_somebody_with_nothing_but_an_account_is_whole(cloud: TestCloud):
    copy = made(cloud, make_person())
    assert {"standing", "copy_request", "audit"} <= {record["kind"] for record in copy.records}
    assert copy.names[-1] == "index.html"


def test_hostile_text_reaches_the_pages_as_text(cloud: TestCloud):
    owner = make_person()
    row = next(row for row in owned_classes() if row.row_kind == "profile")
    stored_now(owner, row, user_name=row.user_name.seal(owner.keys, "</td><script>alert(1)</script>"))
    copy = made(cloud, owner)
    assert "<script" not in copy.pages
    assert "&lt;script&gt;" in copy.pages
    assert copy.of("profile")[0]["user_name"] == "</td><script>alert(1)</script>"


def test_every_class_has_something_to_show():
    for row in (*owned_classes(), *evidence_classes()):
        assert [said for _, said in personal(row) if said.whose == "self"]


def test_a_copy_says_what_it_is(cloud: TestCloud):
    copy = made(cloud, make_person())
    assert all(b'"format":"jule-copy/1"' in content for content in copy.files("data").values())
