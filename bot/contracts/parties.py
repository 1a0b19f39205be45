"""Who the parties of a draft are, where they are, and which of them bears duties."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.contracts.draft_text import BLANK, Draft, Sentence
from bot.contracts.kinds import name_group
from bot.contracts.review_rules import ReviewRules, Term

_STOP = f",。;、:|(){BLANK}"
_NAME_ROW = re.compile(r"^\|?(?:单位)?(?:名称|姓名|全称)[^|]{0,8}\|(.+)$")
_PUBLIC = r"(?:人民政府|局|委员会|办公室|指挥部|领导小组|专班|中心|街道办事处|医院|学校|中学|小学|公司|厂|合作社|银行|大学|学院|站|所|股|科)"
_PLACEHOLDER = r"(?:^(?:应|须|负责|不得|有权|保证|依法|按|名称|全称|盖章|签字|公章|代表|法定代表人|经手人|日期|签章|基本情况|信息|住所|地址))"


@dataclass(frozen=True)
class Party:
    """A party's name and the sentence that gives it."""

    name: str
    sentence: Sentence


def parties(draft: Draft, law: ReviewRules) -> tuple[Party, ...]:
    """The named parties in order of the draft, a name once for each sentence that gives it."""
    found = (Party(name, s) for s in draft.sentences for name in _names(s.plain, law.role))
    # 甲方应当为乙方提供… names nobody.
    other = re.compile(rf"{_PLACEHOLDER}|^(?:{law.role})(?:$|应|须|必须|可|将|不|负责|有权)")
    return tuple(party for party in found if len(party.name) >= 2 and not other.search(party.name))


def _names(plain: str, role: str) -> Iterator[str]:
    bracket = r"(?:\([^)]{0,16}\))?"
    heading = rf"(?:{role}|[\u4e00-\u9fff]{{1,8}}(?=\((?:{role})))"
    label = rf"(?:^|\||(?<=[。;:]))(?:{heading}){bracket}(?:{role}|单位|名称|全称|\(盖章\))?{bracket}[:|]+([^{_STOP}]+)"
    not_itself = r"(?!的?(?:代表|联系|项目|驻|工作|代理|经办|指定|接))"
    start = r"(?:^|[,:。;、|]|由|与|和|同)"
    alias = rf"{start}([^{_STOP}]{{2,40}}?)\([^)]{{0,14}}?(?:{role}){not_itself}[^)]{{0,60}}\)"
    acting = rf"{start}([^{_STOP}]{{4,40}}?)(?:作为|充当|担任|为)(?:本合同的?)?(?:{role}){not_itself}"
    pair = rf"^([^{_STOP}]{{2,30}}?{_PUBLIC})(?:与|和|同)([^{_STOP}]{{2,30}}?)(?:就|经|于|在|双方|本着|签订|订立|,)"
    for pattern in (label, alias, acting):
        yield from re.findall(pattern, plain)
    for first, second in re.findall(pair, plain):
        yield from (first, second)
    row = _NAME_ROW.search(plain)
    if row:
        cells = [cell for cell in row.group(1).split("|") if cell]
        if any(re.search(_PUBLIC + "$", cell) for cell in cells):
            yield from (cell for cell in cells if re.search(_PUBLIC + "$", cell) or name_group(cell))


_TITLE = re.compile(
    r"(?:合同|协议|合约|契约|约定书|意向书|备忘录|承诺书|纪要)(?:书|文本|范本|草案|草稿|初稿|样本|\([^)]{0,30}\))*$"
)
_TITLE_LINES = 8
_OTHER_PAPER = re.compile(
    r"(?:办法|规定|条例|细则|通知|通报|公告|报告|方案|总结|制度|意见|函|请示|批复|讲话|简报|指南|说明|清单)(?:\([^)]{0,20}\))?$"
)


def is_contract(draft: Draft, law: ReviewRules, signers: tuple[Party, ...]) -> bool:
    """Whether this is a contract, not a paper about contracts: by its title, or by two parties in it."""
    if len({party.name for party in signers}) >= 2:
        return True
    head = [sentence.plain.replace(BLANK, "") for sentence in draft.sentences[:_TITLE_LINES]]  # 承  诺  书
    if any(_OTHER_PAPER.search(plain) for plain in head[:2]):
        return False
    roles = {role for sentence in draft.sentences for role in re.findall(law.role, sentence.plain)}
    return len(roles) >= 2 or any(_TITLE.search(plain) for plain in head)


def addresses(draft: Draft, term: Term) -> list[Sentence]:
    """The sentences that give an address of a party, one entry for each address."""
    found: list[Sentence] = []
    for sentence in draft.sentences:
        plain = term.patterns["not"].sub("", sentence.plain)
        found += [sentence] * _addresses_in(plain, term)
    return found


def _addresses_in(plain: str, term: Term) -> int:
    pattern = term.patterns["address"]
    cells = [cell for cell in plain.split("|") if cell]
    if len(cells) == 3 and pattern.match(cells[0] + "|x"):  # a row: label, one party, the other
        return sum(BLANK not in cell for cell in cells[1:])
    return len(pattern.findall(plain)) + len(term.patterns["dwelling"].findall(plain))


def duty_bearers(
    draft: Draft, law: ReviewRules, term: Term, signers: tuple[Party, ...]
) -> dict[str, Sentence]:
    """Each party that is said to owe or may do something, with the first sentence that says so.

    A party is called by its role (甲方) or by a short form of its name (科技局); within a
    sentence the last one called stays the subject.
    """
    bearers: dict[str, Sentence] = {}
    introductions = {id(party.sentence) for party in signers}
    for sentence in draft.sentences:
        if id(sentence) in introductions:
            continue
        subject = None
        for fragment in re.split("[,:|]", sentence.plain):
            subject = _subject(fragment, law.role, signers) or subject
            duty = term.patterns["duty"].search(fragment)
            if subject and duty and not term.patterns["not"].search(fragment):
                bearers.setdefault(subject, sentence)
    return bearers


def _subject(fragment: str, role: str, signers: tuple[Party, ...]) -> str | None:
    called = re.search(role, fragment)
    if called:
        return called.group()
    start = re.match(
        r"[^\u4e00-\u9fff]*([\u4e00-\u9fff]{2,10}?)(?=应|须|必须|负责|有权|不得|保证|承诺|每年|可以)",
        fragment,
    )
    named = (party.name for party in signers if start and is_short_form(start.group(1), party.name))
    return next(named, None)


def is_short_form(short: str, name: str) -> bool:
    """Whether the characters of ``short`` stand in ``name`` in this order: 科技局 of 科学技术局."""
    rest = iter(name)
    return all(char in rest for char in short)
