"""What the review of a draft says: one finding after the other, each with its clause and its evidence."""

from __future__ import annotations

from dataclasses import dataclass

TERMS, NAMES = "term", "name"


@dataclass(frozen=True)
class Finding:
    """One thing seen in a draft.

    Attributes:
        status: present, missing, violation (to be changed) or unclear (a person must look).
        evidence: stands in the draft word for word; None where something is missing.
        check: which check found it, e.g. "blank"; the ten terms of Article 11 are "term".
        at: line of the evidence in the text that was read, from 1.
        also: a second passage of the draft where two do not agree.
        suggestion: what to do about it, in Chinese.
        item_en, suggestion_en: the same in English.
    """

    clause: str
    item: str
    status: str
    evidence: str | None
    check: str = TERMS
    at: int | None = None
    also: str | None = None
    suggestion: str | None = None
    item_en: str | None = None
    suggestion_en: str | None = None
