"""Whether somebody says that the water is back at home: told unasked, or as the answer to 水来了吗.

A report that is taken for settled is lost to the desk, so all that may be a question, a wish, hearsay, somebody
else's home, another time or a new fault counts as not said: the report then stays open.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import yaml

from bot.settings import ROOT
from bot.water.talk.problems import find_problems

LEXICON = ROOT / "data" / "lexicon" / "water_back.yml"
_LONGEST_ANSWER = 24  # what is longer tells more, and belongs to where such things are understood
_SPACED = re.compile(r"(?:[^ a-z] )+[^ a-z]")
_OTHERS_CAME = re.compile(r"(?:隔壁|邻居|别人|别个)[^，,。]*?(?:来|有水|好)了?[，,。 ]?")


@lru_cache(maxsize=1)
def _words() -> Mapping[str, re.Pattern[str]]:
    data = yaml.safe_load(LEXICON.read_text(encoding="utf8"))
    parts = {name: data.pop(name) for name in ("done", "pause")}

    def joined(patterns: list[str]) -> re.Pattern[str]:
        whole = "|".join(f"(?:{pattern})" for pattern in patterns)
        return re.compile(re.sub(r"<(done|pause)>", lambda part: parts[part[1]], whole))

    return {meaning: joined(patterns) for meaning, patterns in data.items()}


def _together(text: str) -> str:
    """`text` without the blanks of somebody who puts one behind each character: 水 来 了."""
    said = text.strip()
    return said.replace(" ", "") if _SPACED.fullmatch(said) else said


def _split(text: str) -> tuple[str, str] | None:
    """What stands before and behind the last word for water that came; None where none of water at home is there."""
    words = _words()
    found = list(words["back"].finditer(text))
    if not found:
        return None
    before, after = text[: found[-1].start()], text[found[-1].end() :]
    if words["not_before"].search(before) or words["came_instead"].search(before):
        return None
    elsewhere = words["others"].search(words["own_home"].split(before)[-1])
    return None if elsewhere or words["other_time"].search(text) else (before, after)


def asks(text: str) -> bool:
    """True where normalised `text` asks something: 水来了没, 来水了啵, 几时来水."""
    return bool(_words()["asked"].search(text))


def states_water_back(text: str) -> bool:
    """True where normalised `text` says that the water is back at the writer's home now, and of no new fault."""
    said, words = _together(text), _words()
    parts = _split(said)
    if parts is None or any(words[way].search(said) for way in ("asked", "wished", "hearsay", "other_water")):
        return False
    after = words["nothing_wrong"].sub("", parts[1])
    return not (words["then"].search(after) or words["but"].search(after) or find_problems(after))


def asks_water_back(text: str) -> bool:
    """True where normalised `text` asks whether or when the water comes back: 水来了没, 来水了不咯."""
    return asks(text) and bool(_words()["back"].search(text))


def went_again(text: str) -> bool:
    """True where normalised `text` says that the water came and is off again: 来了又停了, 来了一下又没得了."""
    parts = None if asks(text) else _split(_together(text))
    return bool(
        parts and (_words()["off_again"].search(parts[1]) or "no_water" in find_problems("水" + parts[1]))
    )


def names_water(text: str) -> bool:
    """True where normalised `text` names the water itself: 恢复了 alone may be about anything."""
    return "水" in text or "water" in text


def came_with(text: str) -> tuple[str, ...]:
    """The faults of water that normalised `text` says has come back: 来了但是黄的; () where it tells of none.

    Not that it stopped again (来水了又停了): that is no water, as before.
    """
    parts = _split(_together(text))
    faults = find_problems("水" + parts[1]) if parts else ()  # 来了但是黄的 leaves the water out
    return () if "no_water" in faults else faults


def answers_water_back(text: str) -> bool | None:
    """What normalised `text` answers to 水来了吗: True, False, or None where it is no answer.

    A no wins where both are in it (来了又停了, 隔壁来了我家没来, 来了但是黄的).
    """
    said, words = _together(text), _words()
    if not said or len(said) > _LONGEST_ANSWER:
        return None
    if words["only_no"].fullmatch(said):
        return False
    if words["only_yes"].fullmatch(said):
        return True
    mine = _OTHERS_CAME.sub("", said)
    if asks(mine):
        return None
    if words["denied"].search(mine) or came_with(said):
        return False
    return True if states_water_back(said) else None
