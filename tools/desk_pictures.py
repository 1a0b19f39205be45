"""`python -m tools.desk_pictures`: the pictures of docs/desk-pages.md, of made-up incidents in a real Chromium.

It starts the desk on a free port with a database of its own and writes `docs/images/desk-*.png`. Chromium is Debian's
(`apt-get install chromium fonts-noto-cjk`).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.settings import ROOT, settings
from tools.bench.servers import free_port
from tools.screenshots import CHROMIUM, FOLDER

NAME, PASSWORD = "值班员甲", "画面上用的口令 20261126"
SIZE = {"width": 1100, "height": 900}
START_SECONDS = 30
_KEY = "dGhlIGRlc2sncyBwaWN0dXJlcywgbm8gc2VjcmV0ISE="


def fill(now: datetime) -> tuple[str, int]:
    """Made-up incidents, a conversation and a user; the number of the gravest incident and the conversation's id."""
    from bot.desk import users
    from bot.runtime.prepare import prepare_points
    from bot.storage import talks
    from bot.storage.database import session_scope
    from bot.storage.tables import Handover
    from bot.water.telling import planned

    prepare_points()
    with session_scope() as session:
        user = users.add(session, name=NAME, role="duty", now=now)
        users.set_password(session, user_id=user.id, password=PASSWORD)
        users.set_duty(session, name=NAME, on_duty=True)
        burst = _reported(session, now, "云集街道", "桔园小区", hours=36.4, households=1300, people=6)
        _reported(session, now, "三塘镇", "老街", hours=5, households=40, people=3)
        _reported(session, now, "泉溪镇", "河边组", hours=1.2, households=3, people=1, problem="bad_water")
        planned.announce(
            session, township="车江街道", areas=["滨江路"], starts_at=now + timedelta(days=2),
            ends_at=now + timedelta(days=2, hours=8), reason="换水管", by=NAME, now=now,
        )  # fmt: skip
        talk = Handover(
            reason="asked", text="水停了两天了，能不能派人来看一下", channel="web", sender_id="web-picture", status="open",
            created_at=now - timedelta(minutes=12), phone="13900000000",
        )  # fmt: skip
        session.add(talk)
        session.flush()
        talks.take(session, handover_id=talk.id, by=NAME, now=now - timedelta(minutes=6))
        talks.say(
            session,
            handover_id=talk.id,
            by=NAME,
            text="您好，您住在哪个小区？",
            now=now - timedelta(minutes=5),
        )
        talks.heard(session, handover_id=talk.id, text="桔园小区三栋", now=now - timedelta(minutes=4))
        return burst, int(talk.id)


def _reported(
    session: Any, now: datetime, township: str, area: str, *, hours: float, households: int, people: int,
    problem: str = "no_water",
) -> str:  # fmt: skip
    """Reports of one place, as the chat files them; the incident's number."""
    from bot.water.duty.duty_lines import sync_duties
    from bot.water.reporting.reports import file_report
    from bot.water.talk.draft import Draft
    from bot.water.telling.news import find_incident

    started = now - timedelta(hours=hours)
    for person in range(people):
        draft = Draft(
            id=f"{area}-{person}", problems=(problem,), township=township, place=f"{township}{area}",
            detail=f"{area}{person + 1}栋" if person else area, started_at=started.isoformat(), started_text="那天",
            started_grain="hour", households=households if not person else 1, scope="village" if not person else "one",
            phone=f"1390000{person:04d}", words=("停水了，我娘瘫在床上" if person == 2 else "停水了",),
        )  # fmt: skip
        at = min(now, started + timedelta(minutes=20 * person + 15))
        filed = file_report(session, draft=draft, channel="web", sender=f"web-{area}-{person}", now=at)
    incident = find_incident(session, filed.incident)
    from bot.water.incidents.assessing import refresh

    refresh(session, incident, now=now)
    sync_duties(session, incident, now=now)
    return filed.incident


@contextmanager
def desk() -> Iterator[str]:
    """The desk's address."""
    port = free_port()
    environment = {**os.environ, "WUCHANG_DESK_PORT": str(port), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-m", "bot.desk"], cwd=ROOT, env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"{url}/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def take(page: Any, url: str, number: str, talk: int, folder: Path = FOLDER) -> None:
    """Log in, and take each page as somebody on duty sees it."""
    page.goto(f"{url}/login")
    page.get_by_label("用户名").fill(NAME)
    page.get_by_label("口令").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    pages = {
        "list": "/", "incident": f"/incidents/{number}", "paper": f"/incidents/{number}/papers/first",
        "talk": f"/handovers/{talk}", "map": "/map",
    }  # fmt: skip
    for name, path in pages.items():
        page.goto(f"{url}{path}")
        if name == "map":
            page.locator("#map svg a").first.wait_for()
        page.evaluate("document.fonts.ready")
        target = folder / f"desk-{name}.png"
        page.screenshot(path=target)
        print(target.relative_to(ROOT) if target.is_relative_to(ROOT) else target)


def main() -> int:
    """Take all pictures; 2 where there is no Chromium."""
    if not CHROMIUM.exists():
        print(f"{CHROMIUM} is missing: apt-get install chromium fonts-noto-cjk", file=sys.stderr)
        return 2
    from playwright.sync_api import sync_playwright

    from bot import clock
    from bot.storage.database import migrate

    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"WUCHANG_DATABASE_URL": f"sqlite:///{folder}/desk.db", "WUCHANG_DATA_KEY": _KEY}
        settings.cache_clear()
        migrate()
        number, talk = fill(clock.now())
        with desk() as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
            take(browser.new_context(viewport=SIZE, locale="zh-CN").new_page(), url, number, talk)
            browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
