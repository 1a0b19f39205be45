"""The words of the desk's pages for codes and times."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot import clock
from bot.masked import mask_words
from bot.water.incidents.history import EventLine
from bot.water.plan.facts import all_facts
from bot.water.talk import vulnerable

GRADES = {"I": "Ⅰ级", "II": "Ⅱ级", "III": "Ⅲ级", "IV": "Ⅳ级"}
GRADE_NAMES = {"I": "特别重大", "II": "重大", "III": "较大", "IV": "一般"}
STATUSES = {"open": "处理中", "closed": "已结束", "merged": "已并入别的事件"}
KINDS = {"supply": "停水、水小", "quality": "水质"}
PROBLEMS = {
    "no_water": "没水", "low_pressure": "水小", "bad_water": "水质不好", "burst": "爆管",
}  # fmt: skip
REPORT_STATUSES = {"open": "在办", "closed": "已结束", "withdrawn": "撤回了", "restored": "来水了"}
SCOPES = {
    "one": "只有一家", "building": "整栋楼", "street": "整条街", "village": "全村", "township": "全镇", "several": "几处",
}  # fmt: skip
REASONS = {
    "asked": "要找人工", "water_wanted": "要送水", "emergency": "急事", "crisis": "想不开", "not_understood": "助手听不懂",
    "not_restored": "说水还没来",
}  # fmt: skip
CHANNELS = {
    "web": "网页", "rest": "接口", "telegram": "Telegram", "wechat": "微信", "wecom": "企业微信", "open311": "Open311",
}  # fmt: skip
JOINED = {"rule": "自动归并", "tap": "本人确认", "staff": "值班员归并"}
EVENTS = {
    "opened": "立案", "fact": "改情况", "graded": "判定级别", "confirmed": "确认级别", "overridden": "人工定级",
    "step": "响应", "duty": "职责", "merged": "并入", "split": "拆出", "undone": "撤回", "told": "告知群众",
    "closed": "结束", "reopened": "重新打开",
}  # fmt: skip
CHANGES = {
    "joined": "已并入处理", "cause": "原因", "expected": "预计来水", "trucks": "送水车", "restored": "问水来了没有",
    "reopened": "重新打开", "news": "停水消息", "over": "停水结束",
}  # fmt: skip
STEPS = {
    "proposed": "提出启动", "filed": "报批", "approved": "批准", "started": "启动响应", "end_proposed": "提出终止",
    "end_approved": "批准终止", "end_ordered": "下达终止命令", "ended": "宣布终止",
}  # fmt: skip

ACTIONS = {
    "login": "登录", "logout": "退出", "password.link": "用链接设口令", "password.change": "改口令",
    "totp.set": "开通动态码", "totp.drop": "取消动态码", "duty.self": "自己上班、下班", "user.add": "加用户",
    "user.link": "发一次性链接", "user.role": "改角色", "user.duty": "改当班", "user.staff": "改提醒发给谁",
    "user.disable": "停用、恢复用户", "key.add": "做接口密钥", "key.revoke": "停用接口密钥", "incident.fact": "改情况", "incident.confirm": "确认级别",
    "incident.override": "人工定级", "incident.moment": "改起算时间", "incident.expected": "说预计来水",
    "incident.cause": "说原因", "incident.trucks": "说送水车", "incident.close": "结束事件",
    "incident.reopen": "重新打开事件", "incident.merge": "并入事件", "incident.split": "拆出报修",
    "incident.undo": "撤回并入、拆出", "duty.tick": "职责办好", "duty.untick": "职责改回没办",
    "response.step": "响应走一步", "response.withdraw": "撤回响应的一步", "response.group": "集结、撤回工作组",
    "report.phone": "看报修人电话", "talk.take": "接手对话", "talk.say": "回话", "talk.back": "交还给助手",
    "talk.settle": "办结（没有对话）", "talk.phone": "看对话人电话", "planned.announce": "公告计划停水",
    "planned.cancel": "取消计划停水", "paper": "存文书", "export.incidents": "导出事件", "export.reports": "导出报修",
    "api.fact": "改情况（接口）", "api.grade.confirm": "确认级别（接口）", "api.grade.override": "人工定级（接口）",
    "api.duty.tick": "职责办好（接口）", "api.duty.untick": "职责改回没办（接口）", "api.merge": "并入事件（接口）",
    "api.split": "拆出报修（接口）", "api.undo": "撤回并入、拆出（接口）",
}  # fmt: skip
DETAILS = {
    "asked": "问了几位", "at": "时间", "disabled": "停用", "drop_totp": "取消动态码", "event": "第几条经过",
    "fact": "哪一项", "grade": "级别", "group": "工作组", "into": "到哪个事件", "key": "哪一条", "kind": "哪一种", "new": "新用户",
    "numbers": "哪些事件", "on_duty": "当班", "out": "集结", "over": "换人接", "reports": "哪些报修", "role": "角色",
    "scopes": "能用在哪", "staff": "工作人员", "step": "哪一步", "value": "改成", "which": "从什么算起",
}  # fmt: skip
# What a person writes in a form, as it is shown where that is offered again.
TYPED = {
    "text": "回话", "reason": "理由", "cause": "原因", "where": "送水车停在哪里", "value": "改成", "office": "单位", "how": "怎么办的",
    "at": "时间", "township": "乡镇", "areas": "范围", "starts_at": "开始", "ends_at": "结束", "report": "报修", "other": "事件",
}  # fmt: skip


def grade_word(grade: str | None) -> str:
    """A grade with its name: Ⅱ级（重大）."""
    return f"{GRADES[grade]}（{GRADE_NAMES[grade]}）" if grade in GRADES else "不够级"


def left(at: datetime | None) -> str:
    """How long until `at`, or since: 还有 12 分钟, 已超 1 小时 5 分钟."""
    if at is None:
        return "—"
    rest = at - clock.now()
    return f"还有 {span(rest)}" if rest > timedelta() else f"已超 {span(rest)}"


def span(length: timedelta) -> str:
    """A length of time in words of two parts at most; its sign is left off."""
    minutes = int(abs(length) / timedelta(minutes=1))
    if minutes < 60:
        return f"{minutes} 分钟"
    if minutes < 48 * 60:
        return f"{minutes // 60} 小时" + (f" {minutes % 60} 分钟" if minutes % 60 else "")
    return f"{minutes // 1440} 天" + (f" {minutes // 60 % 24} 小时" if minutes // 60 % 24 else "")


def for_input(at: datetime | None) -> str:
    """A time as a field of type datetime-local takes it."""
    return "" if at is None else f"{at:%Y-%m-%dT%H:%M}"


def told(event: EventLine) -> str:
    """What a line of an incident's history tells, in one sentence."""
    said = _EVENTS.get(event.kind, lambda _detail: "")(dict(event.detail))
    return mask_words(said)


