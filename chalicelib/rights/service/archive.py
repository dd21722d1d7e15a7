"""The file a copy comes in: a zip written as a stream, JSON for machines and pages for people."""

import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import IO, Any, NamedTuple, cast

import msgspec

from ...foundation.kernel.shapes import View
from ...foundation.register import lookup
from ...foundation.store.declare import TIME, Personal
from ...foundation.store.erase import values_of
from ...foundation.store.planner import personal
from ...foundation.store.row import Row

FORMAT = "jule-copy/1"
PER_FILE = 200
_READABLE = 0o600 << 16
"""Mode of an unpacked file: without one, unpacking on Linux or macOS gives files that nobody may read."""
_PICTURES = {b"\xff\xd8\xff": "jpg", b"\x89PNG": "png", b"RIFF": "webp"}
_TIME_TITLE = "记录时间"
_CSS = (
    "body{font:16px/1.6 -apple-system,'PingFang SC','Noto Sans SC',sans-serif;margin:1rem auto;max-width:46rem;"
    "padding:0 1rem;color:#222}h1{font-size:1.4rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}"
    "table{border-collapse:collapse;width:100%;margin:0 0 1rem}th,td{border:1px solid #ddd;padding:.4rem .6rem;"
    "text-align:left;vertical-align:top;word-break:break-all}th{width:38%;font-weight:600;background:#f7f7f7}"
)


class Entry(View):
    """One record of the copy: which kind, under which id, what it says."""

    kind: str
    id: str
    values: dict[str, Any]


class _Pipe:
    """A write-only, unseekable file whose chunks are taken as they come."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._chunks.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        taken = b"".join(self._chunks)
        self._chunks.clear()
        return taken


def stream(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """Zip files one after the other; no more than one is in memory."""
    pipe = _Pipe()
    with zipfile.ZipFile(cast("IO[bytes]", pipe), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            about = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            about.external_attr = _READABLE
            archive.writestr(about, content, zipfile.ZIP_DEFLATED)
            yield pipe.take()
    yield pipe.take()


def entry(row: Row) -> Entry:
    """Turn a row into a record of the copy; values are opened."""
    return Entry(kind=row.row_kind, id=row.pk, values=values_of(row))


def data_file(entries: list[Entry]) -> bytes:
    """Write records for machines."""
    return msgspec.json.encode({"format": FORMAT, "records": entries})


def page(row: type[Row], entries: list[Entry]) -> bytes:
    """Write records of one kind for people, in Chinese; every value is escaped."""
    names = titles(row)
    held = "、".join(dict.fromkeys(names.values()))
    parts = [_head(heading(row)), f"<p>{escape(held)}</p>"]
    for number, one in enumerate(entries, 1):
        parts.append(f"<h2>{number} <small>{escape(one.id)}</small></h2><table>")
        for name, value in one.values.items():
            shown = value if isinstance(value, str) else msgspec.json.encode(value).decode()
            parts.append(
                f"<tr><th>{escape(names.get(name, name))}<br><small>{escape(name)}</small></th>"
                f"<td>{escape(shown)}</td></tr>"
            )
        parts.append("</table>")
    return "".join([*parts, "</body></html>"]).encode()


class Listed(NamedTuple):
    """A page of the copy, as the front page lists it."""

    title: str
    kind: str
    href: str
    records: int


def index_page(made_at: str, pages: list[Listed], pictures: list[str], *, unreadable: Sequence[Entry] = ()) -> bytes:
    """Write the front page: what is in the copy, and where."""
    rows = "".join(
        f'<tr><th><a href="{escape(one.href)}">{escape(one.title)}</a><br><small>{escape(one.kind)}</small></th>'
        f"<td>{one.records} 条</td></tr>"
        for one in pages
    )
    shown = "".join(f'<li><a href="{escape(p)}">{escape(p)}</a></li>' for p in pictures)
    missing = "".join(f"<li>{escape(one.id)} {escape(one.values['file'])}</li>" for one in unreadable)
    told = f"<h2>未能读取的图片</h2><p>下列图片应在其中，但未能读取。</p><ul>{missing}</ul>" if unreadable else ""
    return (
        f"{_head('我的个人信息副本')}<p>生成时间（UTC）：{escape(made_at)}</p>"
        "<p>本副本包含聚乐部落保存的与您有关的全部个人信息。data 文件夹供机器读取，pages 文件夹供阅读。"
        "他人的信息不在其中。请妥善保管。</p>"
        f"<table>{rows}</table><h2>图片</h2><ul>{shown}</ul>{told}</body></html>"
    ).encode()


def titles(row: type[Row]) -> dict[str, str]:
    """Give the Chinese title of each attribute of a row class that a copy shows."""
    said = {name: getattr(attribute, "says", None) for name, attribute in row.get_attributes().items()}
    named = {name: lookup.item(says.item).title for name, says in said.items() if isinstance(says, Personal)}
    return {**named, **{name: _TIME_TITLE for name, says in said.items() if says is TIME}}


def heading(row: type[Row]) -> str:
    """Say in Chinese what records of a kind are held for: the purpose that most of what they say serves."""
    serves = Counter(purpose for _, said in personal(row) for purpose in lookup.item(said.item).purposes)
    return lookup.purpose(serves.most_common(1)[0][0]).title


def picture_name(record_id: str, key: str, content: bytes) -> str:
    """Name a picture by its record, its size, and what it is."""
    kind = next((name for start, name in _PICTURES.items() if content.startswith(start)), "bin")
    return f"pictures/{record_id}-{size_of(key)}.{kind}"


def size_of(key: str) -> str:
    """Say which size of a picture a key is of; its folder is nobody's business."""
    return key.rpartition("/")[2]


def _head(title: str) -> str:
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_CSS}</style></head><body><h1>{escape(title)}</h1>"
    )
