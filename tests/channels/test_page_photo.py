"""The page's button for photos, in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage.database import engine_for
from bot.storage.tables import Attachment
from tests.browser import DESKTOP, PHONE, needs_chromium
from tests.test_photos import SECRET, opened, saved, with_gps

from .conftest import Chat
from .test_page import SIZES
from .visitor import Visitor, visit

pytestmark = needs_chromium
SHOT = "#log .yours canvas.shot"


@pytest.fixture
def kept(database_url: str) -> Iterator[Session]:
    with Session(engine_for(database_url), future=True) as session:
        yield session


async def choose(visitor: Visitor, content: bytes, kind: str = "image/jpeg", button: str = "发照片") -> None:
    async with visitor.page.expect_file_chooser() as chosen:
        await visitor.page.get_by_role("button", name=button).press("Enter")
    await (await chosen.value).set_files({"name": "IMG_1.jpg", "mimeType": kind, "buffer": content})


@SIZES
async def test_a_photo_is_sent_by_keyboard_shown_and_kept_without_its_place(
    browser: Any,
    chat: Chat,
    kept: Session,
    size: dict[str, int],
) -> None:
    visitor = await visit(browser, chat, size)
    await choose(visitor, with_gps(orientation=6))
    await visitor.sees("收到：/send_photo")
    await visitor.sees("我的照片")
    assert await visitor.page.locator(SHOT).evaluate("c => [c.width, c.height]") == [120, 160]
    # Red above: held upright, and no empty picture.
    red = await visitor.page.locator(SHOT).evaluate(
        "c => [...c.getContext('2d').getImageData(110, 80, 1, 1).data]"
    )
    assert red[0] > 200 > red[2]
    await visitor.picture(f"{size['width']}-8-photo")
    assert await visitor.fits()
    row = kept.scalars(select(Attachment)).one()
    assert row.id == chat.agent.asked[0].metadata["photo"]["id"]
    assert not dict(opened(row.body).getexif())
    assert SECRET not in row.body
    await visitor.page.reload()
    await visitor.sees("我的照片")
    assert visitor.complaints == []


async def test_a_large_photo_goes_out_small(browser: Any, chat: Chat, kept: Session) -> None:
    visitor = await visit(browser, chat)
    sent: list[int] = []
    visitor.page.on("request", lambda r: "/photo?" in r.url and sent.append(len(r.post_data_buffer or b"")))
    large = saved(Image.effect_noise((4000, 3000), 60).convert("RGB"), quality=85)
    await choose(visitor, large)
    await visitor.sees("收到：/send_photo")
    assert sent[0] < len(large) / 3
    assert opened(kept.scalars(select(Attachment.body)).one()).size == (1600, 1200)
    assert visitor.complaints == []


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
async def test_the_button_speaks_english_too(
    browser: Any,
    chat: Chat,
    kept: Session,
    size: dict[str, int],
) -> None:
    visitor = await visit(browser, chat, size)
    await visitor.page.get_by_role("button", name="English").click()
    await choose(visitor, with_gps(), button="Photo")
    await visitor.sees("My photo")
    assert await visitor.fits()


@pytest.mark.parametrize(
    ("content", "kind", "says"),
    [
        (b"hello", "text/plain", "这不是照片"),
        (b"", "image/jpeg", "这不是照片"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", "这不是能看的照片"),
        (with_gps()[:2000], "image/jpeg", "没有收全"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(50), "", "HEIC"),
        (b"x" * (10 * 2**20 + 1), "image/jpeg", "超过 10 MB"),
    ],
    ids=["text", "empty", "svg", "cut off", "heic", "too large"],
)
async def test_what_is_no_photo_is_explained(
    browser: Any,
    chat: Chat,
    kept: Session,
    content: bytes,
    kind: str,
    says: str,
) -> None:
    visitor = await visit(browser, chat)
    await choose(visitor, content, kind)
    await visitor.sees(says)
    assert chat.agent.asked == []
    assert await visitor.page.get_by_role("button", name="再试一次").count() == 0


async def test_a_photo_without_a_connection_can_be_sent_again(
    browser: Any,
    chat: Chat,
    kept: Session,
) -> None:
    visitor = await visit(browser, chat)
    await visitor.page.context.set_offline(True)
    await choose(visitor, with_gps())
    again = visitor.page.get_by_role("button", name="再试一次")
    await again.wait_for()
    await visitor.page.context.set_offline(False)
    await again.click()
    await visitor.sees("收到：/send_photo")
    assert await visitor.page.locator(SHOT).count() == 1
