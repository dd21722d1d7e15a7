"""Three accounts of one person: orders, posts, consents, freezes, merges and kills in any order, against a model."""

from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from chalicelib.accounts.contracts.sessions import LogIn
from chalicelib.accounts.service import logging_in
from chalicelib.consent.service import answer_notice, withdraw_consent
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.deadlines import Deadline
from chalicelib.foundation.kernel.errors import Busy, Failure, Unauthenticated
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.access import AccountClosing, AccountFrozen
from chalicelib.foundation.standing.rows import MERGING
from chalicelib.foundation.store.write import commit
from chalicelib.foundation.vault.keyring import KeyDestroyed
from chalicelib.foundation.web.identify import bearer
from chalicelib.rights.errors import CancellationBlocked, MergeBlocked, OtherNotProved
from chalicelib.rights.rules import LOOK_AGAIN_WITHIN, WORKING
from chalicelib.rights.service import erasure, merging
from tests.support.accounts import guest
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.consents import answer
from tests.support.goods import on_sale
from tests.support.killing import MOMENTS, Killed, Moment, changes_something, killed_at
from tests.support.leaving import Left, leave, traces
from tests.support.lives import PASSWORD, system_call
from tests.support.merging import Two
from tests.support.merging_acts import Held, account, call_of, cancel, come_in, holdings, number_of, order, post
from tests.support.people import Someone

NAMES = ("app", "mini", "web")
WHICH = st.sampled_from(NAMES)
PURPOSES = ("account.membership", "account.public_profile", "account.email")
PURPOSE = st.sampled_from(PURPOSES)
IN_USE = {"active", "frozen"}


