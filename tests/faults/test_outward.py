"""Logging in elsewhere with any one call to AWS failing, or with something else in the middle: whole, or not at all."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from chalicelib.foundation.standing.access import SK
from chalicelib.foundation.standing.rows import FROZEN, StandingRow
from infra.local.club import GALLERY, attempt
from tests.support.calls import WATCH
from tests.support.cloud import TestCloud
from tests.support.edges import Http, Reply
from tests.support.faults import Fault, Turn, each_call, forget_process, patient
from tests.support.killing import Killed
from tests.support.leaving import leave
from tests.support.lives import make_account
from tests.support.meanwhile import meanwhile
from tests.support.outward import Elsewhere, ticket_of
from tests.support.people import Someone

pytestmark = [pytest.mark.usefixtures("no_pauses"), pytest.mark.timeout(300)]
EVERY_FAULT = pytest.mark.parametrize("fault", list(Fault))


@pytest.fixture
def elsewhere(http: Http) -> Elsewhere:
    """Give the third party."""
    return Elsewhere(http)


@pytest.fixture
def someone(http: Http) -> Someone:
    """Give a person with an account."""
    assert http
    return make_account()


def anew(cloud: TestCloud) -> Someone:
    """Empty everything, and give a person with an account."""
    cloud.empty(set(WATCH.touched))
    forget_process()
    return make_account()


def count(cloud: TestCloud, table: str, kind: str) -> int:
    return len([row for row in cloud.items(table) if row.get("kind") == {"S": kind}])


def links(http: Http, who: Someone) -> list[dict[str, str]]:
    return list(http("GET", "/v1/links", who=who).json["data"])


def works(elsewhere: Elsewhere, got: Reply) -> bool:
    """Say whether an answer gave tokens of which any is good."""
    if got.status != 200:
        return False
    read = elsewhere.info(got.json["access_token"]).status == 200
    return elsewhere.refresh(got.json["refresh_token"]).status == 200 or read


@pytest.mark.promise("B3.1", "A3.3")
@EVERY_FAULT
def test_an_answer_on_the_page_counts_whole_or_not_at_all(
    elsewhere: Elsewhere, http: Http, cloud: TestCloud, fault: Fault
):
    def flow(turn: Turn) -> None:
        someone = anew(cloud)
        ticket = ticket_of(elsewhere.page(someone, attempt().query()))
        with turn.begun():
            answer = once_more(lambda: elsewhere.answer(ticket, "agree"))
        assert answer.status in {303, 400}
        made = links(http, someone)
        codes, said = count(cloud, "ephemeral", "outward_code"), count(cloud, "evidence", "consent")
        assert (len(made), codes, said) in {(1, 1, 2), (0, 0, 0)}
        assert made or answer.status == 400
        assert elsewhere.answer(ticket, "agree").status == 400 or not made

    each_call(flow, fault, least=3)


def once_more(send: Callable[[], Reply]) -> Reply:
    """Press a button until there is an answer: pages tell of an outage in words, not in a problem document."""
    for _ in range(6):
        try:
            answer = send()
        except Killed:
            continue
        if answer.status != 503:
            return answer
        assert "请稍后再试" in answer.text
    raise AssertionError("it never came to an answer")


@pytest.mark.promise("B3.1")
@EVERY_FAULT
def test_an_exchange_gives_tokens_that_work_or_the_code_is_lost_with_all_it_gave(
    elsewhere: Elsewhere, http: Http, someone: Someone, cloud: TestCloud, fault: Fault
):
    """Whose answer was lost sends its code again; we can't tell it from a thief, so what it gave ends."""

    def flow(turn: Turn) -> None:
        tried = attempt()
        code = elsewhere.code(someone, tried)
        before = count(cloud, "ephemeral", "outward_token")
        with turn.begun():
            got = patient(lambda: elsewhere.exchange(code, tried))
        assert count(cloud, "ephemeral", "outward_token") - before in {0, 2}
        (link,) = links(http, someone)
        if got.status == 200:
            assert works(elsewhere, got)
        else:
            assert (got.json, link["state"]) == ({"error": "invalid_grant"}, "ended")
        assert elsewhere.exchange(code, tried).json == {"error": "invalid_grant"}
        assert not works(elsewhere, got)
        assert links(http, someone)[0]["state"] == "ended"

    each_call(flow, fault, least=3)


def cut(who: Someone, http: Http) -> None:
    """Cut the one link; the other one, and so the consent, stays."""
    link = next(one for one in links(http, who) if "club.example" in one["rules"])
    assert http("DELETE", f"/v1/links/{link['link_id']}", who=who).status == 204


def replace(who: Someone, http: Http) -> None:
    """Agree anew, on another page."""
    Elsewhere(http).code(who, attempt())


def withdraw(who: Someone, http: Http) -> None:
    assert http("DELETE", "/v1/consents/account.outward_login", who=who).status == 200


def freeze(who: Someone, _: Http) -> None:
    StandingRow(pk=who.person_id, sk=SK).update([StandingRow.status.set(FROZEN)])


def cancel(who: Someone, _: Http) -> None:
    leave(who)


