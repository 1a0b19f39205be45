"""What a clerk says of a contract at hand: 第3项办好了, 还差什么, 全部列出来, 发我一份, 这个合同不签了.

Pure functions on the normalised text. Which case is meant, and whether there is one at all, is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from bot.contracts.desk_ticks import CASE_NUMBER, Ticks, read_ticks, stage_in
from bot.contracts.dossier import Dossier
from bot.contracts.intake import english_kind, speaks_of_contract
from bot.contracts.kinds import classify, kind_core
from bot.contracts.rules import rules
from bot.dialogue.crisis import life_in_danger, speaks_of_dying
from bot.dialogue.turn import Understood
from bot.nlu.numerals import parse

_LEAST_SHARED = 2
LONGEST = 120  # characters; whoever tells more tells a story
_QUESTION = re.compile(
    r"[?？吗]|么$|(?<!还)没有?$|什么|怎|哪|多少|多久|谁|能不能|是不是|要不要|可不可以|如果|假如|\b(?:what|how|who|when|if|can)\b"
)

# 还差什么, 还有哪些没办, 下一步办什么
_LEFT = re.compile(
    r"还(?:差|缺|少|欠)(?:了|点|些)?(?:好多|几多|好些|哪|什么|啥|几[样项件])|还(?:有|剩)(?:下|的)?(?:哪|什么|啥|几|多少).{0,6}(?:没|未|不曾|要办|要做|要交)"
    r"|还有(?:没|未)(?:办|做|完成|交|弄|搞)|(?:没|未)(?:办|做|完成|交)(?:完|好)?的.{0,4}(?:哪|什么|列|多少|几)"
    r"|(?:哪|什么|多少|几)[些样项件个]?.{0,4}(?:还没|没有?|未)(?:办|做|完成|交|弄|搞)"
    r"|^还[有剩差] ?[\d一二三四五六七八九十两几]{1,3} ?[项件样](?:没|未)|剩(?:下|余)?(?:的)?(?:哪|什么|啥|几|多少)"
    r"|^(?:合同|清单|办理|办事|现在|目前|的)*进度|办到(?:哪|第?几)|(?:下一步|接下来).{0,4}(?:干|做|办|弄|搞|是)?(?:什么|啥|哪)"
    r"|what(?:'s| is| are|s)? (?:still )?(?:left|open|missing|remaining|next|outstanding|to do)|what remains"
    r"|what (?:else )?(?:do|must|should) (?:i|we) (?:still )?(?:need|have)|next step|still to do"
)
_WHETHER_DONE = re.compile(
    r"(?:做|办|弄|搞|交)(?:[完好]|成)?了?(?:没有?|吗|不)[?？]?$|^(?:is|are) .{0,20}done\b"
)
_ALL = re.compile(
    r"(?:全部|所有|完整|整个|统统)的?.{0,4}(?:列|清单|显示|摆)|都(?:给我)?列出?来|(?:列|看|给).{0,4}(?:全部|所有|完整|整个)"
    r"|(?:whole|full|entire|complete) (?:check)?list|(?:list|show)(?: me)? (?:it all|all|everything)"
)
_MINE = re.compile(
    r"(?:我|手头|手里|手上).{0,6}(?:哪些|哪几|几个|几份|什么|多少)[个份]?.{0,2}(?:合同|协议)"
    r"|(?:合同|协议).{0,4}(?:在办|没办完)的?.{0,4}(?:哪|几)|(?:my|which|what) (?:open )?(?:contracts|cases)"
)
_CLOSE = re.compile(
    r"不(?:用|想|打算|需要|要)?(?:签|订|办)(?:订)?(?:这|那|个|份|合同|协议|它)*了|(?:合同|协议)(?:已经|就)?(?:作废|黄了|取消|撤销|吹了|不要了|不搞了|不弄了)"
    r"|(?:取消|撤销|关掉|关闭|撤掉|删掉|删除|不要)(?:这|那|个|份|我的|[^,。]{2,10}?(?=合同|协议))*(?:合同|协议|清单)|(?:合同|清单|这[个份]).{0,4}(?:关掉|关闭|撤掉|删掉|办结)|^办结了?$"
    r"|(?:close|cancel|drop) (?:the|this|my) (?:case|contract|list)|not (?:be )?signing|(?:contract|deal) is off"
)
_FINISHED = re.compile(r"办结|(?:都|全)办?[好完]了.{0,4}(?:收起|关)|all done")
_REOPEN = re.compile(r"重新(?:打开|开|办|启用)|恢复|再打开|\breopen\b")
_ITEM = re.compile(r"第 ?[\d一二三四五六七八九十]{1,3} ?[项条样件步]|\bitems? \d")
_SEVERAL = re.compile(
    r"(?:[两二三四五几俩\d]|多)[个份]?(?:合同|协议)?[^,。]{0,3}都|(?:合同|协议)(?:全|都)|\bboth\b"
)
# Things of the house that are on no checklist: 我妈的养老补贴批下来了.
_OTHER_THINGS = re.compile(
    r"我(?:家|屋|[妈爸娘爹爷奶婆公])|老[人伴]|孩子|养老|低保|社保|医保|五保|补贴|津贴|房产|户口|水[表管费]|电[表费]|自来水|龙头|停水|来水"
)
_DESK_WORDS = re.compile(
    r"清单|起草说明|示范文本|知识产权|承办|条款|审[查核]意见|法律意见书|底细|营业执照|专家意见"
)
_EXPORT = re.compile(
    r"(?<![a-z])(?:word|docx?|md|markdown)(?![a-z])|(?:发|传|给|寄|打印|下载|导出|生成|要|来|存)(?:我|咱|给|成|个|过来|一下|[一1]|[个份])*.{0,4}(?:文档|电子版|文件(?!夹))"
    r"|(?:发|传|寄|打印|下载|导出)(?:给|我|咱|过来)*(?:[一1]?份|出来|下来|清单)|(?:发|传|给)我(?:[一1])?份(?:吧|呗|嘛)?$|(?:send|give|get|download|print)\b.{0,12}\b(?:copy|file|document|list)"
)
_OTHER_PAPERS = re.compile(
    r"报告|预案|方案|办法|通知|公告|范本|示范文本|养老|供水|停水|什么|哪|怎|谁|多少|几"
)
_MARKDOWN = re.compile(r"(?<![a-z])(?:md|markdown)(?![a-z])")
_ANOTHER = re.compile(
    r"另(?:外)?一?[个份]|第[二三2-9][个份]|又(?:有|要签)一?[个份]?|再(?:来|列|开|办)一?[个份]|\banother\b"
)

_NEW_LIST = re.compile(
    r"(?:列|开|要|来|做|弄|出)(?:一?下|一?[个份张])?[^,。;]{0,12}清单|清单.{0,4}列|\b(?:check)?list for\b"
)

_OPEN_STAGE = r"(?:(?:打开|展开|点开|看一?看|看一?下|看|说说|列出?|open|show)(?:一下)?)?[:： ]*(?:第?[一二三四五六七八\d]{1,2}[、.步 ]*)?"
_OF_STAGE = r"(?:这?一?步|阶段|那?里)?(?:要|有|是|怎么)?(?:办|做|准备|交)?(?:的)?(?:有)?(?:什么|哪些|啥|些什么)?[?？]?"


@dataclass(frozen=True)
class Wish:
    """What is wanted of a case.

    Attributes:
        act: left, all, stage, tick, export, close, reopen, mine (which cases are there) or show.
        stage: the stage that is meant.
        ticks: what is done and what is not, for tick.
        ending: docx or md, for export.
        finished: closed because all is done, not because it is not signed.
    """

    act: str
    stage: str | None = None
    ticks: Ticks = field(default_factory=Ticks)
    ending: str = "docx"
    finished: bool = False


def wish_of(message: Understood) -> Wish | None:
    """What the message wants of a case; None where it is about something else."""
    text = message.plain
    if (
        not text
        or len(text) > LONGEST
        or message.all("problem")
        or speaks_of_dying(text)
        or life_in_danger(text)
    ):
        return None
    rest = CASE_NUMBER.sub(" ", text).strip(" ,。!！")
    if not rest:
        return Wish("show")
    stage = stage_in(rest)
    if _EXPORT.search(rest) and not _OTHER_PAPERS.search(rest):
        return Wish("export", ending="md" if _MARKDOWN.search(rest) else "docx")
    if _MINE.search(rest):
        return Wish("mine")
    if _LEFT.search(rest) or (names_item(rest) and _WHETHER_DONE.search(rest)):
        return Wish("left", stage=stage)
    if opened := _opened_stage(rest):
        return Wish("stage", stage=opened)
    if _QUESTION.search(rest.replace(stage, " ") if stage else rest):  # 核对能不能签 asks nothing
        return None
    if _REOPEN.search(rest) and case_number(text):
        return Wish("reopen")
    if _CLOSE.search(rest):
        if names_item(rest):  # 第3项不办了 gives up no contract
            return Wish("tick", ticks=Ticks(unclear=True))
        return Wish("close", finished=bool(_FINISHED.search(rest)))
    ticks = read_ticks(message)
    if ticks:
        return Wish("tick", ticks=ticks)
    return Wish("all") if _ALL.search(rest) else None


def case_number(text: str) -> str | None:
    """The number of a case in normalised `text`, in our form: HT261126-001."""
    found = CASE_NUMBER.search(text)
    return f"HT{found[1]}-{found[2]}" if found else None


def names_item(text: str) -> bool:
    """Whether a thing of the list is named by its number (第3项), which no other matter has."""
    return bool(_ITEM.search(text))


def means_several(text: str) -> bool:
    """Whether several contracts are meant at once: 两个合同都签了."""
    return bool(_SEVERAL.search(text))


def may_be_elsewhere(message: Understood, wish: Wish, *, at_desk: bool) -> bool:
    """Whether words that would tick something may be about another matter; a number is of the list alone.

    `at_desk`: the assistant spoke of a contract just before.
    """
    text, ticks = message.plain, wish.ticks
    if wish.act != "tick" or case_number(text) or ticks.done.numbers or ticks.undone.numbers:
        return False
    if _OTHER_THINGS.search(text):
        return True
    return not (at_desk or ticks.mistaken or speaks_of_contract(message) or _DESK_WORDS.search(text))


def named_cases(text: str, cases: Iterable[Dossier]) -> tuple[Dossier, ...]:
    """The cases that normalised `text` names by number, else by their kind of contract."""
    number, known = case_number(text), tuple(cases)
    if number:
        return tuple(case for case in known if case.number == number)
    named = [case for case in known if kind_core(case.contract_type) in text]
    cores = {kind_core(case.contract_type) for case in named}
    # 办公用品采购合同 names no 采购合同 beside it.
    within = {core for core in cores if any(core != longer and core in longer for longer in cores)}
    return tuple(case for case in named if kind_core(case.contract_type) not in within)


def closest_cases(text: str, cases: Iterable[Dossier]) -> tuple[Dossier, ...]:
    """The case whose kind has most in common with an answer to "which one?" (采购那个); () where none or several do."""
    shared = [(_shared(text, kind_core(case.contract_type)), case) for case in cases]
    most = max((length for length, _ in shared), default=0)
    closest = tuple(case for length, case in shared if length == most)
    return closest if most >= _LEAST_SHARED and len(closest) == 1 else ()


def case_in_order(text: str, cases: Sequence[Dossier]) -> tuple[Dossier, ...]:
    """The case that an answer names by its place in the list that was shown: 第二个, 2."""
    said = parse(text.strip(" 第个份条项那这的,。.!"))
    index = int(said.value) if said else 0
    return tuple(cases[index - 1 : index]) if index > 0 else ()


def _shared(text: str, kind: str) -> int:
    """Characters of the longest piece of the kind that the text holds; letters count for a quarter."""
    match = SequenceMatcher(None, text, kind, autojunk=False).find_longest_match(0, len(text), 0, len(kind))
    piece = text[match.a : match.a + match.size].strip()
    return len(piece) // 4 if piece.isascii() else len(piece)


def names_another_kind(message: Understood, cases: Iterable[Dossier]) -> bool:
    """Whether a kind of contract is named of which the person has no case: 物业合同还差什么, with a purchase open."""
    kinds = [span.value for span in message.all("contract_type") if classify(span.value).sure]
    return bool(kinds) and not named_cases(message.plain, cases)


def wants_new_list(message: Understood, cases: Iterable[Dossier]) -> bool:
    """Whether a list is asked for, of a contract that is none of `cases`: 列个租赁合同的清单, checklist for a lease."""
    text = message.plain
    if not _NEW_LIST.search(text) or case_number(text) or _ALL.search(text):
        return False
    known = tuple(cases)
    if english_kind(text):
        return not named_cases(text, known)
    kind = classify(text)
    return kind.sure and not any(classify(case.contract_type).clause == kind.clause for case in known)


def wants_another(text: str) -> bool:
    """Whether a second contract of a kind is meant: 另一份采购合同."""
    return bool(_ANOTHER.search(text))


def same_contract(text: str) -> bool | None:
    """The answer to "the contract that is open, or another?"; None where it is neither."""
    if re.search(r"另|新的?|再[来开]|不是|不同|another|new|other", text):
        return False
    return (
        True
        if CASE_NUMBER.search(text) or re.search(r"原来|那一?份|同一|就是|\bsame\b|\bthat\b", text)
        else None
    )


def _opened_stage(text: str) -> str | None:
    """The stage that the text asks to see, and nothing else: 打开送审材料, 送审材料有哪些."""
    return next(
        (stage for stage in rules().stage_order if re.fullmatch(_OPEN_STAGE + stage + _OF_STAGE, text)), None
    )
