"""`python -m tools.screenshots`: the README's pictures of the web chat, of a real conversation in a real Chromium.

It starts a really trained server on free ports with a database of its own and writes `docs/images/web-chat-*.png`.
Chromium is Debian's (`apt-get install chromium fonts-noto-cjk`).
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.settings import ROOT
from tools.bench import servers

CHROMIUM = Path("/usr/bin/chromium")
FOLDER = ROOT / "docs" / "images"
ANSWER_MS = 30_000


@dataclass(frozen=True)
class Picture:
    """One picture: the file's name, the window, and what is typed before it is taken."""

    name: str
    width: int
    height: int
    said: tuple[str, ...]


PICTURES = (
    Picture("web-chat-start", 360, 740, ()),
    Picture("web-chat-phone", 360, 740, ("三塘镇老街昨晚八点停水，整条街都没水", "13912340001")),
    Picture(
        "web-chat-desktop",
        1280,
        800,
        ("三塘镇老街昨晚八点停水，整条街都没水", "13912340001", "不是三塘，是泉溪"),
    ),
)


def take(browser: Any, url: str, picture: Picture, folder: Path = FOLDER) -> Path:
    """Have the conversation of `picture` as a new person and take it."""
    size = {"width": picture.width, "height": picture.height}
    context = browser.new_context(viewport=size, locale="zh-CN")
    page = context.new_page()
    page.goto(url)
    page.get_by_role("button", name="报停水").wait_for()
    for count, text in enumerate(picture.said, start=1):
        page.locator("#words").fill(text)
        page.keyboard.press("Enter")
        page.locator("#log .answer").nth(count - 1).wait_for(timeout=ANSWER_MS)
    path = folder / f"{picture.name}.png"
    page.evaluate("document.fonts.ready")
    page.screenshot(path=path)
    context.close()
    return path


def main() -> int:
    """Take all pictures; 2 where there is no Chromium."""
    if not CHROMIUM.exists():
        print(f"{CHROMIUM} is missing: apt-get install chromium fonts-noto-cjk", file=sys.stderr)
        return 2
    from playwright.sync_api import sync_playwright

    servers.WORK.mkdir(parents=True, exist_ok=True)
    with servers.ours() as running, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        for picture in PICTURES:
            print(take(browser, running.url.replace("/rest/webhook", "/web/"), picture).relative_to(ROOT))
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
