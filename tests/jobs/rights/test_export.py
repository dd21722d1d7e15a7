"""Making a copy: delivered twice, poisoned, killed at every write, its owner leaving meanwhile; nothing lies around."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from chalicelib.foundation.gateways import objects
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.config import config, reset_config
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.rows import FROZEN, StandingRow
from chalicelib.foundation.store.batch import delete_keys
from chalicelib.foundation.store.row import Row
from chalicelib.foundation.store.write import commit, update
from chalicelib.rights.jobs import export_copy
from chalicelib.rights.service import archive, copies, export, files
from chalicelib.rights.service.archive import Entry
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.copies import ask, fetched, lying, stored
from tests.support.counterparties import Counterparties
from tests.support.edges import deliver
from tests.support.killing import MOMENTS, Killed, Moment, changes_something, killed_at
from tests.support.leaving import Left, leave, traces
from tests.support.lives import NAME, make_account
from tests.support.people import Someone, make_person
from tests.support.permissions import running

SOMEBODY_ELSE = "another process"
PART = 64 * 1024
"""A part small enough that a small copy takes several: S3 itself wants 5 MB, the local cloud does not mind."""


def queued(cloud: TestCloud, who: Someone) -> tuple[str, str]:
    """Ask for a copy; gives the request and the message that waits."""
    request_id = ask(who)
    (message,) = cloud.messages("exports")
    return request_id, str(message["Body"])


def bulky(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have copies go up in several parts, by bytes that do not compress."""
    real = export._files
    noise = [(f"data/noise-{number}.bin", random.Random(number).randbytes(PART)) for number in range(3)]
    monkeypatch.setattr(objects, "PART_BYTES", PART)
    monkeypatch.setattr(export, "_files", lambda call: iter([*noise, *real(call)]))


@pytest.mark.promise("J2")
def test_delivered_again_and_again_it_is_made_once(cloud: TestCloud):
    who = make_person()
    request_id, body = queued(cloud, who)
    assert deliver(export_copy, body, body) == []
    before = stored(request_id)
    assert deliver(export_copy, body) == []
    after = stored(request_id)
    assert (after.object_key, after.ready_at) == (before.object_key, before.ready_at)
    assert lying(cloud) == [after.object_key]
    assert len(cloud.messages("notices")) == 1


@pytest.mark.promise("J2")
def test_while_one_delivery_makes_it_the_others_come_back_later(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch):
    who = make_person()
    request_id, body = queued(cloud, who)
    real = export._files
    others: list[list[int]] = []

    def overtaken(call: Call) -> Iterator[tuple[str, bytes]]:
        others.append(deliver(export_copy, body))
        yield from real(call)

    with monkeypatch.context() as patched:
        patched.setattr(export, "_files", overtaken)
        assert deliver(export_copy, body) == []
    assert others == [[0]]
    assert stored(request_id).state == "ready"
    assert len(lying(cloud)) == 1
    assert fetched(cloud, request_id).names[-1] == "index.html"


def test_delivered_eight_times_at_once_one_file_lies_there(cloud: TestCloud):
    who = make_person()
    request_id, body = queued(cloud, who)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: deliver(export_copy, body), range(8)))
    assert stored(request_id).state == "ready"
    assert len(lying(cloud)) == 1
    assert len(cloud.messages("notices")) == 1


def test_poison_is_handed_back_and_holds_up_nobody(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch):
    sick, well = make_person(), make_person()
    sick_id, first = queued(cloud, sick)
    well_id, second = queued(cloud, well)
    real = archive.entry

    def choking(row: Row) -> Entry:
        if getattr(row, "person_id", None) == sick.person_id:
            raise ValueError
        return real(row)

    monkeypatch.setattr(export, "entry", choking)
    assert deliver(export_copy, first, second) == [0]
    assert (stored(sick_id).state, stored(well_id).state) == ("queued", "ready")
    assert lying(cloud) == [stored(well_id).object_key]


def test_what_nobody_announced_is_dropped_and_makes_nothing(cloud: TestCloud):
    assert deliver(export_copy, '{"id":"msg_x","kind":"CopyRequested","body":{"request_id":"req_x"}}') == []
    assert lying(cloud) == []
    assert cloud.items("cases") == []


@pytest.mark.promise("J2.1")
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_any_write_or_upload_it_is_made_all_the_same_and_leaves_nothing_else(
    cloud: TestCloud, monkeypatch: pytest.MonkeyPatch, hands: Hands, moment: Moment
):
    bulky(monkeypatch)
    number, died = 0, True
    while died:
        number += 1
        who = make_person()
        request_id, body = queued(cloud, who)
        before = set(lying(cloud))
        with killed_at(number, moment, changes_something) as reached, suppress(Killed):
            deliver(export_copy, body)
        died = reached()
        hands.by(minutes=17)
        assert deliver(export_copy, body) == []
        row = stored(request_id)
        assert row.state == "ready", number
        assert sorted(set(lying(cloud)) - before) == [row.object_key], number
        assert lying(cloud).count(row.object_key) == 1, number
        assert fetched(cloud, request_id).names[-1] == "index.html"
    assert number > 8


