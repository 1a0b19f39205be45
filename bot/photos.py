"""A photo of a stranger made anew: turned upright, small enough to keep, with nothing hidden in it.

What a phone writes into a photo (where and when it was taken, with which telephone) is not kept, for only the
picture itself is copied into a new file.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, UnidentifiedImageError

from bot.errors import BadInput

MAX_BYTES = 10 * 1024 * 1024
MAX_SIDE = 1600  # pixels of the longer side that are kept: a valve or a road sign can still be read
QUALITY = 80
CONTENT_TYPE = "image/jpeg"
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
# A plain JPEG is decoded at half or a quarter of its size; everything else whole, with 4 bytes and more a pixel.
MAX_PIXELS_WHOLE = 25_000_000
MAX_PIXELS_SCALED = 64_000_000
MIN_SIDE, MAX_GIVEN_SIDE = 16, 20_000
_ORIENTATION = 0x0112  # the EXIF tag that tells how the phone was held
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
# What the library raises over pictures that are not whole.
_BROKEN = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, AttributeError, EOFError, OverflowError,
    RuntimeError, NotImplementedError, ZeroDivisionError, MemoryError, struct.error,
)  # fmt: skip
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis")


@dataclass(frozen=True)
class Photo:
    """A photo as it is kept: JPEG bytes, width and height in pixels."""

    jpeg: bytes
    width: int
    height: int


def is_image(content: bytes) -> bool:
    """Whether the bytes begin like a photo, whatever the file is called."""
    return (
        content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF87a", b"GIF89a"))
        or (content[:4] == b"RIFF" and content[8:12] == b"WEBP")
        or _is_heic(content)
    )


def reencode(content: bytes) -> Photo:
    """The photo in `content` as a JPEG without EXIF, place, colour profile or comments.

    Raises:
        BadInput: more than `MAX_BYTES`, no JPEG, PNG, WebP or GIF, cut off, damaged, or of an absurd size in
            pixels (known from its head, before anything of it is decoded); the message is for people.
    """
    if len(content) > MAX_BYTES:
        raise too_big(len(content))
    if _is_heic(content):
        raise BadInput("这张照片是 HEIC 格式，打不开。请把照片截一个屏，发截屏的图。")
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as opened:
            _check_size(opened)
            return _made_anew(opened)
    except Image.DecompressionBombError:
        raise _absurd() from None
    except UnidentifiedImageError:
        raise BadInput("这不是能看的照片。请发 JPG 或者 PNG 格式的照片。") from None
    except _BROKEN as error:
        raise BadInput("这张照片没有收全，或者坏了，打不开。请再发一次，或者重新拍一张。") from error


def too_big(size: int) -> BadInput:
    """The refusal of a photo of `size` bytes."""
    return BadInput(f"这张照片有{size / 2**20:.1f} MB，超过 10 MB，收不了。请把照片截一个屏，发截屏的图。")


def _is_heic(content: bytes) -> bool:
    return content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS


def _check_size(image: Image.Image) -> None:
    short, long = sorted(image.size)
    if short < MIN_SIDE:
        raise BadInput("这张照片太小，看不清。请发原来的照片。")
    scaled = image.format in ("JPEG", "MPO") and not image.info.get("progressive")
    if long > MAX_GIVEN_SIDE or short * long > (MAX_PIXELS_SCALED if scaled else MAX_PIXELS_WHOLE):
        raise _absurd()


def _absurd() -> BadInput:
    return BadInput("这张照片的尺寸太大，打不开。请把照片截一个屏，发截屏的图。")


def _made_anew(image: Image.Image) -> Photo:
    image.draft("RGB", (MAX_SIDE, MAX_SIDE))  # a JPEG alone heeds it: at least this size, at much less cost
    turn = _UPRIGHT.get(_orientation(image))
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    upright = image.transpose(turn) if turn is not None else image
    # A new picture has no comments and no profile of the old one; what is transparent becomes white.
    kept = Image.new("RGB", upright.size, "white")
    if upright.has_transparency_data:
        layer = upright.convert("RGBA")
        kept.paste(layer, mask=layer)
    else:
        kept.paste(upright.convert("RGB"))
    out = BytesIO()
    kept.save(out, "JPEG", quality=QUALITY, optimize=True)
    return Photo(out.getvalue(), *kept.size)


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except _BROKEN:  # the picture may be whole all the same
        return 1
