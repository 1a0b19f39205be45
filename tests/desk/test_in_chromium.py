"""The desk in a real Chromium: a night on duty, without a mouse where that matters; axe on every page; on paper."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.desk import updates
from bot.desk.pages.incidents import HUB
from bot.storage import attachments, outbox, talks
from bot.storage.attachments import Kept
from bot.storage.tables import AuditEntry, Incident
from bot.water.incidents.assessing import refresh
from bot.water.telling import planned
from tests.browser import needs_chromium, until_true

from .busy import held
from .cases import asked, burst, in_database
from .conftest import NAMES, PASSWORD
from .live import at_desk, faults, served

NOTEBOOK = {"width": 1024, "height": 768}
PHONE = {"width": 390, "height": 844}
PICTURES = os.environ.get("WUCHANG_TEST_PICTURES", "")

pytestmark = [needs_chromium, pytest.mark.timeout(400)]


@pytest.fixture
def number(people: dict[str, int], now: datetime) -> str:
    return in_database(lambda s: burst(s, now))


@pytest.fixture
def url(number: str) -> Iterator[str]:
    with served() as address:
        yield address


def test_a_night_on_duty(url: str, number: str, now: datetime, tmp_path: Path) -> None:
    """Log in, confirm a grade, tick a duty, read and print the 初报, answer a handover."""
    with at_desk(url, NOTEBOOK) as desk:
        page = desk.page
        desk.log_in(NAMES["duty"], PASSWORD)
        desk.sees("级别待确认")
        page.locator(f'th a[href="/incidents/{number}"]').click()

        page.get_by_role("button", name="确认Ⅲ级（较大）").click()
        desk.sees("已确认：Ⅲ级（较大）")
        assert page.get_by_role("button", name="确认Ⅲ级（较大）").count() == 0

        late = page.locator("tr.late").count()
        row = page.locator("#duties tbody tr").first
        row.get_by_role("combobox").select_option("电话")
        row.get_by_role("button", name="办好了").click()
        desk.sees("办好了（过了时限）")
        assert page.locator("tr.late").count() == late - 1

        page.get_by_role("link", name="初报", exact=True).click()
        page.get_by_role("heading", name="初报").wait_for()
        assert page.locator("mark").count() > 0, "what is missing is marked"
        page.evaluate("window.print = () => { window.printed = true; }")
        page.get_by_role("button", name="打印").click()
        assert page.evaluate("window.printed")
        paper = tmp_path / "first.pdf"
        page.pdf(path=paper)
        assert paper.stat().st_size > 5000
        with page.expect_download() as saved:
            page.get_by_role("link", name="存成 Word").click()
        assert saved.value.suggested_filename.endswith(".docx")

        one = in_database(lambda s: asked(s, now))
        page.get_by_role("link", name="等回话的人").first.click()
        page.get_by_role("link", name="要找人工").click()
        page.get_by_role("button", name="接手").click()
        in_database(lambda s: talks.heard(s, handover_id=one, text="还要多久来水？", now=now))
        desk.sees("还要多久来水？")  # by itself: nothing was pressed
        page.get_by_label("回话").fill("今晚十点。")
        page.get_by_role("button", name="发出").click()
        desk.sees("发出去了")
        page.get_by_role("button", name="说完了，交还给助手").click()
        desk.sees("交还给助手了")
        assert desk.complaints == []
    told = in_database(lambda s: outbox.collect(s, channel="web", sender="web-a", now=now))
    assert [text[:10] for text in told] == ["【值班人员】今晚十点"[:10], "值班人员先说到这里。"[:10]]
    actions = in_database(lambda s: s.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all())
    assert {"login", "incident.confirm", "duty.tick", "paper", "talk.take", "talk.say", "talk.back"} <= set(
        actions
    )


def test_what_changes_comes_by_itself_and_disturbs_nobody_who_writes(
    url: str, number: str, now: datetime
) -> None:
    with at_desk(url, NOTEBOOK) as desk:
        page = desk.page
        desk.log_in(NAMES["duty"], PASSWORD)
        other = in_database(lambda s: burst(s, now, area="河边"))
        page.locator(f'th a[href="/incidents/{other}"]').wait_for()
        desk.open(f"/incidents/{number}")
        page.get_by_text("填写、改正情况").click()
        field = page.get_by_label("连续停水的户数").first
        field.fill("3100")
        in_database(lambda s: burst(s, now, area="山下"))
        page.get_by_role("button", name="有新变化，点这里刷新").wait_for()
        assert field.input_value() == "3100"
        assert desk.complaints == []


@pytest.mark.parametrize("held", ["live.js", "/events"])
def test_what_changes_before_a_page_begins_to_listen_is_seen(
    url: str, number: str, now: datetime, held: str
) -> None:
    """On a slow line a report comes between the page and its live updates; the page's own minute is longer than the wait."""
    made: list[str] = []
    with at_desk(url, NOTEBOOK) as desk:
        page = desk.page
        desk.log_in(NAMES["duty"], PASSWORD)

        def meanwhile(route: Any) -> None:
            if not made:
                made.append(in_database(lambda s: burst(s, now, area="河边")))
                while (
                    HUB.watches and HUB.last != updates.state()
                ):  # for the page before: it hears of it first
                    time.sleep(0.05)
            route.continue_()

        page.route(lambda address: held in address, meanwhile)
        desk.open("/")
        page.locator(f'th a[href="/incidents/{number}"]').wait_for()
        until_true(page, "document.querySelectorAll('th a[href^=\"/incidents/\"]').length === 2")
        assert page.locator(f'th a[href="/incidents/{made[0]}"]').count() == 1
        assert desk.complaints == []


