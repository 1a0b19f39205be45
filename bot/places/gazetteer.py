"""Which township a place that somebody named lies in.

The shipped list holds the 23 townships with short, old and pinyin names; villages come from an
imported list (`wuchang places import`). A name that is in no list is kept as it was said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

import yaml

from bot.nlu.normalise import normalise, plain_characters
from bot.settings import ROOT

TOWNSHIPS_FILE = ROOT / "data" / "places" / "townships.yml"
# People hear names and write what they hear; only endings that cannot be another township.
_HOMOPHONES = {"三唐": "三塘", "三堂": "三塘", "泉西": "泉溪", "茶是": "茶市", "关市": "冠市", "贯市": "冠市",
               "谈子山": "谭子山", "潭子山": "谭子山", "铁丝糖": "铁丝塘", "近尾州": "近尾洲", "咸糖": "咸塘",
               "栗姜": "栗江", "车将": "车江", "云级": "云集", "云季": "云集"}  # fmt: skip

_SHORT = 2
_VILLAGE_KINDS = ("村", "社区", "居委会", "组", "队", "停", "没", "断", "水", "这", "那")
_BEFORE_A_VILLAGE = ("", "在", "们", "住", "是", "，", ",", " ")


@dataclass(frozen=True)
class Resolved:
    """A place as understood.

    Attributes:
        text: the place as the person gave it, trimmed.
        township: official name, or None where it is unknown or ambiguous.
        detail: what remains without the township's name ("" where nothing does).
        candidates: townships that it could lie in, where there is more than one.
    """

    text: str
    township: str | None
    detail: str
    candidates: tuple[str, ...] = ()


_ANOTHERS_HOME = re.compile(r"[爸妈爷奶爹娘公婆]|父母|老人|老家|家里|屋里|屋头|外地|外省")
_NAMED_ALIKE = re.compile(r"(村|社区)(?![里上头口部委民子中边东西南北小旁])")


@dataclass(frozen=True)
class Gazetteer:
    """Names of townships and villages; `names` maps every known name to its official township."""

    townships: tuple[str, ...]
    names: Mapping[str, str]
    villages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    outside: frozenset[str] = frozenset()
    neighbours: tuple[str, ...] = ()

    @property
    def pattern(self) -> re.Pattern[str]:
        """Any township name, longest first; pinyin names only as whole words."""
        return _pattern(tuple(self.names))

    def named(self, text: str) -> Iterator[tuple[int, int]]:
        """(start, end) of every township and imported village named in normalised `text`, in no order."""
        yield from (self.extent(text, match) for match in self.pattern.finditer(text))
        if self.villages:
            for match in _any_of(tuple(self.villages)).finditer(text):
                # A name of two characters is a word of a sentence as often (不和平): only with its kind behind it.
                if len(match[0]) > _SHORT or _stands_alone(text, *match.span()):
                    yield match.span()

    def find_township(self, text: str) -> tuple[str, int, int] | None:
        """(official name, start, end) of the first township named in `text`.

        Names written as they sound (三唐镇) or in traditional characters (三塘鎮) count; offsets are
        those of `text`.
        """
        plain = _mend(text)
        match = self.pattern.search(plain)
        if not match:
            return None
        start, end = self.extent(plain, match)
        return self.names[match["name"].lower()], start, end

    def extent(self, text: str, match: re.Match[str]) -> tuple[int, int]:
        """(start, end) of a match of `pattern`, with 镇, 乡 or 街道 behind a short name."""
        name = match["name"].lower()
        official = self.names[name]
        ending = official[len(official.rstrip("镇乡街道")) :]
        longer = not name.endswith(ending) and text.startswith(ending, match.end())
        return match.start(), match.end() + (len(ending) if longer else 0)

    def is_outside(self, text: str) -> bool:
        """True for a city or province where people of the county work (东莞, 广东那边)."""
        plain = plain_characters(text)
        return any(plain.startswith(name) for name in self.outside) and not self.find_township(text)

    def other_county(self, text: str) -> str | None:
        """The county or city elsewhere that `text` says the place lies in; None where it only speaks of one.

        祁东县洪桥街道, 我们常宁这边, 长沙停水了; not 我是祁东嫁过来的 nor 常宁米粉店门口.
        """
        plain = plain_characters(text)
        if self.find_township(text) or "衡南" in plain:
            return None
        names = "|".join(sorted((*self.neighbours, *self.outside), key=len, reverse=True))
        found = re.search(
            rf"(?:^|在|是|我们|住|[，,。 ])(?P<name>{names})(?:县|市区?|区)?(?:这边|这里|那边|里)?"
            r"(?=停|没|断|水|$|[，,。 ]|的?$|[\u4e00-\u9fff]{1,4}(?:街道|镇|乡|村|小区))(?!的?(?:人|嫁|米粉|饭|店))",
            plain,
        )
        if found and found["name"] in self.outside and _ANOTHERS_HOME.search(plain):
            return None  # 我在外地，是我爸妈家: where the child works, not where the water is off
        return found["name"] if found else None

    def resolve(self, text: str) -> Resolved:
        """The township of `text`, and what is left of it; never raises."""
        text = text.strip(" ，,。.!！?？、")
        plain = _mend(text)
        found = self.find_township(text)
        for village, township in self.elsewhere.items():
            # 花桥村 lies in 车江街道, unless another township is named in full before it.
            if village in plain and not (
                found and plain.startswith(found[0]) and village in plain[found[2] :]
            ):
                short = found is not None and found[0] == township and text[found[2] :].startswith(village)
                return Resolved(text, township, text[found[2] :] if found and short else text)
        if found:
            township, start, end = found
            if _NAMED_ALIKE.match(text, end) and not text[start:end].endswith(("镇", "乡", "街道")):
                return Resolved(text, township, text[start:])  # 近尾洲村 in 近尾洲镇
            return Resolved(text, township, text[end:].strip(" ，,的"))
        for village, townships in self.villages.items():
            if village in text or village in plain:
                only = townships[0] if len(townships) == 1 else None
                return Resolved(text, only, text, () if only else townships)
        return Resolved(text, None, text)


def in_township(township: str | None, detail: str) -> str:
    """A place with its township in front: 三塘镇老街, 三塘镇 Old Street (Latin letters after a blank)."""
    return f"{township or ''}{' ' if township and re.match('[A-Za-z]', detail) else ''}{detail}"


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a name of two characters is a village's here: what is around it says so."""
    return text.startswith(_VILLAGE_KINDS, end) and text[max(0, start - 1) : start] in _BEFORE_A_VILLAGE


