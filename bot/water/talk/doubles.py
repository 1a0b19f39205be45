"""您家也是这个停水吗？ Whether a report that is being taken is a double of an open incident: when that is asked, and
what the answer says. Pure functions; the incidents come from `bot.water.reporting.open_incidents.candidates`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from bot.dialogue.details import agrees
from bot.dialogue.turn import Step, Understood
from bot.nlu.normalise import normalise
from bot.water.talk.areas import area_of
from bot.water.talk.candidates import SAME, WITHIN, Candidate
from bot.water.talk.draft import Draft

QUESTION = "outage_double"
WHERE_QUESTION = "outage_detail"
TRIES = 2  # how often it is asked in one report, each time of other incidents
MOST = 3  # of more than this a list takes longer to read than the questions that it would save
WHERE = (
    "double_where"  # noted in `Draft.asked` once the place was asked for, because one at hand may not be read
)
# What a yes saves; before what is wrong and where are known, nothing can be a double.
_SAVED = (
    "outage_township", "outage_township_again", "outage_detail", "outage_time", "outage_households", "outage_phone",
)  # fmt: skip
# Who has low pressure, or saw a pipe burst, tells something else than a neighbour without water.
_ASKABLE = (("no_water",), ("no_water", "low_pressure"), ("bad_water",))

_NOT_ONLY = re.compile(r"不(是|只|止|光|单)(只|光|单)?(有|是)?(我们?|俺)?(这)?一?[家户]")
_NO = re.compile(
    r"(?<!是)不(是|系|一样|同|对|算|相干)|没(有)?关系|另外|别(的|处|个地方)|都不"
    r"|\bno\b(?! (water|supply))|\b(nope|not|none|different|another)\b"
)
# 就是 alone is a yes; 就是昨晚停的, 大概是八点 tell something else.
_SAID_ALONE = r"[的了呀啊哦嘛吧呢哒咯]*([，,。!！~ ]|$)"
_YES = re.compile(
    r"也是(?!不)|也(一样|停|没|断|冇|这样)|(?<!不)一样|同(一个|样)|^是(这|停水|没水)"
    rf"|(就|都|应该|可能|好像|估计|大概|恐怕)是((这|那)(个|一个|一处)?|它)?{_SAID_ALONE}"
    rf"|^(对|是|嗯|恩|哦|噢|要得|没错|正确|ok){_SAID_ALONE}"
    r"|\b(yes|yeah|yep|same|mine too|us too|me too|so do (i|we))\b"
)
_ORDINAL = re.compile(r"第?([一二三123])(?:个|处|条|号)?(?:那个|那处|的)?[，,。.!！ ]*")
_ORDINALS = {"一": 0, "1": 0, "二": 1, "2": 1, "三": 2, "3": 2}


@dataclass(frozen=True)
class Double:
    """An incident as it is shown to somebody who may mean it too: nobody's house, nobody's name.

    Attributes:
        place: township and area as the person may read them (`bot.water.telling.shown_places`); "" where a yes to
            that would be a guess.
        since: when it began, in the person's words; "" where that is not known.
    """

    number: str
    township: str
    area: str
    place: str
    since: str


def may_be_one(step: Step) -> Draft | None:
    """The draft for which open incidents are worth looking up; None where nothing is to be asked.

    Never where people are in danger, for a report that is corrected or one of several places, and only where a yes
    saves the person a question.
    """
    if step.draft is None or step.question not in _SAVED:
        return None
    draft = Draft.from_json(step.draft)
    if draft.danger or draft.replaces or draft.rest or draft.problems not in _ASKABLE or not draft.place:
        return None
    return draft if draft.asked.count(QUESTION) < TRIES else None


def worth_asking(found: Sequence[Candidate], draft: Draft) -> tuple[Candidate, ...]:
    """Those of the incidents that fit a draft which the person is asked about; () where nobody need be asked.

    A place that fits surely joins by itself, unless it takes in those of several incidents (老街 of 老街东段 and
    老街西段), or the person was asked for it only to be asked this. Else it is the place that is not exact, a township
    alone or a name without one, or it is not known whether what was reported there days ago still goes on.
    """
    area = area_of(draft.detail)
    sure = [one for one in found if one.sure]
    inside = [one for one in sure if one.fit == WITHIN]
    if sure:
        narrower = len(inside) > 1 and all(len(one.area) > len(area) for one in inside)
        several = inside if narrower and not any(one.fit == SAME for one in sure) else []
        fitting = several or (sure if WHERE in draft.asked else [])
    else:
        fitting = [one for one in found if one.exact or not one.quiet]
    return tuple(one for one in fitting if one.number not in draft.offered) if len(fitting) <= MOST else ()


def told_apart(doubles: Sequence[Double]) -> tuple[Double, ...]:
    """Those that the person can tell from one another by what they are shown, and are shown a place of at all.

    Two incidents of a township whose areas nobody may read yet look the same: a tap on either would be a guess.
    """
    shown = [one.place for one in doubles]
    return tuple(one for one in doubles if one.place and shown.count(one.place) == 1)


def asks_where(doubles: Sequence[Double], draft: Draft) -> bool:
    """Whether the person is asked for their place, once, because theirs may be one of `doubles` that they may not read.

    What they say then joins by the rule, or is asked about: it is no news to them any more.
    """
    exact = draft.lat is not None or bool(area_of(draft.detail))
    before = draft.asked[:-1]  # the last is the question that the place is asked for instead
    return bool(doubles and draft.township) and not exact and not {WHERE, WHERE_QUESTION} & {*before}


def ask_where(step: Step) -> Step:
    """The step with the question where in the township, in the place of the one that it had, which counts as not asked."""
    draft = Draft.from_json(step.draft)
    draft = replace(draft, asked=(*draft.asked[:-1], WHERE, WHERE_QUESTION))
    return Step(draft.to_json(), step.says, WHERE_QUESTION)


def offer(step: Step, doubles: Sequence[Double]) -> Step:
    """The step with the question about `doubles` in the place of the one that it had, which counts as not asked."""
    draft = Draft.from_json(step.draft)
    draft = replace(
        draft,
        asked=(*draft.asked[:-1], QUESTION),
        doubles=tuple(asdict(one) for one in doubles),
        offered=(*draft.offered, *(one.number for one in doubles)),
    )
    says = tuple(say for say in step.says if say.response != "utter_which_township")
    return Step(draft.to_json(), says, QUESTION)


def settle(draft: Draft, message: Understood) -> Draft:
    """The draft after the answer, with what the message says filled in already.

    A no is kept in `declined`, so that no rule joins what the person said is another. A yes sets `joins`. Where it
    does not tell which of several is meant, `doubles` stays, to be asked again; else that is empty, and the report
    goes on as any other.
    """
    pool = [one for one in draft.doubles if _may_still_be(one, draft)]
    refused = [one["number"] for one in draft.doubles] if says_no(message) else []
    closed = replace(draft, doubles=(), declined=(*draft.declined, *refused))
    if not pool or draft.danger or draft.problems not in _ASKABLE:
        return closed
    chosen = _chosen(pool, draft, message)
    if chosen:
        return _joined(closed, chosen)
    again = len(pool) > 1 and says_yes(message) and draft.asked.count(QUESTION) < TRIES
    return replace(draft, asked=(*draft.asked, QUESTION)) if again else closed


def is_answer(message: Understood) -> bool:
    """Whether a message by itself answers the question, however the classifier takes it."""
    return says_yes(message) or says_no(message) or bool(_ORDINAL.fullmatch(message.plain.strip()))


def says_yes(message: Understood) -> bool:
    """是的, 就是, 也是, 没错, 我屋里也停了, same here; neither a question nor a mere thank-you is one."""
    said = _own(message)
    if _NO.search(said.plain) or re.search(r"[?？吗]|是不是", said.plain):
        return False
    nods = not any(char.isalnum() for char in said.plain) and agrees(said)  # 👌
    return message.intent == "affirm" or nods or bool(_YES.search(said.plain))


def says_no(message: Understood) -> bool:
    """不是, 不一样, 另外一个."""
    return not says_yes(message) and (message.intent == "deny" or bool(_NO.search(_own(message).plain)))


def _own(message: Understood) -> Understood:
    """Without 不是我一家, which says no to nothing."""
    return replace(message, text=_NOT_ONLY.sub("", message.plain))


def _may_still_be(one: Mapping[str, str], draft: Draft) -> bool:
    """Whether the place, as the answer left it, is not that of somewhere else."""
    mine, theirs = area_of(draft.detail), one["area"]
    near = not mine or not theirs or mine.startswith(theirs) or theirs.startswith(mine)
    return near and draft.township in (None, one["township"])


def _chosen(pool: Sequence[Mapping[str, str]], draft: Draft, message: Understood) -> Mapping[str, str] | None:
    shown = draft.doubles
    if says_no(message):
        return None
    number = _ORDINAL.fullmatch(message.plain.strip())
    if number and len(shown) > 1:
        at = _ORDINALS[number[1]]
        return shown[at] if at < len(shown) and shown[at] in pool else None
    named = _named(pool, message)
    if len(named) == 1:
        return named[0]
    # Namesakes are only shown where no township was known: now one is, that of this one.
    told_apart = len({one["township"] for one in shown}) > 1 and draft.township is not None
    return pool[0] if len(pool) == 1 and (told_apart or says_yes(message)) else None


def _named(pool: Sequence[Mapping[str, str]], message: Understood) -> list[Mapping[str, str]]:
    """Those whose place the message names, the most exact alone; a whole township is named only by itself."""
    if re.search(r"[?？吗]|是不是", message.plain):
        return []
    said = message.plain
    areas = [one for one in pool if one["area"] and normalise(one["area"]).text in said]
    longest = max((len(one["area"]) for one in areas), default=0)
    by_area = [one for one in areas if len(one["area"]) == longest]
    return by_area or [one for one in pool if normalise(one["place"]).text == said.strip()]


def _joined(draft: Draft, chosen: Mapping[str, str]) -> Draft:
    """It is that one; the township of a place that had none is known with it."""
    if draft.township or not chosen["township"]:
        return replace(draft, joins=chosen["number"])
    return replace(draft, joins=chosen["number"], township=chosen["township"], candidates=())
