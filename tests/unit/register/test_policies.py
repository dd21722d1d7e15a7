"""A policy version against its manifest and the register: break one thing, and it is named."""

import re

import pytest

from infra.register import build as compiler
from infra.register.broken import RegisterBroken
from infra.register.policies import problems_of, read_manifest, versions
from infra.register.seal import seal


@pytest.fixture
def newest(policies):
    return versions(policies / "privacy")[-1]


def compile_all(policies, register):
    return compiler._policies(policies / "privacy", register)[0]


def broken(policies, register) -> str:
    with pytest.raises(RegisterBroken) as caught:
        compile_all(policies, register)
    return str(caught.value)


def edit(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_the_policy_as_it_is_compiles(policies, register):
    assert len(compile_all(policies, register)) == 3


def test_one_changed_character_is_found(newest):
    edit(newest / "policy.zh-CN.md", "三十日", "四十日")
    assert "policy.zh-CN.md is not the file its manifest names" in "".join(problems_of(newest, read_manifest(newest)))


def test_a_changed_missing_or_added_notice_is_found(newest):
    (newest / "notices/order.gift.toml").unlink()
    (newest / "notices/more.toml").write_text("", "utf-8")
    said = " ".join(problems_of(newest, read_manifest(newest)))
    assert "notices/order.gift.toml is not the file" in said
    assert "notices/more.toml is not the file" in said


def test_a_missing_language_is_found(newest):
    (newest / "policy.en.md").unlink()
    assert any("policy.en.md is missing" in said for said in problems_of(newest, read_manifest(newest)))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('version = "1.0.0"', 'version = "1.0.1"', "says version 1.0.1"),
        ('contact = "', 'kontact = "', "manifest.toml"),
        ("major = true", "major = ", "manifest.toml"),
    ],
)
def test_a_wrong_manifest_is_refused(newest, old, new, problem):
    edit(newest / "manifest.toml", old, new)
    with pytest.raises(RegisterBroken, match=problem):
        read_manifest(newest)


def test_what_the_register_adds_must_be_said_first(policies, register):
    more = dict(register.items) | {"account.shoe_size": register.items["account.mobile"]}
    said = broken(policies, type(register)(register.purposes, more, register.recipients, register.retention))
    assert "does not name the register's items as they are (account.shoe_size)" in said
    assert "annex 2 (zh-CN) is not what the register says" in said


def test_a_longer_period_must_be_said_first(policies, bend):
    said = broken(policies, bend("items", "account.code", retention="trade.legal"))
    assert "annex 2 (en) is not what the register says" in said


def test_a_purpose_needs_a_section(policies, bend):
    assert "has no section 2.99" in broken(policies, bend("purposes", "order.fulfil", clause="2.99"))


def test_sections_are_the_same_in_every_language(policies, register, newest):
    edit(newest / "policy.en.md", "{#6.9}", "{#6.10}")
    seal(policies / "privacy", register)
    assert "the languages do not have the same sections" in broken(policies, register)


def test_an_emphasis_that_markdown_does_not_close_is_found(policies, register, newest):
    edit(newest / "policy.zh-CN.md", "**最迟三十日内答复，力争", "** 最迟三十日内答复，力争")
    seal(policies / "privacy", register)
    assert "is not closed as Markdown wants it" in broken(policies, register)


def test_sealing_again_changes_nothing(policies, register, newest):
    before = {path: path.read_bytes() for path in newest.rglob("*.*")}
    seal(policies / "privacy", register)
    assert {path: path.read_bytes() for path in newest.rglob("*.*")} == before


def test_sealing_makes_a_changed_text_true_and_leaves_older_versions_alone(policies, register, newest):
    newer = policies / "privacy/1.10.0"
    newer.mkdir()
    for path in (*newest.glob("*.*"), *newest.glob("notices/*")):
        target = newer / path.relative_to(newest)
        target.parent.mkdir(exist_ok=True)
        target.write_text(path.read_text("utf-8").replace('"1.0.0"', '"1.10.0"'), "utf-8")
    edit(newer / "policy.zh-CN.md", "三十日", "二十日")
    before = {path: path.read_bytes() for path in newest.rglob("*.*")}
    assert seal(policies / "privacy", register) == newer
    made = compile_all(policies, register)
    assert any(name.endswith("policy-1.10.0.json") for name in made)
    assert {path: path.read_bytes() for path in newest.rglob("*.*")} == before


def test_a_notice_is_written_in_every_language(policies, register, newest):
    path = newest / "notices/order.gift.toml"
    path.write_text(re.sub(r"\[texts\.en\].*", "", path.read_text("utf-8"), flags=re.DOTALL), "utf-8")
    seal(policies / "privacy", register)
    assert "notice order.gift: is not written in zh-CN, en" in broken(policies, register)


def test_a_notice_names_known_purposes(policies, register, newest):
    edit(newest / "notices/order.gift.toml", '"order.fulfil"', '"no.such"')
    seal(policies / "privacy", register)
    assert "notice order.gift: unknown purpose no.such" in broken(policies, register)


@pytest.mark.parametrize(("old", "new"), [('id = "order.gift"', 'id = "other"'), ("version = 1", 'version = "x"')])
def test_a_notice_that_is_none_is_refused(policies, register, newest, old, new):
    edit(newest / "notices/order.gift.toml", old, new)
    seal(policies / "privacy", register)
    assert "order.gift.toml" in broken(policies, register)


@pytest.mark.promise("A2.2")
def test_what_needs_consent_needs_a_notice(policies, register, newest):
    (newest / "notices/account.membership.toml").unlink()
    seal(policies / "privacy", register)
    assert "account.membership: needs consent, and no notice asks for it" in broken(policies, register)


@pytest.mark.promise("A3.1")
def test_a_notice_can_not_change_under_its_version(policies, register, newest):
    newer = policies / "privacy/1.1.0"
    (newer / "notices").mkdir(parents=True)
    for path in newest.glob("*.*"):
        (newer / path.name).write_text(path.read_text("utf-8").replace('"1.0.0"', '"1.1.0"'), "utf-8")
    for path in newest.glob("notices/*"):
        (newer / "notices" / path.name).write_text(path.read_text("utf-8"), "utf-8")
    edit(newer / "notices/order.gift.toml", "Back", "Go back")
    seal(policies / "privacy", register)
    assert "notice order.gift: version 1 has two texts" in broken(policies, register)
    edit(newer / "notices/order.gift.toml", "version = 1", "version = 2")
    seal(policies / "privacy", register)
    assert any(name.endswith("notices.json") for name in compile_all(policies, register))
