"""The moderator's few rules: words, and pictures of one colour, that are blocked or go to a human."""

from io import BytesIO
from typing import Final

from PIL import Image, UnidentifiedImageError

MOST_CHARACTERS: Final = 10_000
WORDS: Final = {
    "代开发票": ("Block", "Ad"),
    "赌博平台": ("Block", "Illegal"),
    "加微信转账": ("Review", "Ad"),
    "私下交易": ("Review", "Ad"),
}
COLOURS: Final = {
    (255, 0, 0): ("Block", "Porn"),
    (255, 0, 255): ("Review", "Sexy"),
}
_TOLERANCE: Final = 24
_SIDE: Final = 8
PASS: Final = ("Pass", "Normal")


def judge_text(content: bytes) -> tuple[str, str]:
    """Judge a text: suggestion and label.

    Raises:
        ValueError: it is not UTF-8, or longer than the provider takes.
    """
    text = content.decode()
    if not text or len(text) > MOST_CHARACTERS:
        raise ValueError(len(text))
    return min((verdict for word, verdict in WORDS.items() if word in text), default=PASS)


def judge_image(content: bytes) -> tuple[str, str]:
    """Judge a picture by its colour: suggestion and label.

    Raises:
        ValueError: it is not a picture.
    """
    try:
        with Image.open(BytesIO(content)) as picture:
            small = picture.convert("RGB").resize((_SIDE, _SIDE))
    except (UnidentifiedImageError, OSError) as fault:
        raise ValueError("no picture") from fault
    seen = small.tobytes()
    for colour, verdict in COLOURS.items():
        if all(abs(value - colour[at % 3]) <= _TOLERANCE for at, value in enumerate(seen)):
            return verdict
    return PASS
