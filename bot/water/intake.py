"""Taking an outage report, one message at a time (a pure function of draft and message)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from bot.dialogue.details import agrees, combine_places, find_name, strip_filler
from bot.dialogue.turn import Say, Step, Understood
from bot.nlu.numerals import NUMBER
from bot.nlu.numerals import parse as parse_number
from bot.nlu.spans import Span
from bot.places.gazetteer import Gazetteer, Resolved
from bot.water.draft import Draft
from bot.water.problems import find_danger, find_problems
from bot.water.readback import read_back
from bot.water.several import inherit, split, swap

MOST = 400_000  # households of the whole county and more: a larger figure is a slip
MAX_WORDS = 6  # messages kept with a report
_NO_ANSWER = re.compile(
    r"不(晓得|知道|清楚|记得)|搞不清|记不(清|得)|don'?t know|not sure|几点|什么|怎么|谁|哪|吗|你们|[?？]|^没有?$"
)
_JUST_NOW = re.compile(r"刚(刚|才|停|开始|没|不久)?|just now")
TRIES = 2  # how often one thing is asked before the report goes on without it
LOST_AFTER = 3  # or, for what it cannot do without, a person is asked to help
_TAKEN_BACK = re.compile(r"(?<!是)(不是|没有?)[^，,。；;是]{1,8}([，,。；; ]|(?=是|只是))")
_HURT = ("poisoned", "injured", "dead")
_KEEPS_PHONE = re.compile(r"不(想|方便|愿意?|用)?留(电话|号码|手机)?|没(有)?(电话|手机)")
_FIGURE = re.compile(rf"(?:{NUMBER})(?=[个户家人名位]|$|[，,。 ])")
_NAME_BEFORE_PROBLEM = re.compile(
    r"(?P<name>[\u4e00-\u9fff]{2,5}?)(这边|那边|这里|又|都|全)?(停水|没水|断水|没得水|没有水)"
)
_NO_PLACE = re.compile(
    r"邻居|隔壁|和|跟|我|你|他|她|家|屋|这|那|里|今|昨|前|早|晚|现|刚|又|都|全|还|就|已|怎|为|什|哪|是|不|没|有|在|的|了|楼上|小区|村子|水|天|停|一直|突然|经常|老是|大家|厕所|厨房|请|帮|要|报|听|说|问|因|从|通知"
)
_ALL_WITHOUT = (
    ("building", re.compile(r"(楼上|楼里|全楼|整栋|上下楼|(这|我们)一?栋).{0,4}(都|全)")),
    ("several", re.compile(r"(全都|大家都|家家户?户?都?|邻居也|隔壁也|周围都|附近都)(没|停|是这样)")),
)


def take(draft: Draft, message: Understood, asked: str | None, *, places: Gazetteer, now: datetime) -> Step:
    """Put what `message` says into `draft` and say what comes next.

    Args:
        draft: what is known so far.
        message: the person's message, normalised.
        asked: the question that was asked before, None at the start.
        places: townships and villages.
        now: county-local time.
    """
    if asked == "outage_next":
        return _next_place(draft, message, places=places, now=now)
    before = draft
    draft = replace(draft, words=_with_words(draft.words, message.text))
    if asked is None:
        draft = split(draft, message, places)
    swapped = swap(draft, message, places) if asked else None
    if swapped:
        return _go_on(swapped, asked, message, changed=True, now=now)
    if not (asked is None and draft.rest):  # two places have their own problems already
        draft = _fill_place(_fill_problem(draft, message), message, asked, places)
    draft = _fill_rest(draft, message, asked, now)
    changed = replace(draft, words=before.words) != before
    return _go_on(draft, asked, message, changed=changed, now=now)


def _with_words(words: tuple[str, ...], text: str) -> tuple[str, ...]:
    return (*words, text)[-MAX_WORDS:] if text else words


def _fill_rest(draft: Draft, message: Understood, asked: str | None, now: datetime) -> Draft:
    draft = _fill_time(draft, message, asked, now)
    draft = _fill_people(draft, message, asked)
    phone = message.last("phone")
    if phone:
        draft = replace(draft, phone=str(phone.data.get("number", phone.value)))
    elif _KEEPS_PHONE.search(message.plain):
        draft = replace(draft, asked=(*draft.asked, "outage_phone"))
    name = find_name(message, bare=phone is not None or asked == "outage_phone")
    return replace(draft, name=name or draft.name)


def _fill_problem(draft: Draft, message: Understood) -> Draft:
    found = find_problems(message.plain)
    danger = draft.danger or find_danger(message.plain)
    if danger and not found and not draft.problems:
        found = ("bad_water",) if danger != "injury" else ()
    if draft.problems and _denies(message):
        found = find_problems(_TAKEN_BACK.sub("", message.plain))
        return replace(draft, problems=found or draft.problems, danger=danger)
    fresh = tuple(code for code in found if code not in draft.problems)
    return replace(draft, problems=draft.problems + fresh, danger=danger)


def _denies(message: Understood) -> bool:
    return message.intent == "deny" or "不是" in message.text or "写错" in message.text


def _fill_place(draft: Draft, message: Understood, asked: str | None, places: Gazetteer) -> Draft:
    spot = message.last("coordinates")
    if spot:
        draft = replace(draft, lat=float(spot.data["lat"]), lon=float(spot.data["lon"]))
        said = Resolved(spot.value, draft.township, spot.value)
        return draft if draft.place else replace(draft, **draft.at(said))
    found = combine_places(places, message.all("place"))
    asked_where = asked in ("outage_place", "outage_township", "outage_township_again")
    if found is None and asked_where:
        found = _bare_place(message, places, township_only=asked != "outage_place")
    elif found and not found.detail and asked_where and not _others_in(message):
        found = places.resolve(strip_filler(message.text))  # 栗江镇的牛婆凼: all of it is the place
    elif found is None and asked is None:
        found = _leading_place(message, places)
    if found is None:
        return draft
    return replace(draft, **draft.at(_merge(draft, found)))


def _bare_place(message: Understood, places: Gazetteer, *, township_only: bool) -> Resolved | None:
    """An answer to 'where?' in which no place was recognised is taken as said."""
    if message.intent in ("deny", "affirm", "greet", "thank") or _NO_ANSWER.search(message.plain):
        return None
    said = places.resolve(strip_filler(message.text))
    if said.township or said.candidates:
        return said
    has_other_detail = any(f.entity in ("phone", "time", "duration") for f in message.found)
    if township_only or has_other_detail or len(said.text) > 40 or find_problems(message.plain):
        return None
    return said


def _others_in(message: Understood) -> bool:
    return any(f.entity in ("phone", "time", "duration", "number", "scope") for f in message.found) or bool(
        find_problems(message.plain)
    )


def _leading_place(message: Understood, places: Gazetteer) -> Resolved | None:
    """An unknown name in front of the problem (牛婆凼停水了): taken as said, its township asked for."""
    match = _NAME_BEFORE_PROBLEM.match(message.plain)
    if not match or _NO_PLACE.search(match["name"]):
        return None
    return places.resolve(message.text[match.start("name") : match.end("name")])


def _merge(draft: Draft, found: Resolved) -> Resolved:
    """The new place with what the old one adds: a township to a village, a village to a township."""
    if not draft.place:
        return found
    if found.township and not found.detail and draft.detail:
        return Resolved(f"{found.township}{draft.detail}", found.township, draft.detail)
    if (
        not found.township
        and draft.township
        and not found.candidates
        and found.text not in (draft.place or "")
    ):
        return Resolved(f"{draft.township}{found.detail}", draft.township, found.detail)
    if found.text in (draft.place or "") and draft.township and not found.township:
        return Resolved(draft.place or "", draft.township, draft.detail)
    return found


def _fill_time(draft: Draft, message: Understood, asked: str | None, now: datetime) -> Draft:
    point, duration = message.first("time"), message.first("duration")
    start = _start_of(point, duration, message, asked, now)
    if start:
        grain = str(point.data.get("grain")) if point and point.data.get("iso") else "hour"
        said = point.value if point else duration.value if duration else _just_now(message)
        return replace(draft, started_at=start.isoformat(), started_text=said, started_grain=grain)
    if point:  # vague or recurring: 早晚, 天天
        return replace(draft, started_text=point.value)
    if asked == "outage_time" and not draft.started_text and _may_be_a_time(message):
        return replace(draft, started_text=message.text[:30])
    return draft


def _just_now(message: Understood) -> str:
    match = _JUST_NOW.search(message.plain)
    return message.text[match.start() : match.end()] if match else ""


def _may_be_a_time(message: Understood) -> bool:
    """Words about when that no rule reads (好久了, 不晓得) are kept; another report or a mere no is not."""
    other = message.intent in ("report_outage", "deny", "affirm", "greet", "thank")
    return (
        bool(message.text)
        and not other
        and not any(message.all(entity) for entity in ("place", "phone", "number", "report_number"))
    )


def _start_of(
    point: Span | None, duration: Span | None, message: Understood, asked: str | None, now: datetime
) -> datetime | None:
    if point and point.data.get("iso"):
        start = datetime.fromisoformat(str(point.data["iso"]))
        return start if start <= now else now if start.date() == now.date() else start
    if duration and duration.data.get("hours"):
        return now - timedelta(hours=float(duration.data["hours"]))
    if _JUST_NOW.search(message.plain) and (asked == "outage_time" or find_problems(message.plain)):
        return now
    return None


def _fill_people(draft: Draft, message: Understood, asked: str | None) -> Draft:
    scope = message.last("scope")
    if scope:
        draft = replace(draft, scope=str(scope.data.get("scope")))
    elif draft.scope is None:
        scopes = (code for code, pattern in _ALL_WITHOUT if pattern.search(message.plain))
        draft = replace(draft, scope=next(scopes, None))
    for role, count in _counts(message, asked, in_danger=draft.danger is not None):
        if role == "households":
            draft = replace(draft, households=count)
        elif role in _HURT or (draft.danger and role == "people"):
            draft = replace(draft, casualties=max(count, draft.casualties or 0))
    if draft.scope == "one" and draft.households is None:
        draft = replace(draft, households=1)
    if asked == "outage_casualties" and draft.casualties is None and _nobody(message):
        draft = replace(draft, casualties=0)
    return draft


def _counts(message: Understood, asked: str | None, *, in_danger: bool) -> list[tuple[str, int]]:
    """(role, count) of what is counted, the lower end where it is rough (三十几户: 30).

    A bare figure counts what was asked for; in an emergency, people. A figure as rough as 好几个 counts
    nothing there: how many is asked.
    """
    numbers = [n.data for n in message.all("number") if "low" in n.data]
    if in_danger:
        numbers = [n for n in numbers if n["low"] == n["high"]]
    counted = [(str(n.get("role")), int(n["low"])) for n in numbers if n["low"] <= MOST]
    wanted = "households" if asked == "outage_households" else "people" if in_danger else ""
    if wanted and not counted and not message.all("phone"):
        bare = _FIGURE.search(message.plain)
        number = parse_number(bare.group()) if bare else None
        exact = number and (number.low == number.high or not in_danger)
        counted = [(wanted, int(number.low))] if number and exact and number.low <= MOST else []
    return counted


def _nobody(message: Understood) -> bool:
    return message.intent == "deny" or bool(re.search(r"没有?人?|no", message.plain))


def _go_on(draft: Draft, asked: str | None, message: Understood, *, changed: bool, now: datetime) -> Step:
    says: list[Say] = []
    if draft.danger and "emergency" not in draft.asked:
        says.append(Say(f"utter_emergency_{draft.danger}"))
        draft = replace(draft, asked=(*draft.asked, "emergency"))
    elif draft.danger and draft.casualties and "casualties" not in draft.asked:
        says.append(Say("utter_emergency_again", {"casualties": draft.casualties}))
        draft = replace(draft, asked=(*draft.asked, "casualties"))
    if draft.rest and "rest" not in draft.asked:
        says.append(Say("utter_two_places", {"count": len(draft.rest) + 1, "place": draft.place}))
        draft = replace(draft, asked=(*draft.asked, "rest"))
    if asked == "outage_confirm" and not changed and agrees(message):
        return Step(draft.to_json(), tuple(says), None, done=True)
    if _lost(draft):
        return Step(None, (*says, Say("utter_handed_over")), None)
    question = _next_question(draft)
    if question is None:
        return Step(draft.to_json(), tuple(says), None, done=True)
    if question == "outage_confirm":
        if asked == "outage_confirm" and not changed and message.intent == "deny":
            return Step(draft.to_json(), tuple(says), "outage_correct")
        says.append(read_back(draft, now))
    draft = replace(draft, asked=(*draft.asked, question))
    return Step(draft.to_json(), tuple(says), question)


def _next_question(draft: Draft) -> str | None:
    """The first thing still missing; None where the report can be filed without asking more."""
    if draft.danger:
        return _urgent_question(draft)
    if not draft.problems:
        return "outage_problem"
    if not draft.place:
        return "outage_place"
    if not draft.township and draft.lat is None:
        following = next(
            (q for q in ("outage_township", "outage_township_again") if q not in draft.asked), None
        )
        if following:
            return following
    if not draft.started_text and draft.asked.count("outage_time") < TRIES:
        return "outage_time"
    if not _extent_known(draft) and not draft.phone and "outage_households" not in draft.asked:
        return "outage_households"
    if not draft.phone and "outage_phone" not in draft.asked:
        return "outage_phone"
    return "outage_confirm"


def _lost(draft: Draft) -> bool:
    """What or where was asked three times without an answer: a person must help."""
    missing = "outage_problem" if not draft.problems else "outage_place" if not draft.place else ""
    return not draft.danger and draft.asked.count(missing) >= LOST_AFTER


def _urgent_question(draft: Draft) -> str | None:
    """In an emergency only what the helpers need: who is hurt, and where; then it is filed."""
    if draft.casualties is None and "outage_casualties" not in draft.asked:
        return "outage_casualties"
    if not draft.place and draft.asked.count("outage_place") < TRIES:
        return "outage_place"
    if not draft.started_text and "outage_time" not in draft.asked:
        return "outage_time"
    return None


def _extent_known(draft: Draft) -> bool:
    return draft.households is not None or draft.scope is not None


def _next_place(draft: Draft, message: Understood, *, places: Gazetteer, now: datetime) -> Step:
    """After the first of several places was filed: the next one, with what is known already."""
    if message.intent in ("deny", "cancel"):
        return Step(None, (Say("utter_rest_left"),), None)
    swapped = swap(draft, message, places)
    first = Draft.from_json(draft.rest[0])
    following = swapped or replace(first, rest=draft.rest[1:], phone=draft.phone, name=draft.name)
    following = inherit(following, draft)
    return _go_on(following, None, message, changed=True, now=now)
