"""Which things of a contract's checklist a clerk says are done or not: 第3项办好了, 材料交了, 3，5都办完了, 点错了.

Pure functions on the normalised text. A thing is named by its number, by words of its own (`said` in
data/law/contract/checklist.yml), with its whole stage, or as one of all that were just looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.contracts.dossier import Dossier, Task
from bot.contracts.rules import rules
from bot.contracts.said_dates import days_said
from bot.contracts.tick_words import DONE, MISTAKEN, PLANNED, RESULT, VERB, bearing
from bot.dialogue.turn import Understood
from bot.nlu.numerals import parse

CASE_NUMBER = re.compile(r"(?<![a-z])ht ?(\d{6}) ?[-–—_]? ?(\d{3,6})(?!\d)")
_DAY_OR_ITEM = re.compile(r"第?.{1,3}号")
_LONGEST_RANGE = 40

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
# 还有3项没办好 counts things and names none of them.
_COUNT = re.compile(rf"(?P<before>还有?|还?剩下?|还?差|只[有差]?|有|一?共) ?(?:最后)?{_NUM} ?[项件条样步个]")
_DOTTED = re.compile(r"(?<![\d.])\d{1,2}(?:\.\d{1,2})+(?=项?[都全也])")
# 除了起草说明都办好了, 起草说明除外: what is left out, whatever it is called.
_BUT = re.compile(
    r"(?<![解删排扣消清])除(?!外)(?:了|开|去|掉)?(?P<zh>[^,。;!]*?)"
    r"(?:以外|之外|外|,|(?=都|全|其[他它余]|别的|剩|统统|已经)|$)|(?P<back>[^,。;!]*?)除外"
    r"|(?:(?<=\ball)|(?<=thing)) (?:but|except)(?: for)? (?P<en>[^,.;]+?)(?= (?:is|are|was|were|done|ready|finished)\b|$|[,.;])"
)
_OTHERS = re.compile(r"其[他它余]|别的|剩下?|余下|\b(?:the )?(?:rest|others?)\b")
_NO_NAME_OF_ITS_OWN = re.compile(rf"{_OTHERS.pattern}|还[有差]")
_FILLER = (
    r"(?:好的?|嗯|这|那|些|几|两|其他|其它|其余|别的|剩下?|余下|[\d一二三四五六七八九十]+[件项样条]|件|项|样|步|个|事|情|里|面|上|以|的|我|们|已|经"
    r"|也|就|刚|才|今天|昨天|现在|它|, |,| |阶段|清单|准备)*"
)
_EVERYTHING = re.compile(
    rf"{_FILLER}(?:都|全部?|统统)+{_FILLER}(?={VERB}|{RESULT}|完成|搞定|到位)"
    rf"|(?:其[他它余]|别的|剩下|余下)(?:的|几|些|材料|[项件样条])*(?:都|全|也|已经)*(?={VERB}|{RESULT}|完成|搞定|到位)"
    r"|\b(?:all|everything|the rest)\b"
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
        but_items: what is left out by words (除了起草说明), as in `items`.
    """

    numbers: tuple[int, ...] = ()
    items: tuple[tuple[str, int, int], ...] = ()
    stages: tuple[str, ...] = ()
    everything: bool = False
    but: tuple[int, ...] = ()
    but_items: tuple[tuple[str, int, int], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.numbers or self.items or self.stages or self.everything)

    def __or__(self, other: Named) -> Named:
        return Named(
            (*self.numbers, *other.numbers), (*self.items, *other.items), (*self.stages, *other.stages),
            self.everything or other.everything, (*self.but, *other.but), (*self.but_items, *other.but_items),
        )  # fmt: skip

    @property
    def many(self) -> bool:
        """Whether things are meant that are not named one by one."""
        return bool(self.stages) or self.everything

    @property
    def only_words(self) -> bool:
        """Whether words alone tell what is meant, and neither a number nor 都办好了."""
        return bool(self.items or self.stages) and not (self.numbers or self.everything)

    def without(self, left_out: Named) -> Named:
        """The same things but those that `left_out` names one by one."""
        return self | Named(but=left_out.numbers, but_items=left_out.items)


@dataclass(frozen=True)
class Ticks:
    """What is said to be done and what not.

    Attributes:
        mistaken: the last ticks were a mistake, without a word on which.
        unclear: it cannot be read for certain, so that nothing is to be ticked and the person asked.
    """

    done: Named = field(default_factory=Named)
    undone: Named = field(default_factory=Named)
    mistaken: bool = False
    unclear: bool = False


@dataclass(frozen=True)
class Found:
    """The things of one case that were meant, and the numbers that its list does not have.

    `missed`: something was left out that is not among the things meant, so the words were understood wrongly.
    """

    tasks: tuple[Task, ...]
    strange: tuple[int, ...] = ()
    missed: bool = False


