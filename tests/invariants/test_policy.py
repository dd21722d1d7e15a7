"""The privacy policy: published as digested, complete, in plain words of its own."""

import hashlib
import re
from pathlib import Path

import pytest

from chalicelib.foundation.register import lookup
from chalicelib.foundation.register.model import EVERYTHING

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "policies/privacy"
EARLIER = Path(__file__).with_name("earlier_policy.sha256")
RECORDS = ROOT / "docs/records-of-processing.md"

MANIFESTS = pytest.mark.parametrize("manifest", lookup.manifests(), ids=lambda manifest: manifest.version)
NOTICES = pytest.mark.parametrize("notice", lookup.notices(), ids=lambda notice: notice.id)
LANGUAGES = pytest.mark.parametrize("lang", lookup.current_manifest().languages)

LONG = 12
PARTS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "A", "B")
TOUCHING_RIGHTS = ("2.1.1", "2.5.4", "4.1", "5.2", "6.2", "6.5", "7.2", "8", "9")


def part(text: str, clause: str) -> str:
    """Return a section of a text with its subsections, without its heading."""
    found = re.search(rf"^(#+) .*\{{#{re.escape(clause)}\}}$", text, re.MULTILINE)
    assert found, clause
    rest = text[found.end() :]
    end = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def long_clauses(text: str) -> set[str]:
    """Return runs between punctuation marks that have 12 Chinese characters or more, as digests."""
    runs = (
        "".join(re.findall(r"[\u4e00-\u9fff]", run)) for run in re.split(r"[^\u4e00-\u9fff\w“”\"'《》【】 ]+", text)
    )
    return {hashlib.sha256(run.encode()).hexdigest()[:16] for run in runs if len(run) >= LONG}


@pytest.mark.promise("L1.1")
@MANIFESTS
def test_what_is_served_is_what_was_sealed(manifest):
    folder = FOLDER / manifest.version
    for name, digest in manifest.files.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    policy = lookup.policy(manifest.version)
    for tag, text in policy.texts.items():
        assert hashlib.sha256(text.encode()).hexdigest() == policy.sha256[tag]


@MANIFESTS
def test_a_version_says_who_when_and_what_changed(manifest):
    assert manifest.responsible_party
    assert "@" in manifest.contact
    assert manifest.published_at[:10] <= manifest.effective_on.isoformat()
    assert manifest.changes
    assert manifest.authoritative == "zh-CN"


@MANIFESTS
def test_a_version_is_major_exactly_when_it_changes_more_than_words(manifest):
    """Pitfall: whoever asks again for each edit of the wording is agreed to without being read."""
    assert manifest.major == any(change.kind != "wording" for change in manifest.changes)


def test_versions_are_in_order_and_each_starts_later():
    days = [manifest.effective_on for manifest in lookup.manifests()]
    assert days == sorted(set(days))


def test_the_policy_shares_no_long_clause_with_the_one_it_replaces():
    earlier = set(EARLIER.read_text("ascii").split())
    assert long_clauses("上海酷纨模型玩具有限公司") <= earlier
    assert not long_clauses(lookup.current_policy().texts["zh-CN"]) & earlier
    assert not long_clauses("".join(notice.texts["zh-CN"].body for notice in lookup.notices())) & earlier


@LANGUAGES
def test_every_part_is_there(lang):
    text = lookup.current_policy().texts[lang]
    for clause in PARTS:
        assert len(part(text, clause)) > LONG


@pytest.mark.promise("L1.2")
@LANGUAGES
def test_key_clauses_are_visibly_emphasised(lang):
    policy = lookup.current_policy()
    for clause in TOUCHING_RIGHTS:
        assert "**" in part(policy.texts[lang], clause), clause
    assert policy.html[lang].count("<strong>") >= len(TOUCHING_RIGHTS)
    assert "strong { text-decoration: underline" in policy.html[lang]


@LANGUAGES
def test_the_page_leads_to_every_section_and_loads_nothing(lang):
    policy = lookup.current_policy()
    for clause in re.findall(r"\{#([\w.]+)\}", policy.texts[lang]):
        assert f'id="{clause}"' in policy.html[lang]
    assert not re.search(r"<(script|img|link|iframe)|src=|url\(|@import", policy.html[lang])


