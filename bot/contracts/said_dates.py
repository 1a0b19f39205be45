"""The days that a clerk's message names, and what was or will be done on each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from bot.dialogue.turn import Understood
from bot.nlu.numerals import parse

SUBMITTED, SIGNED, PLANNED = "submitted_on", "signed_on", "signing_planned_on"
REQUESTED = "supplement_requested_on"
KEYS = (
    SUBMITTED, REQUESTED, "supplement_received_on", "expert_requested_on", "expert_received_on",
    SIGNED, PLANNED,
)  # fmt: skip
# What is done on a day. A word behind 没, 未 or 不 has not been done; of `other` no date is kept.
ROLE = re.compile(
    r"(?<![没未不])(?<!没有)(?:"
    r"(?P<other>备案|[归存]档|审批|批(?:准|复|下来)|上会|常务会|开会|谈判|磋商|验收|付款|到期|生效|开工|起草说明|营业执照|批文"
    r"|报给?.{0,2}(?:领导|主管|局长|县长|镇长|主任|书记)|给.{0,4}(?:领导|主管|局长|县长|镇长|主任|书记)|\bfil(?:e|ed|ing)\b|archiv)"
    r"|(?P<supplement_requested_on>(?:叫|让|要|通知|说|喊|退回).{0,4}?补(?!充协议|贴|偿|助)|asked for more)"
    r"|(?P<supplement_received_on>补(?!充协议|贴|偿|助)|材料.{0,2}齐|supplement)"
    r"|(?P<expert_requested_on>(?:委托|请|找).{0,6}(?:评估|论证|专家))"
    r"|(?P<expert_received_on>(?:收到|拿到|出).{0,4}(?:评估|论证)|(?:评估|论证).{0,6}(?:出来|做完|完成|结束|收到|回来|完))"
    r"|(?P<signed_on>签(?!证|到|不|得?不)|订立|\bsign)"
    r"|(?P<submitted_on>送(?![货餐饭水达老])|提交|交(?![通易付接流警房钱]|.{0,3}费)|报(?![备告价名酬社废销纸刊警修停])"
    r"|法审|submi|\bhand(?:ed|ing)? ?in|\bsent?\b))"
)
_ASKED_FOR_MORE = re.compile(
    r"(?:叫|让|要求|通知|说|喊).{0,6}?(?:补.{0,3}材料|材料.{0,4}补)|(?:要|得|需要?)再?补(?:充|交|齐|点|些)*材料|asked (?:us )?for more"
)
_DENIED = re.compile(r"(?:不|没|未|别)有?$")
_ONLY_DATE = re.compile(
    r"(?:改[成到为]?|换[成到]|[推延提](?:迟|期|后|前)?到|不是|不对|应该|日期|时间|就?是|在|吧|的|了|on|[,。.\s])*"
)
_PLANNED = re.compile(
    r"要|想|准备|打算|计划|预计|争取|拟|能|行不|得成|来得及|可不可以|\b(?:will|plan|going to|want)"
)
_SIGNED_ALREADY = re.compile(r"签[^,。;]{0,4}[了的过完好]|已[经]?.{0,3}签|订立了|\bsigned\b")
# Corrections: 改到12月15号; 不是12月20号，是12月18号.
_CORRECTS = re.compile(
    r"改|换|推|延|提前|调整|挪|不是|不对|应该|更正|纠正|[记说搞弄写报]错|错了|其实|日期是|时间是|\b(?:change|instead|correct|moved?|not)\b"
)
_DENIED_DAY = re.compile(r"(?:不是|并非|不在|\bnot(?: on)?)\s*$")
_DENIED_ROLE = re.compile(
    r"(?:没|未|不)有?(?:去|能)?(?:(?P<signing_planned_on>签(?!证|到))|(?P<submitted_on>送审|提交|交(?!通|费)))"
)
_NOT_SIGNED = re.compile(
    r"(?:没|未)有?(?:能|去)?签(?![证到]|没|吗)|签(?:不了|不成|不下来)|\bnot (?:yet )?(?:been )?signed"
)
_NOT_SUBMITTED = re.compile(r"(?:没|未)有?(?:去)?(?:送审|提交)(?!吗)|\bnot (?:yet )?(?:been )?submitted")
_TAKE_AWAY = re.compile(
    r"(?:取消|去掉|删掉|删除|清掉|清除|撤掉|不要)(?:了|这个|那个)?(?P<what>[^,。;]{0,8}?)的?(?:日期|时间|日子)"
)
_QUESTION = re.compile(r"[?？吗]|[没未]$|怎么|如果|要是|什么|\b(?:if|what|when)\b")
_SEPARATOR = re.compile(r"[,，。;；!！\n]")
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)[一二三四五六日天末]")
_CALENDAR_DAY = re.compile(
    r"\d{2,4}[-/.]\d+[-/.]\d+|(?:(?:\d{4}|二[〇零一二三四五六七八九]{3})年|[今去前明]年)?[\d一二三四五六七八九十]+月[\d一二三四五六七八九十]+[号日]?"
)
_LUNAR = re.compile(r"(?:农历|阴历|旧历)$")
_BARE_DAY = re.compile(
    r"(?<![\d月第.\-/a-z路街道巷栋线弄座区单一二三四五六七八九十])"
    r"(\d{1,2}|三?二?十[一二三四五六七八九]?|[一二三四五六七八九])[号日](?![楼栋线文令院路门店公机泵井码仓标内])"
)


@dataclass(frozen=True)
class SaidDay:
    """A day said at ``start`` to ``end`` of the text; ``on`` is None where there is no such day."""

    start: int
    end: int
    said: str
    on: date | None


def dates_in(
    message: Understood, case: Mapping[str, Any] | None = None, today: date | None = None,
    expected: str | None = None,
) -> dict[str, str]:  # fmt: skip
    """ISO dates by the key of the case.

    A date alone is that of `expected`, the key that was asked for; else of the one date that is known, where it
    corrects; else the day of handing in.
    """
    found = {key: day.on.isoformat() for key, day in _dated(message, case or {}, today, expected) if day.on}
    if SIGNED in found:
        found.pop(PLANNED, None)
    return found


def no_such_day(
    message: Understood, case: Mapping[str, Any] | None = None, today: date | None = None
) -> str | None:
    """The words of a date that is in no calendar (2月30日), where the message gives one."""
    return next((day.said for _, day in _dated(message, case or {}, today) if day.on is None), None)


def not_yet_signed(message: Understood, case: Mapping[str, Any], today: date | None) -> str | None:
    """The words of a day to come on which it is said to be signed already (12月18号签了, on the 1st)."""
    dated = _dated(message, case, today)
    return next(
        (day.said for key, day in dated if key == SIGNED and today and day.on and day.on > today), None
    )


def supplement_without_day(message: Understood, case: Mapping[str, Any]) -> bool:
    """Whether it is told that materials were asked for (审查那边说要补材料), and not on which day."""
    text = message.plain
    if case.get(REQUESTED) or _QUESTION.search(text) or days_said(message, case, None, every=True):
        return False
    asked = _ASKED_FOR_MORE.search(text)
    return bool(asked and not _DENIED.search(text[: asked.start()]))


def corrects(message: Understood) -> bool:
    """Whether the words say that what was known is to be put right: 改成, 不是…是, 推迟到."""
    return bool(_CORRECTS.search(message.plain))


def dates_taken_back(message: Understood, case: Mapping[str, Any], today: date | None = None) -> set[str]:
    """Keys of the case whose dates hold no longer: 没有签, 签不了, 取消送审日期; 还没送审 leaves a day that is to come."""
    text, gone = message.plain, set[str]()
    if _QUESTION.search(text):
        return gone
    if _NOT_SIGNED.search(text):
        gone |= {SIGNED, PLANNED} if re.search("签(?:不了|不成|不下来)", text) else {SIGNED}
    submitted = case.get(SUBMITTED)
    if _NOT_SUBMITTED.search(text) and submitted and today and str(submitted) <= today.isoformat():
        gone.add(SUBMITTED)
    for found in _TAKE_AWAY.finditer(text):
        role = ROLE.search(found["what"])
        keys = {role.lastgroup} if role else set()
        gone |= {SIGNED, PLANNED} if SIGNED in keys else {key for key in keys if key}
    return {key for key in gone if case.get(key)}


def corrected_without_role(
    message: Understood, case: Mapping[str, Any], today: date | None, expected: str | None = None
) -> bool:
    """Whether a date is put right without a word on which of the case's dates it is."""
    if not corrects(message) or not any(day.on for day in days_said(message, case, today)):
        return False
    return not list(_dated(message, case, today, expected)) and not ROLE.search(message.plain)


