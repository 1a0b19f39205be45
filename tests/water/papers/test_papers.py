"""The written reports, read back from their .docx: what is known and from whom, the rest marked, nothing made up."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import docx
import pytest
from sqlalchemy.orm import Session

from bot.errors import BadInput, NotFound
from bot.storage.tables import Incident, SupplyZone
from bot.water.duty.duty_lines import set_moment, tick
from bot.water.incidents.assessing import refresh
from bot.water.incidents.decisions import confirm_grade, override_grade, set_fact
from bot.water.incidents.history import KINDS as EVENT_KINDS
from bot.water.incidents.history import note
from bot.water.incidents.response import call_group, take_step
from bot.water.papers.paper_parts import PARTS, papers
from bot.water.papers.papers import KINDS, paper
from tests.water.desk import OPENED, incident, report

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MARK = re.compile(r"〔待填：[^〕]+〕")
# What 4.2.3 asks a first report to hold, in the plan's order.
FIRST = [
    "事故类型", "发生时间", "地点", "主要污染物种类", "人员受损情况", "财产受损情况", "潜在的危害程度", "次生灾害", "发展趋向",
]  # fmt: skip
ALWAYS = ["报告单位", "联系方式", "签发人"]


def read(
    session: Session, found: Incident, kind: str, now: datetime = OPENED, by: str | None = "陈"
) -> tuple[str, dict[str, str], str]:
    """(file's name, the table as label to text, everything outside of it)."""
    name, body = paper(session, number=found.number, kind=kind, by=by, now=now)
    document = docx.Document(BytesIO(body))
    rows = {row.cells[0].text: row.cells[1].text for row in document.tables[0].rows}
    heads = [paragraph.text for section in document.sections for paragraph in section.header.paragraphs]
    return name, rows, "\n".join([*heads, *(paragraph.text for paragraph in document.paragraphs)])


def known(session: Session) -> Incident:
    """A burst main of which much is known: reports, facts of staff, a confirmed grade, steps, duties."""
    zone = SupplyZone(
        code="Z1", name="城北", township="三塘镇", areas=[], households=4200, imported_at=OPENED
    )
    session.add(zone)
    session.flush()
    found = incident(session, started_at=OPENED - 2 * HOUR, zone_id=zone.id)
    for number in range(3):
        report(
            session, found, household=f"h{number}", started_at=OPENED - 2 * HOUR, latest_start=OPENED - 2 * HOUR,
            started_grain="hour", also_problems=["burst"] if number == 0 else [], name="何国安", phone="13800001234",
            text="我家没水了", place="三塘镇老街5号何国安家",
        )  # fmt: skip
    report(session, found, household="h9", status="withdrawn", problem="bad_water")
    refresh(session, found, now=OPENED)
    facts = {
        "cause": "facility_failure", "supply_effect": "interrupted", "households": 3600, "deaths": 1,
        "interruption_hours": 20, "damage": ["booster_station_destroyed"], "area_affected": "part",
    }  # fmt: skip
    for name, value in facts.items():
        set_fact(session, number=found.number, name=name, value=value, by="陈", now=OPENED + MINUTE)
    confirm_grade(session, number=found.number, by="陈", now=OPENED + 2 * MINUTE)
    take_step(session, number=found.number, step="proposed", by="陈", office="", now=OPENED + 3 * MINUTE)
    take_step(session, number=found.number, step="started", by="陈", office="", now=OPENED + 4 * MINUTE)
    call_group(session, number=found.number, group="后勤送水保障组", by="陈", now=OPENED + 5 * MINUTE)
    call_group(session, number=found.number, group="事故调查评估组", by="陈", now=OPENED + 5 * MINUTE)
    tick(
        session,
        incident=found,
        key="4.2.1-company-to-bureau",
        by="陈",
        how="电话报告",
        now=OPENED + 6 * MINUTE,
    )
    tick(
        session, incident=found, key="4.2.1-company-to-county", by="陈", how="传真", now=OPENED + 50 * MINUTE
    )
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_of_an_incident_of_which_nothing_is_known_everything_is_marked(session: Session, kind: str) -> None:
    found = incident(session, township=None, area="")
    _name, rows, _rest = read(session, found, kind, by=None)
    form = papers()["papers"][kind]
    told = {"opened", "course", "status", "duties_all", "rise"}  # what the record itself gives
    for part in form["parts"]:
        text = rows[part["label"]]
        if "fill" in part or not told & set(part["from"]):
            assert MARK.search(text), part["label"]
        if not told & set(part["from"]):
            assert MARK.fullmatch(text), f"{part['label']}: {text}"
    for label in (*ALWAYS, "填表人"):
        assert MARK.fullmatch(rows[label]), label
    assert rows["级别"] == "未定级"


def test_the_first_report_holds_what_the_plan_asks_for(session: Session) -> None:
    found = known(session)
    name, rows, rest = read(session, found, "first", OPENED + HOUR)
    assert name == f"{found.number}-初报-1123-1900.docx"
    assert list(rows) == ["事件编号", "报送", "级别", "制表时间", "填表人", *FIRST, *ALWAYS]
    assert rest.splitlines()[:2] == [f"{found.number} 初报", "供水突发事故初报"]
    assert "4.2.3" in rest
    assert rows["级别"] == "Ⅲ级（较大）（2026-11-23 18:02 陈确认）"
    assert rows["填表人"] == "陈"
    assert rows["事故类型"].split("\n") == [
        "事故灾难引起的供水中断（3.1）；原因：供水设施故障（陈 2026-11-23 18:01填写）",
        "居民报告3条：停水3条、爆管1条（未核实）",
    ]
    assert rows["发生时间"].split("\n") == ["2026-11-23 16:00", "首次接报：2026-11-23 18:00"]
    assert rows["地点"].split("\n")[0] == "三塘镇老街"
    assert rows["主要污染物种类"] == "〔待填：污染物种类，没有污染写“无”〕"
    assert rows["人员受损情况"] == "死亡人数：1人（陈 2026-11-23 18:01填写）"
    assert rows["财产受损情况"].split("\n") == [
        "受损情况：加压站遭到破坏（陈 2026-11-23 18:01填写）", "〔待填：财产损失〕",
    ]  # fmt: skip
    assert rows["潜在的危害程度"].split("\n")[:3] == [
        "值班人员核实：3600户", "按供水分区估算：4200户", "居民报告：至少3户（未核实）",
    ]  # fmt: skip
    assert rows["次生灾害"] == "〔待填：是否发生了次生灾害〕"
    assert "〔待填：事故发展趋向〕" in rows["发展趋向"]


def test_the_follow_up_report_adds_figures_cause_course_and_measures(session: Session) -> None:
    found = known(session)
    found.expected_at = OPENED + 8 * HOUR
    _name, rows, _rest = read(session, found, "follow_up", OPENED + HOUR)
    assert list(rows)[5:-3] == ["准确数据", "发生的原因", "过程", "进展", "已采取的应急措施"]
    assert (
        "连续停水小时数（已停或预计）：20.98小时（陈 2026-11-23 18:01填写20小时，此后按时间累加）"
        in rows["准确数据"]
    )
    assert rows["发生的原因"].startswith("供水设施故障（陈")
    assert "正在处置（截至2026-11-23 19:00）" in rows["进展"]
    assert "预计2026-11-24 02:00恢复供水" in rows["进展"]
    measures = rows["已采取的应急措施"].split("\n")
    assert measures[0] == "2026-11-23 18:03 县住房和城乡建设局提出启动（Ⅲ级）"
    assert "2026-11-23 18:05 启动后勤送水保障组（县城管执法局牵头）" in measures
    assert "2026-11-23 18:05 启动事故调查评估组（县政府或县住房和城乡建设局牵头）" in measures
    assert "2026-11-23 18:06 县自来水有限公司→县住房和城乡建设局：电话报告（4.2.1）" in measures
    assert measures[-1] == "〔待填：抢修、送水等措施〕"
    course = rows["过程"].split("\n")
    assert [line[:16] for line in course] == sorted(line[:16] for line in course)
    assert "2026-11-23 18:02 陈确认为Ⅲ级（较大）" in course
    assert any(line.endswith("陈填写死亡人数：1人") for line in course)
    assert any("按事实判为Ⅲ级（较大）" in line for line in course)


def test_the_report_in_writing_goes_where_the_plan_says(session: Session) -> None:
    found = known(session)
    _name, rows, rest = read(session, found, "written")
    assert rows["报送"] == "县应急指挥中心、县政府"
    assert rows["同时通报"] == "县委网信办"
    assert "4.2.2" in rest
    labels = {part["label"] for part in papers()["papers"]["written"]["parts"]}
    assert labels <= rows.keys()


def test_the_summary_says_what_was_done_in_time_and_what_was_not(session: Session) -> None:
    found = known(session)
    for step in ("end_proposed", "end_approved", "end_ordered", "ended"):
        take_step(session, number=found.number, step=step, by="陈", office="", now=OPENED + 9 * HOUR)
    found.status, found.closed_at = "closed", OPENED + 10 * HOUR
    _name, rows, rest = read(session, found, "summary", OPENED + 20 * HOUR)
    duties = rows["报告和职责履行"].split("\n")
    assert duties[2] == "2026-11-23 18:06 县自来水有限公司→县住房和城乡建设局：电话报告（4.2.1）" or (
        "2026-11-23 18:06 县自来水有限公司→县住房和城乡建设局：电话报告（4.2.1）" in duties
    )
    late = [line for line in duties if "晚于时限" in line]
    assert late == [
        "2026-11-23 18:50 县自来水有限公司→县政府、县应急指挥中心：传真（4.2.1），晚于时限2026-11-23 18:30"
    ]
    assert any(line.startswith("未记录办理：其他接警单位或部门→") and "时限" in line for line in duties)
    assert "后期处理由县自来水有限公司牵头（6.1.1）" in rows["应急响应"]
    assert "县住房和城乡建设局宣布应急结束（Ⅲ级）" in rows["应急响应"]
    assert rows["结束"] == "已于2026-11-24 04:00恢复、关闭"
    for label, what in (("经验教训", "经验教训"), ("防止再发生的措施（6.2.1）", "防止类似事故的措施")):
        assert rows[label] == f"〔待填：{what}〕"
    assert "6.2.2" in rest


@pytest.mark.parametrize("kind", KINDS)
def test_no_paper_holds_anything_about_a_resident(session: Session, kind: str) -> None:
    _name, rows, rest = read(session, known(session), kind)
    text = "\n".join([*rows.values(), rest])
    for private in ("何国安", "138", "5号", "我家没水了", "何国安家"):
        assert private not in text


@pytest.mark.parametrize("kind", KINDS)
def test_a_drill_says_so_in_head_title_foot_and_name(session: Session, kind: str) -> None:
    found = incident(session, drill=True)
    name, _rows, rest = read(session, found, kind)
    assert name.startswith("演练-SJ")
    head, title, warning, *_foot = rest.splitlines()
    assert head.startswith("【演练】")
    assert title.startswith("【演练】")
    assert warning == "演练材料，不是真实事故。"
    assert "演练" not in "".join(
        [read(session, incident(session), kind)[0], *read(session, incident(session), kind)[1].values()]
    )


@pytest.mark.parametrize(
    ("cause", "category"),
    [
        ("drought", "自然灾害引起的供水中断"), ("natural_disaster", "自然灾害引起的供水中断"),
        ("power_failure", "事故灾难引起的供水中断"), ("plant_accident", "事故灾难引起的供水中断"),
        ("contamination", None), ("war_or_terrorism", None), ("other", None),
    ],
)  # fmt: skip
def test_the_kind_of_incident_is_said_only_where_the_cause_settles_it(
    session: Session, cause: str, category: str | None
) -> None:
    found = incident(session)
    set_fact(session, number=found.number, name="cause", value=cause, by="陈", now=OPENED)
    _name, rows, _rest = read(session, found, "first")
    assert (category in rows["事故类型"]) if category else ("引起的供水中断" not in rows["事故类型"])


def test_a_rough_start_is_said_to_be_rough(session: Session) -> None:
    found = incident(session, started_at=OPENED - 20 * HOUR)
    report(session, found, started_at=OPENED - 20 * HOUR, started_grain="part")
    assert read(session, found, "first")[1]["发生时间"].startswith("约2026-11-22 22:00（居民说法，不确切）")
    set_moment(
        session,
        number=found.number,
        which="incident",
        at=OPENED - 19 * HOUR,
        by="陈",
        now=OPENED,
        reason="水厂记录",
    )
    _name, rows, _rest = read(session, found, "first")
    assert rows["发生时间"].startswith("2026-11-22 23:00\n")
    course = read(session, found, "follow_up")[1]["过程"]
    assert "陈更正起算时间：事发 2026-11-22 23:00（水厂记录）" in course


def test_a_grade_that_waits_or_was_overridden_is_said_as_such(session: Session) -> None:
    found = incident(session)
    set_fact(session, number=found.number, name="deaths", value=1, by="陈", now=OPENED)
    assert read(session, found, "first")[1]["级别"] == "Ⅲ级（较大），初步判定，待确认（3.2.3(3)）"
    override_grade(session, number=found.number, grade="IV", reason="不是供水引起", by="王", now=OPENED)
    text = "Ⅳ级（一般）（2026-11-23 18:00 王人工认定，理由：不是供水引起；按事实判为Ⅲ级（较大））"
    assert read(session, found, "first")[1]["级别"] == text
    set_fact(session, number=found.number, name="deaths", value=3, by="陈", now=OPENED)
    assert (
        read(session, found, "first")[1]["级别"] == f"{text}\n另按新情况达到Ⅱ级（重大）（3.2.2(5)），待确认"
    )


def test_every_kind_of_event_has_words_and_a_broken_letter_breaks_nothing(session: Session) -> None:
    found = known(session)
    for kind in EVENT_KINDS:
        note(session, found, kind, at=OPENED, by="陈\x0b\x1f")
    course = read(session, found, "follow_up")[1]["过程"]
    assert not re.search(r"\b(?:" + "|".join(EVENT_KINDS) + r")\b", course)


def test_what_is_not_there(session: Session) -> None:
    with pytest.raises(NotFound):
        paper(session, number="SJ000000-001", kind="first", by="陈", now=OPENED)
    with pytest.raises(BadInput, match="first"):
        paper(session, number=incident(session).number, kind="poem", by="陈", now=OPENED)


def test_the_file_of_papers_names_only_parts_that_there_are() -> None:
    assert tuple(papers()["papers"]) == KINDS
    used: set[Any] = set()
    for form in papers()["papers"].values():
        labels = [part["label"] for part in form["parts"]]
        assert len(set(labels)) == len(labels)
        assert (form["to"] is None) == ("hint" in form)
        for part in form["parts"]:
            assert part["from"] or "fill" in part
            used |= set(part["from"])
    assert used == PARTS.keys()


def test_the_first_alert_is_that_of_all_that_is_one_now_and_a_part_split_off_says_so(
    session: Session,
) -> None:
    found = incident(session)
    set_moment(
        session, number=found.number, which="alert", at=OPENED - HOUR, by="陈", now=OPENED, reason="电话先到"
    )
    note(session, found, "opened", at=OPENED, by="陈", **{"from": "SJ261123-900"})
    _name, rows, _rest = read(session, found, "first")
    assert "首次接报：2026-11-23 17:00" in rows["发生时间"]
    _name, rows, _rest = read(session, found, "follow_up")
    assert "从SJ261123-900分出" in rows["过程"]
    assert "接到第一条报告" not in rows["过程"]


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        ("first", "潜在的危害程度"),
        ("follow_up", "准确数据"),
        ("written", "影响户数和供水情况"),
        ("summary", "影响户数和供水情况"),
    ],
)
def test_how_many_cannot_wait_for_water_stands_in_each_paper_without_a_name(
    session: Session, kind: str, label: str
) -> None:
    found = incident(session, started_at=OPENED - HOUR)
    report(session, found, household="h1", vulnerable="bedridden", text="我娘瘫在床上", place="三塘镇老街5号")
    refresh(session, found, now=OPENED)
    _name, rows, rest = read(session, found, kind)
    assert "居民报告：1户有卧床、透析、孕产妇、婴儿、独居老人等要先照顾的人（未核实）" in rows[label].split(
        "\n"
    )
    assert "5号" not in f"{rows}{rest}"
