"""What may stay of an emergency when the person who told of it wants to be forgotten: where it is, and what."""

from __future__ import annotations

import re

from bot.nlu.normalise import normalise
from bot.places.gazetteer import Gazetteer
from bot.water.talk.areas import area_of
from bot.water.talk.problems import find_danger

# What stands behind a township's name and is a place of everybody, to the first of these words.
_KINDS = r"(?:自来水厂|水厂|小学|中学|学校|卫生院|医院|养老院|敬老院|幼儿园|市场|车站|社区|小区|村|街|路)"
_PUBLIC = re.compile(rf"[\u4e00-\u9fff]{{0,8}}?{_KINDS}(?:[\u4e00-\u9fff]{{0,3}}?{_KINDS})?")
_DANGERS = {"chlorine": "氯气", "poisoning": "中毒", "injury": "有人受伤"}


def gist(text: str, places: Gazetteer) -> str:
    """Township, public place and danger of a person's own words (泉溪镇水厂 氯气); "" where neither is told.

    Names, house numbers and everything else that was said are left out.
    """
    plain = normalise(text).text
    parts = []
    found = places.find_township(plain)
    if found:
        name, _start, end = found
        beside = _PUBLIC.match(plain, end)
        parts.append(name + (area_of(beside[0]) if beside else ""))
    return " ".join(filter(None, [*parts, danger_named(text)]))


def danger_named(text: str) -> str:
    """The danger that a person's own words tell of, for staff; "" where they tell of none."""
    danger = find_danger(normalise(text).text)
    return _DANGERS[danger] if danger else ""
