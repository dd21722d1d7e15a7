"""Two refreshes at once and a lost answer log nobody out; another device, or a later one, does end the session."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.support.accounts import Member, enrol
from tests.support.clocks import began

from .test_sessions import ended, is_refused, refresh, stored


@pytest.fixture
def who(counterparties) -> Member:
    """Give a member with a session on a phone."""
    return enrol(counterparties, began())


@pytest.mark.promise("K4.3")
def test_of_many_refreshes_at_once_on_many_devices_one_counts_and_the_rest_end_the_session(who, cloud):
    token = who.tokens["refresh_token"]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda number: is_refused(token, device=f"Phone {number}"), range(8)))
    assert answers.count(False) == 1
    assert stored(cloud) == []
    assert ended(who).keys() == {who.session_id}


@pytest.mark.promise("K4.3")
def test_of_many_refreshes_at_once_on_one_device_all_get_the_same(who, cloud):
    token = who.tokens["refresh_token"]
    with ThreadPoolExecutor(8) as threads:
        answers = set(threads.map(lambda _: refresh(token).refresh_token, range(8)))
    (answer,) = answers
    assert answer != token
    assert len(stored(cloud)) == 1
    assert ended(who) == {}
    assert refresh(answer, began() + timedelta(minutes=15)).session_id == who.session_id


@pytest.mark.promise("K4.3")
def test_a_lost_answer_is_given_again_for_ten_seconds_and_to_the_same_device(who, cloud):
    first = who.tokens["refresh_token"]
    second = refresh(first, device="iPad").refresh_token
    assert refresh(first, began() + timedelta(seconds=10), device="iPad").refresh_token == second
    third = refresh(second, began() + timedelta(seconds=10), device="iPad").refresh_token
    assert third not in {first, second}
    assert is_refused(second, began() + timedelta(seconds=21), device="iPad")
    assert is_refused(third, began() + timedelta(seconds=21), device="iPad")
    assert ended(who).keys() == {who.session_id}


@pytest.mark.promise("K4.3")
@pytest.mark.parametrize("thief", [{"device": "Nokia"}, {"channel": "web"}])
def test_another_device_ends_the_session_at_once(who, cloud, thief):
    first = who.tokens["refresh_token"]
    second = refresh(first).refresh_token
    assert is_refused(first, **thief)
    assert is_refused(second)
    assert stored(cloud) == []


@pytest.mark.promise("K4.3")
def test_the_token_before_the_one_before_ends_the_session_at_once(who, cloud):
    first = who.tokens["refresh_token"]
    third = refresh(refresh(first).refresh_token).refresh_token
    assert is_refused(first)
    assert is_refused(third)
    assert stored(cloud) == []