def _dated(
    message: Understood, case: Mapping[str, Any], today: date | None, expected: str | None = None
) -> Iterator[tuple[str, SaidDay]]:
    """Each day with what was done on it: the words up to the next date tell, else those before it.

    Where the message begins with what was done and ends with a date (送审是16日，签是20日), those before tell; who signs
    in a clause of its own (县政府签PPP合同，12月1日送审) begins nothing.
    A word tells of one day only, and a day that is denied (不是20号，是18号) hands its own on to the next.
    """
    text, days = message.plain, days_said(message, case, today)
    used: set[int] = set()
    leading = (
        bool(days)
        and bool(ROLE.search(_SEPARATOR.split(text[: days[0].start])[-1]))
        and not ROLE.search(text[days[-1].end :])
    )
    handed_on: str | None = None
    for index, day in enumerate(days):
        first = days[index - 1].end if index else 0
        last = days[index + 1].start if index + 1 < len(days) else len(text)
        around = _Around(text, first, day, last)
        role = around.role(used, leading=leading)
        if _DENIED_DAY.search(around.ahead) and index + 1 < len(days):
            handed_on = role or _key_of(case, day)
            continue
        role = (
            role
            or handed_on
            or _of_denied(message, case, first, day)
            or (_alone(message, case, around, expected) if len(days) == 1 else None)
        )
        handed_on = None
        if role and role != "other":
            yield _with_plan(role, day, around, today)