class Merging(RuleBasedStateMachine):
    """The model: each account's state, whose each thing is, what each account agreed to and declined.

    An account that is merging or closing is one nobody comes into; what it held is the other's, or is going.
    """

    hands: ClassVar[Hands]
    cloud: ClassVar[TestCloud]

    @initialize()
    def begin(self) -> None:
        self.variant = on_sale(stock=1000)
        self.accounts: dict[str, Someone] = {name: account() for name in NAMES}
        self.logins = {name: number_of(who) for name, who in self.accounts.items()}
        self.state = dict.fromkeys(NAMES, "active")
        self.orders: dict[str, str] = {}
        self.unpaid: set[str] = set()
        self.posts: dict[str, str] = {}
        self.agreed = {name: set(PURPOSES) for name in NAMES}
        self.declined: dict[str, set[str]] = defaultdict(set)
        self.merges: dict[str, tuple[str, str]] = {}
        self.moved: set[str] = set()
        self.leaving: dict[str, str] = {}
        for name in NAMES:
            self.writes_a_post(name)

    def _under_way(self, name: str) -> bool:
        return any(name in pair for case, pair in self.merges.items() if case not in self.moved)

    def _has_unpaid(self, name: str) -> bool:
        return any(self.orders[one] == name for one in self.unpaid)

    @rule(name=WHICH)
    def places_an_order(self, name: str) -> None:
        self._act(name, lambda who: self._placed(name, order(who, self.variant)))

    def _placed(self, name: str, order_id: str) -> None:
        self.orders[order_id] = name
        self.unpaid.add(order_id)

    @precondition(lambda self: self.unpaid)
    @rule()
    def cancels_orders(self) -> None:
        for order_id in sorted(self.unpaid):
            if self.state[self.orders[order_id]] == "active":
                cancel(self.accounts[self.orders[order_id]], order_id)
                self.unpaid.discard(order_id)

    @rule(name=WHICH)
    def writes_a_post(self, name: str) -> None:
        self._act(name, lambda who: self.posts.update({post(who): name}))

    def _act(self, name: str, act: Callable[[Someone], object]) -> None:
        """Act; whoever is not active is refused by the transaction, or has no key left, whatever the edge says."""
        if self.state[name] == "active":
            act(self.accounts[name])
        elif self.state[name] != "gone":
            with pytest.raises((Unauthenticated, KeyDestroyed)):
                act(self.accounts[name])

    @rule(name=WHICH, purpose=PURPOSE, said=st.sampled_from(["agree", "refuse", "withdraw"]))
    def answers(self, name: str, purpose: str, said: str) -> None:
        if self.state[name] != "active":
            return
        call = call_of(self.accounts[name], "consent.record")
        if said == "withdraw":
            if purpose in self.agreed[name]:
                self.declined[name].add(purpose)
            withdraw_consent(call, purpose)
        else:
            answer_notice(call, answer(purpose, said, at=call.now))
            (self.declined[name].discard if said == "agree" else self.declined[name].add)(purpose)
        (self.agreed[name].add if said == "agree" else self.agreed[name].discard)(purpose)

    @rule(name=WHICH)
    def freezes_or_thaws(self, name: str) -> None:
        seen = self.accounts[name].standing() if self.state[name] in IN_USE else None
        if seen is not None and self.state[name] == "active":
            commit([access.freeze(seen, "owner", clock.now(), otherwise=Busy)])
            self.state[name] = "frozen"
        elif seen is not None:
            commit([access.thaw(seen, otherwise=Busy)])
            self.state[name] = "active"

    def _blocks(self, stays: str, goes: str) -> set[str]:
        if self.state[goes] in {"frozen", "merging", "closing"}:
            return {"other_frozen" if self.state[goes] == "frozen" else "other_closing"}
        applies = {
            "merge_under_way": self._under_way(stays) or self._under_way(goes),
            "order_open": self._has_unpaid(goes),
        }
        return {code for code, does in applies.items() if does}

    def _pair(self, stays: str, goes: str) -> Two:
        return Two(self.accounts[stays], self._with_token(goes))

    def _with_token(self, name: str) -> Someone:
        return self.accounts[name] if self.state[name] == "gone" else come_in(self.accounts[name])

    @rule(stays=WHICH, goes=WHICH)
    def merges_two(self, stays: str, goes: str) -> None:
        if self.state[stays] != "active":
            return
        both = self._pair(stays, goes)
        if stays == goes or self.state[goes] == "gone":
            with pytest.raises(OtherNotProved):
                both.merge(clock.now())
            return
        blocks = self._blocks(stays, goes)
        seen = merging.preview_merge(call_of(both.stays), both.goes.token)
        assert {one.code for one in seen.blocks} == blocks
        if blocks:
            with pytest.raises(MergeBlocked):
                both.merge(clock.now(), plan_hash="0" * 64)
            return
        assert set(seen.withdrawn) == self.agreed[stays] & self.declined[goes]
        self._merged(stays, goes, both.merge(clock.now()).request_id)

    @rule(stays=WHICH, goes=WHICH, number=st.integers(1, 6), moment=st.sampled_from(MOMENTS))
    def is_killed_while_merging_two(self, stays: str, goes: str, number: int, moment: Moment) -> None:
        if stays == goes or self.state[stays] != "active" or self.state[goes] != "active" or self._blocks(stays, goes):
            return
        both, before = self._pair(stays, goes), set(self.agreed[stays])
        with killed_at(number, moment, changes_something), suppress(Killed):
            both.merge(clock.now())
        consents = set(both.stays.standing().consents or ()) & set(PURPOSES)
        assert before - self.declined[goes] <= consents <= before
        self.declined[stays] |= before - consents
        self.agreed[stays] = consents
        begun = [one for one in merging.list_merges(call_of(both.stays)).data if one.request_id not in self.merges]
        assert (both.goes.standing().status == MERGING) == (len(begun) == 1)
        for one in begun:
            self._merged(stays, goes, one.request_id)

    def _merged(self, stays: str, goes: str, request_id: str) -> None:
        self.merges[request_id] = (stays, goes)
        self.state[goes] = "merging"
        ended = self.agreed[stays] & self.declined[goes]
        self.agreed[stays] -= ended
        self.declined[stays] |= ended
        for things in (self.orders, self.posts):
            things.update({thing: stays for thing, owner in things.items() if owner == goes})

    @rule(name=WHICH)
    def cancels_an_account(self, name: str) -> None:
        if self.state[name] != "active":
            return
        who = self.accounts[name]
        if self._has_unpaid(name):
            with pytest.raises(CancellationBlocked):
                leave(who, clock.now())
            return
        self.leaving[leave(who, clock.now()).request_id] = name
        self._closes(name)

    def _closes(self, name: str) -> None:
        self.state[name] = "closing"
        for things in (self.orders, self.posts):
            for thing in [thing for thing, owner in things.items() if owner == name]:
                del things[thing]

    @precondition(lambda self: self.merges or self.leaving)
    @rule(number=st.integers(0, 40), moment=st.sampled_from(MOMENTS))
    def a_sweep_comes_by(self, number: int, moment: Moment) -> None:
        """Go on with everything that ends; a number that is too high kills nothing."""
        self.hands.by(seconds=WORKING.total_seconds() + 1)
        with killed_at(number, moment, changes_something), suppress(Killed):
            self._work()
        self._see_how_far()

    def _work(self) -> None:
        erasure.continue_erasures(system_call(clock.now()), Deadline(3600))

    def _see_how_far(self) -> None:
        for name, who in self.accounts.items():
            if self.state[name] not in IN_USE and access.load(who.person_id) is None:
                self.state[name] = "gone"
        for request_id, (stays, _) in self.merges.items():
            if self.state[stays] not in IN_USE:
                continue
            (state,) = [
                one.state
                for one in merging.list_merges(call_of(self.accounts[stays])).data
                if one.request_id == request_id
            ]
            assert state == "moved" or request_id not in self.moved
            self.moved |= {request_id} if state == "moved" else set()

    @rule(name=WHICH)
    def tries_the_door(self, name: str) -> None:
        """Come in by password, and by a token: only into an account that is in use."""
        state, seen = self.state[name], {"frozen": AccountFrozen.code, "active": "done"}
        try:
            logging_in.log_in(guest(clock.now()), LogIn(login=self.logins[name], password=PASSWORD))
            said = "done"
        except Failure as refused:
            said = refused.code
        assert said == seen.get(state, said)
        assert state in IN_USE or said in {AccountClosing.code, "accounts.login_failed"}
        if state in {"merging", "closing"}:
            with pytest.raises((AccountClosing, Unauthenticated)):
                bearer(f"Bearer {self.accounts[name].token}", clock.now(), with_key=False)

    @invariant()
    def nothing_is_lost_doubled_or_agreed_to_anew(self) -> None:
        for name in NAMES if hasattr(self, "accounts") else ():
            if self.state[name] not in IN_USE:
                continue
            coming = {goes for stays, goes in self.merges.values() if stays == name and self.state[goes] == "merging"}
            assert self._held(name, *coming) == self._modelled(name)
            standing = self.accounts[name].standing()
            assert set(standing.consents or ()) == self.agreed[name]
            assert standing.status == self.state[name]

    def _held(self, *names: str) -> Held:
        return holdings(*(self.accounts[name] for name in names))

    def _modelled(self, name: str) -> Held:
        orders = sorted(thing for thing, owner in self.orders.items() if owner == name)
        return Held(orders, orders, sorted(thing for thing, owner in self.posts.items() if owner == name))

    def teardown(self) -> None:
        """Carry everything to its end: what was merged is moved, and of what ended nothing is left."""
        if not hasattr(self, "accounts"):
            return
        for _ in range(20):
            if all(Left(one, "").case().step == "done" for one in [*self.merges, *self.leaving]):
                break
            self.hands.by(seconds=LOOK_AGAIN_WITHIN.total_seconds())
            self._work()
        self._see_how_far()
        self.nothing_is_lost_doubled_or_agreed_to_anew()
        for request_id in [*self.merges, *self.leaving]:
            assert Left(request_id, "").case().step == "done"
        for name in NAMES:
            if self.state[name] not in IN_USE:
                assert traces(self.cloud, self.accounts[name]) == [], name
        standing = {one for one, (stays, _) in self.merges.items() if self.state[stays] in IN_USE}
        assert standing <= self.moved


@pytest.mark.promise("B4.4", "B4.5", "J3.2", "J6.1")
@pytest.mark.usefixtures("counterparties")
def test_any_order_of_merges_and_lives_loses_doubles_and_widens_nothing(cloud: TestCloud, hands: Hands):
    Merging.hands, Merging.cloud = hands, cloud
    run_state_machine_as_test(Merging, settings=settings(max_examples=5, stateful_step_count=15, deadline=None))
