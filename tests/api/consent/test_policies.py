"""Anyone can read every policy version and notice, in both languages, and check that the text is the one agreed to."""

import hashlib
from html.parser import HTMLParser
from typing import ClassVar

import pytest

from chalicelib.foundation.register import lookup
from tests.support.edges import Http
from tests.support.people import make_person

VERSION = lookup.manifests()[-1].version
PUBLIC = [
    "/v1/policies",
    "/v1/policies/current",
    f"/v1/policies/{VERSION}",
    f"/v1/policies/{VERSION}/page",
    "/v1/notices/account.membership",
]


class Page(HTMLParser):
    """What a page is made of."""

    void: ClassVar[set[str]] = {"meta", "br", "hr"}

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attrs: list[tuple[str, str | None]] = []
        self.strong = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attrs += attrs
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.void:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "strong" in self.open:
            self.strong += data


@pytest.mark.promise("A1.4", "L1.1")
@pytest.mark.parametrize("path", PUBLIC)
def test_guests_read_it_and_nothing_is_stored_about_them(http: Http, path, aws_calls):
    assert http("GET", path).status == 200
    assert aws_calls == []


@pytest.mark.parametrize("path", PUBLIC)
def test_people_with_a_session_read_the_same(http: Http, path):
    assert http("GET", path, who=make_person()).text == http("GET", path).text


@pytest.mark.promise("L1.1")
def test_every_version_is_listed_and_can_be_read(http: Http):
    listed = http("GET", "/v1/policies").json["data"]
    assert [entry["version"] for entry in listed] == [m.version for m in reversed(lookup.manifests())]
    for entry in listed:
        shown = http("GET", f"/v1/policies/{entry['version']}").json
        assert shown["texts"][0]["markdown"]
        assert {t["language"]: t["sha256"] for t in shown["texts"]} == {
            t["language"]: t["sha256"] for t in entry["texts"]
        }
        assert all(http("GET", text["page"]).status == 200 for text in shown["texts"])
    assert [entry["version"] for entry in listed if entry["in_effect"]] == [
        http("GET", "/v1/policies/current").json["version"]
    ]


@pytest.mark.promise("A3.3")
def test_the_digest_is_that_of_the_text_shown(http: Http):
    for text in http("GET", "/v1/policies/current").json["texts"]:
        assert hashlib.sha256(text["markdown"].encode()).hexdigest() == text["sha256"]
    for notice in lookup.notices():
        for text in http("GET", f"/v1/notices/{notice.id}").json["texts"]:
            shown = "\n\n".join(text[part] for part in ("title", "body", "agree", "decline"))
            assert hashlib.sha256(shown.encode()).hexdigest() == text["sha256"]


@pytest.mark.promise("L1.2")
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_page_is_for_phones_without_script_and_stresses_key_clauses(http: Http, language):
    answer = http("GET", f"/v1/policies/{VERSION}/page?language={language}")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Language"] == language
    page = Page(answer.text)
    assert page.open == []
    assert ("lang", language) in page.attrs
    assert ("name", "viewport") in page.attrs
    assert not {"script", "img", "link", "iframe", "object", "form"} & set(page.tags)
    assert not [name for name, _ in page.attrs if name.startswith("on") or name == "src"]
    assert len(page.strong) > 1000
    assert {p.clause for p in lookup.purposes()} <= {value for name, value in page.attrs if name == "id"}


def test_the_page_follows_the_reader_language_unless_told(http: Http):
    path = f"/v1/policies/{VERSION}/page"
    assert '<html lang="zh-CN">' in http("GET", path).text
    assert '<html lang="en">' in http("GET", path, headers={"Accept-Language": "en-GB, zh;q=0.5"}).text
    told = http("GET", f"{path}?language=zh-CN", headers={"Accept-Language": "en"})
    assert '<html lang="zh-CN">' in told.text


@pytest.mark.promise("L1.1")
@pytest.mark.parametrize("path", PUBLIC)
def test_it_may_be_kept_and_asked_again_by_tag(http: Http, path):
    first = http("GET", path)
    assert first.headers["Cache-Control"].startswith("public, max-age=")
    tag = first.headers["ETag"]
    for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        again = http("GET", path, headers={"If-None-Match": known})
        assert (again.status, again.text, again.headers["ETag"]) == (304, "", tag)
        assert "Content-Type" not in again.headers
    assert http("GET", path, headers={"If-None-Match": '"other"'}).status == 200
    other_language = http("GET", path, headers={"Accept-Language": "en"})
    assert "Accept-Language" in other_language.headers["Vary"]
    assert (other_language.headers["ETag"] == tag) == (other_language.text == first.text)


@pytest.mark.promise("A3.1")
def test_a_notice_says_what_it_asks_for(http: Http):
    place = http("GET", "/v1/notices/community.place", headers={"Accept-Language": "en"}).json
    assert [(p["purpose"], p["asks"], p["separate"]) for p in place["purposes"]] == [("community.place", True, True)]
    assert {text["language"] for text in place["texts"]} == {"zh-CN", "en"}
    assert place["policy_version"] == VERSION
    assert http("GET", "/v1/notices/order.gift").json["affirms"] == "recipient.agreed"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/policies/9.9.9",
        "/v1/policies/9.9.9/page",
        "/v1/policies/..%2f..%2fetc",
        "/v1/policies/1.0.0%00",
        "/v1/notices/no.such",
        "/v1/notices/%3Cscript%3E",
        f"/v1/notices/{'a' * 65}",
    ],
)
def test_what_was_never_published_is_missing(http: Http, path):
    answer = http("GET", path)
    assert (answer.status, answer.code) == (404, "request.not_found")
    assert "script" not in answer.text


@pytest.mark.parametrize("query", ["language=fr", "language=zh-CN&language=en", "lang=en", "language="])
def test_a_page_is_asked_for_in_a_known_language(http: Http, query):
    answer = http("GET", f"/v1/policies/{VERSION}/page?{query}")
    assert (answer.status, answer.code) == (400, "request.invalid")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", PUBLIC)
def test_nobody_changes_it(http: Http, path, method):
    assert http(method, path, {}, who=make_person()).status == 405
