"""What a person lets others see: a page of their own, what it shows, and that it goes."""

from collections.abc import Mapping
from datetime import datetime

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing import minors
from chalicelib.foundation.standing.access import agreed, commit

from ..contracts.profile import ProfileView
from ..contracts.visibility import SetVisibility, VisibilityView
from ..rules.visibility import choices, chosen
from ..tables.profile import ProfileRow, Value, set_fields
from .profile import own, view_of
from .public_side import PAGE


def show_visibility(call: Call) -> VisibilityView:
    """Show what others see of the caller on a page of their own.

    Keeps: B5.2
    """
    return _view(call.who, own(call), call.now)


def show_both(call: Call) -> tuple[ProfileView, VisibilityView]:
    """Show the caller's profile and what others see, in one read.

    Keeps: B5.1
    """
    row = own(call)
    return view_of(call, row), _view(call.who, row, call.now)


def set_visibility(call: Call, command: SetVisibility, version: int) -> VisibilityView:
    """Open a page of one's own, or change what it shows; others see it so from their next look on.

    A page that was closed opens under another id, so that ways to the old one lead nowhere.

    Keeps: A2.2, B5.2

    Raises:
        ConsentRequired: a public page was never agreed to, or that was withdrawn up to this very moment.
        VersionStale: the profile was changed since that version.
    """
    row = own(call, version)
    page = {"public_id": row.public_id or new_id("pub"), "shown": chosen(command) or None}
    writes = [agreed(call.who, PAGE), record(call, "person:page:set")]
    commit(call, [*writes, set_fields(row, page, call.now)])
    return _after(call, row, page)


def close_page(call: Call, version: int) -> VisibilityView:
    """Take one's page away, with every choice about it; that needs no consent.

    Keeps: B5.2, J3.1

    Raises:
        VersionStale: the profile was changed since that version.
    """
    row = own(call, version)
    gone = {"public_id": None, "shown": None}
    commit(call, [record(call, "person:page:removed"), set_fields(row, gone, call.now)])
    return _after(call, row, gone)


def _after(call: Call, row: ProfileRow, values: Mapping[str, Value]) -> VisibilityView:
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    return _view(call.who, row, call.now)


def _view(who: Person, row: ProfileRow, now: datetime) -> VisibilityView:
    stands = PAGE in who.consents
    open_ = row.public_id is not None and stands and minors.allow(who, PAGE, now)
    return VisibilityView(
        open=open_,
        public_id=row.public_id if open_ else None,
        **choices(row.shown if stands else None),
        version=row.version,
    )
