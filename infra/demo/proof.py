"""Step 8, the proof, and its control: the same search, made before anything is erased, finds all there is to find."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from . import raw, scan
from .life import Life, notices
from .world import check

SEALED = {
    *("people.user_name", "people.mobile", "people.password", "ephemeral.device"),
    *("people.residence", "people.gender", "people.birth_date", "people.nickname", "people.email"),
}
"""What the main key must open while it lives, so that opening nothing later means something."""
LYING = {
    "person id": {"people/standing/pk", "people by_person/standing/person_id", "community/post/person_id"},
    "blind index 0": {"people/", "people by_person/"},
    "session id": {"ephemeral/session/pk", "evidence/audit/subject_id"},
    "post text": {"community/post/text"},
    "comment text": {"community/comment/text"},
}
"""Where, besides the copy, some of what was planted must be found, by the beginning of the place."""
TOLD = ("signed_up", "order_paid", "order_shipped", "order_received", "copy_ready")


def look_before(life: Life) -> None:
    """6b Before anything is erased the search of step 8 finds every planted value, and the main key opens things.

    Proves: J3.2
    """
    with _left_on_a_queue(life) as marks:
        hits = scan.found(life.world, life.canaries | life.secrets() | marks)
    places = {name: {hit.place for hit in hits if hit.trace == name} for name in (*life.canaries, *marks)}
    for name in life.canaries:
        check(_begins(places[name], f"bucket {raw.table(life.world, 'exports')}"), f"{name} is not found in the copy")
    for name, wanted in LYING.items():
        empty = [place for place in wanted if not _begins(places[name], place)]
        check(not empty, f"{name} is not found at {empty}")
    check(_begins(places["last request"], "log "), "the last request is not found in the logs")
    check(_begins(places["message"], "queue "), "a message is not found in its queue")
    leaked = [str(hit) for hit in hits if hit.trace in life.secrets()]
    check(not leaked, f"a password or token lies in the open: {leaked}")
    missing = SEALED - scan.opened_by(life.world, *life.saved["main key"])
    check(not missing, f"the main key does not open {missing}")
    for template in TOLD:
        check(len(notices(life.person, template)) == 1, f"told once: {template}")


def prove_erasure(life: Life) -> None:
    """8  Every raw byte of the cloud is searched; nothing is left, and the saved key opens nothing.

    Proves: J3.2, J5.1, K2.2
    """
    found, kept = scan.search(life.world, life.canaries | life.passing | life.secrets())
    check(not found, f"left behind: {found}")
    life.note([f"still there under a named retention: {line}" for line in kept])
    begun = [key for bucket, key in raw.unfinished_uploads(life.world) if "exports" in bucket]
    check(not begun, f"uploads that were never ended: {begun}")
    order = scan.check_kept_record(life.world, life.ids["order"])
    life.note([f"kept of the finished order: {', '.join(order)}"])
    opened = scan.opened_by(life.world, *life.saved["main key"])
    check(not opened, f"the destroyed key still opens: {sorted(opened)}")
    life.other.want(200, "GET /v1/accounts/me")


@contextmanager
def _left_on_a_queue(life: Life) -> Iterator[dict[str, bytes]]:
    """Leave a mark where messages lie, and one in the logs; the first is taken away again."""
    asked = life.guest.call("GET", "/v1/products?limit=1").headers["x-request-id"]
    mark, sqs = secrets.token_hex(16), life.world.aws("sqs")
    queue = next(url for url in raw.queues(life.world) if url.endswith("-notices-dead"))
    sqs.send_message(QueueUrl=queue, MessageBody=mark)
    try:
        yield {"message": mark.encode(), "last request": asked.encode()}
    finally:
        for taken in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            if taken["Body"] == mark:
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=taken["ReceiptHandle"])


def _begins(places: set[str], start: str) -> bool:
    return any(place.startswith(start) for place in places)
