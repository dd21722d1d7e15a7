"""Cancelling an account and erasing its person with any one call to AWS failing: done and certified all the same."""

import secrets
from collections.abc import Callable

import pytest

from chalicelib.foundation.store.planner import traverse
from chalicelib.foundation.work.sweeps import resend_outbox
from chalicelib.orders.jobs import record_shipment
from chalicelib.rights.jobs import continue_erasures, erase_person
from tests.support.accounts import new_mobile, new_name
from tests.support.calls import WATCH
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.edges import deliver
from tests.support.faults import Fault, Turn, each_call, forget_process, in_turn, patient
from tests.support.goods import on_sale
from tests.support.killing import Killed
from tests.support.leaving import traces
from tests.support.lives import make_account
from tests.support.people import Someone
from tests.support.publishing import Town
from tests.support.schedules import tick
from tests.support.trading import Shop, stored

pytestmark = [pytest.mark.usefixtures("no_pauses"), pytest.mark.parametrize("fault", list(Fault))]
LATER_MIN = 20
LOOKS = 8


class Leaving:
    """Somebody with an order behind them and a picture in quarantine, who leaves."""

    def __init__(self, shop: Shop, town: Town, hands: Hands) -> None:
        self.shop, self.town, self.hands = shop, town, hands
        self.mobile = f"+86{new_mobile()}"
        self.name = new_name()
        self.who = make_account(self.mobile, self.name)
        self.order_id = _received(shop, self.who)
        self.media_id = town.upload(self.who, b"\xff\xd8 a picture")
        self.receipt = secrets.token_urlsafe(32)

    def cancel(self) -> None:
        """Ask for the preview and cancel, until the receipt leads to a certificate on its way."""
        http = self.shop.http
        preview = patient(lambda: http("GET", "/v1/cancellation", who=self.who)).json
        asked = {"plan_hash": preview["plan_hash"], "receipt": self.receipt}
        answer = patient(lambda: http("POST", "/v1/cancellation", asked, who=self.who))
        assert answer.status in {202, 401}, answer.text  # cancelled before, with the answer lost: nobody acts any more
        assert self.certificate()["state"] in {"running", "done"}

    def certificate(self) -> dict[str, str]:
        """Ask for the certificate as nobody in particular."""
        path = "/v1/cancellation/certificates"
        answer = patient(lambda: self.shop.http("POST", path, {"receipt": self.receipt}))
        assert answer.status == 200, answer.text
        found: dict[str, str] = answer.json
        return found

    def told(self) -> int:
        """Count the last notices that arrived."""
        state = self.shop.providers.control("GET", "/state")
        return sum(one["mobile"] == self.mobile for one in state["sms"])

    def be_erased(self) -> None:
        """Let queue and schedules do their work, as late as it takes."""
        alive(lambda: deliver_waiting(self.town.cloud))
        for _ in range(LOOKS):
            self.hands.by(minutes=LATER_MIN)
            for job in (resend_outbox, continue_erasures):
                alive(lambda: tick(job))  # noqa: B023 - runs at once
            if self.certificate()["state"] == "done":
                return


def deliver_waiting(cloud: TestCloud) -> None:
    """Hand over what waits for the erasing function."""
    for message in cloud.messages("erasures"):
        deliver(erase_person, message["Body"])


def alive(act: Callable[[], object]) -> None:
    """Run a job that may die or fail; the next process knows nothing of it."""
    try:
        act()
    except (Killed, Exception):  # noqa: BLE001 - as queue and schedule do
        forget_process()


def _received(shop: Shop, who: Someone) -> str:
    order_id = shop.paid(who, on_sale())
    report = f'{{"order_id": "{order_id}", "carrier": "SF", "tracking_number": "SF1234567890"}}'
    assert deliver(record_shipment, report) == []
    assert shop.act(who, order_id, "receive").status == 200
    return order_id


def erased(shop: Shop, town: Town, hands: Hands) -> Callable[[Turn], None]:
    """Give the flow: somebody leaves, and nothing of them is left but the record that the law wants."""

    def flow(turn: Turn) -> None:
        town.cloud.empty(set(WATCH.touched))
        forget_process()
        began = hands.moved
        leaving = Leaving(shop, town, hands)
        with turn.begun():
            leaving.cancel()
            leaving.be_erased()
        assert leaving.certificate()["state"] == "done"
        hands.moved = began
        assert traces(town.cloud, leaving.who, leaving.mobile, leaving.name) == []
        assert list(traverse(leaving.who.person_id)) == []
        assert town.objects("quarantine") == set()
        kept = stored(leaving.order_id).order
        assert (kept.state, kept.person_id, kept.recipient_name) == ("received", None, None)
        assert leaving.told() >= 1

    return flow


@pytest.mark.promise("J3.2", "J7.4", "J11.3")
def test_an_erasure_comes_to_its_end(shop: Shop, town: Town, hands: Hands, fault: Fault):
    each_call(erased(shop, town, hands), fault, least=60, pick=in_turn(fault))


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_an_erasure_comes_to_its_end_whatever_fails(shop: Shop, town: Town, hands: Hands, fault: Fault):
    each_call(erased(shop, town, hands), fault, least=60)
