"""Step 5: a post with a photograph, and somebody else's comment."""

from typing import Any
from urllib.parse import quote

from .life import Life
from .photo import form, take
from .world import Client, check, fetch, key, until


def publish_post(life: Life) -> None:
    """5a A photograph with GPS and serial number: quarantined, re-encoded, judged, only then public; EXIF gone.

    Proves: A1.2, F3.1, F3.3
    """
    serial = f"SN{life.mark}77"
    photo = take(serial)
    check(serial.encode() in photo, "the photograph carries its serial number")
    life.ids["media"] = send_photo(life.person, photo)
    life.pass_by("photo serial", serial)
    post = {
        "text": life.plant("post text", f"今天完成的高达模型{life.mark}"),
        "media_ids": [life.ids["media"]],
        "affirmed_others": True,
    }
    made = life.person.want(201, "POST /v1/posts", post, Idempotency_Key=key())
    life.ids["post"] = made["post_id"]
    public = until("post is public", lambda: _public(life))
    content = picture(public["pictures"][0]["large"])
    check(content[:2] == b"\xff\xd8", "a JPEG comes back")
    for secret in (serial.encode(), b"Exif", b"NIKON", b"GPS"):
        check(secret not in content, "the public picture still carries camera data")
    check("author" in public and life.ids["person"] not in str(public), "an author is shown by name only")
    searched = f"GET /v1/posts?q={quote(f'高达 {life.mark}')}"
    until("post is found by its words", lambda: _found(life, searched))


def comment_on_post(life: Life) -> None:
    """5b A second person comments, and is warned before leading anybody off the platform; everyone sees name and text.

    Proves: F2.1, K6.2
    """
    path = f"/v1/posts/{life.ids['post']}/comments"
    away = {"text": "想买的加微信 gundam_fan，直接转账", "affirmed_others": True}
    warned = life.other.want(422, f"POST {path}", away, Idempotency_Key=key())
    check(warned["code"] == "community.leaves_platform", "a text that leads away is taken without a warning")
    text = life.keep_out("other comment", f"太漂亮了{life.mark}")
    made = life.other.want(201, f"POST {path}", {"text": text, "affirmed_others": True}, Idempotency_Key=key())
    life.keep_out("other comment id", made["comment_id"])

    def seen() -> bool:
        return any(c["text"] == text for c in life.guest.want(200, f"GET {path}")["data"])

    until("comment is public", seen)
    mine = life.plant("comment text", f"谢谢支持{life.mark}")
    life.person.want(201, f"POST {path}", {"text": mine, "affirmed_others": True}, Idempotency_Key=key())


def send_photo(client: Client, photo: bytes) -> str:
    """Upload a photograph as a client does, and wait until it is judged; gives its id."""
    asked = {"content_type": "image/jpeg", "size_bytes": len(photo)}
    upload = client.want(201, "POST /v1/media", asked)
    too_large, kind = form(upload["fields"], "big.jpg", photo + b"\0" * 4096)
    refused = fetch("POST", upload["url"], too_large, headers={"Content-Type": kind})
    check(refused.status in {400, 403}, "a file of another size is refused by the form's conditions")
    body, kind = form(upload["fields"], "photo.jpg", photo)
    stored = fetch("POST", upload["url"], body, headers={"Content-Type": kind})
    check(stored.status in {200, 201, 204}, f"upload answered {stored.status}")

    def judged() -> bool:
        return bool(client.want(200, f"GET /v1/media/{upload['media_id']}")["state"] == "ready")

    until("picture is judged", judged)
    return str(upload["media_id"])


def _public(life: Life) -> dict[str, Any] | None:
    reply = life.guest.call("GET", f"/v1/posts/{life.ids['post']}")
    return reply.json if reply.status == 200 else None  # noqa: PLR2004 - there


def _found(life: Life, searched: str) -> bool:
    return life.ids["post"] in {post["post_id"] for post in life.guest.want(200, searched)["data"]}


def picture(url: str) -> bytes:
    """Fetch a public picture from its host."""
    return fetch("GET", url).body