@LANGUAGES
def test_who_is_responsible_and_how_to_complain_is_told(lang):
    manifest = lookup.current_manifest()
    text = lookup.current_policy().texts[lang]
    assert manifest.responsible_party in part(text, "1.1")
    assert manifest.address in part(text, "1.1")
    assert manifest.contact in part(text, "9")
    assert ("人民法院" if lang == "zh-CN" else "court") in part(text, "9")
    assert "12377" in part(text, "9")


@pytest.mark.promise("K7.2")
@LANGUAGES
def test_the_department_that_protects_personal_information_is_named(lang):
    manifest = lookup.current_manifest()
    text = lookup.current_policy().texts[lang]
    name = manifest.privacy_department if lang == "zh-CN" else manifest.privacy_department_en
    assert name.startswith("个人信息保护部" if lang == "zh-CN" else "Personal Information Protection Department")
    assert f"**{name}**" in part(text, "1.1")
    assert manifest.privacy_department in RECORDS.read_text()


@LANGUAGES
def test_the_six_kinds_of_major_change_are_listed(lang):
    assert re.findall(r"^(\d)\. ", part(lookup.current_policy().texts[lang], "8"), re.MULTILINE) == list("123456")


@pytest.mark.promise("I1")
@LANGUAGES
def test_every_recipient_is_listed_with_its_contact_and_fields(lang):
    listed = part(lookup.current_policy().texts[lang], "B.3")
    for recipient in lookup.recipients():
        line = next(line for line in listed.splitlines() if f"| {_title(recipient, lang)} |" in line)
        assert recipient.contact in line
        named = () if recipient.fields == (EVERYTHING,) else recipient.fields
        assert all(_title(lookup.item(item_id), lang) in line for item_id in named)


@pytest.mark.promise("K1.1")
@LANGUAGES
def test_every_item_is_listed_with_its_period(lang):
    listed = part(lookup.current_policy().texts[lang], "B.2")
    for item in lookup.items():
        assert f"| {_title(item, lang)} | {_title(lookup.retention(item.retention), lang)} |" in listed


@LANGUAGES
def test_every_purpose_is_listed_with_its_section(lang):
    listed = part(lookup.current_policy().texts[lang], "B.1")
    for purpose in lookup.purposes():
        assert f"| {_title(purpose, lang)} | {purpose.clause} |" in listed


@pytest.mark.promise("A4.2")
@NOTICES
def test_a_notice_for_sensitive_information_says_why_and_with_what_effect(notice):
    if any(lookup.purpose(purpose_id).separate for purpose_id in notice.purposes):
        for word, lang in (("必要", "zh-CN"), ("影响", "zh-CN"), ("necessary", "en"), ("effect", "en")):
            assert word in notice.texts[lang].body
    if any(one.sensitive and {*notice.purposes} & {*one.purposes} for one in lookup.items()):
        assert "敏感" in notice.texts["zh-CN"].title


@pytest.mark.promise("A2.2")
@NOTICES
def test_a_notice_that_asks_tells_how_to_refuse_and_to_withdraw(notice):
    if any(lookup.purpose(purpose_id).asks for purpose_id in notice.purposes):
        assert "可以拒绝" in notice.texts["zh-CN"].body
        assert "撤回" in notice.texts["zh-CN"].body
        assert "decline" in notice.texts["en"].body
        assert "withdraw" in notice.texts["en"].body


@pytest.mark.promise("A3.1", "A3.3")
@NOTICES
def test_the_digest_of_a_notice_covers_all_that_is_shown(notice):
    for tag, text in notice.texts.items():
        shown = f"{text.title}\n\n{text.body}\n\n{text.agree}\n\n{text.decline}"
        assert notice.sha256[tag] == hashlib.sha256(shown.encode()).hexdigest()
        assert all((text.title, text.body, text.agree, text.decline))
    assert notice.version >= 1


def _title(entry, lang: str) -> str:
    return entry.title if lang == "zh-CN" else entry.title_en
