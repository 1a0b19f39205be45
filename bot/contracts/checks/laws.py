"""Laws that are cited though they were repealed, above all those that the Civil Code replaced."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.contracts.check_rules import Check, check_rules
from bot.contracts.draft_text import Draft
from bot.contracts.findings import Finding

_BEHIND = 12
_CHAIN = 80  # characters of other laws named with it, up to what is said of all


def check_laws(draft: Draft) -> Iterator[Finding]:
    """Each sentence that cites a repealed law, once for each law."""
    rules = check_rules()
    check = rules["repealed"]
    for sentence in draft.sentences:
        if "法" not in sentence.plain and "条例" not in sentence.plain and "规定" not in sentence.plain:
            continue
        for law in rules.repealed:
            found = (_status(check, sentence.plain, hit) for hit in law.pattern.finditer(sentence.plain))
            status = min(filter(None, found), key=("violation", "unclear").index, default=None)
            if status:
                since = f"{law.since.year}年{law.since.month}月{law.since.day}日"
                yield check.finding(
                    status, sentence, name=law.name, since=since, successor=law.successor,
                    english={"since": law.since.isoformat()},
                )  # fmt: skip


def _status(check: Check, plain: str, hit: re.Match[str]) -> str | None:
    """Whether this is the law and not a longer word, and whether it is cited as one in force."""
    before, behind = plain[: hit.start()], plain[hit.end() : hit.end() + _BEHIND]
    longer = "longer_title" if check.has("opens", before) else "longer"
    if check.patterns[longer].match(behind):
        return None
    if check.has("ended", plain[hit.end() : hit.end() + _CHAIN]) or check.has("replaced", before):
        return None
    if check.has("former", before):
        return "unclear"
    cited = check.has("cited_before", before) or check.patterns["cited_behind"].match(behind)
    return "violation" if cited else "unclear"
