"""The desk as a process of its own, and in a real Chromium: the first admin's link, keys, barriers, memory."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from bot.settings import ROOT
from tests.browser import CHROMIUM, DESKTOP, FLAGS, needs_chromium
from tests.ports import free_port

PASSWORD = "一只白鹭停在水塔上 3"
MOST_MB = 95  # 86 by itself; on a busy machine more of its threads live at once


@dataclass(frozen=True)
class Desk:
    """`wuchang desk serve` on a new database."""

    url: str
    log: Path
    process: subprocess.Popen[bytes]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder, port = tmp_path_factory.mktemp("desk"), free_port()
    environment = {
        **os.environ, "WUCHANG_DATABASE_URL": f"sqlite:///{folder}/desk.db", "WUCHANG_DESK_PORT": str(port),
        "WUCHANG_TIMEZONE": "Asia/Shanghai", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    log = folder / "desk.log"
    command = [sys.executable, "-m", "bot.cli", "desk", "serve"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=log.open("wb"), stdout=subprocess.DEVNULL
    )
    running = Desk(f"http://127.0.0.1:{port}", log, process)
    try:
        wait_for(running)
        yield running
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def wait_for(desk: Desk, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert desk.process.poll() is None, desk.log.read_text(errors="replace")[-2000:]
        try:
            if httpx.get(f"{desk.url}/health", timeout=5).json() == {"status": "ok"}:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the desk did not come up")


@needs_chromium
def test_the_first_admin_sets_a_password_by_the_link_logs_in_and_is_told_of_no_barrier(
    desk: Desk,
) -> None:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    link = re.search(r"http://\S+/link\?token=[\w-]{43}", desk.log.read_text())
    assert link, desk.log.read_text()
    complaints: list[str] = []

    def look(page: object, name: str) -> None:
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}}).response["violations"]
        assert not found, (name, [(one["id"], one["nodes"][0]["html"][:120]) for one in found])

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        for scheme in ("light", "dark"):
            page = browser.new_context(viewport=DESKTOP, locale="zh-CN", color_scheme=scheme).new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda m: m.type == "error" and complaints.append(m.text))
            if scheme == "light":
                page.goto(link[0])
                look(page, "link")
                page.get_by_label("新口令").fill(PASSWORD)
                page.get_by_label("再输一遍").fill(PASSWORD)
                page.get_by_role("button", name="设好").click()
                page.get_by_text("口令设好了").wait_for()
            else:
                page.goto(f"{desk.url}/login")
            look(page, f"login {scheme}")
            page.get_by_label("用户名").fill("admin")
            page.get_by_label("口令", exact=True).fill(PASSWORD)
            page.keyboard.press("Enter")
            page.get_by_role("link", name="admin（管理员）").wait_for()
            for path in ("/account", "/account/totp", "/users", "/audit", "/nothing"):
                page.goto(f"{desk.url}{path}")
                look(page, f"{path} {scheme}")
            complaints[:] = [one for one in complaints if "404" not in one]  # the page that there is not
            page.goto(f"{desk.url}/users")
            page.keyboard.press("?")
            page.get_by_role("heading", name="键盘").wait_for()
            look(page, f"keys {scheme}")
            page.keyboard.press("Escape")
            page.keyboard.press("j")
            assert page.evaluate("document.activeElement.closest('[data-row]') !== null")
        page.get_by_role("button", name="退出").click()
        page.get_by_role("heading", name="登录").wait_for()
        browser.close()
    assert complaints == []


def test_its_memory_stays_small_after_log_ins(desk: Desk) -> None:
    with httpx.Client(base_url=desk.url) as client:
        for number in range(15):
            csrf = re.search(r'name="csrf" value="([^"]+)"', client.get("/login").text)
            assert csrf
            answer = client.post(
                "/login", data={"csrf": csrf[1], "name": f"name-{number}", "password": "wrong password"}
            )
            assert answer.status_code == 401
    status = Path(f"/proc/{desk.process.pid}/status").read_text()
    rss = int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024 / 1e6  # type: ignore[index]
    print(f"the desk's memory: {rss:.0f} MB")
    assert rss < MOST_MB


def test_it_writes_no_addresses_names_or_tokens_into_the_log(desk: Desk) -> None:
    httpx.get(f"{desk.url}/login?next=/secret-path")
    httpx.get(f"{desk.url}/link?token=secret-token")
    text = desk.log.read_text()
    assert text.count("token=") == 1, "the first admin's link alone"
    for word in ("secret-path", "secret-token", "name-1", "GET /"):
        assert word not in text


def test_another_desk_on_the_same_port_says_so_and_ends(desk: Desk, tmp_path: Path) -> None:
    environment = {
        **os.environ, "WUCHANG_DATABASE_URL": f"sqlite:///{tmp_path}/desk.db", "WUCHANG_DESK_PORT": desk.url.rsplit(":")[-1],
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    command = [sys.executable, "-m", "bot.cli", "desk", "serve"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "address already in use" in done.stderr
