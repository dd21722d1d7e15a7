"""Making a picture anew from hostile bytes: the pixels upright in three sizes, and nothing else of the file.

Pillow lies in this function's own layer and is imported where it is used.
"""

import warnings
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from PIL.Image import Image, Transpose

EDGES: Final = {"large": 2048, "medium": 1080, "small": 320}
MOST_PIXELS: Final = 64_000_000
MOST_JUDGED_BYTES: Final = 6 * 1024 * 1024
_SIGNS: Final = ((b"\xff\xd8\xff", 0, "JPEG"), (b"\x89PNG\r\n\x1a\n", 0, "PNG"), (b"WEBP", 8, "WEBP"))
_CLEAR: Final = frozenset({"LA", "PA", "RGBA"})
_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "JPEG": {"quality": 85, "optimize": True, "progressive": True},
    "PNG": {},
    "WEBP": {"quality": 82},
}
_HASH_WIDE, _HASH_HIGH = 9, 8


class Unreadable(Exception):
    """Not a picture of an accepted kind, broken, or larger in pixels than we open."""


class Rendered(msgspec.Struct, frozen=True):
    """A picture made anew: encoded files by size, their type, the large one's pixels, the perceptual hash."""

    files: dict[str, bytes]
    content_type: str
    width: int
    height: int
    fingerprint: str


def render(original: bytes) -> Rendered:
    """Make a picture anew.

    The type is told by the file's first bytes, never by what the client called it. Colours are brought to sRGB,
    the camera's rotation is applied; EXIF, GPS, XMP, ICC, comments, thumbnails, further frames and whatever
    hangs on behind the picture have no way into the result.

    Raises:
        Unreadable: nothing we can or want to open.

    Keeps: F3.3
    """
    kind = kind_of(original)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            upright = _open(original, kind)
        except Exception:  # noqa: BLE001 - decoders fail in many ways on hostile bytes; each means the same
            raise Unreadable from None
    return _encode(upright, kind)


def kind_of(original: bytes) -> str:
    """Tell the kind of a file by its first bytes.

    Raises:
        Unreadable: none of the three we accept.
    """
    for sign, at, kind in _SIGNS:
        if original.startswith(sign, at):
            return kind
    raise Unreadable


def fingerprint(picture: "Image") -> str:
    """Hash what a picture looks like (dHash): 64 bits that survive another size or encoding."""
    from PIL.Image import Resampling

    small = picture.convert("L").resize((_HASH_WIDE, _HASH_HIGH), Resampling.LANCZOS)
    rows = small.tobytes()
    bits = 0
    for at in range(len(rows)):
        if at % _HASH_WIDE:
            bits = bits << 1 | (rows[at - 1] > rows[at])
    return f"{bits:016x}"


def _open(original: bytes, kind: str) -> "Image":
    """Decode within limits: upright, sRGB, at most the large size, with no memory of its file."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    edge = EDGES["large"]
    with Image.open(BytesIO(original), formats=(kind,)) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise Unreadable
        opened.draft("RGB", (edge, edge))
        turn, profile = _turn(opened), opened.info.get("icc_profile")
        opened.load()
        picture = _shrinkable(opened)
        picture.thumbnail((edge, edge), Image.Resampling.LANCZOS)
        upright = picture.copy() if turn is None else picture.transpose(turn)
    plain = _in_srgb(upright, profile)
    return Image.frombytes(plain.mode, plain.size, plain.tobytes())


def _turn(opened: "Image") -> "Transpose | None":
    """Tell how the camera was held; broken EXIF says nothing, and is no reason to refuse the picture."""
    from PIL.ExifTags import Base
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    try:
        return turns.get(opened.getexif().get(Base.Orientation, 1))
    except Exception:  # noqa: BLE001 - Pillow's EXIF reader fails in many ways
        return None


def _shrinkable(opened: "Image") -> "Image":
    """Give the picture in a mode whose pixels can be averaged."""
    if opened.mode in _CLEAR or "transparency" in opened.info:
        return opened if opened.mode == "RGBA" else opened.convert("RGBA")
    if opened.mode in {"L", "RGB", "CMYK"}:
        return opened
    if opened.mode in {"1", "P", "YCbCr"}:
        return opened.convert("RGB")
    raise Unreadable


def _in_srgb(picture: "Image", profile: bytes | None) -> "Image":
    """Bring colours to sRGB, since the profile that explains them does not go along."""
    from PIL import ImageCms

    wanted = "RGBA" if picture.mode == "RGBA" else "RGB"
    if profile and picture.mode != "L":
        try:
            theirs, ours = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(picture, theirs, ours, outputMode=wanted)
        except (ImageCms.PyCMSError, OSError, ValueError):
            return picture.convert(wanted)
        if converted is not None:
            return converted
    return picture.convert(wanted)


def _encode(picture: "Image", kind: str) -> Rendered:
    large = _file(picture, kind)
    if len(large) > MOST_JUDGED_BYTES:
        kind = "WEBP"
        large = _file(picture, kind)
    files = {"large": large}
    for size in ("medium", "small"):
        smaller = picture.copy()
        smaller.thumbnail((EDGES[size], EDGES[size]))
        files[size] = _file(smaller, kind)
    return Rendered(files, f"image/{kind.lower()}", picture.width, picture.height, fingerprint(picture))


def _file(picture: "Image", kind: str) -> bytes:
    target = BytesIO()
    picture.save(target, kind, **_OPTIONS[kind])
    return target.getvalue()
