"""All links go with the consent for logging in elsewhere, wherever the job was killed; what came later stays."""

from contextlib import suppress

import pytest

from chalicelib.accounts.jobs import apply_withdrawal
from tests.support.calls import WATCH
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.edges import Http, deliver
from tests.support.faults import forget_process
from tests.support.killing import Killed, changes_something, killed_at
from tests.support.lives import make_account
from tests.support.outward import Elsewhere
from tests.support.people import Someone

PURPOSE = "account.outward_login"
pytestmark = [pytest.mark.usefixtures("no_pauses"), pytest.mark.timeout(300)]


def linked(http: Http) -> Someone:
    """Give somebody with two links, whose consent was just withdrawn."""
    who, there = make_account(), Elsewhere(http)
    there.tokens(who)
    there.gallery_tokens(who)
    assert http("DELETE", f"/v1/consents/{PURPOSE}", who=who).status == 200
    return who


def news(cloud: TestCloud) -> str:
    (message,) = cloud.messages("withdrawals")
    return str(message["Body"])


def gone(cloud: TestCloud) -> int:
    told = [row["action"]["S"] for row in cloud.items("evidence") if "action" in row]
    return told.count("system:link:withdrawn")


@pytest.mark.promise("B3.2", "J6.1")
def test_killed_before_any_write_each_link_goes_once(http: Http, cloud: TestCloud, hands: Hands):
    number, died = 0, True
    while died:
        number += 1
        cloud.empty(set(WATCH.touched))
        forget_process()
        hands.moved *= 0
        who, body = linked(http), news(cloud)
        with killed_at(number, "before", changes_something) as reached, suppress(Killed):
            assert deliver(apply_withdrawal, body) == []
        died = reached()
        hands.by(minutes=10)
        assert deliver(apply_withdrawal, body) == []
        left = [row["kind"]["S"] for row in cloud.items("people") if row["pk"]["S"] == who.person_id]
        assert "outward_link" not in left
        assert gone(cloud) == 2, number
    assert number > 3


@pytest.mark.promise("B3.2", "J6.1")
def test_agreeing_anew_before_the_news_is_heard_revives_no_other_link(http: Http, cloud: TestCloud, hands: Hands):
    who, there = linked(http), Elsewhere(http)
    hands.by(seconds=1)
    tokens = there.tokens(who)
    assert len(http("GET", "/v1/links", who=who).json["data"]) == 1
    body = news(cloud)
    assert deliver(apply_withdrawal, body, body) == []
    assert there.info(tokens["access_token"]).status == 200
    (link,) = http("GET", "/v1/links", who=who).json["data"]
    assert "club.example" in link["rules"]
