"""A question that goes on from the one before: 那乡镇的呢, 谁批准, 第三个是什么, asked after an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.documents.digest import digest
from bot.nlu.normalise import normalise
from bot.nlu.numerals import parse

_MARKS = " ?？!！。.,，~"
_LEAD = r"(?:[这那]个呢[,，]?)?(?:那么?|哪(?=.{1,8}呢)|这|还有|另外|要是|如果|假如|万一|咯|就)*"
# 那乡镇的呢: something else in the place of what was asked of. Long ones say by themselves what they ask.
_OTHER = re.compile(rf"^{_LEAD}(?P<other>[^,，。;；?？]{{1,14}}?)的?(?:呢|咧|嘞|哩)$")
# 这个呢: nothing else is named, so nothing else is asked.
_SAME = re.compile(r"^(?:[这那]?个|[这那]|它|别的|其他|其它|然后|后来)$")
_OF_PEOPLE = re.compile(r"^(?:[你您他她]|我(?!们?(?:局|镇|乡|单位|办|街道|学校)))")
# 谁批准, 要多久, 少了怎么办: asks, and does not say of what.
_BARE = re.compile(
    rf"^{_LEAD}(?:[这那]个)?(?:"
    r"(?:由|要|归)?(?:谁|哪个|哪一?级|哪里)来?(?:批准?|审批|负责|牵头|签字?|管|审|报|启动|宣布|参加)"
    r"|(?:要|需要|得|是)?(?:多久|几天|多少天|好久|几多天|多长时间)(?:内|之内)?"
    r"|(?:缺|少|漏|没交?齐?)了?.{0,3}(?:怎么办|咋办|何解)"
    r"|(?:报|交|送)(?:给|到|去)?(?:谁|哪里|哪个)"
    r")(?:[呢啊呀咯]|的)?$"
)
_TIME_ASKED = re.compile(r"多久|几天|多少天|好久|几多天|多长时间")
_TIME = re.compile(r"\d+个?(?:工作)?(?:日|天|小时|分钟|个?月|年)|立即|及时")
_ITEM = re.compile(
    rf"^{_LEAD}第(?P<n>[一二两三四五六七八九十\d]{{1,3}})(?:个|项|样|条|种|点)(?:材料|情形|条款)?(?:(?:是|讲|指)?(?:什么|啥|么子|哪个)|呢|具体.{{0,4}})$"
)
# Words that stand for one another in a question; the narrow ones first.
_KINDS = (
    r"县政府工作部门|县人民政府|县政府|县里|乡镇(?:政府)?|镇政府|镇[上里]|街道办?(?:事处)?|局里|(?:我们)?局|部门|事业单位|派出机构|单位|学校|村委会|村[里上]?|国企",
    r"指挥部|领导小组|联席会议|专班|临时机构|科室|股室|办公室|内设机构",
    r"特别重大|重大|较大|一般|[一二三四]级|[iⅰ]{1,3}v?级|iv级",
    r"县?住建局|县?住房和城乡建设局|县?自来水(?:有限)?公司|水司|县?应急(?:管理)?局|县?卫健局|县?公安局|县?消防大队|县?民政局|县?财政局|县?水利局|县?交通运输局|县?气象局",
    r"\d+户",
    r"\d+人",
    r"\d+(?:小时|天)",
    r"六有|六统一|四化",
)
# Who signs besides the units that Article 2 names: whether the measures hold at all is asked along.
_OUTSIDE_ARTICLE_2 = re.compile(r"村|居委会|社区|组[里上]|国企|国有企业|集体")
_COUNTS = "，{other}的合同算不算政府合同"


@dataclass(frozen=True)
class Topic:
    """What further questions go on from: a whole question, and the clause that answered it."""

    question: str
    clause: str | None


@dataclass(frozen=True)
class Followed:
    """A question made whole, and the topic that the next one goes on from; None where that is this question."""

    question: str
    topic: Topic | None


def followed(topic: Topic, text: str) -> Followed | None:
    """What `text` asks after `topic`; None where it stands by itself.

    What is only added (谁批准, 第三个呢) leaves the topic as it is; something else in its place (那乡镇的呢) is a topic of its own.
    """
    said = normalise(text).text.strip(_MARKS)
    item = _ITEM.match(said)
    if item:
        return Followed(_item(topic.clause, item["n"]) or f"{topic.question} {said}", topic)
    if _BARE.match(said):
        return Followed(f"{topic.question} {said}", topic)
    other = _OTHER.match(said)
    if other is None or _OF_PEOPLE.match(other["other"]):
        return None
    named = other["other"]
    if _SAME.match(named):
        return Followed(topic.question, topic)
    instead = _put_in(normalise(topic.question).text, named)
    asked = instead or f"{topic.question} {named}"
    outside = _OUTSIDE_ARTICLE_2.search(named) if (topic.clause or "").startswith("contract/") else None
    if outside:
        asked += _COUNTS.format(other=outside[0])
    return Followed(asked, None if instead and not outside else topic)


def tells(text: str, answer: str) -> bool:
    """Whether `answer` can be one to the follow-up `text`: 要多久 is answered by no clause without a time."""
    return not _TIME_ASKED.search(normalise(text).text) or bool(_TIME.search(normalise(answer).text))


def _item(clause: str | None, number: str) -> str | None:
    """The words that ask for an item of the clause by its number, where it has that."""
    n = parse(number)
    entry = digest().get(f"{clause}/{int(n.value)}") if clause and n else None
    return entry.citation if entry else None


def _put_in(before: str, other: str) -> str | None:
    """`before` with something else in the place of what it is of the kind of; None where it is of no such kind."""
    for kind in _KINDS:
        if re.search(kind, before) and re.search(kind, other):
            return re.sub("签(?=签)", "", re.sub(kind, lambda _: other, before))
    return None
