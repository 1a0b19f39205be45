"""Whether the parties at the head are those who sign."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.contracts.check_rules import check_rules
from bot.contracts.checks.signing import signing_block
from bot.contracts.draft_text import Draft, Sentence
from bot.contracts.findings import Finding
from bot.contracts.parties import is_short_form

_NO_NAME = re.compile(
    r"法定代表人|法人代表|授权代表|委托代理人|代表人?|负责人|经办人|地址|住所|住址|电话|联系|日期|时间|盖章|签字|签章|签名|公章|开户|账号|身份证|统一社会|▁|\d{4}年|\((?:以下)?(?:简称|下称|统称)"
)
_SHORTEST = 4  # characters of a unit's name; a person's may be shorter
Named = dict[str, tuple[str, Sentence]]


def check_names(draft: Draft) -> Iterator[Finding]:
    """A party that signs under another name than it has at the head; a shortened name is unclear."""
    check, block = check_rules()["party"], signing_block(draft)
    head: Named = {}
    foot: Named = {}
    for i, sentence in enumerate(draft.sentences):
        named = foot if i in block.at else head
        for role, name in _labelled(sentence.plain):
            named.setdefault(role, (name, sentence))
    for role, (name, sentence) in foot.items():
        if role not in head or head[role][0] == name:
            continue
        first, where = head[role]
        unsure = (
            is_short_form(name, first) or is_short_form(first, name) or min(len(name), len(first)) < _SHORTEST
        )
        yield check.finding("unclear" if unsure else "violation", sentence, also=where)


def _labelled(plain: str) -> Iterator[tuple[str, str]]:
    """Each role in the sentence with the name behind its colon: 甲方（盖章）：某某局."""
    role = check_rules().role
    label = re.compile(
        rf"(?:^|[|▁;,]|(?<=[^:|]))({role})(?:\(({role})\))?(?:单位)?(?:名称|全称)?(?:\([^()]{{0,16}}\)){{0,2}}[:|]+"
        rf"([\u4e00-\u9fff()A-Za-z0-9·]{{2,50}})"
    )
    for found in label.finditer(plain):
        name = re.split(rf"{_NO_NAME.pattern}|{role}(?=[(:|])", found[3])[0]
        name = re.sub(r"[()]+$", "", name)
        if len(name) >= 2 and not re.fullmatch(role, name):
            yield found[1], name
            if found[2]:
                yield found[2], name
