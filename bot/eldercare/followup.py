"""What is asked about the points that were just found, and about the request just filed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.eldercare.services import find_services

_WALK = re.compile(
    r"走(路|过去|起去)?.{0,6}(多久|好久|多长|几分钟|远)|(好|多|几)远|远(不|吗)|how far|how long.{0,10}walk"
)
_OPEN = re.compile(
    r"开不开|开门|开放|营业|几点(开|关)|关门|上班|休息|开着|时间(?!银行)|\bopen|\bclose[sd]?\b|hours"
)
_PHONE = re.compile(r"电话|号码|怎么联系|phone|number")
_PRICE = re.compile(
    r"多少钱|几(块|元|多钱)|要(不要)?钱|收(不收)?(费|钱)|免费|贵不贵|价(钱|格)|how much|\bprice|\bcost|free of"
)
_BOOKING = re.compile(
    r"预约|预定|要不要(先|提前)?(约|订|打电话)|提前(打电话|讲|说|约)|直接(去|过去|来)(行|可以|要得)|book|appointment"
)
_VISIT = re.compile(
    r"(能|可以|会|肯)(不能|不可以|不会|不)?(上门|(到|来)(我|他|她|老人)?(家|屋)里?来?)|上门(吗|么|不|啵|来不来)|(到|来)(我|他|她|老人)?(家|屋)里?来(吗|么|不|啵)|(come|visit).{0,8}home"
)
_REGISTER = re.compile(
    r"(帮|给|替)(我|他|她|老人家?|我[妈爸娘])?.{0,3}(登记|报名|报个名|申请|预约|订)|(我要|我想|想|要)(登记|报名|申请|订)(?!什么|怎么)"
    r"|^(登记|报名|申请)[一下吧啊呀]*[。!！]*$|sign (me|her|him|us) up|\bregister\b"
)
_FARTHER = re.compile(r"(太|有点|好|这么)远了?[。!！]*$|远了|近(一)?(点|些)|too far|closer|nearer")
_MORE = re.compile(
    r"(还有|有没有|有|换).{0,3}(别的|其他|其它|另外)(?!事|问题)|还有(没有|没|吗|么|不|哪些点)|^(别的|其他的?|另外的?)(呢|吗|点)?[?？]?$"
    r"|换(一)?(个|家)|\bany (other|more)|\bothers\b|other (ones?|points?|places?)|more (points|places)"
)
_INDEX = re.compile(
    r"第([一二两三四五六七八九1-9])(?:个|家|处|所)|最后(?:一)?(?:个|家)|the (first|second|third|last)\b"
)
_ENGLISH_INDEX = {"first": 1, "second": 2, "third": 3, "last": 0}
_WANTED = re.compile(r"有|哪|能|可以|想|要|找|的(呢|吗)?[?？]?$|\b(any|with|which|have|there)\b")
# These ask for rules, or of another matter; the points found before have nothing to do with them.
_OTHER_MATTER = re.compile(
    r"停水|没水|来水|用水|水(费|压|务|管|公司)|合同|送审|补贴|补助|津贴|政策|规定|标准|方案|条件|时间银行|志愿|water|contract|subsid"
)
_RULES = re.compile(r"怎么|什么|谁|哪些(人|老人|服务)|如何|为什么|是不是|\b(how|what|who|why)\b")
_LONGEST = 16  # characters of a wish to narrow the search; whole sentences ask for something else
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
_DAYS = {"今天": 0, "明天": 1, "后天": 2, "today": 0, "tomorrow": 1}
_ENGLISH = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_LOCATION = re.compile(r"定位|位置|不(知道|清楚).{0,6}(哪|地方|叫)|location")
_NOWHERE = re.compile(
    r"不(晓得|知道|清楚)|^(没有?|冇得?|无|随便|都可以|没有了?)[。!！]*$|don'?t know|no idea"
)
_CARE = re.compile(r"养老|老人|照顾|照料|护理|服务|yl\d|\bcare\b")
_STANDING = re.compile(
    r"什么时候|几时|哪天|怎么(?:样|还)|好了(?:没|吗)|(?:批|办|安排|落实|申请)(?:下来|好|到|成)?了?(?:没|吗|不)|进度|有(?:没有)?(?:人|消息)|来(?:不来|没来)|还没"
    r"|\bwhen\b|\bstatus\b|any news|how is"
)
_TAKE_BACK = re.compile(
    r"取消|撤(销|回|掉|了)|退(掉|订)|不(想|再|想再)?(要|用|需要|订)(?!太|放|加).{0,6}了[。!！]*$|cancel|withdraw|no longer"
)
_NEW_WISH = re.compile(r"改成|换成|(?<!不)想要|只要|再要|太|instead")


@dataclass(frozen=True)
class Followup:
    """What is asked of the points found.

    Attributes:
        what: "walk", "hours", "phone", "price", "visit" (whether they come home), "booking", "line" (all about one),
            "more", "farther" or "service".
        day: the day that opening is asked for, if one was named.
        index: which point is meant, 1 for the first, 0 for the last, None where none was named.
        services: codes of the services asked for ("service").
    """

    what: str
    day: datetime | None = None
    index: int | None = None
    services: tuple[str, ...] = ()


def followup(text: str, now: datetime) -> Followup | None:
    """What normalised `text` asks about the points found, or None where it asks nothing of the kind."""
    if _OTHER_MATTER.search(text):
        return None
    index = _index(text)
    if _PRICE.search(text):
        return Followup("price", None, index)
    if _VISIT.search(text):
        return Followup("visit", None, index)
    if _BOOKING.search(text):
        return Followup("booking", None, index)
    if _WALK.search(text):
        return Followup("walk", None, index)
    if _FARTHER.search(text):
        return Followup("farther")
    if _OPEN.search(text):
        return Followup("hours", _day(text, now), index)
    if _PHONE.search(text):
        return Followup("phone", None, index)
    if index is not None:
        return Followup("line", None, index)
    if _MORE.search(text):
        return Followup("more")
    return _narrower(text)


def wants_registered(text: str) -> bool:
    """True where normalised `text`, said after points were found, asks for the service to be asked for: 帮我登记."""
    asks = re.search(r"[?？吗]|怎么|哪里", text)
    return bool(_REGISTER.search(text)) and not (asks or _OTHER_MATTER.search(text))


def _narrower(text: str) -> Followup | None:
    """有没有送饭的: only points with that service."""
    if len(text) > (_LONGEST if re.search(r"[\u4e00-\u9fff]", text) else 3 * _LONGEST) or _RULES.search(text):
        return None
    services = find_services(text) if _WANTED.search(text) else ()
    return Followup("service", services=services) if services else None


def _index(text: str) -> int | None:
    match = _INDEX.search(text)
    if not match:
        return None
    if match.group(2):
        return _ENGLISH_INDEX[match.group(2)]
    said = match.group(1)
    if not said:
        return 0
    return int(said) if said.isdigit() else "一二三四五六七八九".find(said.replace("两", "二")) + 1


def _day(text: str, now: datetime) -> datetime | None:
    weekday = _WEEKDAY.search(text)
    wanted = "一二三四五六日".find(weekday.group(1).replace("天", "日")) if weekday else -1
    if wanted < 0:
        wanted = next((i for i, name in enumerate(_ENGLISH) if name in text), -1)
    if wanted >= 0:
        return now + timedelta(days=(wanted - now.weekday()) % 7)
    return next((now + timedelta(days=n) for word, n in _DAYS.items() if word in text), None)


def wants_to_send_location(text: str) -> bool:
    """True where the person cannot name the place, or says that a location will be sent."""
    return bool(_LOCATION.search(text))


def names_no_place(text: str) -> bool:
    """True for an answer to 'where?' that tells nothing (不知道, 没有)."""
    return bool(_NOWHERE.search(text))


def speaks_of_care(text: str) -> bool:
    """True where normalised `text` is about a service of eldercare (to know which request is cancelled)."""
    return bool(_CARE.search(text) or find_services(text))


def asks_how_it_stands(text: str) -> bool:
    """True where normalised `text` asks how something that was asked for stands: 送餐什么时候开始, 有人来没有."""
    return bool(_STANDING.search(text))


def takes_care_back(text: str) -> bool:
    """True where normalised `text` withdraws a request for care: 我不要送餐了, 取消我的送餐申请."""
    return bool(_TAKE_BACK.search(text)) and speaks_of_care(text) and not _NEW_WISH.search(text)
