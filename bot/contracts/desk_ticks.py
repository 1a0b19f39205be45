"""Which things of a contract's checklist a clerk says are done or not: 第3项办好了, 材料交了, 3，5都办完了, 点错了.

Pure functions on the normalised text. A thing is named by its number, by words of its own (`said` in
data/law/contract/checklist.yml), with its whole stage, or as one of all that were just looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.contracts.desk import Dossier, Task
from bot.contracts.rules import rules
from bot.contracts.said_dates import days_said
from bot.dialogue.turn import Understood
from bot.nlu.numerals import parse

CASE_NUMBER = re.compile(r"(?<![a-z])ht ?(\d{6}) ?[-–—_]? ?(\d{3,6})(?!\d)")
_DAY_OR_ITEM = re.compile(r"第?.{1,3}号")
_LONGEST_RANGE = 40

# 办好了, 还没办, 点错了
_VERB = r"(?:办|做|弄|搞|准备|整理|写|交|送|拿|收|取|签|盖|谈|查|审|批|报|存|归|备|核对|核实|确认|通过|定|找|开|出|补|打印|起草|磋商)"
_RESULT = r"(?:到|好|完|妥|齐|全|过|成|定|有|来|行|出|上|下|去|字|章|案|档|订|了手)"
_DONE = re.compile(
    rf"{_VERB}{_RESULT}*了+|{_RESULT}了+|(?:办|做|弄|搞|准备|写|签|交)(?:好|完|妥|齐)|完成|搞定|到位|齐全|\bok\b|\b(?:done|finished|completed|ready|got|handed in|signed|filed)\b"
)
_NOT_DONE = re.compile(
    rf"(?:还|都|又)?(?:没|未)有?(?:{_VERB}|{_RESULT}|弄)|还没有?$|不算|\bnot (?:yet )?(?:done|finished|ready)|\bundone\b"
)
_MISTAKE = re.compile(
    r"(?:点|按|弄|记|说|勾|标|搞|选|报|看)错|错了|(?:取消|撤回|去掉).{0,3}勾|改回|by mistake|my mistake|\bundo\b"
)
# Not yet: 明天要送审了, 准备签了.
_PLANNED = re.compile(
    r"(?<![需重主只])要(?!求|的|件|素|点)|准备(?!好|齐|完|妥)|打算|想|明天|后天|下周|马上|快"
)
_MARK = re.compile(r"[,，。;；!！\n]|但是?|不过|可是|\bbut\b")

# 3, 第三项, 3和5, 3到6项
_NUM = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_UNIT = r"(?:[项条样点步]|[件个](?=[,、和跟与都也已全办还没是 ]|$))"
_ONE = rf"第? ?{_NUM} ?{_UNIT}?"
_RANGE = rf"{_ONE} ?(?:到|至|-|~) ?{_ONE}"
_JOIN = r"(?:[、/&和跟与及 ]|还有|以及|and)+"
_LIST = re.compile(
    rf"(?<![\d.\-|月年])(?:{_RANGE}|{_ONE})(?:{_JOIN}(?:{_RANGE}|{_ONE}))*"
    r"(?![\d.\-%|]|[天个户人万千百元块年月日号次家份页部位名岁届期台张米点小])"
)
_SPAN = re.compile(rf"({_NUM}) ?{_UNIT}? ?(?:到|至|-|~) ?第? ?({_NUM})|({_NUM})")
_BUT = re.compile(
    rf"除(?:了|开|去)?(?P<list>{_LIST.pattern})(?:以|之)?外?|\b(?:all|everything) (?:but|except) (?P<en>{_LIST.pattern})"
)
_FILLER = (
    r"(?:好的?|嗯|这|那|些|几|两|其他|其它|其余|别的|剩下?|余下|[\d一二三四五六七八九十]+[件项样条]|件|项|样|步|个|事|情|里|面|上|以|的|我|们|已|经"
    r"|也|就|刚|才|今天|昨天|现在|它|, |,| |阶段|清单|准备)*"
)
_EVERYTHING = re.compile(
    rf"{_FILLER}(?:都|全部?|统统)+{_FILLER}(?={_VERB}|{_RESULT}|完成|搞定|到位)|\b(?:all|everything)\b"
)


@dataclass(frozen=True)
class Named:
    """Things of a list as they were named.

    Attributes:
        numbers: 第3项.
        items: (id of an item, start, end) of the words for it; words can fit several items.
        stages: stages whose every thing is meant (材料交了).
        everything: all of the stage that was last opened (都办好了).
        but: numbers that are left out (除了第4项).
    """

    numbers: tuple[int, ...] = ()
    items: tuple[tuple[str, int, int], ...] = ()
    stages: tuple[str, ...] = ()
    everything: bool = False
    but: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.numbers or self.items or self.stages or self.everything)

    def __or__(self, other: Named) -> Named:
        return Named(
            (*self.numbers, *other.numbers), (*self.items, *other.items), (*self.stages, *other.stages),
            self.everything or other.everything, (*self.but, *other.but),
        )  # fmt: skip


@dataclass(frozen=True)
class Ticks:
    """What is said to be done and what not; `mistaken`: the last ticks were a mistake, without a word on which."""

    done: Named = field(default_factory=Named)
    undone: Named = field(default_factory=Named)
    mistaken: bool = False


@dataclass(frozen=True)
class Found:
    """The things of one case that were meant, and the numbers that its list does not have."""

    tasks: tuple[Task, ...]
    strange: tuple[int, ...] = ()


def find_tasks(named: Named, dossier: Dossier, opened: str | None) -> Found:
    """What of `dossier` is meant; `opened` is the stage that the person looked at last."""
    whole = {*named.stages, *([opened] if named.everything and opened else [])}
    items = _closest(named, {task.item.id for task in dossier.to_do})
    tasks = [
        task for task in dossier.to_do
        if (task.number in named.numbers or task.item.id in items or task.item.stage in whole)
        and task.number not in named.but
    ]  # fmt: skip
    known = {task.number for task in dossier.to_do}
    return Found(tuple(tasks), tuple(number for number in named.numbers if number not in known))


def _closest(named: Named, listed: set[str]) -> set[str]:
    """Ids on the list whose words were said; of words within longer ones the longer count (法律顾问的审查意见)."""
    here = [hit for hit in named.items if hit[0] in listed]
    return {
        item for item, start, end in here
        if not any(a <= start and end <= b and b - a > end - start for _, a, b in here)
    }  # fmt: skip


def read_ticks(message: Understood) -> Ticks | None:
    """What the message ticks, piece by piece: what was named before a verb came belongs to it (3，5都办完了)."""
    done, undone, mistaken, pending = Named(), Named(), False, Named()
    for start, piece in _pieces(_without_dates(message)):
        pending = pending | _named(piece, start)
        if _PLANNED.search(piece):
            pending = Named()
        elif _MISTAKE.search(piece) or _NOT_DONE.search(piece):
            undone, pending = undone | pending, Named()
            mistaken = mistaken or bool(_MISTAKE.search(piece))
        elif _DONE.search(piece):
            done, pending = done | pending, Named()
    mistaken = mistaken and not undone
    return Ticks(done, undone, mistaken) if done or undone or mistaken else None


def stage_in(text: str) -> str | None:
    """The stage that is named in full; of the materials, what they are called too (还缺哪些材料)."""
    law = rules()
    named = next((stage for stage in law.stage_order if stage in text), None)
    return named or next((stage for stage, words in law.whole_stages.items() if words.search(text)), None)


def _without_dates(message: Understood) -> str:
    blank = list(CASE_NUMBER.sub(lambda found: "|" * len(found[0]), message.plain))
    for day in days_said(message, {}, None, every=True):
        if not _DAY_OR_ITEM.fullmatch(day.said):
            blank[day.start : day.end] = "|" * (day.end - day.start)
    return "".join(blank)


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for mark in _MARK.finditer(text):
        yield start, text[start : mark.start()]
        start = mark.end()
    yield start, text[start:]


def _named(piece: str, start: int) -> Named:
    but = _BUT.search(piece)
    rest = piece[: but.start()] + piece[but.end() :] if but else piece
    numbers = tuple(number for found in _LIST.finditer(rest) for number in _numbers(found[0]))
    left_out = tuple(_all_numbers(but["list"] or but["en"])) if but else ()
    everything = bool(_EVERYTHING.search(rest))
    stage = stage_in(rest) if everything else None
    if numbers:
        return Named(numbers, but=left_out)
    if stage:
        return Named(stages=(stage,), but=left_out)
    law = rules()
    hits = ((key, entry.said.search(rest)) for key, entry in law.entries.items() if entry.said)
    items = tuple((key, start + hit.start(), start + hit.end()) for key, hit in hits if hit)
    if items:
        return Named(items=items, but=left_out)
    stages = tuple(name for name, words in law.whole_stages.items() if words.search(rest))
    return Named(stages=stages, everything=bool(not stages and _EVERYTHING.match(rest)), but=left_out)


def _numbers(said: str) -> tuple[int, ...]:
    """Numbers of a list; 三项 alone counts things and names none."""
    numbers = tuple(_all_numbers(said))
    counts = len(numbers) == 1 and "第" not in said and not re.fullmatch(r"\d+ ?[项条样点步]?", said.strip())
    return () if counts else numbers


def _all_numbers(said: str) -> Iterable[int]:
    for found in _SPAN.finditer(said):
        first, last, single = (int(n.value) if part and (n := parse(part)) else 0 for part in found.groups())
        yield from (single,) if single else range(first, min(last, first + _LONGEST_RANGE) + 1)
