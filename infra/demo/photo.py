"""A photograph as a camera writes it: GPS position, body serial number, maker's note and thumbnail inside."""

import io
import random

from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

WIDTH, HEIGHT = 1200, 900


def take(serial: str) -> bytes:
    """Make a JPEG whose EXIF carries this serial number and a place in Shanghai."""
    noise = random.Random(serial)  # noqa: S311 - a picture, not a secret
    small = Image.frombytes("RGB", (60, 45), noise.randbytes(60 * 45 * 3))
    picture = small.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "NIKON CORPORATION"
    exif[ExifTags.Base.Model] = "NIKON Z 6_2"
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.DateTime] = "2026:11:20 15:04:05"
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.BodySerialNumber] = serial
    details[ExifTags.Base.MakerNote] = b"Nikon\0\2\x11\0\0" + serial.encode() * 8
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef] = "N"
    place[ExifTags.GPS.GPSLatitude] = (IFDRational(31), IFDRational(13), IFDRational(4512, 100))
    place[ExifTags.GPS.GPSLongitudeRef] = "E"
    place[ExifTags.GPS.GPSLongitude] = (IFDRational(121), IFDRational(28), IFDRational(2471, 100))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88, exif=exif.tobytes(), comment=f"serial {serial}".encode())
    return out.getvalue()


def form(fields: dict[str, str], name: str, content: bytes) -> tuple[bytes, str]:
    """Encode a presigned form with its file last; gives the body and its content type."""
    border = "----jule-demo-7d81f4a1"
    parts = [
        f'--{border}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    head = f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    return b"".join(
        [*parts, head, content, f"\r\n--{border}--\r\n".encode()]
    ), f"multipart/form-data; boundary={border}"
