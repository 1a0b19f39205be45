"""The desk on a free port, and a browser there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.browser import CHROMIUM, FLAGS
from tests.desk.served import served_desk

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"target-size": {"enabled": True}, "color-contrast-enhanced": {"enabled": True}}


@contextmanager
def served() -> Iterator[str]:
    """The desk's address, without a slash at its end."""
    with served_desk() as port:
        yield f"http://127.0.0.1:{port}"


class Desk:
    """A member of staff at a screen; `complaints` is what the browser's console said."""

    def __init__(self, page: Any, url: str) -> None:
        self.page, self.url = page, url
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda m: m.type in ("error", "warning") and self.complaints.append(m.text))
        page.on("dialog", lambda dialog: dialog.accept())

    def open(self, path: str) -> None:
        """Go to a page of the desk. Not "networkidle": the stream of changes never ends."""
        self.page.goto(f"{self.url}{path}")

    def log_in(self, name: str, password: str) -> None:
        """Through the door, as a person does."""
        self.open("/login")
        self.page.get_by_label("用户名").fill(name)
        self.page.get_by_label("口令").fill(password)
        self.page.get_by_role("button", name="登录").click()
        self.page.get_by_role("heading", name="停水事件").wait_for()

    def sees(self, text: str) -> None:
        """Wait until this can be seen."""
        self.page.get_by_text(text).first.wait_for(timeout=60_000)


@contextmanager
def at_desk(url: str, size: dict[str, int], **options: Any) -> Iterator[Desk]:
    """A new browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        context = browser.new_context(viewport=size, locale="zh-CN", accept_downloads=True, **options)
        page = context.new_page()
        page.set_default_timeout(60_000)
        yield Desk(page, url)
        browser.close()


def faults(page: Any, *, least: int = 15) -> list[str]:
    """What axe finds; it must have looked at more than `least` rules."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}, "rules": RULES}).response
    assert len(found["passes"]) > least, "axe has looked at hardly anything"
    return [
        f"{rule['id']}: {node['html'][:120]} {node.get('failureSummary', '')[:160]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