@lru_cache(maxsize=8)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    ordered = sorted(names, key=len, reverse=True)
    chinese = "|".join(re.escape(name) for name in ordered if not name.isascii())
    latin = "|".join(re.escape(name) for name in ordered if name.isascii())
    # One group cannot have two names in Python's re: the lookbehind and the tail do nothing to Chinese names.
    return re.compile(
        rf"(?<![a-z])(?P<name>{latin}|{chinese})(?:(?<=[a-z])\s?(?:zhen|jiedao|xiang|town)\b|(?<=[a-z])(?![a-z])|(?<![a-z]))",
        re.IGNORECASE,
    )


@lru_cache(maxsize=2)
def _any_of(names: tuple[str, ...]) -> re.Pattern[str]:
    """For normalised text: a name may hold characters that normalising changes."""
    plain = {normalise(name).text for name in names}
    return re.compile("|".join(re.escape(name) for name in sorted(plain, key=len, reverse=True)))


def _mend(text: str) -> str:
    """`text` in simplified characters, with names put right that were written as they sound; as long as before."""
    text = plain_characters(text)
    for heard, meant in _HOMOPHONES.items():  # same length, so offsets hold
        text = text.replace(heard, meant)
    return text


@lru_cache(maxsize=1)
def _shipped() -> Gazetteer:
    data = yaml.safe_load(TOWNSHIPS_FILE.read_text(encoding="utf8"))
    names: dict[str, str] = {}
    for row in data["townships"]:
        for name in (row["name"], *row["short"], *row["old"], *row["pinyin"]):
            names[name] = row["name"]
    official = tuple(row["name"] for row in data["townships"])
    return Gazetteer(
        official, names, {}, dict(data["elsewhere"]), frozenset(data["outside"]), tuple(data["neighbours"])
    )


def gazetteer(villages: Iterable[tuple[str, str]] = ()) -> Gazetteer:
    """The shipped townships with imported `villages` as (village, township) pairs."""
    found: dict[str, list[str]] = {}
    for village, township in villages:
        if len(village) > 1 and township not in found.setdefault(village, []):
            found[village].append(township)
    return replace(_shipped(), villages={name: tuple(places) for name, places in found.items()})
