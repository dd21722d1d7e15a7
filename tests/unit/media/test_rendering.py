"""What comes out of a picture is its pixels and nothing else of the file, whatever went in."""

import os
import struct
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from chalicelib.media.service.rendering import (
    EDGES,
    MOST_JUDGED_BYTES,
    Rendered,
    Unreadable,
    fingerprint,
    kind_of,
    render,
)
from tests.support import photographs
from tests.support.photographs import CANARY, encoded, scene

WRITERS = {"JPEG": photographs.jpeg, "PNG": photographs.png, "WEBP": photographs.webp}
HIDDEN = (
    CANARY.encode(),
    CANARY.encode("utf-16-le"),
    CANARY.encode("utf-16-be"),
    b"Exif",
    b"CANON",
    b"2026:11:20",
    b"GPS",
    b"xpacket",
    b"Photoshop",
    b"ICC_PROFILE",
    b"acsp",
    b"ftyp",
    struct.pack("<II", photographs.LATITUDE_S, 100),
    struct.pack(">II", photographs.LATITUDE_S, 100),
)


def opened(content: bytes) -> Image.Image:
    picture = Image.open(BytesIO(content))
    picture.load()
    return picture


def jpeg_markers(content: bytes) -> list[int]:
    """List the markers up to the first scan."""
    at, found = 2, []
    while content[at + 1] != 0xDA:
        assert content[at] == 0xFF
        found.append(content[at + 1])
        at += 2 + int.from_bytes(content[at + 2 : at + 4])
    return found


def png_chunks(content: bytes) -> list[bytes]:
    at, found = 8, []
    while at < len(content):
        length = int.from_bytes(content[at : at + 4])
        found.append(content[at + 4 : at + 8])
        at += 12 + length
    assert at == len(content)
    return found


def webp_chunks(content: bytes) -> list[bytes]:
    assert int.from_bytes(content[4:8], "little") + 8 == len(content)
    at, found = 12, []
    while at < len(content):
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        found.append(content[at : at + 4])
        at += 8 + length + length % 2
    return found


@pytest.mark.promise("F3.3")
@pytest.mark.parametrize("kind", WRITERS)
def test_what_the_camera_hid_is_in_no_file_that_comes_out(kind: str):
    original = WRITERS[kind]()
    assert original.count(CANARY.encode()) >= 3
    assert (
        struct.pack("<II", photographs.LATITUDE_S, 100) in original
        or struct.pack(">II", photographs.LATITUDE_S, 100) in original
    )
    made = render(original)
    assert made.files.keys() == EDGES.keys()
    for content in made.files.values():
        assert [sign for sign in HIDDEN if sign in content] == []
        again = opened(content)
        assert dict(again.getexif()) == {}
        assert again.info.keys() <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "progressive",
            "progression",
        } | {
            "loop",
            "background",
            "timestamp",
            "duration",
        }


@pytest.mark.promise("F3.3")
def test_a_jpeg_comes_out_with_nothing_but_what_decodes_it():
    for content in render(photographs.jpeg()).files.values():
        assert set(jpeg_markers(content)) <= {0xE0, 0xDB, 0xC0, 0xC2, 0xC4}
        assert content.endswith(b"\xff\xd9")
        assert content.count(b"JFIF") == 1


@pytest.mark.promise("F3.3")
def test_a_png_comes_out_with_nothing_but_what_decodes_it():
    for content in render(photographs.png()).files.values():
        assert set(png_chunks(content)) == {b"IHDR", b"IDAT", b"IEND"}


@pytest.mark.promise("F3.3")
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_webp_comes_out_with_nothing_but_what_decodes_it(mode: str):
    for content in render(photographs.webp(scene(mode=mode))).files.values():
        assert set(webp_chunks(content)) <= {b"VP8X", b"VP8 ", b"ALPH"}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_picture_comes_out_the_way_the_camera_was_held(orientation: int):
    upright = scene()
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    sensor = upright if orientation == 1 else upright.transpose(turns[orientation])
    made = render(photographs.jpeg(orientation, sensor))
    assert (made.width, made.height) == upright.size
    assert _apart(int(made.fingerprint, 16), int(fingerprint(upright), 16)) <= 4


def test_colours_are_brought_to_srgb_before_the_profile_goes():
    red = encoded(Image.new("RGB", (16, 16), (250, 10, 10)), "PNG", icc_profile=photographs.profile(swapped=True))
    shown = opened(render(red).files["large"]).getpixel((8, 8))
    assert isinstance(shown, tuple)
    assert (shown[2] > 200, shown[0] < 60) == (True, True)


def test_a_broken_profile_or_broken_exif_costs_the_picture_nothing():
    plain = scene()
    with_both = encoded(
        plain, "JPEG", quality=95, exif=b"Exif\0\0II*\0\xff\xff\xff\xff", icc_profile=b"no profile" * 20
    )
    made = render(with_both)
    assert _apart(int(made.fingerprint, 16), int(fingerprint(plain), 16)) <= 2


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"])
def test_every_common_kind_of_pixel_is_understood(mode: str):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    picture = scene().convert("L").convert(mode) if mode in {"1", "LA"} else scene(mode=mode)
    made = render(encoded(picture, kind))
    assert opened(made.files["large"]).mode in {"RGB", "RGBA"}
    assert (made.width, made.height) == photographs.SIZE


