"""Copies of everything, asked for, made and unpacked as the product does it."""

import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.config import config
from chalicelib.foundation.store.row import get
from chalicelib.foundation.web import tokens
from chalicelib.rights.jobs import export_copy
from chalicelib.rights.service import copies
from chalicelib.rights.tables import COPY_SK, CopyRow

from .cloud import TestCloud
from .edges import deliver
from .people import Someone


def ask(who: Someone, now: datetime | None = None, **changes: Any) -> str:
    """Ask for a copy, as the edge does; gives the request."""
    how = {"idempotency_key": uuid4().hex, "route": "POST /v1/requests/copies", "purpose": "rights.answer"}
    return copies.request_copy(who.call(now or datetime.now(UTC), **{**how, **changes})).request_id


def make(cloud: TestCloud) -> list[int]:
    """Hand over what waits on the queue of exports; gives what failed."""
    bodies = [message["Body"] for message in cloud.messages("exports")]
    return deliver(export_copy, *bodies) if bodies else []


def stored(request_id: str) -> CopyRow:
    """Read a request as it is stored."""
    row = get(CopyRow, request_id, COPY_SK)
    assert row is not None
    return row


def made(cloud: TestCloud, who: Someone) -> "Copy":
    """Have a copy made and unpack it."""
    request_id = ask(who)
    assert make(cloud) == []
    return fetched(cloud, request_id)


def fetched(cloud: TestCloud, request_id: str) -> "Copy":
    """Unpack a copy from where it lies."""
    found = cloud.client("s3").get_object(Bucket=config().bucket("exports"), Key=stored(request_id).object_key)
    return Copy(found["Body"].read())


def lying(cloud: TestCloud, bucket: str = "exports") -> list[str]:
    """Name everything in a bucket: every version, every delete marker, every upload not ended."""
    s3, name = cloud.client("s3"), config().bucket(bucket)
    found = s3.list_object_versions(Bucket=name)
    open_uploads = s3.list_multipart_uploads(Bucket=name).get("Uploads", [])
    return [one["Key"] for one in [*found.get("Versions", []), *found.get("DeleteMarkers", []), *open_uploads]]


def proved(who: Someone, session_id: str = "") -> Someone:
    """Give somebody a token of somebody who has just proved who they are, by the product's clock."""
    at = clock.now()
    claims = tokens.Claims(
        who.person_id, session_id or who.session_id, 1, who.keys["main"], at + tokens.LIFE, at, who.keys["trade"]
    )
    return who._replace(token=tokens.issue(claims))


def key() -> dict[str, str]:
    """Make a fresh idempotency key."""
    return {"Idempotency-Key": uuid4().hex}


class Copy:
    """An unpacked copy."""

    def __init__(self, content: bytes) -> None:
        self.archive = zipfile.ZipFile(io.BytesIO(content))
        assert self.archive.testzip() is None

    @property
    def names(self) -> list[str]:
        return self.archive.namelist()

    def files(self, folder: str) -> dict[str, bytes]:
        """Read every file of a folder."""
        return {name: self.archive.read(name) for name in self.names if name.startswith(f"{folder}/")}

    @property
    def records(self) -> list[dict[str, Any]]:
        """Read every record for machines."""
        return [record for content in self.files("data").values() for record in json.loads(content)["records"]]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Read the values of every record of a kind."""
        return [record["values"] for record in self.records if record["kind"] == kind]

    @property
    def data(self) -> str:
        """Read all that is for machines, in one."""
        return b"\n".join(self.files("data").values()).decode()

    @property
    def pages(self) -> str:
        """Read all that is for people, in one."""
        return b"\n".join([*self.files("pages").values(), self.archive.read("index.html")]).decode()
