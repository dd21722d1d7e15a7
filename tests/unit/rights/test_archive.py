"""The file of a copy: a valid zip written as a stream, JSON that reads back, pages that escape everything."""

import io
import json
import tracemalloc
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts.tables.profile import ProfileRow
from chalicelib.community.tables import PostRow
from chalicelib.consent.tables import ConsentRow
from chalicelib.foundation.audit.evidence import AuditRow
from chalicelib.foundation.register import lookup
from chalicelib.foundation.store.planner import personal
from chalicelib.orders.tables import OrderRow
from chalicelib.rights.service import archive
from chalicelib.rights.service.archive import Entry, Listed
from tests.support.planted import evidence_classes, owned_classes

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</td></table></body></html><h1>x",
    "' onmouseover='alert(1)",
    "&lt;b&gt;",
    "javascript:alert(1)",
    '=HYPERLINK("http://x","y")',
    "\u202egnp.exe",
    "]]><!--",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
]
EVERY_CLASS = pytest.mark.parametrize("row", [*owned_classes(), *evidence_classes()], ids=lambda row: row.__name__)


class Seen(HTMLParser):
    """What a browser would make of a page: its elements, its attributes and its text."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.text = ""
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def zipped(files: list[tuple[str, bytes]]) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(archive.stream(files))))


def records(count: int, text: str = "值") -> list[Entry]:
    return [Entry(kind="profile", id=f"per_{n}", values={"user_name": text, "opened_at": "t"}) for n in range(count)]


@pytest.mark.promise("J2.2")
@given(st.lists(st.tuples(st.text("az甲末/ .-", min_size=1), st.binary(max_size=3000)), max_size=8))
def test_whatever_goes_in_comes_out_of_a_valid_zip(files):
    named = {f"{number}/{name}x": content for number, (name, content) in enumerate(files)}
    found = zipped(list(named.items()))
    assert found.testzip() is None
    assert {name: found.read(name) for name in found.namelist()} == named


@pytest.mark.promise("J2.2")
def test_unpacked_files_may_be_read_and_tell_no_time():
    (about,) = zipped([("a.json", b"{}")]).infolist()
    assert about.external_attr >> 16 & 0o777 == 0o600
    assert about.date_time == (1980, 1, 1, 0, 0, 0)


@pytest.mark.promise("J2")
def test_a_zip_of_any_length_is_written_in_the_memory_of_one_file():
    def files(count: int) -> Iterator[tuple[str, bytes]]:
        for number in range(count):
            yield f"{number}.bin", number.to_bytes(4, "big") * 50_000

    def peak(count: int) -> int:
        tracemalloc.start()
        for _ in archive.stream(files(count)):
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    few, many = peak(5), peak(200)
    assert many - few < 300_000
    assert many < 2_000_000


def test_bytes_come_out_file_by_file():
    sizes = [len(chunk) for chunk in archive.stream((f"{n}", b"x" * 1000) for n in range(3))]
    assert len(sizes) == 4
    assert all(sizes)


@pytest.mark.promise("J2.2")
def test_records_read_back_as_json():
    values = {"a": '中文 "quoted" \\ \x7f', "b": [["x", 1]], "c": True, "d": 10**15, "e": {"f": None}}
    told = json.loads(archive.data_file([Entry(kind="k", id="i", values=values)]))
    assert told == {"format": archive.FORMAT, "records": [{"kind": "k", "id": "i", "values": values}]}


@pytest.mark.promise("J2.2")
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text):
    plain = Seen(archive.page(ProfileRow, records(1)))
    for values in ({"user_name": text}, {text: "x"}, {"user_name": [text]}, {"user_name": {text: text}}):
        seen = Seen(archive.page(ProfileRow, [Entry(kind="profile", id=text, values={**values, "opened_at": "t"})]))
        assert seen.tags == plain.tags
        assert seen.attributes == plain.attributes
    seen = Seen(archive.page(ProfileRow, [Entry(kind="profile", id="i", values={"user_name": text, "opened_at": "t"})]))
    assert text in seen.text


@pytest.mark.parametrize("text", HOSTILE)
def test_the_front_page_escapes_names_too(text):
    plain = Seen(archive.index_page("2026", [Listed("甲", "a", "pages/a.html", 1)], ["pictures/a.jpg"]))
    seen = Seen(archive.index_page(text, [Listed(text, text, text, 1)], [text]))
    assert (seen.tags, seen.attributes) == (plain.tags, plain.attributes)
    assert {"html", "head", "meta", "title", "style", "body", "h1", "p", "table", "tr", "th", "a", "td"} <= set(
        seen.tags
    )
    assert "script" not in seen.tags


def test_a_page_runs_nothing_and_fetches_nothing():
    seen = Seen(archive.page(ProfileRow, records(3)))
    assert not {"script", "img", "link", "iframe", "form", "base", "object"} & set(seen.tags)
    assert not {"src", "href", "onclick", "onerror"} & set(seen.attributes)


@pytest.mark.promise("J2.2")
@EVERY_CLASS
def test_every_attribute_that_is_shown_has_a_chinese_title(row):
    titles = archive.titles(row)
    assert {name for name, _ in personal(row)} <= set(titles)
    for name, said in personal(row):
        assert titles[name] == lookup.item(said.item).title
    assert all(any("\u4e00" <= sign <= "\u9fff" for sign in title) for title in titles.values())
    page = archive.page(row, [Entry(kind=row.row_kind, id="i", values=dict.fromkeys(titles, "v"))]).decode()
    assert all(f"<th>{title}<br>" in page for title in titles.values())


@EVERY_CLASS
def test_a_page_is_headed_by_what_its_records_hold(row):
    heading = archive.heading(row)
    assert any("\u4e00" <= sign <= "\u9fff" for sign in heading)
    assert f"<h1>{heading}</h1>" in archive.page(row, []).decode()


@pytest.mark.parametrize(
    ("row", "heading"),
    [
        (ProfileRow, "注册、登录和账号管理"),
        (OrderRow, "下单、发货和售后"),
        (PostRow, "发布帖子和评论"),
        (ConsentRow, "证明告知和同意"),
        (AuditRow, "留存访问和处理的证据"),
    ],
)
def test_headings_say_what_records_are_held_for(row, heading):
    assert archive.heading(row) == heading


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (b"\xff\xd8\xff\xe0rest", "jpg"),
        (b"\x89PNG\r\n", "png"),
        (b"RIFF\0\0\0\0WEBP", "webp"),
        (b"?", "bin"),
        (b"", "bin"),
    ],
)
def test_a_picture_is_named_by_record_size_and_what_it_is(content, ending):
    assert archive.picture_name("med_1", "pic_secret/large", content) == f"pictures/med_1-large.{ending}"
