"""Photographs as cameras and phones write them, with a canary in every place where a file can hide something."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import ExifTags, Image, ImageCms, PngImagePlugin
from PIL.TiffImagePlugin import IFDRational

CANARY = "KANARIE"
LATITUDE_S = 2741
SIZE = (480, 360)


def scene(size: tuple[int, int] = SIZE, mode: str = "RGB") -> Image.Image:
    """Draw something with structure: a bright shape on a slope of colours."""
    wide, high = size
    slope = Image.linear_gradient("L").resize(size)
    picture = Image.merge(
        "RGB", (slope, slope.transpose(Image.Transpose.FLIP_TOP_BOTTOM), slope.rotate(90, expand=False))
    )
    picture.paste((250, 240, 30), (wide // 8, high // 6, wide // 2, high // 2))
    picture.paste((20, 30, 200), (wide // 2, high // 2, wide * 7 // 8, high * 5 // 6))
    return picture.convert(mode)


def of_colour(colour: tuple[int, int, int], size: tuple[int, int] = (64, 64)) -> bytes:
    """Make a JPEG of one colour; counterparties block red and send magenta to a human."""
    return encoded(Image.new("RGB", size, colour), "JPEG")


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """Encode a picture."""
    target = BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def exif(orientation: int = 1) -> bytes:
    """Write EXIF as a camera does: owner, serial numbers, maker's note, time, place."""
    held = Image.Exif()
    held[ExifTags.Base.Make] = "CANON" + CANARY
    held[ExifTags.Base.Orientation] = orientation
    held[ExifTags.Base.DateTime] = "2026:11:20 15:04:05"
    held[ExifTags.Base.Artist] = CANARY + "-owner"
    held[ExifTags.Base.XPComment] = (CANARY + "-comment").encode("utf-16-le")
    details = held.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.BodySerialNumber] = CANARY + "-body"
    details[ExifTags.Base.LensSerialNumber] = CANARY + "-lens"
    details[ExifTags.Base.CameraOwnerName] = CANARY + "-camera"
    details[ExifTags.Base.MakerNote] = b"Canon\0" + (CANARY + "-maker").encode() * 4
    details[ExifTags.Base.UserComment] = b"ASCII\0\0\0" + (CANARY + "-user").encode()
    place = held.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef] = "N"
    place[ExifTags.GPS.GPSLatitude] = (IFDRational(31), IFDRational(13), IFDRational(LATITUDE_S, 100))
    place[ExifTags.GPS.GPSLongitudeRef] = "E"
    place[ExifTags.GPS.GPSLongitude] = (IFDRational(121), IFDRational(28), IFDRational(2471, 100))
    place[ExifTags.GPS.GPSProcessingMethod] = b"ASCII\0\0\0" + (CANARY + "-gps").encode()
    return held.tobytes()


def profile(*, swapped: bool = False) -> bytes:
    """Give an sRGB profile with a canary in its text; `swapped` exchanges what red and blue mean."""
    raw = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    if swapped:
        raw = raw.replace(b"rXYZ", b"????", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"????", b"bXYZ", 1)
    text = CANARY.encode("utf-16-be")
    built_in = "sRGB built-in".encode("utf-16-be")
    assert built_in in raw
    return raw.replace(built_in, text.ljust(len(built_in), b"\0"))


def xmp() -> bytes:
    """Write an XMP packet."""
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<rdf:RDF><rdf:Description exif:GPSLatitude="31,13.45N" aux:SerialNumber="{CANARY}-xmp"/></rdf:RDF>'
        '</x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def jpeg(orientation: int = 1, picture: Image.Image | None = None, **options: Any) -> bytes:
    """Make a JPEG with EXIF and its thumbnail, XMP, ICC, IPTC, a comment, a vendor's segment, and a film behind it."""
    shown = picture or scene()
    plain = encoded(shown, "JPEG", quality=90, exif=exif(orientation), icc_profile=profile(), **options)
    small = encoded(shown.convert("RGB").resize((32, 24)), "JPEG", comment=CANARY + "-thumbnail")
    extra = [
        _segment(0xE1, b"Exif\0\0" + _thumbnail_only(small)),
        _segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp()),
        _segment(0xEB, b"VENDOR\0" + (CANARY + "-vendor").encode()),
        _segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\x1c\x1c\x02\x50\0\x14" + (CANARY + "-iptc").encode()),
        _segment(0xFE, (CANARY + "-com").encode()),
    ]
    after = plain.index(b"Exif") - 2 + int.from_bytes(plain[plain.index(b"Exif") - 2 : plain.index(b"Exif")])
    return plain[:after] + b"".join(extra) + plain[after:] + b"\0\0\0\x18ftypmp42" + (CANARY + "-film").encode() * 50


def png(picture: Image.Image | None = None) -> bytes:
    """Make a PNG with EXIF, XMP, ICC, plain, packed and international text, a time, and bytes behind the end."""
    held = PngImagePlugin.PngInfo()
    held.add_text("Serial", CANARY + "-text")
    held.add_text("Packed", CANARY * 40, zip=True)
    held.add_itxt("XML:com.adobe.xmp", xmp().decode())
    held.add(b"tIME", struct.pack(">HBBBBB", 2026, 11, 20, 15, 4, 5))
    shown = picture or scene(mode="RGBA")
    return encoded(shown, "PNG", pnginfo=held, exif=exif(), icc_profile=profile()) + (CANARY + "-behind").encode()


def webp(picture: Image.Image | None = None) -> bytes:
    """Make a WebP with EXIF, XMP and ICC."""
    return encoded(picture or scene(), "WEBP", exif=exif(), xmp=xmp(), icc_profile=profile())


def png_of_size(wide: int, high: int) -> bytes:
    """Make a small PNG whose header claims a size; its pixels are missing."""
    header = struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(b"\0" * 64))
        + _chunk(b"IEND", b"")
    )


def webp_of_size(wide: int, high: int) -> bytes:
    """Make a small WebP whose header claims a size."""
    plain = bytearray(encoded(scene(), "WEBP", lossless=True))
    assert plain[12:16] == b"VP8L"
    kept = int.from_bytes(plain[21:25], "little") >> 28 << 28
    plain[21:25] = (kept | (high - 1) << 14 | (wide - 1)).to_bytes(4, "little")
    return bytes(plain)


def _segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(content) + 2) + content


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _thumbnail_only(small: bytes) -> bytes:
    """Write a TIFF whose second directory holds a thumbnail."""
    first = struct.pack("<HI", 0, 14)
    at = 14 + 2 + 2 * 12 + 4
    entries = struct.pack("<HHII", 0x0201, 4, 1, at) + struct.pack("<HHII", 0x0202, 4, 1, len(small))
    return b"II*\0" + struct.pack("<I", 8) + first + struct.pack("<H", 2) + entries + struct.pack("<I", 0) + small
