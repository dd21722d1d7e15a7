"""Templates say what happened in both languages; a message's id tells its place and nothing else."""

import re
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.accounts.contracts.guardians import AgeEvent
from chalicelib.accounts.contracts.notices import NoticeEvent
from chalicelib.foundation.kernel.ids import is_id, new_id
from chalicelib.foundation.web.decode import PREFIXES
from chalicelib.notifications import rules
from chalicelib.notifications.contracts import CaseTemplate, HoldTemplate, OrderedTemplate
from chalicelib.notifications.errors import TemplateUnknown
from chalicelib.notifications.rules.templates import TEMPLATES

START = datetime(2020, 1, 1, tzinfo=UTC)
TIMES = st.timedeltas(timedelta(0), timedelta(days=300_000)).map(START.__add__)
TAGS = st.binary(min_size=rules.TAG_BYTES, max_size=32)


@pytest.mark.promise("G1.1", "G1.2", "G1.3")
def test_everything_that_can_be_ordered_or_announced_has_its_words():
    said = (OrderedTemplate, NoticeEvent, HoldTemplate, CaseTemplate, AgeEvent)
    assert {code for one in said for code in get_args(one)} == set(TEMPLATES)


@pytest.mark.promise("G1")
@pytest.mark.parametrize("code", sorted(TEMPLATES))
def test_a_template_speaks_both_languages_and_holds_no_gap_to_fill(code):
    for language in ("zh-CN", "en"):
        words = rules.words_of(code, language)
        assert words.title
        assert words.text
        assert not re.search(r"[{}%$]", words.title + words.text)
    assert re.search(r"[\u4e00-\u9fff]", rules.words_of(code, "zh-CN").text)
    assert not re.search(r"[\u4e00-\u9fff]", rules.words_of(code, "en").text)


@pytest.mark.parametrize("code", sorted(TEMPLATES))
def test_a_template_is_about_one_kind_of_thing(code):
    about = TEMPLATES[code].about
    rules.refuse_unknown(code, "")
    rules.refuse_unknown(code, new_id(about))
    for other in {*PREFIXES.values(), "per"} - {about}:
        with pytest.raises(TemplateUnknown):
            rules.refuse_unknown(code, new_id(other))


def test_an_unknown_template_is_refused():
    with pytest.raises(TemplateUnknown):
        rules.refuse_unknown("campaign", "")


@given(TIMES, TAGS)
def test_an_id_tells_its_place(at: datetime, tag: bytes):
    made = rules.message_id(at, tag)
    assert is_id("ntf", made)
    assert made == rules.message_id(at, tag)
    assert rules.place_of(made).endswith(f"#{made}")


@given(TIMES, TIMES, TAGS, TAGS)
def test_places_sort_as_times_do(one: datetime, other: datetime, tag: bytes, other_tag: bytes):
    assume(abs(one - other) >= timedelta(milliseconds=1))
    places = [rules.place_of(rules.message_id(at, t)) for at, t in ((one, tag), (other, other_tag))]
    assert (places[0] < places[1]) == (one < other)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz234567", min_size=26, max_size=26))
def test_any_id_of_the_right_shape_has_a_place_of_its_own(tail: str):
    assert rules.place_of(f"ntf_{tail}").endswith(tail)


@pytest.mark.promise("K1.2")
def test_a_message_is_over_a_year_after_it_was_written():
    at = datetime(2027, 2, 28, 10, tzinfo=UTC)
    assert not rules.is_over(at, "P1Y", datetime(2028, 2, 28, 9, 59, tzinfo=UTC))
    assert rules.is_over(at, "P1Y", datetime(2028, 2, 28, 10, tzinfo=UTC))
