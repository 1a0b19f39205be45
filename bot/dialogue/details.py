"""Details that every job asks for: a place with its township, a phone, a name."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.dialogue.turn import Understood
from bot.nlu.numerals import NUMBER
from bot.nlu.spans import Span
from bot.places.gazetteer import Gazetteer, Resolved, in_township

# Words around a place in an answer such as 我住在三塘镇老街那边.
_BEFORE = re.compile(
    r"^((?:喂|你好|您好|那个|嗯|哦|就是|是|在|我在|我们在|我是|我家在|我住在?|住在?|我这里是|这里是|我屋里在|屋里在|地点|地址|位置|在哪里?)[，,：:。\s]*)+"
)
_INSIDE = re.compile(r"(呢|啊|嘛|哦|呀)?就是(那个|在)?|(?<=.)那个")
_AFTER = re.compile(r"(这边|那边|这里|那里|附近|咯里|咯边|咯|啊|呀|呢|吧|的|嘛|哦|了|啦)+$")
_NAME = re.compile(
    r"(?:我叫|我是|姓名|名字叫?|他叫|她叫|叫做?|老人叫|联系人|本人)[是：:\s]*([\u4e00-\u9fff]{2,4}?)(?=$|[，,。.\s、；;0-9]|电话|手机|的)"
)
_SURNAME = re.compile(r"我姓([\u4e00-\u9fff])(?=$|[，,。.\s、；;0-9的])")
_BARE_NAME = re.compile(r"^[\s，,]*([\u4e00-\u9fff]{2,4})[\s，,。]*$")
_NO_NAME = re.compile(
    r"村|镇|乡|街|路|组|电话|号码|手机|我|你|他|她|的|不|要|好|对|是|有|没|水|谢|记|打|留|行|这|那|可以|刚|今|昨|明|在|住|随"
)
# One surname of the common ones begins a name that stands alone beside a phone number.
_SURNAMES = set(
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许邓韩冯曹彭曾肖萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤阳欧"
)


_AGREES = re.compile(
    r"^(对|是|好|嗯|恩|哦|噢|可以|行|要得|中|没错|不错|就是|就这样|正确|ok|yes|yeah|right|correct)[的了呀啊哦嘛吧呢哒]*([，,。!！ ]|$)"
    r"|^没有?(别的|其他|其它|问题)?了|^冇得?了|快(点|些)?(派人|来人|来)|没(有)?问题|^(谢谢|麻烦)|^(这|现在|这回|这次)(下|就|样)?(就)?对了"
)
_DISAGREES = re.compile(r"不对|(?<!是)不是|(?<!没)(?<!不)错|改成|wrong|not ")
_NODS = "👌👍🆗✅🙏"


def agrees(message: Understood) -> bool:
    """A yes at a read-back, however it is put: 没有别的了, 快派人来, 👌, 谢谢."""
    if _DISAGREES.search(message.plain):
        return False
    nods = bool(message.text) and all(char in _NODS or char.isspace() for char in message.text)
    return message.intent == "affirm" or nods or bool(_AGREES.search(message.plain))


_BARE_NO = re.compile(
    r"(?:不|没|没有|没得|不用|不要|不是|不了|没事|别的|其他|了|的|啊|呢|谢+|你|您|麻烦|no|nope|not?|thanks?|thank you|[，,。.!！~ ])*"
)


_HOW_MANY = re.compile(rf"(?:{NUMBER})(?:个|人|名|位)")


def tells_how_many(text: str) -> bool:
    """True where normalised `text` counts people: 就一个, 两个人."""
    return bool(_HOW_MANY.search(text))


def says_more_than_no(message: Understood) -> bool:
    """没人不舒服, 不留电话; not 不用了, 没有了谢谢, nor a button."""
    return not _BARE_NO.fullmatch(message.plain)


_CANCELS = re.compile(
    r"取消|算了|算哒|罢了|免了|没事了|退出|撤(销|回|掉|了)|停止|打住|结束"
    r"|不用了|不要了|不需要了|(?:不|莫|别|先不|懒得)(?:用|要|想|需要)?再?(?:报|办|弄|搞|填|查|问|登记|申请|说|讲|要了|继续|送|订|来)"
    r"|\b(cancel|stop|never ?mind|forget it|quit|exit|don'?t want|no longer|skip it)\b|qu ?xiao|suan ?le|bu ?(bao|yao|ban)",
    re.IGNORECASE,
)


def cancels(text: str, asked: str = "") -> bool:
    """True where normalised `text` says outright that the job is to stop.

    Inside of a job the classifier's word is not enough: it once took 刚刚 for cancel, and a report was lost.
    算了不留, asked for the phone, keeps the phone back and stops nothing.
    """
    keeps_back = asked.endswith("_phone") and re.search(r"不留|不给|不说|没电话|没手机", text)
    return bool(_CANCELS.search(text)) and not keeps_back


_QUESTION = re.compile(
    r"[?？吗]|什么|怎|哪|几(?!样|种|手|下)|多少|为啥|谁|能不能|是不是|有没有|\b(what|how|where|when|who|why)\b|^(is|can|do|does|are)\b"
)


def is_question(text: str) -> bool:
    """True where normalised `text` asks something."""
    return bool(_QUESTION.search(text))


_ASKS_ON = re.compile(r"(?:呢|咧|嘞|哩|那边|怎么样)[?？]?$|^(?:那|what about|how about|and) ?|[?？]$")


def asks_on(text: str) -> bool:
    """True where normalised `text`, which names something, asks the last question of it too: 三塘呢, what about Santang."""
    return bool(_ASKS_ON.search(text))


_SPOT = re.compile(
    r"(?:街|路|村|组|队|院|校|学|店|站|桥|楼|巷|坡|庙|厂|市场|小区|门口|码头|那里|这里|[街镇路集墟圩]上|[村乡镇屋家]里|屋场|[我他她]家|屋头)$|[旁后前对上下里](?:边|面|头)$"
    r"|^(?:near|beside|behind|opposite|next to|at) "
)
_LONGEST_SPOT = 30
_DONT_KNOW = re.compile(r"不(?:知道|晓得|清楚)|[说讲搞]不(?:清|好|准)|don'?t know|not sure|no idea")


def looks_like_a_spot(text: str) -> bool:
    """True where normalised `text` may be a place by its shape: 学校后面, near the school."""
    return len(text) <= _LONGEST_SPOT and bool(_SPOT.search(text))


def kept_words(words: tuple[str, ...], said: str, most: int) -> tuple[str, ...]:
    """The messages of a job with the newest, `most` at most: the first one, which tells the most, and the latest."""
    words = (*words, said) if said else words
    return words if len(words) <= most else (words[0], *words[1 - most :])


_ONLY_MINE = re.compile(
    r"(?:就是?|只有?|光是?|单单)*(?:我|俺|我们|自己|自家)(?:一家|自己|自家|家里?|屋里?|屋里头|一户)?(?:一[家户])?[的了吧啊呀咯这，,。.!！ ]*"
    r"|(?:just )?(?:me|us|mine|my (?:home|house))[.! ]*"
)


def means_only_mine(text: str) -> bool:
    """True where normalised `text`, the answer to how many, is one's own home: 我家, 就我屋里."""
    return bool(_ONLY_MINE.fullmatch(text))


