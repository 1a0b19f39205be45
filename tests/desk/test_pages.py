"""The pages of incidents: what stands first, what a change shows afterwards, and what nobody may see or do."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape

import pytest
from sqlalchemy import select

from bot.storage.tables import Incident, IncidentDuty, PhoneLookup

from .cases import asked, burst, in_database
from .conftest import Browser

Open = Callable[..., Browser]


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def seen(one: Browser, path: str) -> str:
    answer = one.get(path)
    assert answer.status_code == 200, (path, answer.status_code, text_of(answer.text))
    return text_of(answer.text)


def after(one: Browser, path: str, page: str, /, **fields: str) -> str:
    """The page after a change."""
    answer = one.submit(path, page=page, **fields)
    assert answer.status_code == 303, text_of(answer.text)
    return seen(one, answer.headers["location"].split("#")[0])


@pytest.fixture
def number(people: dict[str, int], now: datetime) -> str:
    return in_database(lambda session: burst(session, now))


@pytest.fixture
def duty(browser: Open) -> Browser:
    return browser("duty")


# the list


def test_the_gravest_stands_first_and_what_is_late_says_so_in_words(duty: Browser, now: datetime) -> None:
    mild = in_database(lambda s: burst(s, now, households=20, hours=1, area="新街", opened_at=now))
    grave = in_database(lambda s: burst(s, now, area="老街"))
    html = duty.get("/").text
    assert html.index(f'href="/incidents/{grave}"') < html.index(f'href="/incidents/{mild}"')
    shown = seen(duty, "/")
    assert "级别待确认" in shown
    assert re.search(r"超时 \d+ 项", shown)
    assert "现在要办" in shown


def test_filters_find_by_number_place_grade_and_status(duty: Browser, now: datetime) -> None:
    one = in_database(lambda s: burst(s, now, area="老街"))
    other = in_database(
        lambda s: burst(s, now, households=1, hours=1, township="泉溪镇", area="河边", kind="quality")
    )
    for query, found, hidden in (
        ("q=河边", other, one), (f"q={one.lower()}", one, other), ("township=泉溪镇", other, one), ("kind=quality", other, one),
        ("grade=III", one, other), ("q=%25", None, one), ("status=closed", None, one),
    ):  # fmt: skip
        rows = re.findall(r'<th scope="row"><a href="/incidents/([^"]+)"', duty.get(f"/?{query}").text)
        assert found is None or found in rows, query
        assert hidden not in rows, query


def test_an_address_that_makes_no_sense_shows_the_list(duty: Browser, number: str) -> None:
    assert number in duty.get("/?order=x&page=-1&status=weg&grade=V&kind=;").text
    assert duty.get("/?page=99999").status_code == 200


def test_who_waits_for_an_answer_stands_on_the_first_page_without_their_phone(
    duty: Browser, now: datetime
) -> None:
    in_database(lambda s: asked(s, now - timedelta(minutes=7), urgent=True, reason="emergency"))
    shown = seen(duty, "/")
    assert "急！有人等回话" in shown
    assert "等了 7 分钟" in shown
    assert "13912340001" not in shown


# one incident


def test_the_page_shows_grade_clause_three_figures_and_duties(duty: Browser, number: str) -> None:
    shown = seen(duty, f"/incidents/{number}")
    assert "Ⅲ级（较大） 系统判定，待您确认" in shown
    assert "3.2.3(3)" in shown
    assert "至少 1200 户" in shown
    assert "没有分区资料" in shown
    assert "还没有核定" in shown
    assert "139****0000" in shown
    assert "13912340000" not in shown


def test_confirming_shows_it_and_takes_the_button_away(duty: Browser, number: str) -> None:
    path = f"/incidents/{number}"
    assert "确认Ⅲ级（较大）</button>" in duty.get(path).text
    shown = after(duty, f"{path}/confirm", path, seen="III")
    assert "已确认：Ⅲ级（较大）" in shown
    assert "系统判定，待您确认" not in shown
    assert "确认Ⅲ级（较大）</button>" not in duty.get(path).text
    assert "确认级别 Ⅲ级" in seen(duty, path)


def test_a_grade_that_changed_meanwhile_is_not_confirmed_unseen(duty: Browser, number: str) -> None:
    answer = duty.submit(f"/incidents/{number}/confirm", page=f"/incidents/{number}", seen="IV")
    assert answer.status_code == 422
    assert "级别刚刚变了" in text_of(answer.text)
    assert in_database(lambda s: s.scalars(select(Incident.confirmed_grade)).one()) is None


def test_another_grade_needs_a_reason(duty: Browser, number: str) -> None:
    path = f"/incidents/{number}"
    assert duty.submit(f"{path}/override", page=path, grade="II", reason=" ").status_code == 422
    shown = after(duty, f"{path}/override", page := path, grade="II", reason="县长要求")
    assert "系统现在判定Ⅲ级（较大），依据：3.2.3(3)" in shown, (
        "the clause is not one of the grade that staff set"
    )
    assert page == path
    assert "人工定为Ⅱ级（重大）" in shown
    assert "县长要求" in shown


def test_a_fact_counts_at_once_and_says_who_set_it(duty: Browser, number: str) -> None:
    path = f"/incidents/{number}"
    shown = after(duty, f"{path}/fact", path, name="households", value="３２００")
    assert "现在判定：" in shown
    assert "3200 户" in shown
    assert "zhiban" in shown
    assert "户数按值班员核定算" in shown
    shown = after(duty, f"{path}/fact", path, name="households", value="", drop="1")
    assert "还没有核定" in shown
    answer = duty.submit(f"{path}/fact", page=path, name="households", value="很多")
    assert answer.status_code == 422
    assert "要填数字" in text_of(answer.text)
    assert duty.submit(f"{path}/fact", page=path, name="nonsense", value="1").status_code == 422


def test_each_kind_of_fact_can_be_set_from_its_own_form(duty: Browser, number: str) -> None:
    """The names and values of the page's own forms are what the use case takes."""
    path = f"/incidents/{number}"
    html = duty.get(path).text
    forms = re.findall(rf'<form method="post" action="{path}/fact">(.*?)</form>', html, re.S)
    assert len(forms) > 8
    for one in forms:
        name = re.search(r'name="name" value="([^"]+)"', one)
        assert name
        options = list(re.findall(r'(?:option|checkbox" name="value") value="([^"]+)"', one))
        answer = duty.submit(f"{path}/fact", page=path, name=name[1], value=options[0] if options else "3")
        assert answer.status_code == 303, (name[1], options, text_of(answer.text))


