"""Which purposes let us keep each attribute of a profile, as the rows declare it and the register says.

Declarations never change while a process lives, so each answer is worked out once.
"""

from functools import cache, lru_cache

from chalicelib.foundation.register import lookup
from chalicelib.foundation.store.planner import personal

from ..rules.outward import PURPOSE as PASSED_ON
from ..tables.profile import ProfileRow


@cache
def purpose_of(name: str) -> str:
    """Name the purpose that an optional field serves."""
    said = dict(personal(ProfileRow))[name]
    (purpose,) = kept_for(said.item)
    return purpose


@lru_cache(maxsize=256)
def without_ground(consents: frozenset[str]) -> tuple[str, ...]:
    """Name the profile's attributes none of whose purposes is basic or agreed to now."""
    return tuple(
        name
        for name, said in personal(ProfileRow)
        if not any(p in consents or lookup.purpose(p).essential for p in kept_for(said.item))
    )


@cache
def kept_for(item_id: str) -> tuple[str, ...]:
    """Name the purposes that an item is kept for; to pass on what is there is none of them.

    Keeps: J6.1
    """
    return tuple(name for name in lookup.item(item_id).purposes if name != PASSED_ON)
