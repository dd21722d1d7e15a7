"""What happens to an upload: made anew, judged, and only then put where pictures are read from.

Every step may be the last of this run: the record names all objects from the start, the next delivery goes on
from it, and the original goes only after the outcome stands.
"""

from ...foundation.audit.disclosures import disclosed
from ...foundation.gateways import moderation, objects
from ...foundation.gateways.disclosure import disclose
from ...foundation.gateways.errors import ObjectMissing, ObjectTooLarge
from ...foundation.gateways.moderation import Judgement
from ...foundation.kernel.call import Call
from ...foundation.kernel.config import config
from ...foundation.kernel.errors import Unauthenticated
from ...foundation.standing import access
from ...foundation.store.write import ConditionFailed, Write
from .. import rules, tables
from ..contracts import MOST_BYTES, Upload
from ..rules import State
from ..tables import MediaRow
from .pictures import remove_objects
from .rendering import Rendered, Unreadable, render
from .settling import Outcome, owned_call, settle_writes


def process_upload(call: Call, upload: Upload) -> None:
    """Deal with one object that arrived in quarantine, however often that is told.

    Keeps: F3.1, F3.3, J7.4
    """
    media_id = rules.media_of(upload.key)
    if upload.bucket != config().bucket("quarantine") or not media_id:
        return
    try:
        _process(call, media_id)
    except (ConditionFailed, Unauthenticated):
        # The record or its owner's standing changed under us: look again, and tidy up by what is so now.
        _process(call, media_id)


def _process(call: Call, media_id: str) -> None:
    row = tables.media(media_id)
    acting = owned_call(call, row) if row is not None else None
    if row is None or acting is None or row.state == State.REMOVING:
        remove_objects(media_id)
        if row is not None:
            access.commit(call, [tables.drop(row)])
        return
    try:
        state = _decide(acting, row) if row.state == State.UPLOADING else row.state
    except ObjectMissing:
        return
    remove_objects(media_id, state)


def _decide(call: Call, row: MediaRow) -> State:
    """Find out what comes of an upload, and note it; gives the state it has then.

    What a human must look at lies where nothing public is read from: its owner can work out a public address.

    Keeps: F3.1
    """
    try:
        made = render(objects.read("quarantine", rules.original_key(row.pk), max_bytes=MOST_BYTES))
    except (Unreadable, ObjectTooLarge):
        outcome, more = Outcome(State.REFUSED, "unreadable"), []
    else:
        outcome = _judge(call, row, made)
        more = _remembered(outcome)
        for key, size in zip(rules.kept_keys(outcome.state, row.folder), rules.SIZES, strict=False):
            objects.put("media", key, made.files[size], content_type=made.content_type)
    access.commit(call, [*settle_writes(call, row, outcome), *more])
    return outcome.state


def _judge(call: Call, row: MediaRow, made: Rendered) -> Outcome:
    """Have the picture judged as it would be public; one known to be unlawful is sent to nobody.

    Keeps: F3.1, I2.3
    """
    seen = Outcome(State.READY, width=made.width, height=made.height, fingerprint=made.fingerprint)
    if rules.tells_apart(made.fingerprint) and tables.is_known_unlawful(made.fingerprint):
        return seen._replace(state=State.REFUSED, ground="unlawful")
    under = disclose(moderation.RECIPIENT, ("media.picture",), purpose="community.safety", at=call.now)
    access.commit(call, [disclosed(call, under, subject_id=row.pk)])
    verdict = moderation.judge_image(made.files["large"], row.pk, under=under)
    if verdict.judgement is Judgement.BLOCK:
        return seen._replace(state=State.REFUSED, ground="unlawful", label=verdict.label)
    state = State.READY if verdict.judgement is Judgement.PASS else State.REVIEW
    return seen._replace(state=state, label=verdict.label)


def _remembered(outcome: Outcome) -> list[Write]:
    looks_like = outcome.fingerprint
    if outcome.ground != "unlawful" or looks_like is None or not rules.tells_apart(looks_like):
        return []
    return [tables.remember_unlawful(looks_like)]
