"""The authority over the real protocol: signed by the SDK, checked by the counterparty, answers held to their shape."""

import json

import pytest

from chalicelib.foundation.gateways import identity, tencent
from chalicelib.foundation.gateways.errors import (
    DisclosureRefused,
    IdentityLimited,
    ProviderRefused,
    ProviderUnavailable,
)
from chalicelib.foundation.gateways.identity import Finding
from chalicelib.foundation.kernel.config import reset_config
from tests.support.counterparties import Counterparties, disclosed
from tests.support.identities import citizen, number_from, show_face

PURPOSE = "account.verification"
NAMED = disclosed("identity", "verification.name", "verification.number", purpose=PURPOSE)
PHONED = disclosed("identity", "verification.name", "verification.number", "account.mobile", purpose=PURPOSE)
TOKEN = disclosed("identity", "verification.face_token", purpose=PURPOSE)
BACK = "https://www.jule.example/verification"


def answered(monkeypatch, **response) -> None:
    """Have the other side say something else."""
    body = json.dumps({"Response": {"RequestId": "a1b2c3d4-0000", **response}}).encode()
    monkeypatch.setattr(tencent, "_client", lambda *_: type("Told", (), {"call": lambda *_: body})())


@pytest.mark.promise("B7.1")
def test_name_and_number_are_compared(counterparties: Counterparties):
    who = citizen(counterparties)
    said = identity.check_name(*who, under=NAMED)
    assert said.finding is Finding.CONSISTENT
    assert said.request_id
    assert identity.check_name("李四", who.number, under=NAMED).finding is Finding.INCONSISTENT
    assert identity.check_name("王小明", number_from(), under=NAMED).finding is Finding.UNKNOWN


@pytest.mark.promise("B7.1")
def test_the_phone_is_the_third_element(counterparties: Counterparties):
    who = citizen(counterparties, "王小明", "13800138000")
    assert identity.check_phone(*who, "+8613800138000", under=PHONED).finding is Finding.CONSISTENT
    assert identity.check_phone(*who, "+8613800138001", under=PHONED).finding is Finding.INCONSISTENT
    assert identity.check_phone("李四", number_from(), "+8613800138000", under=PHONED).finding is Finding.UNKNOWN


@pytest.mark.promise("B7.1", "B7.5")
def test_a_face_is_shown_elsewhere_and_its_outcome_fetched_as_text(counterparties: Counterparties):
    who = citizen(counterparties)
    begun = identity.begin_face(*who, back_to=BACK, under=NAMED)
    assert begun.url == f"{counterparties.base_url}/face/{begun.token}"
    assert identity.face_result(begun.token, *who, under=TOKEN) is None
    show_face(counterparties, begun.url)
    said = identity.face_result(begun.token, *who, under=TOKEN)
    assert said is not None
    assert said.finding is Finding.CONSISTENT


def test_somebody_elses_face_does_not_fit(counterparties: Counterparties):
    who = citizen(counterparties)
    begun = identity.begin_face(*who, back_to=BACK, under=NAMED)
    show_face(counterparties, begun.url, passes=False)
    said = identity.face_result(begun.token, *who, under=TOKEN)
    assert said is not None
    assert said.finding is Finding.INCONSISTENT


def test_the_page_plays_the_face(counterparties: Counterparties):
    who = citizen(counterparties)
    begun = identity.begin_face(*who, back_to=BACK, under=NAMED)
    path = begun.url.removeprefix(counterparties.base_url)
    assert b"passes" in counterparties.ask("GET", path).data
    pool = counterparties._pool
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert pool.request("POST", begun.url, body="passes=yes", headers=form).status == 200
    assert identity.face_result(begun.token, *who, under=TOKEN)


@pytest.mark.promise("B7.1")
def test_an_outcome_about_somebody_else_is_no_outcome(counterparties: Counterparties):
    who, other = citizen(counterparties), citizen(counterparties, "李四")
    begun = identity.begin_face(*other, back_to=BACK, under=NAMED)
    show_face(counterparties, begun.url)
    with pytest.raises(ProviderRefused):
        identity.face_result(begun.token, *who, under=TOKEN)


