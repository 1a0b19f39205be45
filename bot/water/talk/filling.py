"""What one message adds to the draft of an outage report: time, people, phone (what: `named_problems.py`; where: `where.py`)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from bot.dialogue.details import does_not_know, find_name, means_only_mine
from bot.dialogue.turn import Understood
from bot.nlu.numerals import NUMBER
from bot.nlu.numerals import parse as parse_number
from bot.nlu.spans import Span
from bot.water.talk.draft import Draft
from bot.water.talk.problems import find_problems

_NOON, _EVENING, _DEEP_NIGHT = 12, 18, 5
MOST = 400_000  # households of the whole county and more: a larger figure is a slip
# 我刚回来 tells when somebody came home, not when the water went.
_JUST_NOW = re.compile(r"刚(刚|才|停|开始|没|不久)?(?!刚|才|回|到家|到屋|下班|进屋|起床|起来|搬)|just now")
_SHORT = 5  # 刚才, 刚刚停的, whatever was asked
_START_UNKNOWN = re.compile(
    r"不(晓得|知道|清楚|记得)[^，,。；; ]{0,4}((什么|么子|何)时候?|几(点|时)|哪(天|一天|时))[^，,。；;？? ]{0,4}"
)
_COUNT_UNKNOWN = re.compile(r"(不(晓得|知道|清楚|记得|确定)|搞不清|没数)[^，,。；; ]{0,5}$")  # 不晓得几户
_MORE_THAN = re.compile(r"(不止|不只|不光|不单)(是|有)?$")
_MORE_THAN_MINE = re.compile(
    r"(不止|不只|不光|不单)(是|有)?(我|一家|一户)|不(是|系)(只|就|光|单)?(有|是)?(我|俺)们?(屋|这)?(里|头)?一?(家|户)"
)
_FEW = 10  # 不止两家 says that others have it too; 不止五千户 is at least five thousand
_BARE_CLOCK = re.compile(r"[零一二三四五六七八九十两0-9:：点半刻钟分多左右]+")
_AROUND = re.compile(r"[来把]")  # around the figure before it, a few more or fewer
_HURT = ("poisoned", "injured", "dead")
_KEEPS_PHONE = re.compile(r"不(想|方便|愿意?|用)?留(电话|号码|手机)?|没(有)?(电话|手机)")
_FIGURE = re.compile(rf"(?:{NUMBER})(?=[个户家人名位]|$|[，,。 ])")
_ALL_WITHOUT = (
    ("building", re.compile(r"(楼上|楼里|全楼|整栋|上下楼|(这|我们)一?栋).{0,4}(都|全)")),
    ("several", re.compile(r"(全都|大家都|家家户?户?都?|邻居也|隔壁也|周围都|附近都)(没|停|是这样)")),
)


def fill_rest(draft: Draft, message: Understood, asked: str | None, now: datetime) -> Draft:
    """Time, people, phone and name."""
    draft = _fill_time(draft, message, asked, now)
    draft = _fill_people(draft, message, asked)
    phone = message.last("phone")
    if phone:
        draft = replace(draft, phone=str(phone.data.get("number", phone.value)))
    elif _KEEPS_PHONE.search(message.plain):
        draft = replace(draft, asked=(*draft.asked, "outage_phone"))
    name = find_name(message, bare=phone is not None or asked == "outage_phone")
    return replace(draft, name=name or draft.name)


def _fill_time(draft: Draft, message: Understood, asked: str | None, now: datetime) -> Draft:
    point, duration = _past_point(message, now), message.first("duration")
    start = _start_of(point, duration, message, asked, now)
    if point and not start and point.data.get("iso"):
        return draft  # 明天: no report has begun in the time to come
    if point and start and draft.started and _BARE_CLOCK.fullmatch(point.value.strip()):
        start = _on_that_day(draft.started, start, now)
    if start:
        grain = str(point.data.get("grain")) if point and point.data.get("iso") else "hour"
        said = point.value if point else duration.value if duration else _just_now(message)
        return replace(draft, started_at=start.isoformat(), started_text=said, started_grain=grain)
    if point:  # vague or recurring: 早晚, 天天
        return replace(draft, started_text=point.value)
    unknown = _START_UNKNOWN.search(message.plain)
    if unknown and not draft.started_text:
        return replace(draft, started_text=message.text[unknown.start() : unknown.end()])
    if asked == "outage_time" and not draft.started_text and _may_be_a_time(message):
        return replace(draft, started_text=message.text[:30])
    return draft


def _past_point(message: Understood, now: datetime) -> Span | None:
    """The first time said that is not to come (三塘停水两天了，明天办酒席 tells of no start tomorrow), else the first."""
    points = message.all("time")
    past = (
        p
        for p in points
        if not p.data.get("iso") or datetime.fromisoformat(str(p.data["iso"])).date() <= now.date()
    )
    first = next(past, None)
    return first or (points[0] if points and not message.first("duration") else None)


def _on_that_day(before: datetime, said: datetime, now: datetime) -> datetime:
    """An hour alone (八点半) corrects the hour: the day and the half of the day stay as they were said before.

    One to five after an evening are those of the night that follows (昨晚停的，两点钟).
    """
    hour = said.hour % _NOON
    if before.hour >= _EVENING and 1 <= hour <= _DEEP_NIGHT:
        moved = (before + timedelta(days=1)).replace(hour=hour, minute=said.minute)
    else:
        moved = before.replace(hour=hour + (_NOON if before.hour >= _NOON else 0), minute=said.minute)
    return moved if moved <= now else said


def _just_now(message: Understood) -> str:
    match = _JUST_NOW.search(message.plain)
    return message.text[match.start() : match.end()] if match else ""


def _may_be_a_time(message: Understood) -> bool:
    """Words about when that no rule reads (好久了, 不晓得) are kept; another report or a mere no is not."""
    other = message.intent in ("report_outage", "deny", "affirm", "greet", "thank")
    return (
        bool(message.text)
        and (not other or does_not_know(message.plain))
        and not any(message.all(entity) for entity in ("place", "phone", "number", "scope", "report_number"))
    )


def _start_of(
    point: Span | None, duration: Span | None, message: Understood, asked: str | None, now: datetime
) -> datetime | None:
    if point and point.data.get("iso"):
        start = datetime.fromisoformat(str(point.data["iso"]))
        return start if start <= now else now if start.date() == now.date() else None
    if duration and duration.data.get("hours"):
        return now - timedelta(hours=float(duration.data["hours"]))
    alone = _JUST_NOW.match(message.plain) and len(message.plain) <= _SHORT
    if _JUST_NOW.search(message.plain) and (asked == "outage_time" or alone or find_problems(message.plain)):
        return now
    return None


def _fill_people(draft: Draft, message: Understood, asked: str | None) -> Draft:
    scope = next((s for s in reversed(message.all("scope")) if not _is_unknown(message, s)), None)
    if _MORE_THAN_MINE.search(message.plain):  # 不止我一家, 不光我屋里
        wider = str(scope.data.get("scope")) if scope and scope.data.get("scope") != "one" else "several"
        draft = replace(draft, scope=wider, households=None)
    elif scope:
        draft = replace(draft, scope=str(scope.data.get("scope")))
    elif asked == "outage_households" and means_only_mine(message.plain):
        draft = replace(draft, scope="one")
    elif draft.scope is None and any(
        _MORE_THAN.search(message.plain[: n.start]) for n in message.all("number")
    ):
        draft = replace(draft, scope="several")
    elif draft.scope is None:
        scopes = (code for code, pattern in _ALL_WITHOUT if pattern.search(message.plain))
        draft = replace(draft, scope=next(scopes, None))
    for role, count in _counts(message, asked, in_danger=draft.danger is not None):
        if role == "households":
            draft = replace(
                draft, households=count, scope=None if draft.scope == "one" and count > 1 else draft.scope
            )
        elif role in _HURT or (draft.danger and role == "people"):
            draft = replace(draft, casualties=max(count, draft.casualties or 0))
    if draft.scope == "one" and draft.households is None:
        draft = replace(draft, households=1)
    if asked == "outage_casualties" and draft.casualties is None and _nobody(message):
        draft = replace(draft, casualties=0)
    return draft


def _counts(message: Understood, asked: str | None, *, in_danger: bool) -> list[tuple[str, int]]:
    """(role, count) of what is counted, the lower end where it is rough (三十几户: 30, but 三十来户 is said as 30).

    A bare figure counts what was asked for; in an emergency, people. A figure as rough as 好几个 counts
    nothing there: how many is asked.
    """
    # 不止两家 tells that others have it too, not how many.
    numbers = [
        n
        for n in message.all("number")
        if "low" in n.data
        and not _is_unknown(message, n)
        and not (n.data["low"] <= _FEW and _MORE_THAN.search(message.plain[: n.start]))
        and not (n.data["low"] <= 1 and _MORE_THAN_MINE.search(message.plain))
    ]
    if in_danger:
        numbers = [n for n in numbers if n.data["low"] == n.data["high"]]
    counted = [
        (str(n.data.get("role")), _least(message.plain[n.start : n.end], n.data["value"], n.data["low"]))
        for n in numbers
        if n.data["low"] <= MOST
    ]
    wanted = "households" if asked == "outage_households" else "people" if in_danger else ""
    if (
        wanted
        and not counted
        and not _MORE_THAN_MINE.search(message.plain)
        and not message.all("phone")
        and not re.search("不(晓得|知道|清楚|记得|确定)|搞不清", message.plain)
        and not re.search("不止|不只|不光|不单", message.plain)
    ):
        bare = _FIGURE.search(message.plain)
        number = parse_number(bare.group()) if bare else None
        exact = number and (number.low == number.high or not in_danger)
        if bare and number and exact and number.low <= MOST:
            counted = [(wanted, _least(bare.group(), number.value, number.low))]
    return counted


def _is_unknown(message: Understood, count: Span) -> bool:
    """不晓得几户, 不知道好多户 ask rather than tell."""
    return bool(_COUNT_UNKNOWN.search(message.plain[: count.start]))


def _least(said: str, value: float, low: float) -> int:
    """The figure to count: the round one that was said (三十来户, 百把户), else the lower end of a rough one."""
    return int(value if _AROUND.search(said) else low)


def _nobody(message: Understood) -> bool:
    return message.intent == "deny" or bool(re.search(r"没有?人?|no", message.plain))