def _fact(detail: dict[str, Any]) -> str:
    name = str(detail.get("name") or detail.get("what") or "")
    fact = all_facts().get(name)
    label = fact.zh if fact else _OTHER_FACTS.get(name, name)
    value = detail.get("value")
    shown = "不再写明" if value is None else _value(fact, value)
    return f"{label}：{shown}{_because(detail)}"


def _value(fact: Any, value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (list, tuple)):
        return "、".join(_value(fact, one) for one in value) or "没有"
    if fact is not None and value in fact.values:
        return str(fact.values[value][0])
    text = str(value)
    return text.replace("T", " ")[:16] if len(text) > 15 and text[4:5] == "-" else text


def _because(detail: dict[str, Any]) -> str:
    reason = str(detail.get("reason") or "")
    return f"（{_REASONS.get(reason, reason)}）" if reason else ""


def _graded(detail: dict[str, Any]) -> str:
    clauses = "、".join(detail.get("clauses") or ())
    before = detail.get("before")
    was = f"，原来{grade_word(before)}" if before else ""
    return f"{grade_word(detail.get('grade'))}{f'，依据 {clauses}' if clauses else ''}{was}"


def _step(detail: dict[str, Any]) -> str:
    if detail.get("group"):
        out = "集结" if detail.get("out", True) else "撤回"
        return f"{detail['group']}{out}{_done_for(detail)}{_because(detail)}"
    step = STEPS.get(str(detail.get("step")), str(detail.get("step") or ""))
    undone = "撤回这一步：" if detail.get("withdrawn") else ""
    who = f"（{detail.get('office') or '—'}，{grade_word(detail.get('grade'))}）"
    return f"{undone}{step}{who}{_done_for(detail)}{_because(detail)}"


