"""What a tired duty officer, or a stranger's odd text, must not bring down: found by using the desk, each once."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import openpyxl
import pyotp
import pytest
from sqlalchemy import select

from bot import clock
from bot.desk import exports, sessions, updates, words
from bot.desk.app import create_app
from bot.nlu.normalise import clean
from bot.storage.tables import AuditEntry, DeskSession, Handover, PlannedOutage
from bot.water.incidents.closing import NOT_RESTORED
from bot.water.talk.areas import area_of
from tests.browser import needs_chromium
from tests.water import desk as made

from .cases import asked, burst, in_database
from .conftest import NAMES, PASSWORD, Browser
from .live import at_desk, served
from .test_pages import after, seen

Open = Callable[..., Browser]


def test_whoever_says_that_the_water_is_not_back_takes_the_page_from_nobody(
    browser: Open, now: datetime
) -> None:
    in_database(lambda s: asked(s, now, reason=NOT_RESTORED))
    in_database(lambda s: asked(s, now, reason="of tomorrow", sender_id="web-b"))
    viewer = browser("viewer")
    assert "说水还没来" in seen(viewer, "/handovers")
    assert "of tomorrow" in seen(viewer, "/handovers"), "a code without a word costs no page"


def test_every_action_of_the_audit_has_a_word(browser: Open) -> None:
    gates = [getattr(getattr(route, "endpoint", None), "gate", None) for route in create_app().routes]
    actions = {gate.action for gate in gates if gate is not None and gate.action}
    assert len(actions) > 40
    assert actions - set(words.ACTIONS) == set()
    browser("duty").submit("/account/duty", on_duty="1")
    shown = seen(browser("admin"), "/audit")
    assert "自己上班、下班" in shown
    assert "当班：是" in shown
    assert "duty.self" not in shown


def test_what_a_page_asks_by_itself_keeps_nobody_logged_in(
    browser: Open, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    duty = browser("duty")
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=20))
    assert duty.get("/", headers={"X-Live": "1"}).status_code == 200
    assert in_database(lambda s: s.scalar(select(DeskSession.seen_at))) == now
    monkeypatch.setattr(clock, "now", lambda: now + sessions.idle())
    assert duty.get("/").headers["location"] == "/login"


def test_after_logging_in_anew_one_is_back_where_one_was(browser: Open) -> None:
    nobody = browser()
    came = {"Referer": "http://127.0.0.1:5065/handovers/3?x=1"}
    answer = nobody.post("/handovers/3/say", data={"text": "马上来"}, headers=came)
    assert answer.headers["location"] == "/login?next=%2Fhandovers%2F3%3Fx%3D1"
    foreign = nobody.post("/handovers/3/say", headers={"Referer": "https://evil.example/x"})
    assert foreign.headers["location"] == "/login"
    assert nobody.post("/handovers/3/say", headers={"Referer": "http://["}).headers["location"] == "/login"


def test_odd_addresses_and_numbers_are_no_faults(browser: Open) -> None:
    duty = browser("duty")
    for path in ("/login?next=//[", "/login?next=http://[x"):
        assert duty.get(path).status_code == 200
    assert duty.get("/handovers/99999999999999999999").status_code == 404
    token = duty.csrf()
    answer = duty.post("/account/duty", data={"csrf": token}, headers={"Origin": "http://["})
    assert answer.status_code == 403


def test_a_wrong_code_leaves_the_secret_that_the_phone_has(browser: Open) -> None:
    viewer, secret = browser("viewer"), pyotp.random_base32()
    answer = viewer.submit("/account/totp", secret=secret, code="000000", old=PASSWORD)
    assert answer.status_code == 422
    assert f'value="{secret}"' in answer.text
    assert "动态码不对" in answer.text
    assert not in_database(
        lambda s: s.scalars(select(AuditEntry).where(AuditEntry.action == "totp.set")).all()
    )


def test_a_planned_outage_that_will_not_do_is_shown_as_it_was_filled_in(browser: Open, now: datetime) -> None:
    at = f"{now + timedelta(days=2):%Y-%m-%dT%H:%M}"
    answer = browser("duty").submit(
        "/planned", township="三塘镇", areas="老街、新街", starts_at=at, ends_at=at, reason="换管"
    )
    assert answer.status_code == 422
    assert 'value="老街、新街"' in answer.text
    assert 'role="alert"' in answer.text
    assert not in_database(lambda s: s.scalars(select(PlannedOutage)).all())


def test_nobody_left_a_phone_is_no_dead_end(browser: Open, now: datetime) -> None:
    one = in_database(lambda s: asked(s, now, phone=None, text="找人工"))
    assert "没有留电话" in after(browser("duty"), f"/handovers/{one}/phone", f"/handovers/{one}")


def test_an_error_leads_back(browser: Open, now: datetime) -> None:
    one = in_database(lambda s: asked(s, now))
    duty = browser("duty")
    came = {"Referer": f"http://127.0.0.1:5065/handovers/{one}"}
    answer = duty.post(f"/handovers/{one}/say", data={"csrf": duty.csrf(), "text": "好"}, headers=came)
    assert answer.status_code == 422
    assert f'href="/handovers/{one}"' in answer.text


def test_no_character_costs_the_sheet(browser: Open, now: datetime) -> None:
    assert clean("老街\ufffe\uffff\U0001fffe").text == "老街"

    def odd(session) -> None:  # type: ignore[no-untyped-def]
        found = made.incident(session, at=now, area="老街\ufffe")
        made.report(session, found, created_at=now, place="三塘镇老街\ufffe\uffff", household="h")

    in_database(odd)
    for name in ("reports", "incidents"):
        sheet = browser("duty").get(f"/export/{name}.xlsx").content
        assert "老街" in str([*openpyxl.load_workbook(io.BytesIO(sheet)).active.values][1])


def test_a_phone_in_a_place_is_neither_an_area_nor_exported(browser: Open, now: datetime) -> None:
    assert area_of("老街13912340001") == "老街"
    assert area_of("老街，电话：0734-8550001") == "老街"
    assert area_of("老街张三家身份证430422199001011234") == "老街"
    assert area_of("2026小区") == "2026小区"
    in_database(
        lambda s: made.report(
            s, made.incident(s, at=now), created_at=now, place="三塘镇老街13912340001", household="h"
        )
    )
    for form in exports.FORMS:
        if form != "xlsx":
            assert "13912340001" not in browser("duty").get(f"/export/reports.{form}").text
    assert "老街" in browser("duty").get("/export/reports.csv").text


async def test_one_user_cannot_take_all_streams() -> None:
    hub = updates.Hub(lambda: 0, seconds=0.02)

    async def pieces(by: int) -> int:
        return len([piece async for piece in hub.listen(0.3, by=by)])

    many = [asyncio.create_task(pieces(1)) for _ in range(updates.MOST_OF_ONE)]
    await asyncio.sleep(0.1)
    began = asyncio.get_running_loop().time()
    assert await pieces(1) == 1
    assert asyncio.get_running_loop().time() - began < 0.1, "one too many ends at once"
    assert await pieces(2) > 1, "another user has theirs"
    await asyncio.gather(*many)
    assert await pieces(1) > 1


@pytest.fixture
def url(people: dict[str, int]) -> Iterator[str]:
    with served() as address:
        yield address


@needs_chromium
@pytest.mark.timeout(120)
def test_many_tabs_and_what_was_half_typed(url: str, now: datetime) -> None:
    one = in_database(lambda s: asked(s, now))
    number = in_database(lambda s: burst(s, now))
    with at_desk(url, {"width": 1024, "height": 768}) as desk:
        page = desk.page
        desk.log_in(NAMES["duty"], PASSWORD)
        desk.open(f"/incidents/{number}")
        page.get_by_label("原因（一句话）").fill("主管道爆")
        page.locator("[name=report]").first.check()
        in_database(lambda s: asked(s, now, sender_id="web-b"))
        page.locator("#fresh").click()
        page.locator("#fresh").wait_for(state="detached")
        assert page.get_by_label("原因（一句话）").input_value() == "主管道爆"
        assert page.locator("[name=report]").first.is_checked()
        hide = "Object.defineProperty(document, 'hidden', {get: () => true}); document.dispatchEvent(new Event('visibilitychange'))"
        page.evaluate(hide)
        for _ in range(7):  # over HTTP/1.1 a browser has six connections
            tab = page.context.new_page()
            tab.goto(f"{url}/")
            tab.evaluate(hide)
        last = page.context.new_page()
        last.on("dialog", lambda dialog: dialog.accept())
        last.goto(f"{url}/handovers/{one}")
        last.get_by_role("button", name="接手").click()
        last.get_by_label("回话").fill("抢修队已经在路上")

        def end(session) -> None:  # type: ignore[no-untyped-def]
            for row in session.scalars(select(DeskSession)):
                session.delete(row)

        in_database(end)
        last.get_by_role("button", name="发出").click()
        last.get_by_label("用户名").fill(NAMES["duty"])
        last.get_by_label("口令").fill(PASSWORD)
        last.get_by_role("button", name="登录").click()
        last.wait_for_url(f"**/handovers/{one}")
        from playwright.sync_api import expect

        expect(last.get_by_label("回话")).to_have_value("抢修队已经在路上")
        last.locator("form.say").evaluate("form => { form.requestSubmit(); form.requestSubmit(); }")
        last.get_by_text("发出去了").wait_for()
        assert last.get_by_label("回话").input_value() == ""
        last.wait_for_timeout(500)
        said = last.locator(".ours .words").all_inner_texts()
        assert said == ["抢修队已经在路上"], "sent twice by a tired hand, said once"
    assert in_database(lambda s: s.scalar(select(Handover.status).where(Handover.id == one))) == "taken"
