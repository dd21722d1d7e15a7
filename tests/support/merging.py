"""People with two accounts, and the merges that follow."""

from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.foundation.store import planner
from chalicelib.foundation.store.erase import values_of
from chalicelib.rights import rules
from chalicelib.rights.contracts import MergeAccounts, MergeView
from chalicelib.rights.service import erasure, merging
from chalicelib.rights.tables import MergeRow

from .leaving import HOUR, Left
from .lives import make_account, system_call
from .people import Someone


class Two(NamedTuple):
    """Two accounts of one person."""

    stays: Someone
    goes: Someone

    def merge(self, now: datetime | None = None, **changes: Any) -> MergeView:
        """Merge as previewed."""
        call = self.stays.call(now, purpose="rights.answer")
        seen = merging.preview_merge(call, self.goes.token)
        asked = MergeAccounts(**{"other_token": self.goes.token, "plan_hash": seen.plan_hash, **changes})
        return merging.merge_accounts(call, asked)

    def merged(self) -> str:
        """Merge to the very end; gives the case's number."""
        request_id = self.merge().request_id
        finish(request_id)
        return request_id

    def state(self) -> str:
        """Say how far the one merge is."""
        (view,) = merging.list_merges(self.stays.call()).data
        return view.state


def two() -> Two:
    """Make one person's two accounts, both just logged in to."""
    return Two(make_account(), make_account("+8613912345678", "收藏家乙"))


def finish(request_id: str) -> None:
    """Have the sweep go on with the other account's end, past every wait."""
    now = system_call().now
    for _ in range(20):
        if Left(request_id, "").case().step == "done":
            return
        now += rules.LOOK_AGAIN_WITHIN
        erasure.continue_erasures(system_call(now), HOUR)
    raise AssertionError(Left(request_id, "").case().step)


def held(person_id: str, *kinds: str) -> dict[str, list[dict[str, Any]]]:
    """Give everything readable of some kinds that somebody has, by kind, without whose it is."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in planner.read(planner.survey(person_id)):
        if row.row_kind in kinds and not isinstance(row, MergeRow):
            values = {name: value for name, value in values_of(row).items() if value != person_id}
            found.setdefault(row.row_kind, []).append(values)
    return {kind: sorted(values, key=str) for kind, values in found.items()}
