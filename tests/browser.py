"""A real Chromium (Debian's package) at the web chat."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE, DESKTOP = {"width": 360, "height": 640}, {"width": 1280, "height": 800}
needs_chromium = pytest.mark.skipif(
    not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing: apt-get install chromium fonts-noto-cjk"
)


def until_true(page: Any, expression: str, seconds: float = 60.0) -> None:
    """Return once the JavaScript `expression` is true in `page`, whose policy allows no eval as Playwright's own waiting needs.

    Raises:
        TimeoutError: it was not within `seconds`.
    """
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        if time.monotonic() > end:
            raise TimeoutError(f"not true after {seconds} s: {expression}")
        page.wait_for_timeout(50)


class ChatPage:
    """The chat as a person sees it: types, presses, reads."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda m: m.type == "error" and self.complaints.append(m.text))

    def ask(self, text: str) -> str:
        """Type `text`, send it, and read all that is answered (buttons too)."""
        self.page.get_by_label("在这里打字").fill(text)
        return self._answer(lambda: self.page.keyboard.press("Enter"))

    def send_file(self, path: Path) -> str:
        """Choose a file behind the button for contracts, and read all that is answered."""
        with self.page.expect_file_chooser() as chosen:
            self.page.get_by_role("button", name="发合同文件").click()
        return self._answer(lambda: chosen.value.set_files(path))

    def send_photo(self, path: Path) -> str:
        """Choose a photo, and read all that is answered."""
        with self.page.expect_file_chooser() as chosen:
            self.page.get_by_role("button", name="发照片").click()
        return self._answer(lambda: chosen.value.set_files(path))

    def press(self, name: str) -> str:
        """Press the last button of this name, and read all that is answered."""
        return self._answer(lambda: self.page.get_by_role("button", name=name).last.click())

    def _answer(self, act: Callable[[], object]) -> str:
        answers = self.page.locator("#log .answer")
        count = answers.count()
        act()
        until_true(
            self.page, f"document.querySelectorAll('#log .answer, #log .trouble').length > {int(count)}"
        )
        return str(answers.last.inner_text())


@contextmanager
def chat_page(url: str, size: dict[str, int] = PHONE) -> Iterator[ChatPage]:
    """A new person with a browser of their own at `url`."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = browser.new_context(viewport=size, locale="zh-CN").new_page()
        chat = ChatPage(page)
        page.goto(url)
        yield chat
        browser.close()