def find_tasks(named: Named, dossier: Dossier, opened: str | None) -> Found:
    """What of `dossier` is meant; `opened` is the stage that the person looked at last."""
    whole = {*named.stages, *([opened] if named.everything and opened else [])}
    listed = {task.item.id for task in dossier.to_do}
    items, but_items = _closest(named.items, listed), _closest(named.but_items, listed)
    meant = [
        task for task in dossier.to_do
        if task.number in named.numbers or task.item.id in items or task.item.stage in whole
    ]  # fmt: skip
    tasks = [task for task in meant if task.number not in named.but and task.item.id not in but_items]
    known = {task.number for task in dossier.to_do}
    strange = tuple(number for number in (*named.numbers, *named.but) if number not in known)
    left_out = bool(named.but or named.but_items)
    return Found(tuple(tasks), strange, missed=bool(meant) and left_out and len(tasks) == len(meant))


def _closest(hits: Iterable[tuple[str, int, int]], listed: set[str]) -> set[str]:
    """Ids on the list whose words were said; of words within longer ones the longer count (法律顾问的审查意见)."""
    here = [hit for hit in hits if hit[0] in listed]
    return {
        item for item, start, end in here
        if not any(a <= start and end <= b and b - a > end - start for _, a, b in here)
    }  # fmt: skip


def read_ticks(message: Understood) -> Ticks | None:
    """What the message ticks, piece by piece: what was named before a verb came belongs to it (3，5都办完了)."""
    text, left_out = _without_exception(_without_dates(message))
    said, mistaken = _statements(text)
    done, undone = Named(), Named()
    for how, named in said:
        done, undone = (done | named, undone) if how == DONE else (done, undone | named)
    if left_out is not None or mistaken or undone or done:
        return _ticks(text, done, undone, left_out, mistaken, said)
    return None


def _ticks(
    text: str,
    done: Named,
    undone: Named,
    left_out: Named | None,
    mistaken: bool,
    said: list[tuple[str, Named]],
) -> Ticks:
    others = bool(_OTHERS.search(text))
    unclear = left_out is not None and (not done or not (left_out.numbers or left_out.items))
    # Of a whole stage that is "not complete" nobody knows which thing is missing.
    unclear = unclear or any(how not in (DONE, MISTAKEN) and named.many for how, named in said)
    return Ticks(
        done.without(left_out or Named()).without(undone if others else Named()),
        undone.without(done if others else Named()),
        mistaken and not undone, unclear,
    )  # fmt: skip


def _statements(text: str) -> tuple[list[tuple[str, Named]], bool]:
    """(what is said, of what) for each verb, and whether something was a mistake.

    Words without a name of their own are about what was named last: 审查意见拿到了，不通过.
    """
    said: list[tuple[str, Named]] = []
    mistaken, pending = False, Named()
    for start, piece in _pieces(text):
        pending = pending | _named(piece, start)
        how = bearing(piece)
        mistaken = mistaken or how == MISTAKEN
        if how is None:
            continue
        if pending and how != PLANNED:
            said.append((how, pending))
        elif said and how not in (DONE, MISTAKEN, PLANNED) and not _NO_NAME_OF_ITS_OWN.search(piece):
            said[-1] = (how, said[-1][1])
        pending = Named()
    return said, mistaken


def _without_exception(text: str) -> tuple[str, Named | None]:
    """The text without 除了…, as long as before, and what is left out; None where nothing is."""
    left_out: Named | None = None
    for found in _BUT.finditer(text):
        words = found["zh"] or found["back"] or found["en"] or ""
        left_out = (left_out or Named()) | _named(words, found.start())
        text = text[: found.start()] + " " * len(found[0]) + text[found.end() :]
    return text, left_out


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
    text = _COUNT.sub(lambda found: found["before"].ljust(len(found[0]), "|"), "".join(blank))
    return _DOTTED.sub(lambda found: found[0].replace(".", "、"), text)


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for mark in _MARK.finditer(text):
        yield start, text[start : mark.start()]
        start = mark.end()
    yield start, text[start:]


def _named(piece: str, start: int) -> Named:
    numbers = tuple(number for found in _LIST.finditer(piece) for number in _numbers(found[0]))
    stage = stage_in(piece) if _EVERYTHING.search(piece) else None
    if numbers:
        return Named(numbers)
    if stage:
        return Named(stages=(stage,))
    law = rules()
    hits = ((key, entry.said.search(piece)) for key, entry in law.entries.items() if entry.said)
    items = tuple((key, start + hit.start(), start + hit.end()) for key, hit in hits if hit)
    if items:
        return Named(items=items)
    stages = tuple(name for name, words in law.whole_stages.items() if words.search(piece))
    return Named(stages=stages, everything=bool(not stages and _EVERYTHING.match(piece)))


def _numbers(said: str) -> tuple[int, ...]:
    """Numbers of a list; 三项 alone counts things and names none."""
    numbers = tuple(_all_numbers(said))
    counts = len(numbers) == 1 and "第" not in said and not re.fullmatch(r"\d+ ?[项条样点步]?", said.strip())
    return () if counts else numbers


def _all_numbers(said: str) -> Iterable[int]:
    for found in _SPAN.finditer(said):
        first, last, single = (int(n.value) if part and (n := parse(part)) else 0 for part in found.groups())
        yield from (single,) if single else range(first, min(last, first + _LONGEST_RANGE) + 1)
