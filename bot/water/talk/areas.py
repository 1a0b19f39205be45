"""What of a place neighbours share, and whether it is the address of one household."""

from __future__ import annotations

import re

from bot.dialogue.details import is_name
from bot.places.gazetteer import Resolved

# House, group and unit numbers tell neighbours apart, not outages.
_HOUSE = re.compile(
    r"(?:第?[0-9〇一二三四五六七八九十百两]+(?:-[0-9]+)*(?:号|栋|幢|单元|室|楼|组|队|层|户)|[0-9]+-[0-9]+(?:-[0-9]+)*).*$"
)
_BESIDE = re.compile(r"(对面|旁边|门口|后面|前面|(?<![家屋])里面|隔壁|附近|大门口|路口|村部.*)$")
# 金盘人家 is an estate, 老街住户 are many.
_HOME = re.compile(r"(?:(?<!人)家|家里[头面]?|屋里[头面]?|(?<![大住农散用])户)$")
_OWN = re.compile(r"(?:我|我们|俺|本人)$")  # 我家 of two people are two places
# A phone or an identity number that was written into the place, with what announces it.
_LONG_NUMBER = re.compile(r"(?:身份证|电话|手机|微信|联系|请?打|号码?|是|[:：+])*\d(?:[-—()（） ]?\d){6,}.*$")
_BLANK = re.compile(r"[\s，,。.]")
# One household's own address: 老街28号, 5栋302, 3-2-501, 501室; a building (5栋, 5号楼) or a group is many.
_ONE_HOUSE = re.compile(
    r"(?:[0-9〇一二三四五六七八九十百两]+(?:号|室|户)|[0-9]+(?:-[0-9]+)+|(?:栋|幢|单元|楼|座)[0-9]{3,4})$"
)


def area_of(detail: str) -> str:
    """The part of a place that neighbours share: 金盘小区5栋 and 金盘小区门口 are both 金盘小区, 老街何国安家 is 老街."""
    text = _LONG_NUMBER.sub("", _BLANK.sub("", detail))
    short = _without_name(_BESIDE.sub("", _HOUSE.sub("", text)) or text)
    return short if len(short) > 1 else ""


def _without_name(text: str) -> str:
    """`text` without somebody's home at its end: whose it is says nothing to neighbours, and is nobody's business."""
    home = _HOME.search(text)
    if not home:
        return text
    before = text[: home.start()]
    if _OWN.search(before):
        return _OWN.sub("", before)
    lengths = (3, 2) if len(before) != 4 or not is_name(before) else (4, 3, 2)
    named = next((n for n in lengths if len(before) >= n and is_name(before[-n:])), 0)
    return before[: len(before) - named] if named else text


def is_at(named: Resolved, place: str) -> bool:
    """Whether a place that somebody names may be `place`, a township with its detail: 老街 of 云集街道老街28号 is."""
    here = named.township is None or place.startswith(named.township)
    return here and (not named.detail or area_of(named.detail) in place)


def is_one_house(detail: str) -> bool:
    """Whether a place is the address of one household, and lies in an area that is named too."""
    text = without_blanks(detail)
    return bool(_ONE_HOUSE.search(text)) and area_of(text) not in ("", text)


def without_blanks(detail: str) -> str:
    """A place without blanks and stops."""
    return _BLANK.sub("", detail)