def test_a_ticked_duty_says_who_when_and_how_and_can_be_taken_back(duty: Browser, number: str) -> None:
    path = f"/incidents/{number}"
    late = int(re.search(r"职责和时限： 超时 (\d+) 项", seen(duty, path))[1])  # type: ignore[index]
    key = in_database(
        lambda s: s.scalars(select(IncidentDuty.key).where(IncidentDuty.due_at.is_not(None))).first()
    )
    shown = after(duty, f"{path}/tick", path, key=key, how="电话")
    assert "办好了（过了时限）" in shown
    assert "zhiban：电话" in shown
    rest = re.search(r"职责和时限： 超时 (\d+) 项", shown)
    assert (int(rest[1]) if rest else 0) == late - 1
    shown = after(duty, f"{path}/untick", path, key=key)
    assert f"超时 {late} 项" in shown
    assert duty.submit(f"{path}/tick", page=path, key="nonsense", how="").status_code == 404


def test_the_time_that_a_duty_was_done_is_checked(duty: Browser, number: str, now: datetime) -> None:
    path = f"/incidents/{number}"
    key = in_database(lambda s: s.scalars(select(IncidentDuty.key)).first())
    for at in ("2026-11-23T19:00", "gestern", "2026-11-23T19:00+08:00"):
        assert duty.submit(f"{path}/tick", page=path, key=key, how="", at=at).status_code == 422, at


def test_the_response_goes_step_by_step(duty: Browser, number: str) -> None:
    path = f"/incidents/{number}"
    assert "先确认级别，再启动响应" in seen(duty, path)
    duty.submit(f"{path}/confirm", page=path, seen="III")
    html = duty.get(path).text
    steps = re.findall(r'name="step" value="([^"]+)"', html)
    assert steps
    shown = after(duty, f"{path}/step", path, step=steps[0])
    assert "记下了：" in shown
    assert "最后一步记错了" in shown
    assert duty.submit(f"{path}/step", page=path, step="ended").status_code == 422
    shown = after(duty, f"{path}/withdraw", path, step=steps[0], reason="记错了")
    assert "撤回了" in shown


