"""What is wrong with the water, and whether people are in danger, read from a resident's words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import yaml

from bot.settings import ROOT

LEXICON = ROOT / "data" / "lexicon" / "problems.yml"
PROBLEMS = ("no_water", "low_pressure", "bad_water", "burst")
# "Nobody is hurt" is no alarm; nothing may stand in between (没人管，人中毒了 is one).
_NOBODY_HURT = re.compile(
    r"没(有|得)?一?个?人员?(受伤|中毒|触电|伤亡|不舒服|晕倒)|(nobody|no one) (is|was|got)? ?(hurt|injured|sick|ill)"
)
_GAS_ESCAPES = re.compile(r"氯气|漏氯|泄氯|液氯|氯.{0,4}(?:泄|漏)|烟|雾|呛|喘|chlorine (?:gas|leak)|gas")
# A smell that hurts, or one around a waterworks, may be gas though water is spoken of.
_GAS_MAY_ESCAPE = re.compile(
    r"刺鼻|咳|泪|辣眼|头[晕昏]|恶心|难受|不舒服|昏|倒|(?:水厂|泵站|泵房)(?!的?(?:自来)?水)|cough|eyes|dizzy|plant|works"
)
_WATER_SMELLS = re.compile(
    r"(?:水里?面?|水管|龙头)(?:[^，,。]{0,8})(?:漂白|消毒|84|氯)|(?:漂白|消毒)[^，,。]{0,4}味的?水|water.{0,20}(?:chlorine|bleach)"
)
_WATER = re.compile(r"水|氯|龙头|管子|water|tap|pipe|chlorine")
SUPPLY, QUALITY = "supply", "quality"


def kind_of(problem: str) -> str:
    """Which kind of incident a problem belongs to: "quality" for bad water, "supply" for the rest."""
    return QUALITY if problem == "bad_water" else SUPPLY


@lru_cache(maxsize=1)
def _lexicon() -> tuple[
    dict[str, re.Pattern[str]], dict[str, re.Pattern[str]], re.Pattern[str], re.Pattern[str]
]:
    data = yaml.safe_load(LEXICON.read_text(encoding="utf8"))

    def join(patterns: list[str]) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))

    problems = {code: join(data["problems"][code]) for code in data["order"]}
    dangers = {code: join(rows) for code, rows in data["dangers"].items()}
    return problems, dangers, join(data["not_here"]), join(data["not_so"])


def find_problems(text: str) -> tuple[str, ...]:
    """Codes of the problems in normalised `text`, the main one first; () where none is named."""
    problems, _, _, not_so = _lexicon()
    text = not_so.sub(" ", text)
    return tuple(code for code, pattern in problems.items() if pattern.search(text))


def denies_outage(text: str) -> bool:
    """Whether normalised `text` only tells that the water is not off: 停电没停水."""
    return bool(_lexicon()[3].search(text)) and not find_problems(text)


def problem_spans(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of every word for a problem in normalised `text`."""
    problems, _, _, not_so = _lexicon()
    text = not_so.sub(lambda found: " " * len(found[0]), text)
    for pattern in problems.values():
        yield from (match.span() for match in pattern.finditer(text))


def find_water_danger(text: str) -> str | None:
    """`find_danger` where water, a pipe or chlorine is spoken of: outside of a report only that is one."""
    return find_danger(text) if _WATER.search(text) else None


def find_danger(text: str) -> str | None:
    """The code "chlorine", "poisoning" or "injury" where normalised `text` tells of one happening, else None."""
    _, dangers, not_here, _ = _lexicon()
    if not_here.search(text):
        return None
    text = _NOBODY_HURT.sub(" ", text)
    found = [code for code, pattern in dangers.items() if pattern.search(text)]
    if found[:1] == ["chlorine"] and not _GAS_ESCAPES.search(text):
        if found[1:2] == ["poisoning"]:
            return "poisoning"  # 水里一股漂白粉味，喝了肚子痛: no gas to run from
        if _WATER_SMELLS.search(text) and not _GAS_MAY_ESCAPE.search(text):
            found.remove("chlorine")  # 自来水有漂白粉味: not to be drunk, but no gas either
    return found[0] if found else None