def test_transparency_stays():
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    clear.paste((255, 255, 255, 255), (10, 10, 30, 30))
    shown = opened(render(encoded(clear, "PNG")).files["large"])
    assert (shown.getpixel((0, 0)), shown.getpixel((20, 20))) == ((0, 0, 0, 0), (255, 255, 255, 255))


def test_sixteen_bit_pixels_are_refused_rather_than_washed_out():
    deep = Image.new("I;16", (20, 20), 40_000)
    with pytest.raises(Unreadable):
        render(encoded(deep, "PNG"))


def test_sizes_shrink_and_never_grow():
    made = render(encoded(scene((3000, 1500)), "JPEG"))
    assert {size: max(opened(content).size) for size, content in made.files.items()} == EDGES
    small = render(encoded(scene((100, 60)), "JPEG"))
    assert {opened(content).size for content in small.files.values()} == {(100, 60)}


@pytest.mark.parametrize("kind", WRITERS)
def test_the_worst_picture_fits_what_the_moderator_takes(kind: str):
    noise = Image.frombytes("RGB", (2048, 2048), os.urandom(2048 * 2048 * 3))
    made = render(encoded(noise, kind))
    assert len(made.files["large"]) <= MOST_JUDGED_BYTES


def test_only_the_first_frame_of_a_film_comes_out():
    frames = [Image.new("RGB", (40, 40), colour) for colour in ((0, 200, 0), (200, 0, 0))]
    film = encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=40)
    shown = opened(render(film).files["large"])
    assert getattr(shown, "n_frames", 1) == 1
    green = shown.convert("RGB").getpixel((20, 20))
    assert isinstance(green, tuple)
    assert (green[1] > 150, green[0] < 60) == (True, True)


NO_PICTURES = {
    "empty": b"",
    "text": b"just words",
    "html": b"<!doctype html><script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "gif": encoded(scene().convert("P"), "GIF"),
    "tiff": encoded(scene(), "TIFF"),
    "bmp": encoded(scene(), "BMP"),
    "zip behind a JPEG's sign": b"\xff\xd8\xff\xe0PK\x03\x04" + b"\0" * 200,
    "html behind a PNG's sign": b"\x89PNG\r\n\x1a\n<script>alert(1)</script>",
    "no pixels": photographs.png_of_size(16, 16),
    "four gigapixels": photographs.png_of_size(65_000, 65_000),
    "a row of pixels over the limit": encoded(Image.new("L", (8000, 8001)), "PNG"),
    "a WebP of 268 megapixels": photographs.webp_of_size(16_384, 16_384),
}


@pytest.mark.parametrize("what", NO_PICTURES)
def test_what_is_no_picture_we_open_is_refused(what: str):
    with pytest.raises(Unreadable):
        render(NO_PICTURES[what])


@pytest.mark.parametrize("kind", WRITERS)
def test_a_truncated_file_is_refused(kind: str):
    plain = encoded(scene(), kind)
    for share in (0.1, 0.5, 0.9):
        with pytest.raises(Unreadable):
            render(plain[: int(len(plain) * share)])


def test_a_picture_of_as_many_pixels_as_we_open_is_opened():
    made = render(encoded(Image.new("L", (8000, 8000), 90), "PNG"))
    assert (made.width, made.height) == (2048, 2048)


def test_a_file_that_is_two_things_comes_out_as_one():
    page = b"<html><script>alert(document.domain)</script></html>"
    archive = b"PK\x03\x04" + b"A" * 40 + b"PK\x05\x06" + b"\0" * 18
    both = encoded(scene(), "JPEG", comment=page) + page + archive
    for content in render(both).files.values():
        assert b"script" not in content
        assert b"PK\x03\x04" not in content


@given(st.binary(max_size=400), st.sampled_from(sorted(WRITERS)), st.integers(0, 3000))
def test_damage_anywhere_gives_a_picture_or_a_refusal(noise: bytes, kind: str, at: int):
    plain = encoded(scene((60, 40)), kind)
    damaged = plain[:at] + noise + plain[at + len(noise) :]
    try:
        made = render(damaged)
    except Unreadable:
        return
    assert isinstance(made, Rendered)
    assert made.width <= EDGES["large"]


@given(st.binary(max_size=300))
def test_noise_is_refused(noise: bytes):
    with pytest.raises(Unreadable):
        render(noise)


@pytest.mark.parametrize("kind", WRITERS)
def test_the_kind_is_told_by_the_bytes(kind: str):
    assert kind_of(WRITERS[kind]()) == kind


def test_the_perceptual_hash_survives_size_and_encoding_and_tells_pictures_apart():
    first, other = scene(), scene().transpose(Image.Transpose.ROTATE_180)
    same = [render(encoded(first, "PNG")), render(encoded(first.resize((900, 675)), "JPEG", quality=40))]
    assert _apart(*(int(made.fingerprint, 16) for made in same)) <= 4
    assert _apart(int(fingerprint(first), 16), int(fingerprint(other), 16)) > 10


def _apart(one: int, other: int) -> int:
    return (one ^ other).bit_count()