def test_what_runs_is_closed_with_a_reason_and_its_end_is_not_ticked_past_the_steps(
    duty: Browser, number: str
) -> None:
    path = f"/incidents/{number}"
    duty.submit(f"{path}/confirm", page=path, seen="III")
    assert "为什么先结束事件" not in seen(duty, path)
    for step in ("proposed", "started"):
        duty.submit(f"{path}/step", page=path, step=step)
    html = duty.get(path).text
    assert "为什么先结束事件" in html
    assert "随响应办" in html
    assert 'name="key" value="5.5-end-by-bureau"' not in html
    refused = duty.submit(f"{path}/tick", page=path, key="5.5-end-by-bureau", how="电话")
    assert refused.status_code == 422
    assert duty.submit(f"{path}/close", page=path, reason="").status_code == 422
    assert "正在问" in after(duty, f"{path}/close", path, reason="水来了，响应后补")


def test_a_phone_is_shown_once_and_that_is_kept(duty: Browser, number: str) -> None:
    path = f"/incidents/{number}"
    report = re.findall(r'name="report" value="([^"]+)"', duty.get(path).text)[-1]
    shown = after(duty, f"{path}/reports/{report}/phone", path)
    assert "13912340000" in shown
    assert "您看过，已记录" in shown
    assert "13912340000" not in seen(duty, path)
    assert in_database(lambda s: s.scalars(select(PhoneLookup.by)).all()) == ["zhiban"]


def test_told_people_closing_and_opening_again(duty: Browser, number: str) -> None:
    path = f"/incidents/{number}"
    assert "预计来水时间改好了" in after(duty, f"{path}/expected", path, at="2026-11-24T08:00")
    assert "11月24日 08:00" in seen(duty, path)
    assert "原因会告诉" in after(duty, f"{path}/cause", path, cause="主管爆裂")
    assert "送水车的消息会告诉" in after(duty, f"{path}/trucks", path, where="老街口", at="")
    assert duty.submit(f"{path}/expected", page=path, at="2020-01-01T08:00").status_code == 422
    assert "正在问" in after(duty, f"{path}/close", path)
    assert number not in seen(duty, "/")
    assert number in seen(duty, "/?status=closed")
    assert duty.submit(f"{path}/reopen", page=path, reason="").status_code == 422
    assert "重新打开了" in after(duty, f"{path}/reopen", path, reason="又停了")
    assert number in seen(duty, "/")


def test_a_drill_says_so_everywhere(duty: Browser, now: datetime) -> None:
    made = in_database(lambda s: burst(s, now, drill=True))
    assert "【演练】" in seen(duty, "/")
    shown = seen(duty, f"/incidents/{made}")
    assert "【演练】这不是真的停水" in shown
    assert "演练" in seen(duty, f"/incidents/{made}/papers/first")


def test_what_is_typed_by_residents_is_never_markup(duty: Browser, now: datetime) -> None:
    bad = "<script>alert(1)</script>'\"{{7*7}}"
    made = in_database(lambda s: burst(s, now, area=bad))
    in_database(lambda s: asked(s, now, text=bad))
    for path in ("/", f"/incidents/{made}", "/handovers", "/map", f"/incidents/{made}/papers/first"):
        html = duty.get(path).text
        assert "<script>alert" not in html, path
        assert "49" not in re.findall(r"alert\(1\).{40}", html), path


@pytest.mark.parametrize("path", ["/incidents/SJ999999-001", "/handovers/4711", "/incidents/x/papers/first"])
def test_what_is_not_there_is_a_404_in_words(duty: Browser, path: str) -> None:
    answer = duty.get(path)
    assert answer.status_code == 404
    assert "没有" in answer.text