def test_what_was_typed_outlives_a_busy_database_and_is_sent_once(
    url: str, people: dict[str, int], now: datetime
) -> None:
    one = in_database(lambda s: asked(s, now))
    in_database(lambda s: talks.take(s, handover_id=one, by=NAMES["duty"], now=now))
    with at_desk(url, NOTEBOOK) as desk:
        page = desk.page
        desk.log_in(NAMES["duty"], PASSWORD)
        desk.open(f"/handovers/{one}")
        page.get_by_label("回话").fill("今晚十点。\n存点水。")
        with held():
            page.get_by_role("button", name="发出").click()
            page.get_by_role("heading", name="数据库正忙").wait_for()
        assert page.locator("dd").first.inner_text() == "今晚十点。\n存点水。"
        assert faults(page) == []
        page.get_by_role("button", name="再发一次").click()
        desk.sees("发出去了")
        assert page.locator(".ours .words").all_inner_texts() == ["今晚十点。\n存点水。"]
        assert page.get_by_label("回话").input_value() == ""
        assert [line for line in desk.complaints if "503" not in line] == []


def test_keys_lead_through_the_list(url: str, number: str) -> None:
    with at_desk(url, NOTEBOOK) as desk:
        page = desk.page
        desk.log_in(NAMES["viewer"], PASSWORD)
        page.locator("body").press("?")
        page.get_by_role("dialog").get_by_text("这份说明").wait_for()
        page.keyboard.press("Escape")
        for _ in range(30):
            page.keyboard.press("j")
        until_true(page, f"document.activeElement.getAttribute('href') === '/incidents/{number}'")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="级别", exact=True).wait_for()
        page.wait_for_load_state()  # keys are heard once the page's script is there
        page.keyboard.press("g")
        page.get_by_role("heading", name="停水事件").wait_for()
        page.wait_for_load_state()
        page.keyboard.press("/")
        until_true(page, "document.activeElement.id === 'q'")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_cut_off(url: str, number: str, now: datetime, scheme: str) -> None:
    one = in_database(lambda s: asked(s, now, urgent=True, reason="emergency"))
    in_database(lambda s: talks.take(s, handover_id=one, by=NAMES["duty"], now=now))
    in_database(lambda s: talks.heard(s, handover_id=one, text="有人吗", now=now))
    picture = BytesIO()
    Image.new("RGB", (900, 1600), "gray").save(picture, "JPEG")
    kept = Kept("photo.jpg", "image/jpeg", picture.getvalue())
    photo = in_database(lambda s: attachments.keep(s, kept, channel="web", sender="web-a", now=now))
    in_database(lambda s: talks.heard(s, handover_id=one, text="[照片]", photo=photo, now=now))
    in_database(
        lambda s: planned.announce(
            s, township="三塘镇", areas=["老街"], starts_at=datetime(2026, 11, 25, 8), ends_at=datetime(2026, 11, 25, 18),
            reason="换管", by="x", now=now,
        )
    )  # fmt: skip
    in_database(lambda s: burst(s, now, area="演练村", drill=True))
    confirmed = in_database(lambda s: burst(s, now, area="山下", households=2000))
    found: dict[str, list[str]] = {}
    with at_desk(url, NOTEBOOK, color_scheme=scheme) as desk:
        page = desk.page
        desk.log_in(NAMES["duty"], PASSWORD)
        desk.open(f"/incidents/{confirmed}")
        page.get_by_role("button", name="确认Ⅲ级（较大）").click()
        paths = (
            "/",
            f"/incidents/{confirmed}",
            f"/incidents/{number}/papers/first",
            "/handovers",
            f"/handovers/{one}",
            "/map",
            "/planned",
        )
        for path in paths:
            desk.open(path)
            if path == "/map":
                page.locator("#map svg a").first.wait_for()
            page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
            if path == f"/handovers/{one}":
                page.locator(".talk img").scroll_into_view_if_needed()
                until_true(page, "document.querySelector('.talk img').naturalWidth === 900")
            found[path] = faults(page)
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if wide > 0:
                found[path].append(f"{wide} px wider than the screen")
            if PICTURES:
                page.screenshot(path=f"{PICTURES}/desk-{scheme}{path.replace('/', '-')}.png", full_page=True)
        assert desk.complaints == []
    assert not any(found.values()), found


