"""Photos of strangers: what is kept of them, and what is refused."""

from __future__ import annotations

import random
import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from bot import photos
from bot.errors import BadInput
from bot.photos import MAX_BYTES, is_image, reencode

SECRET = b"Nokia of the Li family"


def picture(size: tuple[int, int] = (640, 480), mode: str = "RGB") -> Image.Image:
    """Red above, blue below, so that it shows which way is up."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0], size[1] // 2))
    return image.convert(mode)


def saved(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def with_gps(size: tuple[int, int] = (640, 480), orientation: int = 1) -> bytes:
    """A JPEG as a phone makes it: place, maker, time, which way it was held, profile and comment."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = SECRET.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (26.0, 57.0, 41.0), 3: "E", 4: (112.0, 22.0, 5.0)})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return saved(picture(size), exif=exif, icc_profile=profile, comment=SECRET)


def opened(jpeg: bytes) -> Image.Image:
    return Image.open(BytesIO(jpeg), formats=["JPEG"])


def test_the_test_photo_tells_where_it_was_taken() -> None:
    image = opened(with_gps())
    assert image.getexif().get_ifd(0x8825)[2] == (26.0, 57.0, 41.0)
    assert {"icc_profile", "comment", "exif"} <= set(image.info)


def test_nothing_but_the_picture_is_kept() -> None:
    kept = reencode(with_gps())
    image = opened(kept.jpeg)
    assert (image.size, (kept.width, kept.height)) == ((640, 480), (640, 480))
    assert not dict(image.getexif())
    assert not {"icc_profile", "comment", "exif", "xmp"} & set(image.info)
    assert SECRET not in kept.jpeg
    assert b"Exif" not in kept.jpeg


def test_marks_of_png_gif_and_webp_go_too() -> None:
    marks = PngInfo()
    marks.add_text("Author", SECRET.decode())
    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()
    given = [
        saved(picture(), "PNG", pnginfo=marks, exif=exif),
        saved(picture(mode="P"), "GIF", comment=SECRET),
        saved(picture(), "WEBP", exif=exif, xmp=SECRET),
    ]
    for content in given:
        assert SECRET in content
        kept = reencode(content).jpeg
        assert SECRET not in kept
        assert not {"comment", "exif", "xmp", "Author"} & set(opened(kept).info)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_stands_upright_however_the_phone_was_held(orientation: int) -> None:
    upright = picture((64, 48))
    turned = {
        1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    held = upright if turned is None else upright.transpose(turned)
    image = opened(reencode(saved(held, exif=exif, quality=95)).jpeg)
    assert image.size == (64, 48)
    red, _, blue = image.getpixel((10, 5))
    assert red > 200 > 50 > blue
    red, _, blue = image.getpixel((50, 42))
    assert blue > 200 > 50 > red


@pytest.mark.parametrize(
    ("size", "kept"),
    [
        ((1600, 1200), (1600, 1200)),
        ((1601, 1200), (1600, 1199)),
        ((3000, 4000), (1200, 1600)),
        ((4000, 40), (1600, 16)),
    ],
)
def test_the_longer_side_has_1600_pixels_at_most(size: tuple[int, int], kept: tuple[int, int]) -> None:
    for kind in ("JPEG", "PNG"):
        made = reencode(saved(picture(size), kind))
        assert (made.width, made.height) == kept


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGBA", "LA", "I;16"])
def test_every_kind_of_png_becomes_a_jpeg(mode: str) -> None:
    content = saved(Image.new(mode, (40, 30)), "PNG")
    assert opened(reencode(content).jpeg).mode == "RGB"


def test_cmyk_and_progressive_jpegs_are_read() -> None:
    for content in (saved(picture(mode="CMYK")), saved(picture(), progressive=True)):
        assert reencode(content).width == 640


def test_what_is_transparent_becomes_white() -> None:
    image = opened(reencode(saved(Image.new("RGBA", (40, 30), (0, 0, 0, 0)), "PNG")).jpeg)
    assert min(image.getpixel((20, 15))) > 250


def test_of_a_moving_picture_the_first_frame_is_kept() -> None:
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "blue")]
    content = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    red, _, blue = opened(reencode(content).jpeg).getpixel((20, 15))
    assert red > 200 > blue


def test_a_phone_s_photo_with_a_second_picture_in_it_is_read() -> None:
    content = saved(picture(), "MPO", save_all=True, append_images=[picture((320, 240))])
    assert Image.open(BytesIO(content)).format == "MPO"
    assert reencode(content).width == 640


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it is so large, and would unpack to as much."""
    rows = zlib.compress(bytes(min((width // 8 + 1) * height, 2_000_000)), 9)
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
WHOLE = saved(picture())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (bytes(MAX_BYTES + 1), "超过 10 MB"),
        (b"", "不是能看的照片"),
        (b"hello", "不是能看的照片"),
        (SVG, "不是能看的照片"),
        (b"%PDF-1.7", "不是能看的照片"),
        (b"BM" + bytes(100), "不是能看的照片"),
        (b"II*\x00" + bytes(100), "不是能看的照片"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "不是能看的照片"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(100), "HEIC"),
        (WHOLE[: len(WHOLE) // 2], "没有收全"),
        (saved(picture(), "PNG")[:-60], "没有收全"),
        (saved(picture((15, 400))), "太小"),
        (png_of(5001, 5000), "尺寸太大"),
        (png_of(20_001, 20), "尺寸太大"),
        (png_of(30_000, 30_000), "尺寸太大"),
        (png_of(2**31 - 1, 2**31 - 1), "尺寸太大"),
    ],
    ids=str,
)
def test_what_is_no_good_photo_is_refused_in_words(content: bytes, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        reencode(content)


def test_a_bomb_is_refused_from_its_head_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(*_: object) -> None:
        raise AssertionError("was decoded")

    monkeypatch.setattr(photos, "_made_anew", decode)
    with pytest.raises(BadInput, match="尺寸太大"):
        reencode(png_of(9_000, 9_000))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_damaged_photos_are_kept_or_refused_and_nothing_else(kind: str) -> None:
    chance = random.Random(7)
    whole = saved(picture((120, 90), "P" if kind == "GIF" else "RGB"), kind)
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            kept = reencode(bytes(damaged[: chance.randrange(20, len(damaged) + 1)]))
        except BadInput:
            continue
        assert opened(kept.jpeg).size == (kept.width, kept.height)


def test_a_photo_is_known_by_its_bytes() -> None:
    for kind in ("JPEG", "PNG", "GIF", "WEBP"):
        assert is_image(saved(picture(), kind))
    assert is_image(b"\x00\x00\x00\x18ftypheic")
    for content in (SVG, b"%PDF-1.7", b"PK\x03\x04", b"", "合同".encode(), b"RIFF0000WAVE"):
        assert not is_image(content)
