"""Having posts and comments judged, and letting out what has passed.

Each message may come again, and several may come at once: a verdict is noted once, and what follows from all
verdicts is decided anew after each of them, so that the last one to arrive finds them all.
"""

from collections.abc import Sequence

from ...foundation.audit.disclosures import disclosed
from ...foundation.audit.evidence import record
from ...foundation.gateways import moderation
from ...foundation.gateways.disclosure import disclose
from ...foundation.kernel.call import Call
from ...foundation.standing import access, minors
from ...foundation.store.outbox import announce
from ...foundation.store.write import ConditionFailed, Write
from ...media import service as media
from ...media.contracts import Seen
from ...notifications.contracts import NoticeOrdered, OrderedTemplate
from .. import rules, tables
from ..contracts import PostShown
from ..rules import State
from ..tables import Content, PostRow
from .publishing import PLACE

PURPOSE = "community.publish"
SAFETY = "community.safety"
_NOTICES: dict[tuple[str, State], OrderedTemplate] = {
    ("post", State.VISIBLE): "post_published",
    ("post", State.REFUSED): "post_refused",
    ("comment", State.REFUSED): "comment_refused",
}
_UNGUARDED: dict[tuple[str, State], OrderedTemplate] = {
    ("post", State.REFUSED): "post_unguarded",
    ("comment", State.REFUSED): "comment_unguarded",
}


def check_post(call: Call, post_id: str) -> None:
    """Have a post's text judged, then settle the post if its pictures are."""
    if _judged(call, tables.post(post_id)):
        settle_post(call, post_id)


def check_comment(call: Call, comment_id: str) -> None:
    """Have a comment judged and settle it."""
    if _judged(call, tables.comment(comment_id)):
        _settle(call, tables.comment(comment_id), [])


def check_picture(call: Call, media_id: str) -> None:
    """Settle the post that a judged picture is in, if it is in one."""
    post_id = media.post_of(media_id)
    if post_id:
        settle_post(call, post_id)


def settle_post(call: Call, post_id: str) -> None:
    """Settle a post; its pictures are looked at after the verdict on its text was noted, so none is missed."""
    row = tables.post(post_id)
    _settle(call, row, media.look_at(row.media_ids) if row is not None else [])


def _judged(call: Call, row: Content | None) -> bool:
    """Have a text judged and note the verdict; without one nothing follows, and the message comes again.

    Raises:
        KeyDestroyed: its author is being erased; when the message comes again there is nothing to check.

    Keeps: F3.1, I2.3
    """
    if row is None or row.state != State.PENDING:
        return False
    if row.verdict is None:
        under = disclose(moderation.RECIPIENT, (f"{row.noun}.text",), purpose=SAFETY, at=call.now)
        access.commit(call, [disclosed(call, under, subject_id=row.pk)])
        verdict = moderation.judge_text(row.read(), row.pk, under=under)
        _unless_done(call, [tables.note_verdict(row, verdict.judgement.value, verdict.label)])
    return True


def _settle(call: Call, row: Content | None, pictures: Sequence[Seen]) -> None:
    """Make it visible, leave it to a human or refuse it, and tell its author; as soon as all verdicts are there.

    What a minor may not publish any more, since a guardian has withdrawn or closed it meanwhile, is refused; the fence
    of the transaction has standing be what was asked.

    Keeps: F3.1, M1.1, M2.2
    """
    if row is None or row.state != State.PENDING:
        return
    state = rules.next_state(row.verdict, [one.state for one in pictures])
    if state == State.PENDING:
        return
    allowed = minors.allow(call.who, PURPOSE, call.now)
    if state == State.VISIBLE and not allowed:
        state = State.REFUSED
    step = _shown(call, row, pictures) if state == State.VISIBLE else tables.hold(row, state)
    writes = [step, record(call, f"system:{row.noun}:judged", subject_id=row.pk, actor="system")]
    template = (_NOTICES if allowed else _UNGUARDED).get((row.noun, state))
    if template is not None:
        writes.append(announce(call, "notices", NoticeOrdered(template=template, subject_id=row.pk)))
    if state == State.VISIBLE and isinstance(row, PostRow):
        writes.append(announce(call, "community", PostShown(post_id=row.pk)))
    _unless_done(call, writes)


def _shown(call: Call, row: Content, pictures: Sequence[Seen]) -> Write:
    """Show it, a place only if that is still agreed to."""
    kept = [[one.picture.folder, one.picture.width, one.picture.height] for one in pictures if one.picture]
    placeless = isinstance(row, PostRow) and row.place is not None and PLACE not in call.who.consents
    return tables.show(row, call.now, pictures=kept, placeless=placeless)


def _unless_done(call: Call, writes: list[Write]) -> None:
    """Write, unless another delivery of the same news was faster."""
    try:
        access.commit(call, writes)
    except ConditionFailed:
        return
