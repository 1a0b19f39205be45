"""Pictures within files: nothing but the picture is kept, and the picture is the same."""

from __future__ import annotations

import struct
from io import BytesIO

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bot.barepictures import bare, bare_jpeg
from tests.test_photos import SECRET, opened, picture, saved, with_gps


def png_with_marks() -> bytes:
    """A PNG with a text and EXIF."""
    info, exif = PngInfo(), Image.Exif()
    info.add_text("Author", SECRET.decode())
    info.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    exif[0x010F] = SECRET.decode()
    return saved(picture(), "PNG", pnginfo=info, exif=exif)


def same(kept: bytes, given: bytes) -> bool:
    one, other = Image.open(BytesIO(kept)), Image.open(BytesIO(given))
    return one.format == other.format and one.convert("RGB").tobytes() == other.convert("RGB").tobytes()


def test_only_the_marks_of_a_jpeg_go() -> None:
    given = with_gps()
    kept = bare_jpeg(given)
    assert SECRET in given
    assert SECRET not in kept
    assert not dict(opened(kept).getexif())
    assert same(kept, given)


def test_a_progressive_jpeg_stays_whole() -> None:
    given = saved(picture(), progressive=True, comment=SECRET)
    assert same(bare(given), given)
    assert SECRET not in bare(given)


def test_what_lies_behind_a_jpeg_goes() -> None:
    given = with_gps()
    assert bare(given + with_gps() + SECRET) == bare(given)
    two = BytesIO()
    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()
    picture().save(two, "MPO", save_all=True, append_images=[picture()], exif=exif)
    assert SECRET in two.getvalue()
    kept = bare(two.getvalue())
    assert SECRET not in kept
    assert kept.count(b"\xff\xd8\xff") == 1
    assert Image.open(BytesIO(kept)).format == "JPEG"


def test_marks_between_the_scans_go() -> None:
    given = saved(picture(), progressive=True)
    scan = given.rindex(b"\xff\xda")
    hidden = b"\xff\xe1" + struct.pack(">H", 2 + len(SECRET)) + SECRET
    assert SECRET not in bare(given[:scan] + hidden + given[scan:])


def test_only_the_picture_of_a_png_is_kept() -> None:
    given = png_with_marks()
    kept = bare(given + SECRET)
    assert SECRET in given
    assert SECRET not in kept
    assert b"eXIf" not in kept
    assert same(kept, given)


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "WEBP", "BMP"])
def test_other_pictures_are_saved_anew(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()
    options = {
        "GIF": {"comment": SECRET}, "TIFF": {"tiffinfo": {315: SECRET.decode()}},
        "WEBP": {"exif": exif, "lossless": True}, "BMP": {},
    }[kind]  # fmt: skip
    given = saved(picture(), kind, **options) + SECRET
    assert SECRET not in bare(given)
    assert same(bare(given), given)


def test_of_jpeg_2000_the_boxes_with_words_go() -> None:
    given = saved(picture(), "JPEG2000")
    box = struct.pack(">I", 24 + len(SECRET)) + b"uuid" + b"JpgTiffExif->JP2" + SECRET
    at = given.index(b"jp2c") - 4
    kept = bare(given[:at] + box + given[at:])
    assert SECRET not in kept
    assert same(kept, given)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        SECRET,
        b"\xff\xd8\xff\xe1\xff\xff" + SECRET,
        b"\x89PNG\r\n\x1a\n" + SECRET,
        b"\xff\xd8\xff\xe1\0\x02xx",
    ],
)
def test_what_is_no_whole_picture_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="PNG|JPEG|picture"):
        bare(content)