def test_on_paper_there_are_duties_and_no_buttons(url: str, number: str) -> None:
    with at_desk(url, NOTEBOOK) as desk:
        desk.log_in(NAMES["duty"], PASSWORD)
        desk.open(f"/incidents/{number}")
        desk.page.emulate_media(media="print")
        shown = desk.page.locator("body").inner_text()
        assert "职责和时限" in shown
        assert "县自来水有限公司" in shown
        for word in ("办好了", "退出", "告诉报修人", "看全号"):
            assert word not in shown, word
    assert in_database(lambda s: s.scalars(select(Incident.number)).one()) == number


def test_who_cannot_wait_for_water_is_found_at_a_glance_and_on_a_phone(url: str, now: datetime) -> None:
    def cared_for(session: Session) -> str:
        number = burst(session, now, area="新街", households=30, hours=2, opened_at=now)
        found = session.scalars(select(Incident).where(Incident.number == number)).one()
        found.reports[-1].vulnerable = "bedridden,infant"
        refresh(session, found, now=now)
        return number

    number = in_database(cared_for)
    with at_desk(url, PHONE) as desk:
        page = desk.page
        desk.log_in(NAMES["duty"], PASSWORD)
        desk.sees("要先照顾 1 户")
        page.get_by_role("link", name="只看有人要先照顾的").click()
        page.get_by_role("link", name="全部都看").wait_for()
        assert page.locator("tr[data-row]").count() == 1
        narrow = "[...document.querySelectorAll('tr[data-row] td')].map(one => one.clientWidth)"
        assert min(page.evaluate(narrow)) > 250, "each row is a card, no column of one character"
        assert faults(page) == []
        page.locator(f'th a[href="/incidents/{number}"]').click()
        desk.sees("卧床不起、婴儿")
        page.locator("p.care a").click()
        assert page.locator("tr:target .care").inner_text() == "卧床不起、婴儿"
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert desk.complaints == []
