"""Whatever is bound, cut, agreed to and withdrawn in whichever order: whoever comes in is whose identity it is."""

from contextlib import nullcontext
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.accounts.errors import BindingExists, BoundElsewhere, NotBound
from chalicelib.accounts.service import bindings
from chalicelib.consent.service import withdraw_consent
from chalicelib.foundation.kernel.errors import ConsentRequired, NotFound
from tests.support.accounts import Member, caller, enrol
from tests.support.bindings import BY, agree
from tests.support.counterparties import Counterparties

PEOPLE, IDENTITIES = (0, 1), ("anna", "ben")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("agree", "agree", "withdraw", "bind", "bind", "cut", "come")),
        st.sampled_from(PEOPLE),
        st.sampled_from(IDENTITIES),
    ),
    min_size=4,
    max_size=14,
)


class Model:
    """What should be so: who agreed, and whose each identity is."""

    def __init__(self) -> None:
        self.agreed: set[int] = set()
        self.bound: dict[int, str] = {}

    def bind(self, who: int, identity: str) -> type[Exception] | None:
        """Say what stands against binding; bind where nothing does."""
        if who not in self.agreed:
            return ConsentRequired
        if self.bound.get(who) == identity:
            return None
        if who in self.bound:
            return BindingExists
        if identity in self.bound.values():
            return BoundElsewhere
        self.bound[who] = identity
        return None

    def comes(self, identity: str) -> int | None:
        """Say whom an identity leads to."""
        return next((w for w, one in self.bound.items() if one == identity and w in self.agreed), None)


@pytest.mark.promise("B4.1", "B4.2", "J6.1")
@pytest.mark.parametrize("provider", BY)
@settings(max_examples=20)
@given(steps=STEPS)
def test_any_order_of_steps(counterparties: Counterparties, provider: Any, steps: list[tuple[str, int, str]]) -> None:
    members, model, salt = [enrol(counterparties) for _ in PEOPLE], Model(), str(id(steps))
    for verb, who, name in steps:
        identity = name + salt + members[0].person_id
        _step(counterparties, members, provider, verb=verb, who=who, identity=identity, model=model)
    for name in IDENTITIES:
        identity = name + salt + members[0].person_id
        _step(counterparties, members, provider, verb="come", who=0, identity=identity, model=model)


def _step(
    counterparties: Counterparties,
    members: list[Member],
    provider: Any,
    *,
    verb: str,
    who: int,
    identity: str,
    model: Model,
) -> None:
    bind, come = BY[provider]
    member, purpose = members[who], f"account.{provider}"
    if verb == "agree":
        agree(member, purpose)
        model.agreed.add(who)
    elif verb == "withdraw":
        withdraw_consent(caller(member), purpose)
        model.agreed.discard(who)
    elif verb == "bind":
        wanted = model.bind(who, identity)
        with nullcontext() if wanted is None else pytest.raises(wanted):
            assert bind(counterparties, member, identity).provider == provider
    elif verb == "cut":
        with nullcontext() if model.bound.pop(who, "") else pytest.raises(NotFound):
            bindings.unbind_provider(caller(member), provider)
    else:
        whose = model.comes(identity)
        if whose is None:
            with pytest.raises(NotBound):
                come(counterparties, identity)
        else:
            assert come(counterparties, identity).person_id == members[whose].person_id