def does_not_know(text: str) -> bool:
    """True where normalised `text` says that its writer cannot tell: 说不清, don't know."""
    return bool(_DONT_KNOW.search(text))


_DOUBLE = ("欧阳", "司马", "诸葛", "上官", "夏侯", "东方", "皇甫", "尉迟", "公孙", "令狐")


def strip_filler(text: str) -> str:
    """A bare answer to 'where?' without the words around the place."""
    text = _INSIDE.sub("", text.strip(" ，,。.!！?？、~～"))
    return _AFTER.sub("", _BEFORE.sub("", text)).strip(" ，,。.") or text


def find_name(message: Understood, *, bare: bool) -> str | None:
    """The name a person gave; `bare` also takes 老周 or 何国安 standing alone beside a phone number."""
    text = message.text
    for phone in message.all("phone"):
        text = text.replace(phone.value, " ")
    match = _NAME.search(text) or _SURNAME.search(text)
    told = match.group(1) if match and not _NO_NAME.search(match.group(1)) else None
    if told and not any(told in place.value for place in message.all("place")):  # 我是向阳桥的
        return told
    if not bare:
        return None
    match = _BARE_NAME.match(text)
    if not match or _NO_NAME.search(match.group(1)):
        return None
    name = match.group(1)
    return name if name[0] in _SURNAMES or name[0] in "老小" else None


def is_name(text: str) -> bool:
    """Two to four characters of which the first is a surname: 张三妹, 何好 (欧阳 counts too)."""
    text = text.strip(" ，,。.!！")
    return bool(re.fullmatch(r"[\u4e00-\u9fff]{2,4}", text)) and (text[0] in _SURNAMES or text[:2] in _DOUBLE)


def combine_places(gazetteer: Gazetteer, places: tuple[Span, ...]) -> Resolved | None:
    """The place of a message: a township said apart from the rest is put before it (栗江镇 + 牛婆凼)."""
    resolved = [gazetteer.resolve(p.value) for p in places if not gazetteer.is_outside(p.value)]
    if not resolved:
        return None
    detailed = [place for place in resolved if place.detail]
    township = next((place.township for place in reversed(resolved) if place.township), None)
    if not detailed:
        return resolved[-1]
    best = detailed[-1] if detailed[-1].township else detailed[0]
    if best.township or not township:
        return best
    return replace(best, text=in_township(township, best.detail), township=township, candidates=())


def mask_phone(phone: str | None) -> str:
    """A phone number as it may be shown: 139****1024."""
    if not phone:
        return ""
    digits = re.sub(r"\D", "", phone)
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 9 else f"****{digits[-3:]}"