def _duty(detail: dict[str, Any]) -> str:
    done = "办好" if detail.get("done", True) else "改回没办"
    how = detail.get("how")
    again = f"（事件重新打开，第 {detail['round']} 轮要再办）" if detail.get("round") else ""
    return f"{detail.get('clause', '')} {done}{f'：{how}' if how else ''}{_done_for(detail)}{_because(detail)}{again}"


def _done_for(detail: dict[str, Any]) -> str:
    """For which other incident a duty or step was done, by whom and when."""
    if not detail.get("from"):
        return ""
    at = str(detail.get("done_at") or "").replace("T", " ")[5:16]
    return f"（{detail['from']} 时办的：{detail.get('done_by') or '—'} {at}）"


def _merged(detail: dict[str, Any]) -> str:
    into = detail.get("into")
    if into:
        return f"这个事件并入 {into}"
    others = (
        one.get("incident", "") if isinstance(one, Mapping) else str(one)
        for one in detail.get("merged") or ()
    )
    return f"{'、'.join(others)} 并进来了"


def _split(detail: dict[str, Any]) -> str:
    return f"一部分报修另立为 {detail.get('into') or ''}"


def _undone(detail: dict[str, Any]) -> str:
    return EVENTS.get(str(detail.get("undid")), "")


def _closed(detail: dict[str, Any]) -> str:
    """Only what is out of the order is said: a response that was running still, and why."""
    if not detail.get("running"):
        return ""
    return f"{GRADES[detail['running']]}响应还没有宣布结束{_because(detail)}"


def _told(detail: dict[str, Any]) -> str:
    what = str(detail.get("what") or detail.get("change") or "")
    return CHANGES.get(what, what)


class Words(dict[str, str]):
    """Words for codes; a code that none was thought of for stands for itself, so that it costs nobody the page."""

    def __missing__(self, code: object) -> str:
        return str(code)


_OTHER_FACTS = {
    "started_at": "开始停水的时间",
    "expected_at": "预计来水",
    "supply_area": "在县城供水范围内（1.4）",
    "moment": "起算时间",
    "paper": "文书",
}
_REASONS = {"reporters": "报修人说水还没来"}
_EVENTS = {
    "fact": _fact, "graded": _graded, "confirmed": _graded,
    "overridden": lambda detail: f"{grade_word(detail.get('grade'))}{_because(detail)}", "step": _step, "duty": _duty,
    "merged": _merged, "split": _split, "undone": _undone, "told": _told, "closed": _closed,
    "reopened": _because,
}  # fmt: skip

GLOBALS: dict[str, Any] = {
    "grade_words": GRADES,
    "grade_names": GRADE_NAMES,
} | {
    name: Words(words)
    for name, words in {
        "status_words": STATUSES, "kind_words": KINDS, "problem_words": PROBLEMS, "report_status_words": REPORT_STATUSES,
        "scope_words": SCOPES, "reason_words": REASONS, "channel_words": CHANNELS, "joined_words": JOINED,
        "event_names": EVENTS, "step_words": STEPS, "action_words": ACTIONS, "detail_words": DETAILS,
    }.items()
}  # fmt: skip


def plain_value(value: object) -> str:
    """A value of the audit's details as staff read it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (list, tuple)):
        return "、".join(plain_value(one) for one in value) or "没有"
    facts = {name: fact.zh for name, fact in all_facts().items()}
    known = {**facts, **GRADES, **STEPS, **_AUDIT_VALUES}
    return known.get(str(value), str(value)) if value is not None else "—"


_AUDIT_VALUES = {"viewer": "只看", "duty": "值班", "admin": "管理员", "first": "初报", "follow_up": "续报",
    "written": "书面报告", "summary": "总结报告", "incident": "事发", "alert": "接警", "report": "接到报告",
}  # fmt: skip

FILTERS: dict[str, Any] = {
    "plain_value": plain_value,
    "grade": grade_word, "left": left, "span": span, "for_input": for_input, "told": told, "vulnerable": vulnerable.named, "mask": lambda text: mask_words(text or ""),
}  # fmt: skip
