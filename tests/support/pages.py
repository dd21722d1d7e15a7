"""People with a page of their own, and things of theirs in every state."""

from datetime import datetime
from typing import Final

from chalicelib.accounts.contracts.visibility import SetVisibility, VisibilityView
from chalicelib.accounts.service import visibility
from chalicelib.community.rules import State
from chalicelib.community.tables import COMMENT_SK, POST_SK, CommentRow, PostRow, hold, remove_post, show
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.rows import StandingRow
from chalicelib.foundation.store.write import commit, put_new, update

from .people import Someone

PAGE: Final = "account.public_page"
ALL: Final = SetVisibility(posts=True, comments=True, member=True, verified=True)


def choose(who: Someone, *purposes: str) -> None:
    """Have somebody agree to these purposes and no others."""
    actions = [StandingRow.consents.set(set(purposes)) if purposes else StandingRow.consents.remove()]
    commit([update((StandingRow, who.person_id, access.SK), actions)])


def also_agree(who: Someone, *purposes: str) -> None:
    """Have somebody agree to more."""
    commit([update((StandingRow, who.person_id, access.SK), [StandingRow.consents.add(set(purposes))])])


def page_of(who: Someone, chosen: SetVisibility = ALL) -> VisibilityView:
    """Have somebody agree to a page and open it, or change what it shows."""
    also_agree(who, PAGE)
    return visibility.set_visibility(who.call(), chosen, visibility.show_visibility(who.call()).version)


def guest_call(at: datetime) -> Call:
    """Make a call that nobody is known of."""
    return Call(request_id=new_id("rid"), now=at)


def write_post(who: Someone, text: str, state: State, at: datetime) -> PostRow:
    """Put a post of somebody's there in a state, as the verbs bring it into that."""
    row = PostRow(pk=new_id("pst"), sk=POST_SK, media_ids=[], **_said(who, at))
    row.draft = PostRow.draft.seal(who.keys, text)
    commit([put_new(row)])
    _bring(row, state, at)
    return row


def write_comment(who: Someone, post_id: str, text: str, state: State, at: datetime) -> CommentRow:
    """Put a comment of somebody's there in a state."""
    row = CommentRow(pk=new_id("cmt"), sk=COMMENT_SK, post_id=post_id, **_said(who, at))
    row.draft = CommentRow.draft.seal(who.keys, text)
    commit([put_new(row)])
    _bring(row, state, at)
    return row


def _said(who: Someone, at: datetime) -> dict[str, object]:
    return {
        "person_id": who.person_id,
        "epoch": 1,
        "state": State.PENDING,
        "affirmed": "others.agreed@1",
        "created_at": at,
        "written_at": at,
    }


def _bring(row: PostRow | CommentRow, state: State, at: datetime) -> None:
    if state in {State.VISIBLE, State.REMOVING}:
        commit([show(row, at)])
    elif state != State.PENDING:
        commit([hold(row, state)])
    if state == State.REMOVING and isinstance(row, PostRow):
        commit([remove_post(row)])
