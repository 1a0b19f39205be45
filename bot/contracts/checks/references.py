"""Articles of the contract that are referred to, but not there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.contracts.check_rules import Check, check_rules
from bot.contracts.checks.markers import Fresh, markers
from bot.contracts.checks.signing import signing_block
from bot.contracts.draft_text import Draft
from bot.contracts.findings import Finding
from bot.contracts.money import number

_REFERENCE = re.compile(r"第([0-9]{1,3}|[一二三四五六七八九十百零]{1,5})条")
_BEFORE = 60  # characters before a reference that tell whose article it is
_FEWEST = 3  # articles that a draft must have for its numbering to be known


def check_references(draft: Draft) -> Iterator[Finding]:
    """详见第十八条 where the last one is the twelfth."""
    check = check_rules()["reference"]
    found = [m for m in markers(draft, signing_block(draft).at) if not isinstance(m, Fresh)]
    by_article = [m.value for m in found if m.style == "article"]
    others = [m.value for m in found if m.style in ("han", "digit")]
    values = by_article if len(by_article) >= _FEWEST else others
    if len(values) < _FEWEST:
        return
    last, begun = max(values), {m.at for m in found if m.style == "article"}
    for i, sentence in enumerate(draft.sentences):
        for hit in _REFERENCE.finditer(sentence.plain):
            value = number(hit[1])
            if value is None or value <= last or (hit.start() == 0 and i in begun):
                continue
            if _is_of_this_contract(check, sentence.plain[max(hit.start() - _BEFORE, 0) : hit.start()]):
                status = "violation" if values is by_article else "unclear"
                yield check.finding(status, sentence, number=hit[1])
                break


def _is_of_this_contract(check: Check, before: str) -> bool:
    clause = re.split(r"本(?:合同|协议)", before)[-1]
    if check.has("of_a_law", clause):
        return False
    return clause != before or check.has("of_this", before[-12:])
