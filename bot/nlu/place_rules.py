"""What rules know of places: names of townships and villages, and how a place goes on.

The tagger sometimes stops after the township (三塘镇|百货大楼) or misses it; a township or imported village
that stands in the text is a place, and it goes on as long as pieces with the ending of a place follow
(X村Y组, X小区N栋; in English "in front of Quanxi Middle School"). Two townships joined by "and" are two places.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from bot.nlu.tagger import Tagged
from bot.places.gazetteer import Gazetteer

_ENDINGS = (
    "村|组|队|街|路|巷子?|弄|号|栋|幢|单元|室|楼|小区|花园|家园|华庭|新城|新村|社区|居委会|学校|中学|小学|幼儿园|医院|卫生院|敬老院"
    "|市场|超市|商场|大楼|宿舍|安置房|安置区|广场|车站|汽车站|火车站|水厂|电站|粮站|粮库|供销社|加油站|派出所|法院|政府|村部|祠堂|饭店|宾馆|酒店"
    "|桥头|桥|塘|坳|冲|湾|坪|岭|坡|垅|洲|院子|屋场|大屋|老屋|路口|街口|村口|门口|大门口|对面|旁边|后面|前面|隔壁|里面|背后|河边|河背|边上|墟上|街上|镇上"
)
_TAIL = re.compile(
    rf"(?:[ 的]?[\u4e00-\u9fff0-9a-z-]{{0,6}}?(?:{_ENDINGS}))+(?:[0-9一二三四五六七八九十]+(?:号|栋|组|单元|室|楼))*"
)
# Words that end a place however they go on.
_STOP = re.compile(
    r"停|没|水|断|爆|漏|有|哪|什|怎|是|要|想|今|昨|前天|明|后天|早|晚|现|这|那|我|你|他|附近|一带|都|不|来|到|从|和|跟|同|还|养老|的人|几"
)


# Estates and villages by their ending alone: 东风小区3栋, 石坳村二组. The name in front has no word of a sentence.
_NUMBERED = r"(?:[0-9一二三四五六七八九十]+(?:组|栋|幢|号楼|号|单元|楼|队))*"
_OPEN = re.compile(
    r"[^\W\d_a-z我你他她们咱的在住是报到去从那这个接着还有和跟同哪什么怎几本全整各每先后说讲给帮问叫来出回请要想把被让对离水停没断不都也就农乡城附近某同一两三边里了吗呢]"
    rf"{{2,4}}(?:小区|花园|家园|社区|安置区|安置房|新村|屋场|村){_NUMBERED}"
)
# Words that end like a place and are none: 水往外面直冲.
_NONE = re.compile(r".*直冲|外面|里面|到处|家里|屋里|外头|里头|这里|那里|我家|我们村|我们小区")
# A spot beside the place, pointed at: 县一中后面|那个巷子里, 供销社旁边|那条小路.
_POINTED_AT = re.compile(
    r"(?<=[后前旁对隔里边下][面边壁头])的?那[个条栋排片座]?[\u4e00-\u9fff]{0,2}?(?:巷子?|弄子?|路口?|街|院子|楼|坡|坪|桥|塘|屋场|小区|宿舍)[里上下边口头]?"
)
_AND = re.compile(r" ?(?:同|和|跟|与|及|、|，|,|/|&|and|he) ?")
_LATIN_KIND = (
    r"(?:avenue|ave|road|rd|street|st|lane|square|bridge|market|town|village|community|estate|garden|plaza|building"
    r"|block|apartment|apartments|station|hospital|clinic|school|college|university|hotel|bank|factory|hall|gate"
    r"|government|supermarket|kindergarten|office|dam|wharf|park)"
)
_LATIN_BESIDE = r"(?:in front of|next to|opposite(?: to)?|across from|behind|beside|near to|close to|outside)"
# Yunji |Avenue next to the county hospital| · Quanxi |Middle School| · Santang |old street 12|
_LATIN_TAIL = re.compile(
    rf"(?: (?:no\.? ?\d+ )?(?:[a-z]+ ){{0,2}}?{_LATIN_KIND}\b(?: (?:no\.? ?)?\d+)?)?"
    rf"(?: {_LATIN_BESIDE} (?:the |a )?(?:[a-z]+ ){{0,2}}?{_LATIN_KIND}\b)?"
)
_LATIN_HEAD = re.compile(rf"(?:{_LATIN_BESIDE} (?:the )?|(?:building|block) \d+,? )$")


def with_townships(
    text: str, tagged: Iterable[Tagged], taken: Iterable[tuple[int, int]], places: Gazetteer
) -> list[Tagged]:
    """The tagger's spans, each township and imported village of `text` among them and grown to the right.

    Args:
        text: normalised text.
        tagged: what the tagger found.
        taken: (start, end) of what other rules found; a place does not run into it.
    """
    named = sorted(places.named(text))
    taken = list(taken)
    found = [piece for span in tagged for piece in _apart(text, span, named) if not _is_none(text, piece)]
    for start, end in named:
        if any(a < end and start < b for a, b in taken):
            continue
        overlapping = [span for span in found if span.start < end and start < span.end]
        if any(span.entity != "place" for span in overlapping):
            continue
        first = min([start, *(span.start for span in overlapping)])
        last = max([end, *(span.end for span in overlapping)])
        limit = min(
            [a for a, _ in taken if a >= last]
            + [span.start for span in found if span.start >= last]
            + [a for a, b in named if a >= last and _in_full(text, a, b)]
            + [len(text)]
        )
        found = [span for span in found if span not in overlapping]
        free_from = max([b for _, b in taken if b <= first] + [s.end for s in found if s.end <= first] + [0])
        head = _head(text, first)
        found.append(Tagged("place", head if head >= free_from else first, _grown(text, last, limit)))
    for match in _OPEN.finditer(text):
        start, end = match.span()
        if not any(a < end and start < b for a, b in (*taken, *((s.start, s.end) for s in found))):
            found.append(Tagged("place", start, end))
    return sorted(_pointed_at(text, found, taken), key=lambda span: span.start)


def _pointed_at(text: str, found: list[Tagged], taken: list[tuple[int, int]]) -> list[Tagged]:
    """Each place that ends beside something, with the spot there that is pointed at; one place, not two."""
    for place in [span for span in found if span.entity == "place"]:
        spot = _POINTED_AT.match(text, place.end)
        if place not in found or not spot:
            continue
        others = [s for s in found if s is not place and s.start < spot.end() and place.end < s.end]
        if any(a < spot.end() and place.end < b for a, b in taken) or any(
            s.entity != "place" for s in others
        ):
            continue
        end = max([spot.end(), *(s.end for s in others)])
        found = [s for s in found if s is not place and s not in others]
        found.append(Tagged("place", place.start, end))
    return found


def _is_none(text: str, span: Tagged) -> bool:
    return span.entity == "place" and _NONE.fullmatch(text, span.start, span.end) is not None


def _apart(text: str, span: Tagged, named: Iterable[tuple[int, int]]) -> list[Tagged]:
    """A place that is really two townships (松江同茅市, 三塘镇老街泉溪镇新村) as two."""
    if span.entity != "place":
        return [span]
    inside = [(a, b) for a, b in named if span.start <= a and b <= span.end]
    for (_, end), (start, last) in pairwise(inside):
        joined = _AND.fullmatch(text, end, start)
        if start >= end and (joined or _in_full(text, start, last)):
            rest = Tagged("place", start, span.end)
            return [Tagged("place", span.start, end if joined else start), *_apart(text, rest, inside)]
    return [span]


def _in_full(text: str, start: int, end: int) -> bool:
    """Whether a township is named with its kind (泉溪镇): a short name may be a village's in another one."""
    return text[start:end].endswith(("镇", "乡", "街道"))


def _head(text: str, start: int) -> int:
    """Where an English place begins: in front of |Quanxi."""
    if not ("a" <= text[start] <= "z"):
        return start
    head = _LATIN_HEAD.search(text, max(0, start - 30), start)
    return head.start() if head else start


def _grown(text: str, end: int, limit: int) -> int:
    if "a" <= text[end - 1] <= "z":
        latin = _LATIN_TAIL.match(text, end, limit)
        return latin.end() if latin else end
    tail = _TAIL.match(text, end, limit)
    while tail and _STOP.search(tail.group()):
        stop = _STOP.search(tail.group())
        assert stop is not None
        tail = _TAIL.match(text, end, end + stop.start())
    return tail.end() if tail else end
