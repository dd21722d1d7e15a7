"""What may be agreed to: the text in effect, as published, shown just now, for one purpose."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.consent import rules
from chalicelib.consent.contracts import Agreement, AnswerNotice, NoticeShown
from chalicelib.consent.errors import (
    Essential,
    NoticeNotCurrent,
    NoticeUnsuited,
    PolicyNotCurrent,
    ShownAtImplausible,
    TextUnknown,
)
from chalicelib.foundation.register import lookup
from chalicelib.foundation.register.model import Manifest

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
CURRENT = lookup.manifests()[-1]
NOTICE = lookup.notice("account.membership")
MEMBERSHIP = lookup.purpose("account.membership")


def version(name: str, effective_on: date) -> Manifest:
    return msgspec.structs.replace(CURRENT, version=name, effective_on=effective_on)


def agreement(**changes) -> Agreement:
    made = Agreement(version=CURRENT.version, sha256=CURRENT.sha256["zh-CN"], language="zh-CN", shown_at=NOW)
    return msgspec.structs.replace(made, **changes)


def shown(**changes) -> NoticeShown:
    made = NoticeShown(
        feature=NOTICE.id, version=NOTICE.version, sha256=NOTICE.sha256["zh-CN"], language="zh-CN", shown_at=NOW
    )
    return msgspec.structs.replace(made, **changes)


@pytest.mark.promise("L1.1")
def test_a_version_takes_effect_on_its_day_in_china():
    first, second = version("1.0.0", date(2026, 11, 22)), version("1.1.0", date(2026, 12, 2))
    versions = [first, second]
    evening = datetime(2026, 12, 1, 15, 59, 59, tzinfo=UTC)
    assert rules.in_effect(versions, rules.china_day(evening)) is first
    assert rules.in_effect(versions, rules.china_day(evening + timedelta(seconds=1))) is second


def test_before_any_version_is_in_effect_the_first_one_is_shown():
    first = version("1.0.0", date(2027, 1, 1))
    assert rules.in_effect([first, version("1.1.0", date(2027, 2, 1))], date(2026, 1, 1)) is first


@pytest.mark.promise("A3.3")
def test_the_published_text_in_effect_may_be_agreed_to_in_each_of_its_languages():
    for language, sha256 in CURRENT.sha256.items():
        rules.refuse_other_policy(agreement(language=language, sha256=sha256), CURRENT)


@pytest.mark.promise("A3.3")
def test_another_version_or_text_may_not_be_agreed_to():
    with pytest.raises(PolicyNotCurrent):
        rules.refuse_other_policy(agreement(version="0.9.0"), CURRENT)
    with pytest.raises(TextUnknown):
        rules.refuse_other_policy(agreement(sha256="0" * 64), CURRENT)
    with pytest.raises(TextUnknown):
        rules.refuse_other_policy(agreement(language="en"), CURRENT)


@pytest.mark.promise("A3.3")
def test_only_the_notice_in_use_can_be_answered():
    rules.refuse_other_notice(shown(), NOTICE)
    with pytest.raises(NoticeNotCurrent):
        rules.refuse_other_notice(shown(version=NOTICE.version + 1), NOTICE)
    with pytest.raises(TextUnknown):
        rules.refuse_other_notice(shown(sha256=NOTICE.sha256["en"]), NOTICE)


@given(st.timedeltas(timedelta(days=-400), timedelta(days=400)).map(NOW.__add__))
def test_a_time_of_showing_is_at_most_a_day_back_and_five_minutes_ahead(shown_at: datetime):
    plausible = -timedelta(hours=24) <= shown_at - NOW <= timedelta(minutes=5)
    if plausible:
        rules.refuse_implausible_time(shown_at, NOW, "/shown_at")
    else:
        with pytest.raises(ShownAtImplausible):
            rules.refuse_implausible_time(shown_at, NOW, "/shown_at")


@pytest.mark.parametrize("ahead", [-timedelta(hours=24), timedelta(minutes=5)])
def test_the_bounds_of_showing_belong_to_it(ahead: timedelta):
    rules.refuse_implausible_time(NOW + ahead, NOW, "/shown_at")
    with pytest.raises(ShownAtImplausible):
        rules.refuse_implausible_time(NOW + ahead * 1.001, NOW, "/shown_at")


@pytest.mark.promise("A2.2", "A4.1")
def test_a_notice_that_asks_for_more_than_one_consent_is_a_bundle():
    place = lookup.purpose("community.place")
    rules.refuse_bundle(MEMBERSHIP, [MEMBERSHIP])
    for asked in ([], [place], [MEMBERSHIP, place]):
        with pytest.raises(NoticeUnsuited):
            rules.refuse_bundle(MEMBERSHIP, asked)


@pytest.mark.promise("J6.3")
@pytest.mark.parametrize("purpose", [p for p in lookup.purposes() if p.essential], ids=lambda p: p.id)
def test_what_is_basic_can_not_be_withdrawn_and_says_on_what_it_rests(purpose):
    with pytest.raises(Essential) as refused:
        rules.refuse_essential(purpose, "/purpose")
    assert refused.value.errors[0].code == purpose.ground
    assert set(rules.REASONS[purpose.ground]) == {"zh-CN", "en"}


@pytest.mark.promise("A2.2")
@pytest.mark.parametrize("purpose", [p for p in lookup.purposes() if p.asks], ids=lambda p: p.id)
def test_what_is_additional_is_a_choice_with_a_notice_of_its_own(purpose):
    rules.refuse_essential(purpose, "/purpose")
    asking = [n for n in lookup.notices() if [p for p in n.purposes if lookup.purpose(p).asks] == [purpose.id]]
    assert asking


@pytest.mark.parametrize(
    ("agreed", "last", "state"),
    [
        (False, "", "off"),
        (True, "agreed", "agreed"),
        (False, "refused", "refused"),
        (False, "withdrawn", "withdrawn"),
        (True, "withdrawn", "agreed"),
        (False, "agreed", "off"),
    ],
)
def test_standing_decides_where_a_purpose_stands(agreed, last, state):
    assert rules.state_of(agreed, last) == state


BODY = {
    "purpose": "account.membership",
    "notice": {
        "feature": "account.membership",
        "version": 1,
        "sha256": "0" * 64,
        "language": "zh-CN",
        "shown_at": "2026-12-01T12:00:00Z",
    },
    "answer": "agree",
}


@pytest.mark.promise("A2.2", "A4.1")
def test_an_answer_has_no_place_for_a_second_purpose():
    assert msgspec.convert(BODY, AnswerNotice).purpose == "account.membership"
    for bundled in (
        {**BODY, "purpose": ["account.membership", "community.place"]},
        {**BODY, "purposes": ["account.membership", "community.place"]},
        {**BODY, "purpose": "account.membership,community.place"},
        [BODY, BODY],
    ):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(bundled, AnswerNotice)


@given(st.text(max_size=70))
def test_a_digest_is_64_hex_digits_and_nothing_else(text: str):
    good = len(text) == 64 and set(text) <= set("0123456789abcdef")
    body = {**BODY, "notice": {**BODY["notice"], "sha256": text}}
    if good:
        msgspec.convert(body, AnswerNotice)
    else:
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(body, AnswerNotice)


@pytest.mark.parametrize("shown_at", ["2026-12-01T12:00:00", "2026-12-01", "yesterday", 1764590400, None])
def test_a_time_of_showing_names_its_offset(shown_at):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**BODY, "notice": {**BODY["notice"], "shown_at": shown_at}}, AnswerNotice)
