"""Verification over HTTP: consent and a fresh proof first, tries counted, the answer is the owner's alone."""

import pytest

from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.log import Event
from tests.support.accounts import PASSWORD, Member, log_in
from tests.support.consents import answer_body
from tests.support.counterparties import Counterparties
from tests.support.edges import Http, Reply
from tests.support.identities import Citizen, citizen, number_from, show_face

PURPOSE = "account.verification"


@pytest.fixture
def known(counterparties: Counterparties) -> Citizen:
    """Give somebody whom the authority knows."""
    return citizen(counterparties)


def proved(http: Http, who: Member) -> Member:
    """Prove once more who it is."""
    answer = http("POST", "/v1/sessions/reauthentication", {"password": PASSWORD}, headers=who.headers)
    assert answer.status == 200, answer.text
    return who.holding(answer.json)


def agreed(http: Http, who: Member) -> Member:
    """Agree to be verified, and prove once more who it is."""
    answer = http("POST", "/v1/consents", answer_body(PURPOSE), headers=who.headers)
    assert answer.status == 200, answer.text
    return proved(http, who)


def verify(http: Http, who: Member, known: Citizen, how: str = "name") -> Reply:
    return http("POST", f"/v1/verification/{how}", known._asdict(), headers=who.headers)


@pytest.mark.promise("A4.1", "B7.1")
def test_only_who_agreed_and_has_just_proved_who_it_is_is_verified(http, who, known, counterparties):
    assert verify(http, who, known).code == "consent.required"
    assert http("POST", "/v1/consents", answer_body(PURPOSE), headers=who.headers).status == 200
    assert verify(http, who, known).code == "session.reauthentication_required"
    assert counterparties.control("GET", "/state")["asked"] == {}
    answer = verify(http, proved(http, who), known)
    assert answer.status == 200, answer.text
    assert answer.json["verified"] is True


@pytest.mark.promise("B7.2", "B7.4", "J6.2")
def test_the_account_says_yes_or_no_and_its_owner_sees_the_rest(http, who, stranger, known):
    def says(member: Member) -> object:
        return http("GET", "/v1/accounts/me", headers=member.headers).json["verified"]

    assert says(who) is False
    who = agreed(http, who)
    assert verify(http, who, known).status == 200
    assert says(who) is True
    assert says(stranger) is False
    me = http("GET", "/v1/accounts/me", headers=who.headers).text
    assert known.number not in me
    assert known.name not in me
    own = http("GET", "/v1/verification", headers=who.headers).json
    assert (own["name"], own["number"]) == known
    assert http("GET", "/v1/verification", headers=stranger.headers).json["state"] == "none"
    assert http("DELETE", f"/v1/consents/{PURPOSE}", headers=who.headers).status == 200
    assert says(who) is False
    after = http("GET", "/v1/verification", headers={**who.headers, "Accept-Language": "en"}).json
    assert (after["state"], after["number"], len(after["kept"])) == ("withdrawn", None, 1)
    assert after["kept"][0]["reason"].startswith("PIPL")


@pytest.mark.promise("B7.1")
def test_a_face_check_over_http(http, who, known, counterparties):
    who = agreed(http, who)
    assert http("POST", "/v1/verification/face/result", headers=who.headers).code == "accounts.face_not_begun"
    begun = verify(http, who, known, "face")
    assert begun.status == 201, begun.text
    assert http("POST", "/v1/verification/face/result", headers=who.headers).json["state"] == "pending"
    show_face(counterparties, begun.json["url"])
    answer = http("POST", "/v1/verification/face/result", headers=who.headers)
    assert (answer.status, answer.json["method"]) == (200, "face")


@pytest.mark.promise("B7.3")
def test_a_person_has_ten_tries_a_day(http, who, known, hands):
    hands.into_window(86400)
    who = who.holding(log_in(http, who.mobile).json)
    body = answer_body(PURPOSE, at=clock.now())
    assert http("POST", "/v1/consents", body, headers=who.headers).status == 200
    who = proved(http, who)
    for _ in range(10):
        assert verify(http, who, Citizen("李四", number_from())).code == "accounts.verification_failed"
    assert verify(http, who, known).code == "rate.limited"
    assert verify(http, who, known, "face").code == "rate.limited"


@pytest.mark.promise("K4.2")
def test_neither_refusals_nor_the_log_tell_who_it_was(http, who, counterparties, capsys):
    who = agreed(http, who)
    unknown = Citizen("王小明", number_from())
    answers = [verify(http, who, unknown), verify(http, who, Citizen("王小明", "110105194912310021"))]
    counterparties.plan("faceid.*", "garbage")
    answers.append(verify(http, who, unknown))
    assert [answer.status for answer in answers] == [422, 400, 502]
    told = "".join(answer.text for answer in answers) + capsys.readouterr().out
    assert Event.PROVIDER_FAULT.value[0] in told
    for secret in (unknown.name, unknown.number, "110105194912310021"):
        assert secret not in told


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "王小明"},
        {"name": "王小明", "number": 110105194912310020},
        {"name": "王小明", "number": "11010519491231002X", "picture": "aaaa"},
        {"name": "王" * 65, "number": "11010519491231002X"},
    ],
)
def test_a_body_of_another_shape_is_refused(http, who, body):
    who = agreed(http, who)
    for how in ("name", "face"):
        assert http("POST", f"/v1/verification/{how}", body, headers=who.headers).code == "request.invalid"