@pytest.mark.promise("I2.2")
@pytest.mark.parametrize("under", [disclosed("sms", *NAMED.items), disclosed("identity", "verification.name"), TOKEN])
def test_nothing_leaves_without_its_disclosure(counterparties: Counterparties, under):
    with pytest.raises(DisclosureRefused):
        identity.check_name("王小明", number_from(), under=under)
    with pytest.raises(DisclosureRefused):
        identity.begin_face("王小明", number_from(), back_to=BACK, under=under)
    with pytest.raises(DisclosureRefused):
        identity.check_phone("王小明", number_from(), "+8613800138000", under=NAMED)
    with pytest.raises(DisclosureRefused):
        identity.face_result("TOKEN-00000000", "王小明", number_from(), under=NAMED)
    assert counterparties.control("GET", "/state")["asked"] == {}


@pytest.mark.parametrize(("name", "value"), [("TENCENT_SECRET_KEY", "another"), ("TENCENT_SECRET_ID", "AKIDother")])
def test_wrong_credentials_are_refused_by_the_other_side(counterparties, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    reset_config()
    with pytest.raises(ProviderRefused):
        identity.check_name(*citizen(counterparties), under=NAMED)


def test_another_rule_is_refused_by_the_other_side(counterparties, monkeypatch):
    monkeypatch.setenv("IDENTITY_RULE_ID", "other")
    reset_config()
    with pytest.raises(ProviderRefused):
        identity.begin_face(*citizen(counterparties), back_to=BACK, under=NAMED)


@pytest.mark.parametrize("mode", ["error", "throttle", "lost"])
def test_without_an_answer_it_says_so(counterparties: Counterparties, mode):
    counterparties.plan("faceid.*", mode, times=4)
    with pytest.raises(ProviderUnavailable):
        identity.check_name(*citizen(counterparties), under=NAMED)


@pytest.mark.parametrize("mode", ["redirect", "oversize", "garbage"])
def test_a_hostile_answer_is_refused(counterparties: Counterparties, mode):
    counterparties.plan("faceid.*", mode)
    with pytest.raises(ProviderRefused):
        identity.check_name(*citizen(counterparties), under=NAMED)


def test_a_lost_comparison_is_asked_again_and_a_lost_beginning_is_not(counterparties: Counterparties):
    who = citizen(counterparties)
    counterparties.plan("faceid.*", "lost")
    assert identity.check_name(*who, under=NAMED).finding is Finding.CONSISTENT
    counterparties.plan("faceid.DetectAuth", "lost")
    with pytest.raises(ProviderUnavailable):
        identity.begin_face(*who, back_to=BACK, under=NAMED)
    assert len(counterparties.control("GET", "/state")["faces"]) == 1


@pytest.mark.parametrize(
    ("result", "failure"),
    [("-4", ProviderUnavailable), ("-6", ProviderUnavailable), ("-7", IdentityLimited), ("-99", ProviderRefused)],
)
def test_what_the_authority_cannot_say_is_no_verdict(cloudless, monkeypatch, result, failure):
    answered(monkeypatch, Result=result, Description="x")
    with pytest.raises(failure):
        identity.check_name("王小明", number_from(), under=NAMED)


@pytest.mark.parametrize(("result", "failure"), [("-11", ProviderUnavailable), ("-12", IdentityLimited)])
def test_nor_about_a_phone(cloudless, monkeypatch, result, failure):
    answered(monkeypatch, Result=result)
    with pytest.raises(failure):
        identity.check_phone("王小明", number_from(), "+8613800138000", under=PHONED)


@pytest.mark.parametrize("said", [{"Result": 0}, {"Result": "0 "}, {"Result": None}, {}, {"Result": "yes"}])
def test_an_outcome_of_another_shape_is_refused(cloudless, monkeypatch, said):
    answered(monkeypatch, **said)
    with pytest.raises(ProviderRefused):
        identity.check_name("王小明", number_from(), under=NAMED)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "", "http://a b/", "https://x/\n"])
def test_a_page_that_is_no_page_is_refused(cloudless, monkeypatch, url):
    answered(monkeypatch, Url=url, BizToken="TOKEN-00000000")
    with pytest.raises(ProviderRefused):
        identity.begin_face("王小明", number_from(), back_to=BACK, under=NAMED)


@pytest.fixture
def cloudless(counterparties: Counterparties) -> Counterparties:
    """Have settings, though nobody is asked."""
    return counterparties