def test_a_viewer_sees_all_and_changes_nothing(browser: Open, number: str, now: datetime) -> None:
    viewer, path = browser("viewer"), f"/incidents/{number}"
    html = viewer.get(path).text
    assert "Ⅲ级" in html
    assert re.findall(r'<form method="post" action="([^"]+)"', html) == ["/logout"]
    one = in_database(lambda s: asked(s, now))
    for target in (f"{path}/confirm", f"{path}/tick", f"{path}/close", f"/handovers/{one}/take", "/planned"):
        assert viewer.submit(target).status_code == 403, target
    assert viewer.get("/export/reports.csv").status_code == 403


def test_nothing_is_shown_to_who_is_not_logged_in(browser: Open, number: str) -> None:
    nobody = browser()
    for path in (
        "/",
        f"/incidents/{number}",
        "/map",
        "/map.json",
        "/events",
        "/handovers",
        "/planned",
        "/export/reports.csv",
    ):
        answer = nobody.get(path)
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/login"), path


# papers


def test_a_paper_is_read_printed_and_saved(duty: Browser, number: str) -> None:
    path = f"/incidents/{number}/papers/first"
    shown = seen(duty, path)
    assert "初报" in shown
    assert "〔待填：" in shown
    assert "三塘镇" in shown
    assert "data-print" in duty.get(path).text
    saved = duty.get(f"{path}.docx")
    assert saved.content[:2] == b"PK"
    assert "filename*=UTF-8''" in saved.headers["content-disposition"]
    assert duty.get(f"/incidents/{number}/papers/poem").status_code == 422


# planned outages


def test_a_planned_outage_is_announced_and_cancelled(duty: Browser) -> None:
    fields = {
        "township": "三塘镇", "areas": "老街、新街；河边", "starts_at": "2026-11-25T08:00", "ends_at": "2026-11-25T18:00",
        "reason": "换水管",
    }  # fmt: skip
    shown = after(duty, "/planned", "/planned", **fields)
    assert "公告好了" in shown
    assert "老街、新街、河边" in shown
    made = re.search(r"JH\d+-\d+", shown)
    assert made
    assert "取消了" in after(duty, f"/planned/{made[0]}/cancel", "/planned")
    answer = duty.submit("/planned", page="/planned", **{**fields, "ends_at": "2026-11-25T07:00"})
    assert answer.status_code == 422
    assert "结束时间要晚于开始时间" in text_of(answer.text)


# the map


def test_the_map_has_places_of_reports_and_of_the_township(duty: Browser, number: str) -> None:
    data = duty.get("/map.json").json()
    (spot,) = data["incidents"]
    assert spot["number"] == number
    assert spot["exact"] is True
    assert spot["lat"] == pytest.approx(26.971)
    assert len(data["reports"]) == 3
    assert "13912340000" not in duty.get("/map.json").text
    assert number in seen(duty, "/map")


# merging and splitting


def test_incidents_are_put_together_and_that_is_undone(duty: Browser, number: str, now: datetime) -> None:
    path = f"/incidents/{number}"
    other = in_database(lambda s: burst(s, now, area="河边"))
    assert other in seen(duty, path)
    shown = after(duty, f"{path}/merge", path, other=other)
    assert f"{other} 并进来了" in shown
    assert "报修（6 件）" in shown
    assert "已经并入" in seen(duty, f"/incidents/{other}")
    event = re.search(r'name="event" value="(\d+)"', duty.get(path).text)
    assert event
    shown = after(duty, f"{path}/undo", path, event=event[1])
    assert "报修（3 件）" in shown
    assert 'name="event"' not in duty.get(path).text
    assert "已经并入" not in seen(duty, f"/incidents/{other}")
    assert duty.submit(f"{path}/merge", page=path).status_code == 422


def test_reports_become_an_incident_of_their_own(duty: Browser, number: str) -> None:
    path = f"/incidents/{number}"
    report = re.findall(r'name="report" value="([^"]+)"', duty.get(path).text)[0]
    answer = duty.submit(f"{path}/split", page=path, report=report)
    assert answer.status_code == 303, text_of(answer.text)
    made = answer.headers["location"]
    assert made != path
    assert "报修（1 件）" in seen(duty, made)
    assert "报修（2 件）" in seen(duty, path)
    assert duty.submit(f"{path}/split", page=path).status_code == 422
