"""A first look at a draft contract: the terms of Article 11, the parties of Article 6, and the further checks.

The patterns are data (``data/law/contract/review.yml``, ``draft_checks.yml``). The answer is honest rather than clever:
where only a part is found it is ``unclear``; what a draft cannot show (the counterpart's standing,
the materials) is left out; every finding but ``missing`` quotes the draft.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.contracts.checks import all_checks
from bot.contracts.draft_text import Draft, Sentence, read_draft
from bot.contracts.findings import NAMES, Finding
from bot.contracts.kinds import name_group
from bot.contracts.parties import Party, addresses, duty_bearers, is_contract, parties
from bot.contracts.review_rules import ReviewRules, Term, review_rules
from bot.contracts.tables import in_column
from bot.errors import BadInput


@dataclass(frozen=True)
class Review:
    """What `wuchang review` answers."""

    path: str
    findings: tuple[Finding, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {"path": self.path, "findings": [asdict(finding) for finding in self.findings]}


def review(path: str | Path, name: str = "") -> Review:
    """Read and judge a .txt, .md, .docx or .pdf, called `name` in what is said of it.

    Raises:
        bot.errors.WuchangError: it cannot be read, or is no contract.
    """
    return review_draft(read_draft(Path(path), name))


def review_line(line: Mapping[str, Any]) -> dict[str, Any]:
    """One line of `wuchang review`: ``{"path"}``. Raises :class:`bot.errors.WuchangError`."""
    path = line.get("path")
    if not isinstance(path, str) or not path.strip():
        raise BadInput('a line needs a "path" to a .txt, .md, .docx or .pdf, e.g. {"path": "draft.docx"}')
    return review(path).as_dict()


def review_draft(draft: Draft) -> Review:
    """Judge a draft that was read already. Raises :class:`BadInput` where it is no contract."""
    law = review_rules()
    signers = parties(draft, law)
    if not is_contract(draft, law, signers):
        raise BadInput(
            f"“{Path(draft.path).name}”不像合同：标题不是合同、协议，也没有写明双方当事人。请确认选对了文件。"
        )
    judged = [
        *_names(law, draft, signers),
        *(_term(law, draft, term, signers) for term in law.terms),
        *all_checks(draft),
    ]
    return Review(draft.path, tuple(judged))


def _term(law: ReviewRules, draft: Draft, term: Term, signers: tuple[Party, ...]) -> Finding:
    if term.special == "parties":
        return _parties(law, draft, term, signers)
    if term.special == "duties":
        return _duties(law, draft, term, signers)
    found = {name: _first(law, draft, term, name) for name in term.parts}
    for group in term.present:
        hits = [found[name] for name in group]
        if all(hits):
            return _finding(term, "present", _quote(hits))
    named = (found[name] or _first(law, draft, term, name, headings=True) for name in term.unclear)
    hit = next((sentence for sentence in named if sentence), None)
    if hit:
        return _finding(term, "unclear", hit)
    put_off = _put_off(law, draft, term)
    if put_off:
        return _finding(term, "unclear", put_off)
    if term.missing_if is None or term.missing_if.search(draft.title.plain):
        return _finding(term, "missing", None)
    other = found[term.present_otherwise] if term.present_otherwise else None
    return _finding(term, "present", other) if other else _finding(term, "unclear", draft.title)


def _first(
    law: ReviewRules, draft: Draft, term: Term, name: str, *, headings: bool = False
) -> Sentence | None:
    """The first sentence, or heading after the title, that has the part and does not put it off."""
    part = term.parts[name]
    body = (s for s in draft.sentences[1:] if s.is_heading == headings)
    said = next((s for s in body if part.found(s.plain) and not law.deferred.search(s.plain)), None)
    if said or headings or part.column is None:
        return said
    return in_column(draft.sentences[1:], part.column, part.cell)


def _put_off(law: ReviewRules, draft: Draft, term: Term) -> Sentence | None:
    """The sentence that names the matter but leaves it for later."""
    puts_off = (s for s in draft.sentences if law.deferred.search(s.plain))
    return next((s for s in puts_off if any(part.found(s.plain) for part in term.parts.values())), None)


def _parties(law: ReviewRules, draft: Draft, term: Term, signers: tuple[Party, ...]) -> Finding:
    """Both parties are named and each has its address; no address at all is missing, one is unclear."""
    named = {party.name for party in signers}
    at = addresses(draft, term)
    if len(named) >= 2 and len(at) >= 2:
        return _finding(term, "present", _quote([signers[0].sentence, at[0]]))
    if at:
        return _finding(term, "unclear", at[0])
    return _finding(term, "missing", None)


def _duties(law: ReviewRules, draft: Draft, term: Term, signers: tuple[Party, ...]) -> Finding:
    """Duties or rights of both parties, beside paying, breach and disputes."""
    bearers = duty_bearers(draft, law, term, signers)
    if len(bearers) >= 2:
        return _finding(term, "present", _quote(list(bearers.values())[:2]))
    if bearers:
        return _finding(term, "unclear", next(iter(bearers.values())))
    return _finding(term, "missing", None)


def _names(law: ReviewRules, draft: Draft, signers: tuple[Party, ...]) -> Iterator[Finding]:
    """Article 6 (1) and (2): at most one finding a clause, the plainest."""
    seen: set[str] = set()
    for party in signers:
        group = name_group(party.name)
        if group is None or group.clause in seen:
            continue
        seen.add(group.clause)
        approval = _approval(law, draft, party) if group.kind == "temporary" else None
        status, sentence = ("unclear", approval) if approval else ("violation", party.sentence)
        yield _forbidden(law, group.clause, status, sentence)
    if "contract/6/2" not in seen:
        for sentence in draft.sentences:
            if law.internal_seal.search(sentence.plain):
                yield _forbidden(law, "contract/6/2", "unclear", sentence)
                return


def _approval(law: ReviewRules, draft: Draft, party: Party) -> Sentence | None:
    """The sentence that says the temporary body was approved; whether that is true a draft cannot show."""
    for sentence in draft.sentences:
        about = party.name in sentence.plain or sentence is party.sentence
        if about and law.approved.search(sentence.plain) and not law.not_approved.search(sentence.plain):
            return sentence
    return None


def _finding(term: Term, status: str, evidence: Sentence | None) -> Finding:
    quote, line = (evidence.quote, evidence.line) if evidence else (None, None)
    return Finding(term.clause, term.item, status, quote, at=line, item_en=term.item_en)


def _forbidden(law: ReviewRules, clause: str, status: str, evidence: Sentence) -> Finding:
    item, item_en = law.forbidden[clause]
    return Finding(clause, item, status, evidence.quote, NAMES, evidence.line, item_en=item_en)


def _quote(hits: list[Sentence | None] | list[Sentence]) -> Sentence:
    """The first sentence that was found."""
    return next(hit for hit in hits if hit is not None)