def _with_plan(role: str, day: SaidDay, around: _Around, today: date | None) -> tuple[str, SaidDay]:
    """A signing that is still to come is a plan, whatever else is said of it."""
    planned = bool(_PLANNED.search(around.ahead[-3:] + around.behind_clause[:6]))
    day = _planned(day, today) if planned else day
    if role != SIGNED:
        return role, day
    to_come = bool(today and day.on and day.on > today) and not _SIGNED_ALREADY.search(around.clause)
    return (PLANNED if planned or to_come else SIGNED), day


@dataclass(frozen=True)
class _Around:
    """A day within its message: the text from the day before (`first`) to the next one (`last`)."""

    text: str
    first: int
    day: SaidDay
    last: int

    @property
    def ahead(self) -> str:
        return self.text[self.first : self.day.start]

    @property
    def behind(self) -> str:
        return self.text[self.day.end : self.last]

    @property
    def behind_clause(self) -> str:
        return _SEPARATOR.split(self.behind)[0]

    @property
    def clause(self) -> str:
        return _SEPARATOR.split(self.ahead)[-1] + "|" + self.behind_clause

    def role(self, used: set[int], *, leading: bool) -> str | None:
        """What was done on the day, by a word that no other day has `used`; of several the telling one."""
        start = self.first + max((m.end() for m in _SEPARATOR.finditer(self.ahead)), default=0)
        before = [m for m in ROLE.finditer(self.text, self.first, self.day.start) if m.start() not in used]
        behind = ROLE.search(self.text, self.day.end, self.last) if not leading else None
        near = [m for m in before if m.start() >= start]
        close = behind if behind and behind.end() <= self.day.end + len(self.behind_clause) else None
        telling = [m for m in (*near, close) if m and m.lastgroup == "other"]
        if not telling and close and close.lastgroup == SUBMITTED:  # 补充材料12月1号交了
            telling = [m for m in near if m.lastgroup not in (SUBMITTED, SIGNED)]
        chosen = next(iter([*telling, *([behind] if behind else []), *before[::-1]]), None)
        used.update(
            m.start() for m in [*telling, chosen, *(near if telling else []), close if telling else None] if m
        )
        return chosen.lastgroup if chosen else None


