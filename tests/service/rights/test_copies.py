"""Asking for a copy, and fetching it: one at a time, once, by its owner, within its days."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import urllib3

from chalicelib.foundation.kernel.errors import NotFound
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.store.write import commit, update
from chalicelib.foundation.web.idempotency import Replayed
from chalicelib.rights import rules
from chalicelib.rights.errors import CopyClaimed, CopyNotReady, CopyUnderWay
from chalicelib.rights.service import copies
from chalicelib.rights.tables import CopyRow
from tests.support.cloud import TestCloud
from tests.support.copies import Copy, ask, lying, make, stored
from tests.support.people import Someone, make_person

NOW = datetime.now(UTC)


def ready(cloud: TestCloud, who: Someone) -> str:
    request_id = ask(who)
    assert make(cloud) == []
    return request_id


def claim(who: Someone, request_id: str, now: datetime | None = None) -> str:
    return copies.claim_link(who.call(now, purpose="rights.answer"), request_id)


def shown(who: Someone, request_id: str):
    return copies.show_request(who.call(), request_id)


@pytest.mark.promise("J10.2", "J11.1")
def test_a_request_is_taken_dated_and_put_on_record(cloud: TestCloud):
    who = make_person()
    view = shown(who, ask(who))
    assert (view.kind, view.state, view.ready_at, view.size_bytes) == ("copy", "queued", None, None)
    assert view.answer_by == rules.answer_by(view.requested_at)
    actions = [item["action"]["S"] for item in cloud.items("evidence")]
    assert actions == ["person:copy:requested"]
    (message,) = cloud.items("outbox")
    assert message["queue"]["S"] == "exports"


@pytest.mark.promise("G1.1", "J11.1")
def test_once_made_it_says_how_long_it_lies_and_its_owner_is_told(cloud: TestCloud):
    who = make_person()
    view = shown(who, ready(cloud, who))
    assert view.state == "ready"
    assert view.expires_at == view.ready_at + timedelta(days=7)
    assert view.size_bytes
    notices = [m["Body"] for m in cloud.messages("notices")]
    assert len(notices) == 1
    assert '"copy_ready"' in notices[0]


def test_another_copy_waits_until_the_first_was_fetched(cloud: TestCloud):
    who = make_person()
    request_id = ask(who)
    with pytest.raises(CopyUnderWay):
        ask(who)
    make(cloud)
    with pytest.raises(CopyUnderWay):
        ask(who)
    claim(who, request_id)
    assert ask(who) != request_id


@pytest.mark.parametrize(("state", "after"), [("ready", rules.COPY_KEPT), ("queued", rules.STUCK_AFTER)])
def test_what_is_over_or_stuck_stands_against_nothing(cloud: TestCloud, state: str, after: timedelta):
    who = make_person()
    request_id = ask(who, NOW)
    if state == "ready":
        make(cloud)
    since = stored(request_id).ready_at if state == "ready" else stored(request_id).requested_at
    with pytest.raises(CopyUnderWay):
        ask(who, since + after - timedelta(seconds=1))
    assert ask(who, since + after) != request_id


def test_one_person_waits_for_nobody_else(cloud: TestCloud):
    assert ask(make_person()) != ask(make_person())


def test_the_same_key_gives_the_same_request_whatever_came_after(cloud: TestCloud):
    who = make_person()
    first = ask(who, idempotency_key="key-of-the-first")
    make(cloud)
    claim(who, first)
    ask(who)
    with pytest.raises(Replayed) as replayed:
        ask(who, idempotency_key="key-of-the-first")
    assert replayed.value.resource_id == first


@pytest.mark.promise("J2")
def test_of_many_repeats_at_once_one_makes_a_request(cloud: TestCloud):
    who = make_person()

    def once(_: int) -> str:
        try:
            return ask(who, idempotency_key="one-and-the-same")
        except Replayed as replayed:
            return replayed.resource_id

    with ThreadPoolExecutor(16) as pool:
        given = set(pool.map(once, range(16)))
    assert len([i for i in cloud.items("cases") if i["kind"]["S"] == "copy_request"]) == 1
    assert given - {""} == {cloud.items("cases")[0]["pk"]["S"]}


@pytest.mark.promise("J2.3")
def test_raced_by_sixteen_it_is_handed_over_once(cloud: TestCloud):
    who = make_person()
    request_id = ready(cloud, who)
    call = who.call(purpose="rights.answer")

    def once(_: int) -> str:
        try:
            return copies.claim_link(call, request_id)
        except CopyClaimed:
            return ""

    with ThreadPoolExecutor(16) as pool:
        links = [link for link in pool.map(once, range(16)) if link]
    assert len(links) == 1
    assert stored(request_id).state == "claimed"
    fetched = [i for i in cloud.items("evidence") if i.get("action", {}).get("S") == "person:copy:fetched"]
    assert len(fetched) == 1


@pytest.mark.promise("J2.3")
def test_the_address_gives_the_file_as_a_download_for_a_minute(cloud: TestCloud):
    who = make_person()
    link = claim(who, ready(cloud, who))
    asked = parse_qs(urlsplit(link).query)
    assert int(asked["X-Amz-Expires"][0]) <= 60
    answer = urllib3.PoolManager(retries=False).request("GET", link)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "index.html" in Copy(answer.data).names


def test_nothing_about_the_person_is_in_the_address(cloud: TestCloud):
    who = make_person()
    request_id = ready(cloud, who)
    link = claim(who, request_id)
    assert not [trace for trace in (who.person_id, who.ref, request_id, *who.keys.values()) if trace in link]


@pytest.mark.promise("J2.3", "K4.4")
def test_nobody_but_its_owner_sees_or_fetches_it(cloud: TestCloud):
    owner, stranger = make_person(), make_person()
    request_id = ready(cloud, owner)
    for verb in (shown, claim):
        for unknown in (request_id, new_id("req")):
            with pytest.raises(NotFound):
                verb(stranger, unknown)
    assert copies.list_requests(stranger.call()).data == []
    assert stored(request_id).state == "ready"


def test_a_copy_still_being_made_says_so(cloud: TestCloud):
    who = make_person()
    with pytest.raises(CopyNotReady) as refused:
        claim(who, ask(who))
    assert refused.value.retry_after_s == 5


@pytest.mark.promise("K1.2")
def test_it_can_be_fetched_for_seven_days_to_the_second(cloud: TestCloud):
    who = make_person()
    request_id = ready(cloud, who)
    ends = stored(request_id).ready_at + timedelta(days=7)
    with pytest.raises(CopyClaimed):
        claim(who, request_id, ends)
    assert stored(request_id).state == "ready"
    assert claim(who, request_id, ends - timedelta(seconds=1))


def test_a_copy_whose_file_is_gone_is_not_handed_over(cloud: TestCloud):
    who = make_person()
    request_id = ready(cloud, who)
    commit([update(stored(request_id), [CopyRow.object_key.remove()])])
    with pytest.raises(CopyClaimed):
        claim(who, request_id)


def test_requests_are_listed_newest_first(cloud: TestCloud):
    who = make_person()
    first = ask(who, NOW - timedelta(days=3))
    second = ask(who, NOW - timedelta(days=1, seconds=1))
    third = ask(who, NOW)
    assert [view.request_id for view in copies.list_requests(who.call()).data] == [third, second, first]
    assert lying(cloud) == []
