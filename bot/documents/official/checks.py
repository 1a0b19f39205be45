"""What a person should look at after an import: what the digest says and the official text does not bear out."""

from __future__ import annotations

from collections.abc import Iterator

from bot.documents.digest import digest
from bot.documents.official import titles
from bot.documents.official.cut import CutDocument

_SHOWN = 8


def warnings_about(document: CutDocument, id: str, before: frozenset[str]) -> tuple[str, ...]:
    """Warnings about a document that got this id; `before` are the clause ids of the version it follows."""
    return (*_against_digest(document, id), *_against_before(document, id, before))


def _against_digest(document: CutDocument, id: str) -> Iterator[str]:
    entries = [entry for entry in digest().entries if entry.document.id == id]
    if not entries:
        return
    told = entries[0].document
    known = titles.recognise(document.title)
    if known is not None and not titles.is_own_title(document.title, known):
        yield f"逐条说明写的是《{told.title}》，这份是《{document.title}》，说法要逐条核对（data/law/digest）"
    elif _differs(document, told.number, told.date):
        yield (
            f"文号或日期和逐条说明的不同（说明：{told.number} {told.date}；这份：{document.number} {document.issued_on}），"
            "说法要逐条核对（data/law/digest）"
        )
    there = {f"{id}/{piece.path}" for piece in document.clauses}
    missing = [clause for clause in dict.fromkeys(entry.id for entry in entries) if clause not in there]
    if missing:
        yield f"逐条说明里有{len(missing)}条在原文里没有找到：{_some(missing)}"


def _differs(document: CutDocument, number: str, date: str) -> bool:
    """Whether number or day is printed and is not the digest's (its "None" is none)."""
    if document.number and number != "None" and titles.plain(document.number) != titles.plain(number):
        return True
    return document.issued_on is not None and document.issued_on.isoformat() != date


def _against_before(document: CutDocument, id: str, before: frozenset[str]) -> Iterator[str]:
    gone = before - {f"{id}/{piece.path}" for piece in document.clauses}
    if gone:
        yield (
            f"上一个版本里有、这份里没有的有{len(gone)}条：{_some(sorted(gone))}。"
            "如果一份文件分在几个文件里，请合成一个文件再导入"
        )


def _some(ids: list[str]) -> str:
    return "、".join(ids[:_SHOWN]) + ("……" if len(ids) > _SHOWN else "")