def _alone(message: Understood, case: Mapping[str, Any], around: _Around, expected: str | None) -> str | None:
    """What a date without a word for it is of; None where that is not certain."""
    denied = _DENIED_ROLE.search(around.ahead)
    if denied and corrects(message):  # 合同还没签，改到12月15号
        return str(denied.lastgroup)
    if message.intent != "inform" and not (expected or corrects(message)):
        return None
    if not _ONLY_DATE.fullmatch(around.ahead + around.behind):
        return None
    known = [key for key in KEYS if case.get(key)]
    if expected:
        return expected
    if corrects(message) and known:
        return known[0] if len(known) == 1 else None
    return SUBMITTED if message.intent == "inform" else None


def _of_denied(message: Understood, case: Mapping[str, Any], first: int, day: SaidDay) -> str | None:
    """Which date of the case a day is that was denied before this one, and so is no time of the message any more."""
    denied = [
        SaidDay(span.start, span.end, span.value, date.fromisoformat(str(span.data["iso"])[:10]))
        for span in message.found
        if span.entity == "time" and span.data.get("iso") and first <= span.start < day.start
    ]
    return next((key for past in denied if (key := _key_of(case, past))), None)


def _key_of(case: Mapping[str, Any], day: SaidDay) -> str | None:
    """Which date of the case the day is."""
    return next((key for key in KEYS if day.on and case.get(key) == day.on.isoformat()), None)


def _planned(day: SaidDay, today: date | None) -> SaidDay:
    """A weekday that is still planned is the next one, not the last as in a report of something past."""
    if today and day.on and day.on < today and _WEEKDAY.match(day.said):
        return replace(day, on=day.on + timedelta(days=7))
    return day


def days_said(
    message: Understood, case: Mapping[str, Any], today: date | None, *, every: bool = False
) -> list[SaidDay]:
    """Days in the order of the text; `every` gives vague times (上个月) and days of no known month too."""
    found = []
    for span in message.all("time"):
        iso = span.data.get("iso")
        said = message.plain[span.start : span.end]
        real = _CALENDAR_DAY.fullmatch(said) and not _LUNAR.search(message.plain[: span.start])
        if iso or real or every:
            on = date.fromisoformat(str(iso)[:10]) if iso else None
            found.append(SaidDay(span.start, span.end, span.value, on))
    known = [day.on for day in found if day.on] + sorted(
        date.fromisoformat(str(case[key])[:10]) for key in KEYS if case.get(key)
    )[::-1]
    for m in _BARE_DAY.finditer(message.plain):
        if any(span.start < m.end() and m.start() < span.end for span in message.found):
            continue
        earlier = [day.on for day in found if day.on and day.end <= m.start()]
        month = next(iter([*earlier[::-1], *known]), today)
        if month or every:
            found.append(SaidDay(m.start(), m.end(), m[0], _of_month(m[1], month) if month else None))
    return sorted(found, key=lambda day: day.start)


def _of_month(number: str, month: date) -> date | None:
    said = parse(number)
    try:
        return month.replace(day=int(said.value)) if said else None
    except ValueError:
        return None
