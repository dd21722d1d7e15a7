"""Posts and comments as their authors make and remove them."""

from typing import Any

from ...foundation.audit.evidence import record
from ...foundation.kernel.call import Call
from ...foundation.kernel.errors import FieldError, NotFound
from ...foundation.kernel.ids import new_id
from ...foundation.register import lookup
from ...foundation.standing import access
from ...foundation.store.outbox import announce
from ...foundation.store.write import Write, put_new
from ...foundation.web import idempotency
from ...media import service as media
from ...media.errors import MediaUnusable
from .. import rules, tables
from ..contracts import CommentView, CommentWritten, PostRemoved, PostView, PostWritten, WriteComment, WritePost
from ..rules import State
from ..tables import CommentRow, Content, PostRow
from .reading import comment_view, own_side, post_view

PLACE = "community.place"
NOTICE = "community.publish"
WITHDRAWAL = "withdrawal"
"""The legal ground of removing what was withdrawn, whatever the standing (PIPL articles 15 and 47)."""


def write_post(call: Call, given: WritePost) -> PostView:
    """Take a post; it is seen by nobody else until text and pictures have passed the check.

    Keeps: A4.1, F3.2, F6.1

    Raises:
        AffirmationMissing: the author has not affirmed that others shown agreed.
        LeavesPlatform: it leads contact or payment away, and that was not affirmed.
        ConsentRequired: a place is attached without consent to that.
        MediaUnusable: a picture is not the author's, refused, or used already.
    """
    rules.refuse_unaffirmed(affirmed=given.affirmed_others)
    said = _said(call, given)
    if len(set(given.media_ids)) != len(given.media_ids):
        raise MediaUnusable((FieldError("/media_ids", "repeated"),))
    row = PostRow(pk=new_id("pst"), sk=tables.POST_SK, media_ids=list(given.media_ids), **said)
    row.draft = PostRow.draft.seal(call.who.keys, given.text)
    placed: list[Write] = []
    if given.place is not None:
        row.place = PostRow.place.seal(call.who.keys, given.place.district)
        placed = [access.agreed(call.who, PLACE)]
    writes = [
        idempotency.claim(call, row.pk),
        *placed,
        *media.attach_writes(call, given.media_ids, row.pk),
        put_new(row),
        record(call, "person:post:written", subject_id=row.pk),
        *_warned(call, row),
        announce(call, "community", PostWritten(post_id=row.pk)),
    ]
    access.commit(call, writes)
    return post_view(row, own_side(call))


def own_post(call: Call, post_id: str) -> PostView:
    """Show a post to its author, whatever its state.

    Raises:
        NotFound: none, or somebody else's.
    """
    return post_view(_my_post(call, post_id), own_side(call))


def remove_post(call: Call, post_id: str) -> None:
    """Take one's own post away at once; what is stored of it follows within moments, whoever its author is by then.

    Comments on it are shown no more.

    Keeps: J3.1

    Raises:
        NotFound: none, or somebody else's.
    """
    row = _my_post(call, post_id)
    writes = [
        tables.remove_post(row),
        *media.removal_writes(call, row.media_ids),
        record(call, "person:post:removed", subject_id=post_id),
        announce(call, "community", PostRemoved(post_id=post_id, media_ids=tuple(row.media_ids)), person=None),
    ]
    access.commit(call, writes)


def write_comment(call: Call, post_id: str, given: WriteComment) -> CommentView:
    """Take a comment on a post that everyone sees; it is seen by nobody else until it has passed the check.

    Keeps: F2.1, F6.1

    Raises:
        AffirmationMissing: the author has not affirmed that others named agreed.
        LeavesPlatform: it leads contact or payment away, and that was not affirmed.
        NotFound: no such post for everyone.
    """
    rules.refuse_unaffirmed(affirmed=given.affirmed_others)
    row = CommentRow(pk=new_id("cmt"), sk=tables.COMMENT_SK, post_id=post_id, **_said(call, given))
    row.draft = CommentRow.draft.seal(call.who.keys, given.text)
    writes = [
        idempotency.claim(call, row.pk),
        tables.while_visible(post_id),
        put_new(row),
        record(call, "person:comment:written", subject_id=row.pk),
        *_warned(call, row),
        announce(call, "community", CommentWritten(comment_id=row.pk)),
    ]
    access.commit(call, writes)
    return comment_view(row, own_side(call))


def own_comment(call: Call, comment_id: str) -> CommentView:
    """Show a comment to its author, whatever its state.

    Raises:
        NotFound: none, or somebody else's.
    """
    return comment_view(_my_comment(call, comment_id), own_side(call))


def remove_comment(call: Call, comment_id: str) -> None:
    """Remove one's own comment at once.

    Keeps: J3.1

    Raises:
        NotFound: none, or somebody else's.
    """
    row = _my_comment(call, comment_id)
    access.commit(call, [tables.remove_comment(row), record(call, "person:comment:removed", subject_id=comment_id)])


def remove_places(call: Call) -> None:
    """Take the place off every post written before consent to it was withdrawn, of whoever is frozen too.

    The posts stay.

    Keeps: A4.1, J6.1
    """
    until = call.announced_at or call.now
    for row in tables.posts_of(call.who.person_id):
        if row.place is not None and row.created_at <= until:
            access.commit(call, [tables.remove_place(row)], legal_ground=WITHDRAWAL)


def _warned(call: Call, row: Content) -> list[Write]:
    """Put on record that its author was warned of leaving the platform, and went on."""
    return [record(call, "person:leaving:affirmed", subject_id=row.pk)] if row.leads_away else []


def _said(call: Call, given: WritePost | WriteComment) -> dict[str, Any]:
    """Give what every new post or comment says about itself.

    Raises:
        LeavesPlatform: it leads contact or payment away, and that was not affirmed.
    """
    notice = lookup.notice(NOTICE)
    ways = rules.refuse_unwarned(given.text, affirmed=given.affirmed_leaving)
    return {
        "person_id": call.who.person_id,
        "epoch": call.who.epoch,
        "state": State.PENDING,
        "affirmed": f"{notice.affirms}@{notice.version}",
        "created_at": call.now,
        "written_at": call.now,
        "leads_away": set(ways) or None,
    }


def _my_post(call: Call, post_id: str) -> PostRow:
    row = tables.post(post_id)
    if row is None or row.person_id != call.who.person_id or row.state == State.REMOVING:
        raise NotFound
    return row


def _my_comment(call: Call, comment_id: str) -> CommentRow:
    row = tables.comment(comment_id)
    if row is None or row.person_id != call.who.person_id:
        raise NotFound
    return row
