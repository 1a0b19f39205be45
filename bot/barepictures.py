"""Pictures within a file (of Word, in a PDF) without what telephones and programs write into them."""

from __future__ import annotations

import re
from io import BytesIO

from PIL import Image

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA"})
_JPEG = b"\xff\xd8\xff"
# After a piece of the picture itself: the next mark that is no stuffed byte, restart or filling.
_NEXT_MARK = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_START_OF_SCAN, _END, _ADOBE, _APP2, _COMMENT = 0xDA, 0xD9, 0xEE, 0xE2, 0xFE
_JP2 = b"\x00\x00\x00\x0cjP  \r\n\x87\n"
_JP2_KEPT = frozenset({b"jP  ", b"ftyp", b"jp2h", b"jp2c"})
_OTHER_FORMATS = ("GIF", "BMP", "TIFF", "WEBP")
MAX_PIXELS = 25_000_000  # of a picture that has to be decoded: 100 MB
_BROKEN = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, AttributeError, EOFError, OverflowError,
    RuntimeError, MemoryError, Image.DecompressionBombError,
)  # fmt: skip


def bare(content: bytes) -> bytes:
    """The picture in `content`, in its own format, without EXIF, XMP, place, texts, thumbnails, or what lies behind it.

    JPEG, PNG and JPEG 2000 keep their picture bit for bit; GIF (its first frame), BMP, TIFF and WebP are saved anew.

    Raises:
        ValueError: none of these, or not whole.
    """
    if content.startswith(_JPEG):
        return bare_jpeg(content)
    if content.startswith(_PNG):
        return _bare_png(content)
    if content.startswith(_JP2):
        return _bare_jp2(content)
    if content.startswith(
        b"\xff\x4f\xff\x51"
    ):  # a JPEG 2000 stream without a container, which has no place for EXIF
        return content
    return _saved_anew(content)


def bare_jpeg(jpeg: bytes) -> bytes:
    """A JPEG up to the end of its first picture, without EXIF, XMP, IPTC, thumbnails and comments.

    Raises:
        ValueError: it is no JPEG, or its segments are not whole.
    """
    if not jpeg.startswith(_JPEG):
        raise ValueError("no JPEG")
    kept, at = [jpeg[:2]], 2
    while at + 2 <= len(jpeg):
        if jpeg[at] != 0xFF:
            raise ValueError("a JPEG whose segments do not follow each other")
        mark = jpeg[at + 1]
        if mark == 0xFF:  # filling
            at += 1
            continue
        if mark == _END:
            return b"".join([*kept, b"\xff\xd9"])
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if end < at + 4 or end > len(jpeg):
            raise ValueError("a JPEG with a segment that is cut off")
        if mark == _START_OF_SCAN:
            following = _NEXT_MARK.search(jpeg, end)
            end = following.start() if following else len(jpeg)
        if _is_kept(mark, jpeg[at + 4 : end]):
            kept.append(jpeg[at:end])
        at = end
    return b"".join([*kept, b"\xff\xd9"])


def _is_kept(mark: int, payload: bytes) -> bool:
    """Tables and the picture; of the marks of programs only the colours' (JFIF without thumbnail, Adobe, ICC)."""
    if mark == 0xE0:
        return payload.startswith(b"JFIF\0") and len(payload) == 14
    if mark == _APP2:
        return payload.startswith(b"ICC_PROFILE\0")
    if mark == _ADOBE:
        return payload.startswith(b"Adobe") and len(payload) == 12
    return not (0xE0 <= mark <= 0xEF or mark == _COMMENT)


def _bare_png(png: bytes) -> bytes:
    kept, at = [_PNG], len(_PNG)
    while at + 12 <= len(png):
        kind, end = png[at + 4 : at + 8], at + 12 + int.from_bytes(png[at : at + 4], "big")
        if end > len(png):
            break
        if kind in _PNG_KEPT:
            kept.append(png[at:end])
        if kind == b"IEND":
            return b"".join(kept)
        at = end
    raise ValueError("a PNG that is cut off")


def _bare_jp2(jp2: bytes) -> bytes:
    kept, at = [], 0
    while at + 8 <= len(jp2):
        size, kind = int.from_bytes(jp2[at : at + 4], "big"), jp2[at + 4 : at + 8]
        if size == 1:
            size = int.from_bytes(jp2[at + 8 : at + 16], "big")
        end = at + size if size else len(jp2)
        if end < at + 8 or end > len(jp2):
            raise ValueError("a JPEG 2000 that is cut off")
        if kind in _JP2_KEPT:
            kept.append(jp2[at:end])
        at = end
    return b"".join(kept)


def _saved_anew(content: bytes) -> bytes:
    try:
        with Image.open(BytesIO(content), formats=_OTHER_FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise ValueError("a picture of too many pixels")
            clear = opened.has_transparency_data and opened.format != "BMP"
            fresh, out = opened.convert("RGBA" if clear else "RGB"), BytesIO()
            fresh.info = {}
            options = {"lossless": True} if opened.format == "WEBP" else {}
            fresh.save(out, opened.format, **options)
            return out.getvalue()
    except _BROKEN as error:
        raise ValueError("no picture that can be saved anew") from error
