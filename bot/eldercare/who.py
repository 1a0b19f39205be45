"""For whom care is asked, and the name of that person, as far as a message tells."""

from __future__ import annotations

import re

from bot.dialogue.details import find_name, is_name, strip_filler
from bot.dialogue.turn import Understood

WHOM = (
    ("father", r"爸|父亲|老爷子|公公|岳父|家公|(?<!爹)爹(?!爹)|my (father|dad)"),
    ("mother", r"妈|母亲|我娘|老娘|婆婆|岳母|家婆|my (mother|mom|mum)"),
    ("grandmother", r"奶奶|外婆|娭毑|grandm"),
    ("grandfather", r"爷爷|外公|嗲嗲|爹爹|grandf"),
    ("neighbour", r"邻居|隔壁|组里|村里有?个|neighbou?r"),
    ("self", r"我自己|我一个人|我(今年)?[0-9〇一二三四五六七八九十]+(岁|了)|my ?self"),
)
_PERSON = r"(?:爸爸?|妈妈?|爹爹?|娘|嗲嗲|娭毑|奶奶|爷爷|外公|外婆|父亲|母亲|岳父|岳母|公公|婆婆)"
_CALLED = re.compile(
    rf"(?:他|她|(?:我|老){_PERSON}|{_PERSON}|老人家?)(?:的名字)?(?:叫|是|名叫)"
    r"([\u4e00-\u9fff]{2,4})(?=$|[，,。.\s、])"
)
_BEFORE_PLACE = re.compile(
    rf"^(?:给|帮|是)*(?:我|我们|老)?(?:{_PERSON}|他|她|老人家?)(?:家|屋里)?(?:就|现在)*(?:住在?|在)?"
)
_SAID_NOTHING = ("affirm", "deny", "cancel", "greet", "thank")
_BEFORE_NAME = re.compile(r"^(?:不对|不是|名字|姓名|他|她|我|老人家?|叫|是|姓|[：:\s])+")
_AFTER_NAME = re.compile(r"(?:老人家|娭毑|嗲嗲|老师|师傅)$")
_SOME_NAME = re.compile(r"[\u4e00-\u9fff·]{2,4}|[a-z][a-z .'-]{1,30}", re.IGNORECASE)
_NO_NAME = re.compile(
    r"随便|[不没冇会要我你这那都行好对有的了吗呢]|村|镇|电话|号码|手机|知道|^(no|none|yes|ok|okay|skip|what|why|i don)\b",
    re.IGNORECASE,
)
# Words that begin with what can also be a surname.
_COMMON = re.compile(r"谢谢|谢了|多谢|马上|方便|白天|高兴|万一|任何|何必|何时|明白|安心|成了|都行|于是|常常")


def find_whom(text: str) -> tuple[str, ...]:
    """Codes of all for whom normalised `text` asks; a neighbour only where nobody else is named."""
    found = tuple(code for code, pattern in WHOM if re.search(pattern, text))
    return tuple(code for code in found if code != "neighbour") or found


def without_whom(text: str) -> str:
    """A bare answer to 'where?' without whose home it is: 我妈住樟木冲 gives 樟木冲."""
    return strip_filler(_BEFORE_PLACE.sub("", text.strip()).strip(" ，,。")) if text.strip() else ""


def old_persons_name(message: Understood, whom: str | None, *, asked: bool, bare: bool) -> str | None:
    """The name of the person whom `whom` says; 我叫刘红 is another's where a relative is meant.

    Args:
        asked: the name was just asked for.
        bare: a name may stand alone, beside a phone.
    """
    called = _CALLED.search(message.text)
    if called and not find_whom(called.group(1)):
        return called.group(1)
    relative = whom not in (None, "self")
    if relative and not asked and re.search(r"我叫|我是|我姓", message.text):
        return None
    return name_in(message, asked=asked, bare=bare)


def name_in(message: Understood, *, asked: bool, bare: bool) -> str | None:
    """A name that was given, or where one was `asked` for, the words that can be one."""
    found = find_name(message, bare=bare or asked)
    if found and not _COMMON.search(found):
        return found
    return _bare_name(message) if asked else None


def _bare_name(message: Understood) -> str | None:
    """张三妹, 谢平安, 姓刘, Liu Hong; None for words that are no name (会理发, 谢谢)."""
    text = message.text
    for phone in message.all("phone"):
        text = text.replace(phone.value, " ")
    for clause in re.split(r"[，,。;；!！]|(?<=[\u4e00-\u9fff])\s+", text):
        if message.intent != "affirm" and is_name(clause) and not _COMMON.search(clause):
            return clause.strip()
        said = _BEFORE_NAME.sub("", strip_filler(clause))
        if is_name(said) and not _COMMON.search(said):
            return said
        if message.intent not in _SAID_NOTHING and _can_be_name(_AFTER_NAME.sub("", said)):
            return _AFTER_NAME.sub("", said)
        if re.search(r"姓[\u4e00-\u9fff]$", clause.strip()):
            return clause.strip()[-1]
    return None


def _can_be_name(text: str) -> bool:
    """For surnames that are in no list, and for names in Latin letters."""
    return bool(_SOME_NAME.fullmatch(text)) and not (_NO_NAME.search(text) or _COMMON.search(text))
