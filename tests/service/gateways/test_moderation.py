"""Verdicts on text and pictures over the real protocol."""

from io import BytesIO

import pytest
from PIL import Image

from chalicelib.foundation.gateways import moderation
from chalicelib.foundation.gateways.errors import DisclosureRefused, ProviderRefused, ProviderUnavailable
from chalicelib.foundation.gateways.moderation import Judgement
from tests.support.counterparties import Counterparties, disclosed

TEXT = disclosed("moderation", "post.text", purpose="community.safety")
PICTURE = disclosed("moderation", "media.picture", purpose="community.safety")


def picture(colour: tuple[int, int, int], form: str = "JPEG") -> bytes:
    made = BytesIO()
    Image.new("RGB", (320, 240), colour).save(made, form)
    return made.getvalue()


@pytest.mark.promise("F3.1")
@pytest.mark.parametrize(
    ("text", "judgement"),
    [
        ("入手了新的模型，分件很细", Judgement.PASS),
        ("想要的加微信转账", Judgement.REVIEW),
        ("本店代开发票", Judgement.BLOCK),
        ("加微信转账，代开发票", Judgement.BLOCK),
        ("x" * 25_000, Judgement.PASS),
    ],
)
def test_a_text_gets_its_verdict(counterparties: Counterparties, text: str, judgement: Judgement) -> None:
    assert moderation.judge_text(text, "pst_1", under=TEXT).judgement is judgement


@pytest.mark.promise("F3.1")
@pytest.mark.parametrize("at", [0, 9_998, 9_899, 19_790, 24_996])
def test_no_word_hides_in_a_long_text_or_at_a_seam(counterparties: Counterparties, at: int) -> None:
    text = "字" * at + "代开发票" + "字" * (24_996 - at)
    assert moderation.judge_text(text, "pst_1", under=TEXT).judgement is Judgement.BLOCK


@pytest.mark.promise("F3.1")
@pytest.mark.parametrize(
    ("colour", "judgement"),
    [
        ((30, 120, 60), Judgement.PASS),
        ((255, 0, 255), Judgement.REVIEW),
        ((255, 0, 0), Judgement.BLOCK),
    ],
)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_gets_its_verdict(
    counterparties: Counterparties, colour: tuple[int, int, int], judgement: Judgement, form: str
) -> None:
    assert moderation.judge_image(picture(colour, form), "med_1", under=PICTURE).judgement is judgement


def test_what_is_no_picture_is_refused(counterparties: Counterparties) -> None:
    with pytest.raises(ProviderRefused):
        moderation.judge_image(b"no picture", "med_1", under=PICTURE)


def test_a_verdict_is_asked_for_again_when_an_answer_was_lost(counterparties: Counterparties) -> None:
    counterparties.plan("tms.TextModeration", "lost")
    assert moderation.judge_text("模型", "pst_1", under=TEXT).judgement is Judgement.PASS


@pytest.mark.parametrize("mode", ["error", "throttle", "lost"])
def test_without_a_verdict_it_says_so(counterparties: Counterparties, mode: str) -> None:
    counterparties.plan("*", mode, times=4)
    with pytest.raises(ProviderUnavailable):
        moderation.judge_text("模型", "pst_1", under=TEXT)


@pytest.mark.promise("I2.2")
def test_a_picture_leaves_only_as_a_picture(counterparties: Counterparties) -> None:
    with pytest.raises(DisclosureRefused):
        moderation.judge_image(picture((0, 0, 0)), "med_1", under=TEXT)
    with pytest.raises(DisclosureRefused):
        moderation.judge_text("模型", "pst_1", under=disclosed("sms", "post.text"))
    assert counterparties.control("GET", "/state")["judged"] == []
