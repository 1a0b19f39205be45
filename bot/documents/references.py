"""Clauses that a question names by their number: 第十四条, 第11条（三）, 4.2.1, 3.2.1第七条, 三（一）, contract/14.

Pure reading: whether there is such a clause, `bot.documents.by_number` looks up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from bot.documents.official.labels import ordinal
from bot.nlu.normalise import normalise


class Form(Enum):
    """How a clause is named; each document is numbered in forms of its own."""

    ID = "contract/14"
    ARTICLE = "第十四条"
    CHAPTER = "第八章"
    PART = "第三部分"
    SECTION = "4.2.1"
    HAN = "三（一）"
    NUMBER = "《…》三"  # a bare number, right behind the title


@dataclass(frozen=True)
class Reference:
    """One clause named in a question.

    Attributes:
        path: what follows the document in the id of the clause: 14, 11/3, 4.2.1, 2.2/综合协调组.
        said: the reference as it was said.
        document: the id of the document that is named with it; None where none is.
        paragraph: it ends in 第二款, which in an article without items is a paragraph.
        start, end: where it stands in the question.
    """

    form: Form
    path: str
    said: str
    start: int
    end: int
    document: str | None = None
    paragraph: bool = False


@dataclass(frozen=True)
class Asked:
    """The references of a question, and whether it asks for nothing but what stands there."""

    references: tuple[Reference, ...]
    alone: bool


_N = r"(?:\d{1,3}|[零〇一二两三四五六七八九十百]{1,5})"
_GROUP = r"[\u4e00-\u9fff]{2,8}组"


def _item(units: str) -> str:
    """What names an item behind its clause: （三）, 第（三）项, 第3项, /3; 第六条五种情形 only counts."""
    return (
        rf"(?:\s*(?:里面|[里中的])?\s*(?:第?\(\s*(?P<bracket>{_N})\s*\)(?:[{units}](?!例))?"
        rf"|第(?P<item>{_N})(?P<unit>[{units}])|/(?P<slash>\d{{1,3}})(?!\d)))?"
    )


# 第一条街 counts streets, 第四条原则 principles; 第三条例 is no article.
_ARTICLE_ENDS = "(?!例|街|路|巷|河|线|鱼|船|原则|条件|标准|体会|措施|建议|职责|意见)"
# A figure with a unit is no section: 7.2%, 1.5万, 3.5小时.
_FIGURE = r"(?!\s*(?:[\d%‰万亿元米吨倍度级年月天日时户人岁块公:~-]|\.\d|个|平方|小时|百分))"
_FORMS: tuple[tuple[Form, re.Pattern[str]], ...] = (
    (Form.ID, re.compile(rf"(?<![a-z])(?P<document>contract|water|eldercare|report)\s?/\s?"
                         rf"(?P<path>\d{{1,3}}(?:\.\d{{1,2}})*(?:/(?:\d{{1,3}}|{_GROUP}))*)")),
    (Form.SECTION, re.compile(rf"(?<![\d.:/a-z])(?P<head>(?:1[0-2]|[1-9])(?:\.\d{{1,2}}){{1,3}}){_FIGURE}"
                              rf"(?:\s*的?\s*(?P<group>{_GROUP})|{_item('条项款点目')})")),
    (Form.ARTICLE, re.compile(rf"(?:第|(?<=办法))\s?(?P<head>{_N})\s?条{_ARTICLE_ENDS}{_item('项款点目种')}")),
    (Form.ARTICLE, re.compile(r"\barticle\s?(?P<head>\d{1,3})(?!\d)(?:\s?\((?P<bracket>\d{1,3})\))?")),
    (Form.CHAPTER, re.compile(rf"第\s?(?P<head>{_N})\s?章{_item('条项款点目节')}")),
    (Form.PART, re.compile(rf"第\s?(?P<head>{_N})\s?(?:大?部分|大[点条项块])(?!人){_item('条项款点目')}")),
    (Form.HAN, re.compile(r"(?<![一二三四五六七八九十\d])第?(?P<head>[一二三四五六七八九十]{1,3})[、,.]?\s?"
                          r"\(\s?(?P<bracket>[一二三四五六七八九十]{1,3}|\d{1,2})\s?\)")),
    (Form.NUMBER, re.compile(rf"》\s?(?P<head>{_N})(?![\w.%(])")),
)  # fmt: skip

# How the documents are called. Right before the number the short names do, elsewhere only those that say one thing.
_NAMES = {
    "contract": r"(?:政府)?合同的?(?:管理)?办法|管理办法",
    "water": r"(?:供水)?(?:突发事故)?(?:应急)?预案",
    "eldercare": r"(?:养老(?:服务)?”?)?实施方案|养老(?:服务)?方案",
    "report": r"政府?工作报告|政府报告|工作报告",
}
_SHORT = {"contract": "办法|合同", "water": "预案", "eldercare": "方案", "report": "报告"}
_BEFORE = r"(?:》|”|\"|\s|里面|里头|[的里中上按])*$"

# What says nothing but "tell me what stands there".
_FILLER = re.compile(
    r"衡南县?|我们?县|县政府|政府|请问|请教|请|麻烦|帮我|给我|把|听|我们?|你们?|您|想|要|知道|看看|看|查查|查|找|念|读|告诉|介绍|解释"
    r"|说说|讲讲|说|讲|写|规定|提到|内容|原文|全文|原话|条文|条款|这[一个]?[条项款]?|那[一个]?[条项款]?|具体|到底|主要|大概|大意"
    r"|概括|概述|摘要|意思|区别|差别|不同|关系|数字|数|哪些|哪几[条点]|什么|啥子?|么子|甚么|怎么样?|如何|多少|是|有|了|的|里面|里头|里|中|上|下|一下|一条"
    r"|和|与|跟|及|以及|还有|分别|各|都|呢|吗|吧|啊|呀|咯|嘛|关于|试行|屋场|合同|供水|停水|县城|事故"
    r"|what|does|do|say|says|is|in|of|the|about|tell|show|me|and|please|clause|section|contract|measures|plan|report"
    r"|[\W_]"
)


def read(question: str) -> Asked:
    """The clauses that `question` names by number, in its order, and whether it asks for more than what they say.

    >>> [(one.document, one.path) for one in read("合同管理办法第11条第三项写了什么").references]
    [('contract', '11/3')]
    """
    text = normalise(question).text
    found: list[Reference] = []
    for form, pattern in _FORMS:
        for match in pattern.finditer(text):
            if not any(match.start() < other.end and other.start < match.end() for other in found):
                reference = _reference(form, match, question, text)
                found += [reference] if reference else []
    found.sort(key=lambda reference: reference.start)
    return Asked(tuple(found), bool(found) and not _rest(text, found))


def without(question: str, references: tuple[Reference, ...]) -> str:
    """The question without its references: what is asked of them."""
    for reference in reversed(references):
        question = question[: reference.start] + question[reference.end :]
    return question


def _reference(form: Form, match: re.Match[str], question: str, text: str) -> Reference | None:
    """The clause that a match names; None where a numeral in it is none (三二)."""
    said = question[match.start() : match.end()].strip().strip("》").strip()
    if form is Form.ID:
        return Reference(form, match["path"], said, *match.span(), match["document"])
    given = match.groupdict()
    head = given["head"] if form is Form.SECTION else ordinal(given["head"].replace("两", "二"))
    item = given.get("bracket") or given.get("item") or given.get("slash")
    below = ordinal(item) if item else given.get("group")
    if head is None or (item and below is None):
        return None
    path = f"{head}/{below}" if below else str(head)
    return Reference(
        form, path, said, *match.span(), _named(text, *match.span()), paragraph=given.get("unit") == "款"
    )


def _named(text: str, start: int, end: int) -> str | None:
    """The document that is named with a reference: right before it, else the last one before it, else after it."""
    for document, names in _SHORT.items():
        if re.search(rf"(?:{names}){_BEFORE}", text[: start + text[start:end].startswith("》")]):
            return document
    before = [(match.end(), document) for document, names in _NAMES.items()
              for match in re.finditer(names, text[:start])]  # fmt: skip
    after = [document for document, names in _NAMES.items() if re.search(names, text[end:])]
    return max(before)[1] if before else after[0] if len(after) == 1 else None


def _rest(text: str, references: list[Reference]) -> str:
    """What a question says besides its references, names of documents and fillers."""
    bare = without(text, tuple(references))
    return _FILLER.sub("", re.sub("|".join((*_NAMES.values(), *_SHORT.values())), "", bare))
