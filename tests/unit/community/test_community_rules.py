"""Nothing is visible before everything has passed, and nothing is taken without the author's word about others."""

import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.community.contracts import WriteComment, WritePost
from chalicelib.community.errors import AffirmationMissing
from chalicelib.community.rules import State, next_state, refuse_unaffirmed
from chalicelib.foundation.kernel.ids import new_id

VERDICTS = (None, "pass", "review", "block")
PICTURES = ("uploading", "ready", "review", "refused")


@pytest.mark.promise("F3.1")
@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize("pictures", [p for n in range(3) for p in itertools.product(PICTURES, repeat=n)])
def test_only_what_passed_entirely_is_visible(verdict: str | None, pictures: tuple[str, ...]):
    state = next_state(verdict, pictures)
    assert (state == State.VISIBLE) == (verdict == "pass" and set(pictures) <= {"ready"})
    assert (state == State.REFUSED) == (verdict == "block" or "refused" in pictures)


@given(st.sampled_from(VERDICTS), st.permutations(["ready", "review", "uploading"]))
def test_the_order_of_pictures_does_not_matter(verdict: str | None, pictures: list[str]):
    assert next_state(verdict, pictures) == next_state(verdict, sorted(pictures))


def test_what_waits_for_a_human_waits_for_every_verdict_first():
    assert next_state("review", ["uploading"]) == State.PENDING
    assert next_state(None, ["review"]) == State.PENDING
    assert next_state("pass", ["review", "ready"]) == State.REVIEW


def test_a_verdict_nobody_has_heard_of_publishes_nothing():
    assert next_state("fine", []) == State.PENDING


@pytest.mark.promise("F6.1")
def test_the_authors_word_about_others_comes_first():
    with pytest.raises(AffirmationMissing) as refused:
        refuse_unaffirmed(affirmed=False)
    assert [(e.pointer, e.code) for e in refused.value.errors] == [("/affirmed_others", "required")]
    refuse_unaffirmed(affirmed=True)


GOOD = [
    "高",
    "高达 RG 1/144",
    "第一行\n第二行\t缩进",
    "emoji 🤖👩‍👩‍👧",
    "x" * 2000,
    "  前后有空格  ",
    "<script>alert(1)</script>",
]
BAD = [
    "",
    " ",
    "\n\t \u3000",
    "x" * 2001,
    "a\u0000b",
    "a\u0007b",
    "a\u001bb",
    "a\u0085b",
    "invoice\u202efdp.exe",
    "a\u2066b",
]


@pytest.mark.parametrize("text", GOOD)
def test_readable_text_is_taken_as_it_is(text: str):
    body = msgspec.json.encode({"text": text, "affirmed_others": True})
    assert msgspec.json.decode(body, type=WritePost).text == text
    assert msgspec.json.decode(body, type=WriteComment).text == text


@pytest.mark.parametrize("text", BAD)
@pytest.mark.parametrize("shape", [WritePost, WriteComment])
def test_text_that_says_nothing_or_lies_about_itself_is_not(text: str, shape: type[object]):
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode({"text": text, "affirmed_others": True}), type=shape)


@pytest.mark.parametrize(
    "more",
    [
        {"media_ids": [new_id("med") for _ in range(10)]},
        {"media_ids": ["med_short"]},
        {"media_ids": [new_id("ord")]},
        {"place": {"district": ""}},
        {"place": {"district": "x" * 61}},
        {"place": {"district": "上海市嘉定区", "lat": 31.2}},
        {"place": "上海"},
        {"author": "somebody else"},
        {"state": "visible"},
        {"affirmed_others": "yes"},
    ],
)
def test_a_post_is_written_exactly(more: dict[str, object]):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"text": "好", "affirmed_others": True, **more}, WritePost)


def test_a_long_run_of_blanks_is_decided_quickly():
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"text": " " * 1999 + "\u0000", "affirmed_others": True}, WritePost)
