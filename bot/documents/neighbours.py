"""The clauses that stand before and after one, as a reader would turn the page."""

from __future__ import annotations

from bot.documents.digest import Entry, digest


def beside(clause_id: str) -> tuple[Entry, ...]:
    """The clause before and the one after, within the same document and on the same level; those that there are."""
    entries = [
        entry for entry in digest().entries if not entry.part and _level(entry.id) == _level(clause_id)
    ]
    places = [number for number, entry in enumerate(entries) if entry.id == clause_id]
    if not places:
        return ()
    at = places[0]
    found = (entries[number] for number in (at - 1, at + 1) if 0 <= number < len(entries))
    return tuple(entry for entry in found if entry.document.id == entries[at].document.id)


def _level(clause_id: str) -> tuple[str, int]:
    """How deep a clause lies: items of an article turn to items, sections to sections (2.1.4 to 2.1.5)."""
    return clause_id.partition("/")[0], clause_id.count("/") + clause_id.count(".")
