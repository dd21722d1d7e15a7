"""Objects in our buckets: forms to upload with, addresses to fetch from, reading, writing, removing for good.

A bucket goes by its use: `quarantine`, `media` or `exports`.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Final
from urllib.parse import quote

import msgspec

from ..kernel.config import config
from .errors import ObjectMissing, ObjectTooLarge, ProviderRefused, ProviderUnavailable
from .session import client, faults
from .transport import report

PART_BYTES: Final = 8 * 1024 * 1024
MOST_FETCH_S: Final = 60
_PAGE: Final = 1000
_CURSOR: Final = {"NextKeyMarker": "KeyMarker", "NextVersionIdMarker": "VersionIdMarker"}
_UPLOAD_CURSOR: Final = {"NextKeyMarker": "KeyMarker", "NextUploadIdMarker": "UploadIdMarker"}


class UploadForm(msgspec.Struct, frozen=True):
    """Where a browser posts a file to, and the fields that go before it. Any other size, type or key is refused."""

    url: str
    fields: dict[str, str]


class Stored(msgspec.Struct, frozen=True):
    """What was written: how long it is, and its version where the bucket has versions."""

    size_bytes: int
    version_id: str | None


def presign_post(bucket: str, key: str, *, content_type: str, max_bytes: int, expires_s: int) -> UploadForm:
    """Make a form that uploads one object of this exact key and type, of 1 to `max_bytes` bytes.

    Keeps: F3.1
    """
    form = client("s3").generate_presigned_post(
        Bucket=config().bucket(bucket),
        Key=key,
        Fields={"Content-Type": content_type},
        Conditions=[{"Content-Type": content_type}, ["content-length-range", 1, max_bytes]],
        ExpiresIn=expires_s,
    )
    return UploadForm(form["url"], form["fields"])


def presign_get(bucket: str, key: str, *, expires_s: int, filename: str, content_type: str) -> str:
    """Make an address that downloads one object as a file, for at most a minute.

    Keeps: J2.3
    """
    if not 0 < expires_s <= MOST_FETCH_S:
        raise ValueError(expires_s)
    address: str = client("s3").generate_presigned_url(
        "get_object",
        Params={
            "Bucket": config().bucket(bucket),
            "Key": key,
            "ResponseContentDisposition": f"attachment; filename*=UTF-8''{quote(filename, safe='')}",
            "ResponseContentType": content_type,
            "ResponseCacheControl": "no-store",
        },
        ExpiresIn=expires_s,
    )
    return address


def read(bucket: str, key: str, *, max_bytes: int) -> bytes:
    """Read a whole object.

    Raises:
        ObjectMissing: there is none.
        ObjectTooLarge: it is longer than `max_bytes`.
        ProviderUnavailable: the store did not answer.
    """
    with faults("s3", "GetObject"):
        answer = client("s3").get_object(Bucket=config().bucket(bucket), Key=key)
        with answer["Body"] as body:
            if answer["ContentLength"] > max_bytes:
                raise ObjectTooLarge
            content: bytes = body.read()
    return content


def put(bucket: str, key: str, content: bytes | bytearray, *, content_type: str) -> Stored:
    """Write a whole object.

    Raises:
        ProviderUnavailable: the store did not answer.
    """
    with faults("s3", "PutObject"):
        answer = client("s3").put_object(
            Bucket=config().bucket(bucket), Key=key, Body=content, ContentType=content_type
        )
    return Stored(len(content), answer.get("VersionId"))


def stream_put(bucket: str, key: str, chunks: Iterable[bytes], *, content_type: str) -> Stored:
    """Write an object as its bytes come; memory holds one part (8 MiB and a chunk), whatever the length.

    When anything goes wrong, in the store or in the source of the bytes, nothing is left behind.

    Raises:
        ProviderUnavailable: the store did not answer.

    Keeps: J2.1
    """
    parts = _parts(chunks)
    first = next(parts, bytearray())
    if len(first) < PART_BYTES:
        return put(bucket, key, first, content_type=content_type)
    with faults("s3", "CreateMultipartUpload"):
        opened = client("s3").create_multipart_upload(Bucket=config().bucket(bucket), Key=key, ContentType=content_type)
    upload = {"Bucket": config().bucket(bucket), "Key": key, "UploadId": opened["UploadId"]}
    try:
        return _upload(upload, chain([first], parts))
    except BaseException:
        _abort(upload)
        raise


def versions(bucket: str, prefix: str) -> Iterator[tuple[str, str]]:
    """List key and version id of everything under a prefix, delete markers and overwritten versions included."""
    asked: dict[str, str] = {"Bucket": config().bucket(bucket), "Prefix": prefix}
    while True:
        with faults("s3", "ListObjectVersions"):
            page: dict[str, Any] = client("s3").list_object_versions(**asked)
        for entry in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            yield entry["Key"], entry["VersionId"]
        if not page.get("IsTruncated"):
            return
        asked |= {marker: page[told] for told, marker in _CURSOR.items() if told in page}


def uploads(bucket: str, prefix: str) -> Iterator[tuple[str, str]]:
    """List key and upload id of every multipart upload under a prefix that was begun and not ended."""
    asked: dict[str, str] = {"Bucket": config().bucket(bucket), "Prefix": prefix}
    while True:
        with faults("s3", "ListMultipartUploads"):
            page: dict[str, Any] = client("s3").list_multipart_uploads(**asked)
        for entry in page.get("Uploads", ()):
            yield entry["Key"], entry["UploadId"]
        if not page.get("IsTruncated"):
            return
        asked |= {marker: page[told] for told, marker in _UPLOAD_CURSOR.items() if told in page}


def delete_all_versions(bucket: str, key: str) -> int:
    """Remove an object for good: every version, every delete marker, every part of an upload not ended.

    Safe to run twice.

    Returns:
        How many versions and uploads went.

    Raises:
        ProviderUnavailable: the store did not answer, or kept something; run it again.

    Keeps: J3.1, J3.2
    """
    gone = 0
    for upload_key, upload_id in list(uploads(bucket, key)):
        if upload_key == key:
            with faults("s3", "AbortMultipartUpload"):
                client("s3").abort_multipart_upload(Bucket=config().bucket(bucket), Key=key, UploadId=upload_id)
            gone += 1
    held = [version_id for version_key, version_id in versions(bucket, key) if version_key == key]
    for at in range(0, len(held), _PAGE):
        gone += _delete(bucket, key, held[at : at + _PAGE])
    return gone


def _delete(bucket: str, key: str, version_ids: list[str]) -> int:
    entries = [{"Key": key, "VersionId": version_id} for version_id in version_ids]
    with faults("s3", "DeleteObjects"):
        answer = client("s3").delete_objects(Bucket=config().bucket(bucket), Delete={"Objects": entries, "Quiet": True})
    if answer.get("Errors"):
        report("s3", "DeleteObjects", str(answer["Errors"][0].get("Code", "")))
        raise ProviderUnavailable
    return len(entries)


def _upload(upload: dict[str, str], parts: Iterable[bytearray]) -> Stored:
    done: list[dict[str, Any]] = []
    size = 0
    for number, part in enumerate(parts, 1):
        size += len(part)
        with faults("s3", "UploadPart"):
            answer = client("s3").upload_part(**upload, PartNumber=number, Body=part)
        done.append({"PartNumber": number, "ETag": answer["ETag"]})
    with faults("s3", "CompleteMultipartUpload"):
        answer = client("s3").complete_multipart_upload(**upload, MultipartUpload={"Parts": done})
    return Stored(size, answer.get("VersionId"))


def _abort(upload: dict[str, str]) -> None:
    try:
        with faults("s3", "AbortMultipartUpload"):
            client("s3").abort_multipart_upload(**upload)
    except (ObjectMissing, ProviderRefused, ProviderUnavailable) as fault:
        # What started this matters more; the bucket's lifecycle rule ends what stays open.
        report("s3", "AbortMultipartUpload", fault.code)


def _parts(chunks: Iterable[bytes]) -> Iterator[bytearray]:
    buffer = bytearray()
    for chunk in chunks:
        buffer += chunk
        if len(buffer) >= PART_BYTES:
            yield buffer
            buffer = bytearray()
    if buffer:
        yield buffer