@pytest.mark.promise("J3.2", "J7.4")
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("prepare", [bulky, id], ids=["in parts", "in one"])
def test_killed_at_any_write_while_its_owner_leaves_nothing_is_left(
    cloud: TestCloud,
    counterparties: Counterparties,
    monkeypatch: pytest.MonkeyPatch,
    moment: Moment,
    prepare: Callable[[pytest.MonkeyPatch], object],
):
    """The account is cancelled and its first pass is over while the file goes up; then the process is killed."""
    prepare(monkeypatch)
    monkeypatch.setenv("ERASURE_SETTLE_S", "960")
    reset_config()
    number, died = 0, True
    while died:
        number += 1
        who = make_account()
        _, body = queued(cloud, who)
        left: list[Left] = []
        with monkeypatch.context() as patched:
            patched.setattr(export, "_files", leaving_during(who, left))
            with suppress(Killed), killed_at(number, moment, only_of_the_copy(left)) as reached:
                deliver(export_copy, body)
        died = reached()
        (gone,) = left
        assert gone.case().step == "settle"
        deliver(export_copy, body)
        assert gone.finish().state == "done"
        assert lying(cloud) == [], number
        assert traces(cloud, who, NAME) == [], number
    assert number > 1


def leaving_during(who: Someone, left: list[Left]) -> Callable[[Call], Iterator[tuple[str, bytes]]]:
    """Give the files of a copy, whose owner leaves after the first part, or when all is read that fits into one."""
    real = export._files

    def files(call: Call) -> Iterator[tuple[str, bytes]]:
        for name, content in real(call):
            yield name, content
            if name in {"data/noise-0.bin", "index.html"} and not left:
                with running(SOMEBODY_ELSE):
                    gone = leave(who)
                    gone.go_on()
                left.append(gone)

    return files


def only_of_the_copy(left: list[Left]) -> Callable[[str], bool]:
    """Count the writes that come after the owner has left: those of the copy alone."""
    return lambda operation: bool(left) and changes_something(operation)


@pytest.mark.promise("J3.2", "J7.4")
@pytest.mark.parametrize("when", ["queued", "ready", "claimed"])
def test_the_copy_of_somebody_who_leaves_goes_with_them(cloud: TestCloud, counterparties: Counterparties, when: str):
    who = make_account()
    request_id, body = queued(cloud, who)
    if when != "queued":
        assert deliver(export_copy, body) == []
    if when == "claimed":
        copies.claim_link(who.call(), request_id)
    gone = leave(who)
    gone.go_on()
    assert gone.certificate().state == "done"
    assert deliver(export_copy, body) == []
    assert lying(cloud) == []
    assert traces(cloud, who, NAME) == []


@pytest.mark.promise("J3")
def test_the_copy_of_somebody_else_stays(cloud: TestCloud, counterparties: Counterparties):
    leaver, stayer = make_account(), make_person()
    request_id, body = queued(cloud, stayer)
    assert deliver(export_copy, body) == []
    leave(leaver).go_on()
    assert lying(cloud) == [stored(request_id).object_key]


@pytest.mark.promise("J2")
def test_a_file_that_no_record_names_is_found_by_its_owner(cloud: TestCloud):
    owner, other = make_person(), make_person()
    mine, theirs = files.new_file(owner.ref), files.new_file(other.ref)
    s3, bucket = cloud.client("s3"), config().bucket("exports")
    for key in (mine, theirs):
        objects.put("exports", key, b"1", content_type="application/zip")
        objects.put("exports", key, b"2", content_type="application/zip")
    s3.create_multipart_upload(Bucket=bucket, Key=files.new_file(owner.ref))
    files.remove_files_of(owner.ref)
    assert set(lying(cloud)) == {theirs}
    files.remove_files_of(owner.ref)
    assert owner.ref not in mine


def test_a_long_copy_outlives_the_lease_of_its_reading(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch, hands: Hands):
    """What is read at the beginning may be written under for thirty seconds; a large copy takes minutes."""
    request_id, body = queued(cloud, make_person())
    real = export._files

    def slow(call: Call) -> Iterator[tuple[str, bytes]]:
        yield from real(call)
        hands.by(minutes=5)

    monkeypatch.setattr(export, "_files", slow)
    assert deliver(export_copy, body) == []
    assert stored(request_id).state == "ready"


@pytest.mark.promise("J2.3")
def test_a_copy_for_somebody_frozen_meanwhile_is_not_handed_over(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch):
    who = make_person()
    request_id, body = queued(cloud, who)
    real = export._files

    def frozen(call: Call) -> Iterator[tuple[str, bytes]]:
        yield from real(call)
        with running(SOMEBODY_ELSE):
            commit([update((StandingRow, who.person_id, access.SK), [StandingRow.status.set(FROZEN)])])

    monkeypatch.setattr(export, "_files", frozen)
    assert deliver(export_copy, body) == []
    assert stored(request_id).state == "queued"
    assert lying(cloud) == []


def test_a_request_that_is_gone_leaves_no_file(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch):
    who = make_person()
    request_id, body = queued(cloud, who)
    real = export._files

    def removed(call: Call) -> Iterator[tuple[str, bytes]]:
        yield from real(call)
        with running(SOMEBODY_ELSE):
            delete_keys("cases", [(request_id, "COPY")])

    monkeypatch.setattr(export, "_files", removed)
    assert deliver(export_copy, body) == []
    assert lying(cloud) == []