@pytest.mark.promise("B3.2", "J6.1")
@pytest.mark.parametrize("end", [cut, replace, withdraw, freeze, cancel])
@pytest.mark.parametrize("what", ["code", "refresh"])
def test_what_ends_in_the_middle_of_an_exchange_leaves_no_token_that_works(
    http: Http, elsewhere: Elsewhere, cloud: TestCloud, end: Callable[[Someone, Http], None], what: str
):
    number, reached = 0, True
    while reached:
        number += 1
        who, tried = anew(cloud), attempt()
        elsewhere.gallery_tokens(who)
        code = elsewhere.code(who, tried)
        token = "" if what == "code" else elsewhere.exchange(code, tried).json["refresh_token"]
        with meanwhile(number, partial(end, who, http)) as came:
            got = elsewhere.refresh(token) if token else elsewhere.exchange(code, tried)
        reached = came()
        assert (got.status == 200, works(elsewhere, got)) == (not reached, not reached), number
    assert number > 3


@pytest.mark.promise("B3.2", "J6.1")
@pytest.mark.parametrize("end", [cut, replace, withdraw, freeze, cancel])
def test_what_ends_in_the_middle_of_a_reading_gives_nothing_after(
    http: Http, elsewhere: Elsewhere, cloud: TestCloud, end: Callable[[Someone, Http], None]
):
    number, reached = 0, True
    while reached:
        number += 1
        who = anew(cloud)
        elsewhere.gallery_tokens(who)
        token = elsewhere.tokens(who)["access_token"]
        with meanwhile(number, partial(end, who, http)) as came:
            info = elsewhere.info(token)
        reached = came()
        given = count(cloud, "evidence", "disclosure")
        assert (info.status == 200, given) == (not reached, not reached), number
    assert number > 3


@pytest.mark.promise("B3.1")
def test_of_several_exchanges_of_one_code_at_once_one_at_most_is_answered_and_all_ends(
    elsewhere: Elsewhere, http: Http, someone: Someone, cloud: TestCloud
):
    for _ in range(4):
        tried = attempt()
        code = elsewhere.code(someone, tried)
        before = count(cloud, "ephemeral", "outward_token")
        with ThreadPoolExecutor(6) as several:
            answers = list(several.map(elsewhere.exchange, [code] * 6, [tried] * 6))
        given = [answer for answer in answers if answer.status == 200]
        assert len(given) <= 1
        assert {answer.status for answer in answers} <= {200, 400, 503}
        assert count(cloud, "ephemeral", "outward_token") - before in {0, 2}
        assert not any(works(elsewhere, one) for one in given), "somebody else had the code too"
        assert links(http, someone)[0]["state"] == "ended"


@pytest.mark.promise("B3.2", "J6.1")
def test_two_cuts_at_once_leave_no_consent_behind(elsewhere: Elsewhere, http: Http, someone: Someone):
    for _ in range(4):
        elsewhere.tokens(someone)
        elsewhere.gallery_tokens(someone)
        both = [link["link_id"] for link in links(http, someone)]
        assert len(both) == 2
        with ThreadPoolExecutor(2) as two:
            answers = list(two.map(lambda one: http("DELETE", f"/v1/links/{one}", who=someone), both))
        assert {answer.status for answer in answers} <= {204, 503, 409}
        for link in links(http, someone):
            assert http("DELETE", f"/v1/links/{link['link_id']}", who=someone).status == 204
        assert "account.outward_login" not in (someone.standing().consents or ())


@pytest.mark.promise("B3.2", "J6.1")
def test_a_cut_in_the_middle_of_another_leaves_no_consent_behind(
    elsewhere: Elsewhere, http: Http, someone: Someone, cloud: TestCloud
):
    number, reached = 0, True
    while reached:
        number += 1
        elsewhere.tokens(someone)
        elsewhere.gallery_tokens(someone)
        first, second = (f"/v1/links/{link['link_id']}" for link in links(http, someone))
        with meanwhile(number, lambda: http("DELETE", second, who=someone)) as came:  # noqa: B023
            answer = http("DELETE", first, who=someone)
        reached = came()
        assert answer.status in {204, 409, 503}
        for place in (first, second):
            assert http("DELETE", place, who=someone).status in {204, 404}
        assert links(http, someone) == []
        assert "account.outward_login" not in (someone.standing().consents or ())
    assert number > 3


@pytest.mark.promise("B3.1", "A4.1")
def test_of_two_answers_at_once_on_one_page_one_counts(elsewhere: Elsewhere, http: Http, someone: Someone):
    ticket = ticket_of(elsewhere.page(someone, attempt().gallery_query()))
    with ThreadPoolExecutor(4) as several:
        said = ["agree", "refuse", "agree", "refuse"]
        answers = list(several.map(lambda answer: elsewhere.answer(ticket, answer), said))
    counted = [answer for answer in answers if answer.status == 303]
    assert len(counted) <= 1
    agreed = any("code=" in answer.headers["Location"] for answer in counted)
    assert len(links(http, someone)) == agreed
    history = http("GET", "/v1/consents/history", who=someone).json["data"]
    assert len([one for one in history if one["about"] == f"account.outward_login:{GALLERY}"]) == 2 * len(counted)
