"""The public page in a real Chromium, for people who see or move less well: axe in each view, and what axe cannot tell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.desk import public
from bot.storage.tables import Incident
from bot.water.incidents.closing import close_incident
from bot.water.incidents.decisions import confirm_grade
from bot.water.telling import news, planned
from tests.browser import DESKTOP, PHONE, needs_chromium

from .cases import burst, in_database
from .live import at_desk, faults, served

pytestmark = [needs_chromium, pytest.mark.timeout(200)]

VIEWS: dict[str, dict[str, Any]] = {
    "phone": {"size": PHONE},
    "desktop": {"size": DESKTOP},
    "a desktop at 400 % zoom": {"size": {"width": 320, "height": 256}},
    "forced colours": {"size": PHONE, "forced_colors": "active"},
    "dark": {"size": PHONE, "color_scheme": "dark"},
}


@pytest.fixture
def url(database_url: str, now: datetime) -> Iterator[str]:
    """A page with news of each kind: no water, bad water, announced, over."""
    public.forget_pages()
    for area in ("老街", "河边的一个名字很长很长的安置小区", "山下"):
        number = in_database(lambda s, area=area: burst(s, now, area=area))
        in_database(lambda s, number=number: confirm_grade(s, number=number, by="陈", now=now))
    in_database(lambda s: close_incident(s, number=number, by="陈", now=now))
    bad = in_database(lambda s: burst(s, now, area="水厂边", kind="quality"))
    in_database(lambda s: _decided(s, bad, now))
    hour = timedelta(hours=1)
    in_database(
        lambda s: planned.announce(
            s, township="泉溪镇", areas=["老街"], starts_at=now + hour, ends_at=now + 9 * hour, reason="换管", by="x", now=now
        )
    )  # fmt: skip
    with served() as address:
        yield address
    public.forget_pages()


def _decided(session: Any, number: str, now: datetime) -> None:
    incident = session.query(Incident).filter_by(number=number).one()
    incident.confirmed_grade, incident.confirmed_at = "III", now
    news.confirmed(session, incident, by="陈", now=now)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_and_nothing_is_cut_off(url: str, view: str, language: str) -> None:
    options = dict(VIEWS[view])
    with at_desk(url, options.pop("size"), **options) as visitor:
        page = visitor.page
        visitor.open(f"/public/?lang={language}")
        assert page.locator("article").count() == 5
        # Forced colours are the person's own, which axe does not see.
        found = [
            one
            for one in faults(page, least=12)
            if view != "forced colours" or "contrast" not in one.split(":")[0]
        ]
        assert found == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert (
            page.evaluate("parseFloat(getComputedStyle(document.querySelector('article p')).fontSize)") >= 16
        )
        assert visitor.complaints == []


def test_a_person_without_a_mouse_reads_it_in_the_other_language_and_reports(url: str) -> None:
    with at_desk(url, PHONE) as visitor:
        page = visitor.page
        visitor.open("/public/")
        seen = []
        for _ in range(3):
            page.keyboard.press("Tab")
            seen.append(page.evaluate("document.activeElement.innerText"))
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", seen
        assert seen[0] == "English"
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Enter")
        page.get_by_role("link", name="中文").wait_for()
        assert page.evaluate("document.documentElement.lang") == "en"


def test_axe_would_see_a_fault(url: str) -> None:
    with at_desk(url, PHONE) as visitor:
        visitor.open("/public/")
        visitor.page.evaluate("document.querySelector('.sent').style.color = '#999'")
        assert any("contrast" in one for one in faults(visitor.page, least=12))


def test_it_is_read_on_paper(url: str) -> None:
    """Village notice boards: dark on white, also where the screen is dark."""
    with at_desk(url, PHONE, color_scheme="dark") as visitor:
        visitor.open("/public/")
        visitor.page.emulate_media(media="print", color_scheme="dark")
        assert (
            visitor.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        )
        assert visitor.page.evaluate("getComputedStyle(document.body).color") == "rgb(22, 32, 28)"
