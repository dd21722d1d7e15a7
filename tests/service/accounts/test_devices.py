"""A log-in from a device or channel that no live session is on is told as such; all the others end in one call."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import msgspec
import pytest

from chalicelib.accounts.contracts.sessions import LogIn, RefreshSession
from chalicelib.accounts.service import devices, logging_in, sessions
from chalicelib.foundation.kernel.errors import Unauthenticated
from tests.support.accounts import PASSWORD, Member, caller, enrol, guest
from tests.support.bindings import agreeing, bind_apple, bind_wechat, come_by_apple, come_by_wechat
from tests.support.clocks import began
from tests.support.ways_in import alive, code_to, log_in, outcome, recorded, standing, told

PIXEL = "Pixel 9; Android 16"


@pytest.fixture
def who(counterparties) -> Member:
    return enrol(counterparties, began())


def another(who: Member, device: str = PIXEL, channel: str = "app", **changes) -> Member:
    call = guest(changes.get("at", began()), device=device, channel=channel)
    view = logging_in.log_in(call, LogIn(login=who.mobile, password=PASSWORD))
    return who.holding(msgspec.to_builtins(view))


@pytest.mark.promise("K4.3", "G1.2")
@pytest.mark.parametrize(
    ("device", "channel", "event"),
    [
        (PIXEL, "app", "signed_in"),
        (PIXEL, "web", "new_device"),
        ("iPad", "app", "new_device"),
        ("", "app", "new_device"),
    ],
)
def test_a_device_or_channel_not_seen_before_is_told_as_new(who, cloud, device, channel, event):
    another(who, device, channel)
    assert {name: told(cloud, name) for name in ("signed_in", "new_device")} == {
        "signed_in": int(event == "signed_in"),
        "new_device": int(event == "new_device"),
    }


@pytest.mark.promise("K4.3")
def test_a_log_in_by_code_is_told_likewise(who, counterparties, cloud):
    later = began() + timedelta(minutes=2)
    log_in(who, code_to(counterparties, who.mobile, "log_in", later), later, device="iPad")
    assert told(cloud, "new_device") == 1


@pytest.mark.promise("K4.3")
def test_a_log_in_by_wechat_or_apple_is_told_likewise(counterparties, cloud):
    member = agreeing(counterparties)
    bind_wechat(counterparties, member)
    bind_apple(counterparties, member)
    seen = []
    for come in (come_by_wechat, come_by_apple, come_by_wechat, come_by_apple):
        come(counterparties, member.user_name)
        seen.append((told(cloud, "new_device"), told(cloud, "signed_in")))
    assert seen == [(1, 0), (2, 0), (2, 1), (2, 2)]


def test_a_device_known_from_an_ended_or_expired_session_is_new_again(who, cloud):
    tablet = another(who, "iPad")
    sessions.end_session(caller(who, began()), tablet.session_id)
    another(who, "iPad")
    assert told(cloud, "new_device") == 2
    another(who, "iPad", at=began() + timedelta(days=31))
    assert told(cloud, "new_device") == 3


@pytest.mark.promise("K4.3")
def test_every_session_but_the_one_that_asks_ends_in_one_call(who, cloud):
    others = [another(who, f"tablet {number}") for number in range(3)]
    view = devices.end_others(caller(who, began()))
    assert view.session_id == who.session_id
    assert alive(who) == {who.session_id}
    for one in others:
        with pytest.raises(Unauthenticated):
            sessions.refresh_session(guest(began()), RefreshSession(refresh_token=one.tokens["refresh_token"]))
    renewed = sessions.refresh_session(guest(began()), RefreshSession(refresh_token=view.refresh_token))
    assert renewed.session_id == who.session_id
    assert (told(cloud, "sessions_ended"), recorded(cloud, "person:sessions:ended")) == (1, 1)


def test_the_session_that_goes_on_lives_thirty_days_from_then(who):
    later = began() + timedelta(days=20)
    view = devices.end_others(caller(who, later))
    token = RefreshSession(refresh_token=view.refresh_token)
    assert sessions.refresh_session(guest(later + timedelta(days=29)), token).session_id == who.session_id


def test_a_session_that_was_ended_ends_no_others(who):
    tablet = another(who, "iPad")
    call = caller(tablet, began())
    sessions.end_session(caller(who, began()), tablet.session_id)
    with pytest.raises(Unauthenticated):
        devices.end_others(call)
    assert alive(who) == {who.session_id}


@pytest.mark.promise("K4.3")
def test_of_two_devices_that_end_each_other_one_stays(who):
    tablet = another(who, "iPad")
    calls = [caller(one, began()) for one in (who, tablet)]
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda call: outcome(devices.end_others, call), calls))
    assert answers.count("done") == 1
    winner = (who, tablet)[answers.index("done")]
    assert alive(who) == {winner.session_id}
    assert standing(who).session_epoch == 2
