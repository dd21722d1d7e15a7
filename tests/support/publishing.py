"""People with names who upload and publish, and the queues that carry on from there."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import urllib3

from chalicelib.accounts.tables.profile import PROFILE, ProfileRow
from chalicelib.community.jobs import apply_verdict
from chalicelib.foundation.kernel.config import config
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.store.write import commit, put
from chalicelib.media import rules
from chalicelib.media.contracts import StartUpload, UploadView
from chalicelib.media.jobs import process_media
from chalicelib.media.service.uploads import start_upload
from chalicelib.media.tables import MediaRow, media
from chalicelib.notifications.jobs import deliver_notice

from .calls import WATCH
from .cloud import TestCloud
from .counterparties import Counterparties
from .edges import deliver
from .people import Someone, make_person

JOBS = {"media": process_media, "community": apply_verdict, "notices": deliver_notice}


class Town:
    """The local cloud and the moderator, as authors use them."""

    def __init__(self, cloud: TestCloud, moderator: Counterparties) -> None:
        self.cloud = cloud
        self.moderator = moderator

    def author(self, name: str = "模型君", **options: Any) -> Someone:
        """Make a person with a nickname."""
        who = make_person(consents=("account.public_profile", *options.pop("consents", ())), **options)
        row = ProfileRow(
            pk=who.person_id,
            sk=PROFILE,
            person_id=who.person_id,
            epoch=1,
            version=1,
            user_name=ProfileRow.user_name.seal(who.keys, f"{name}本名"),
            nickname=ProfileRow.nickname.seal(who.keys, name),
            mobile=ProfileRow.mobile.seal(who.keys, "+8613800138000"),
            language="zh-CN",
            opened_at=datetime.now(UTC),
        )
        commit([put(row)])
        return who

    def start(self, who: Someone, content: bytes, content_type: str = "image/jpeg") -> UploadView:
        """Ask for a form."""
        return start_upload(who.call(), StartUpload(content_type=content_type, size_bytes=len(content)))

    def upload(self, who: Someone, content: bytes) -> str:
        """Have an object in quarantine, as if a form had been posted."""
        media_id = self.start(who, content).media_id
        key = rules.original_key(media_id)
        self.cloud.client("s3").put_object(Bucket=config().bucket("quarantine"), Key=key, Body=content)
        return media_id

    def picture(self, who: Someone, content: bytes) -> str:
        """Have an upload dealt with."""
        media_id = self.upload(who, content)
        assert self.pump("media") == []
        assert state_of(media_id).state != "uploading", "no event about it was waiting"
        return media_id

    def event(self, media_id: str) -> str:
        """Write what the bucket tells the queue about an upload."""
        bucket, key = config().bucket("quarantine"), rules.original_key(media_id)
        told = {"s3": {"bucket": {"name": bucket}, "object": {"key": key}}}
        return json.dumps({"Records": [told]})

    def pump(self, queue: str) -> list[str]:
        """Hand over what waits on a queue; gives the bodies that failed."""
        bodies = [message["Body"] for message in self.cloud.messages(queue)]
        return [bodies[place] for place in deliver(JOBS[queue], *bodies)] if bodies else []

    def hand(self, queue: str, body: str) -> bool:
        """Hand over one message; says whether it was dealt with."""
        return deliver(JOBS[queue], body) == []

    def settle(self) -> None:
        """Carry everything through to its end."""
        for _ in range(3):
            for queue in JOBS:
                assert self.pump(queue) == []

    def objects(self, use: str) -> set[str]:
        """List the keys of everything in a bucket, older versions and delete markers included."""
        page = self.cloud.client("s3").list_object_versions(Bucket=config().bucket(use))
        return {one["Key"] for one in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]}

    def judged(self, content_id: str) -> list[tuple[str, str]]:
        """List the verdicts on a thing of ours."""
        with self.moderator.world.ledger.reading() as books:
            return [(one.suggestion, one.label) for one in books.judged if one.data_id == content_id]

    def outbox(self, kind: str) -> list[str]:
        """List the bodies of messages of a kind that were ever written."""
        found = [row["body"]["S"] for row in self.cloud.items("outbox")]
        return [body for body in found if f'"kind":"{kind}"' in body]


def state_of(media_id: str) -> MediaRow:
    """Read an upload's record."""
    row = media(media_id)
    assert row is not None
    return row


def post_form(form: UploadView, content: bytes, *, name: str = "photo.jpg", **changed: str) -> urllib3.BaseHTTPResponse:
    """Post a file with a form, as a browser does; `changed` fields are tampered with (underscores for dashes)."""
    fields: dict[str, Any] = {**form.fields, **{key.replace("_", "-"): value for key, value in changed.items()}}
    fields["file"] = (name, content, "application/octet-stream")
    return urllib3.PoolManager(retries=False).request("POST", form.url, fields=fields)


def unknown_media() -> str:
    """Make an id nobody has."""
    return new_id("med")


@pytest.fixture
def town(cloud: TestCloud, counterparties: Counterparties) -> Town:
    """Give a town with an empty cloud and a moderator who remembers nothing."""
    # What a browser posts does not pass by the watch on our own calls.
    WATCH.touched.add(("s3", config().bucket("quarantine")))
    return Town(cloud, counterparties)
