"""Opening an account and keeping a session with any one call to AWS failing: one person, whole, or none."""

from collections import Counter

import pytest

from tests.support.accounts import PASSWORD, log_in, new_mobile, open_account, sign_up_body
from tests.support.calls import WATCH
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.counterparties import Counterparties
from tests.support.edges import Http, Reply
from tests.support.faults import Fault, Turn, each_call, patient

pytestmark = [pytest.mark.usefixtures("no_pauses"), pytest.mark.parametrize("fault", list(Fault))]
WHOLE = {"standing": 1, "profile": 1, "mobile_login": 1, "name_login": 1, "name_guard": 1, "data_key": 3}


class Newcomer:
    """A client that opens an account, whatever it takes."""

    def __init__(self, http: Http, phone: Counterparties, hands: Hands) -> None:
        self.http, self.phone, self.hands = http, phone, hands
        self.mobile = new_mobile()

    def arrive(self) -> Reply:
        """Ask for codes until one arrives, sign up with it, and log in where the account is there already."""
        asked = {"mobile": self.mobile, "purpose": "sign_up"}
        for _ in range(3):
            assert self._patient("/v1/accounts/codes", asked).status == 202
            code = self.phone.sms(f"+86{self.mobile}")
            if code is not None:
                answer = self._patient("/v1/accounts", sign_up_body(self.mobile, code))
                if answer.status == 201:
                    return answer
                entered = self._patient("/v1/sessions", {"login": self.mobile, "password": PASSWORD})
                if entered.status == 201:
                    return entered
            self.hands.by(minutes=2)
        raise AssertionError("nobody got in")

    def _patient(self, path: str, body: object) -> Reply:
        return patient(lambda: self.http("POST", path, body), wait=lambda s: self.hands.by(seconds=s))


def orphans(cloud: TestCloud) -> list[str]:
    """Name rows that lead to nobody: guards and profiles without a standing, data keys that no standing names."""
    standing = [row for row in cloud.items("people") if row["kind"]["S"] == "standing"]
    people = {row["pk"]["S"] for row in standing}
    named = " ".join(row["keys"]["S"] for row in standing)
    owned = [row for noun in ("people", "ephemeral", "outbox") for row in cloud.items(noun) if "person_id" in row]
    keys = [row for row in cloud.items("keys") if row.get("kind") == {"S": "data_key"}]
    left = [row for row in owned if row["person_id"]["S"] not in people]
    return [row["pk"]["S"] for row in [*left, *(key for key in keys if key["pk"]["S"] not in named)]]


@pytest.mark.promise("A3.3", "B1.1")
def test_an_account_is_opened_whole_or_not_at_all(http: Http, cloud: TestCloud, counterparties, hands, fault: Fault):
    def flow(turn: Turn) -> None:
        cloud.empty(set(WATCH.touched))  # the house's own keys are made anew as well
        newcomer = Newcomer(http, counterparties, hands)
        with turn.begun():
            entered = newcomer.arrive()
        bearer = {"Authorization": f"Bearer {entered.json['access_token']}"}
        assert http("GET", "/v1/accounts/me", headers=bearer).json["person_id"] == entered.json["person_id"]
        assert log_in(http, newcomer.mobile).status == 201
        rows = [*cloud.items("people"), *cloud.items("keys")]
        assert Counter(row["kind"]["S"] for row in rows if "kind" in row) == WHOLE
        assert orphans(cloud) == []
        history = http("GET", "/v1/consents/history", headers=bearer).json["data"]
        assert sorted(entry["step"] for entry in history) == ["answered", "shown"]

    each_call(flow, fault, least=15)


@pytest.mark.promise("A5.1", "K4.3")
def test_a_session_goes_on_or_its_owner_logs_in_again(http: Http, counterparties, hands, fault: Fault):
    member = open_account(http, counterparties)

    def flow(turn: Turn) -> None:
        begun = log_in(http, member.mobile).json
        with turn.begun():
            answer = patient(lambda: http("POST", "/v1/sessions/refresh", {"refresh_token": begun["refresh_token"]}))
            if answer.status == 401:  # the answer was lost with the process, and so was the token in it
                answer = patient(lambda: log_in(http, member.mobile))
        assert answer.status in {200, 201}, answer.text
        bearer = {"Authorization": f"Bearer {answer.json['access_token']}"}
        assert http("GET", "/v1/accounts/me", headers=bearer).status == 200
        listed = [one["session_id"] for one in http("GET", "/v1/sessions", headers=bearer).json["data"]]
        assert answer.json["session_id"] in listed
        assert (begun["session_id"] in listed) == (answer.json["session_id"] == begun["session_id"])
        assert http("POST", "/v1/sessions/logout", headers=bearer).status == 204

    each_call(flow, fault, least=4)
