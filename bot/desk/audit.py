"""What was done from the desk, line by line, in a chain that shows every later change of it.

Each line's hash covers the line and the hash before it. It is keyed with the data key, so that whoever can write the
database alone cannot make a chain that holds. Lines are numbered without a gap, and the number of the last is kept
apart (`counter`), so that lines cut off at the end are missed. Somebody with the key as well can still make all of it
anew: for that, keep a head that `wuchang audit verify` printed elsewhere, and ask for it later.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot import clock
from bot.clock import with_offset
from bot.storage.sealed import keyed_hash
from bot.storage.tables import AuditEntry, Counter

SERIES = "audit"
FIRST = "0" * 64
_LENGTH = 64  # of `by`, `action` and `subject`
_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True)
class Verdict:
    """Whether the chain holds.

    Attributes:
        lines: how many lines hold, from the first.
        head: hash of the last of these; "" where there is none.
        fault: what is wrong with the line after them, in words; None: nothing.
    """

    lines: int
    head: str
    fault: str | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return self.fault is None


def note(session: Session, *, by: str, action: str, subject: str = "", **detail: Any) -> AuditEntry:
    """Write one line, in the caller's transaction: it is there exactly if the change is.

    `detail` is made plain JSON (dates as text). It holds no phones, names of residents or words of theirs.
    """
    number = _raise(session, 1)
    last = session.execute(select(AuditEntry.hash).where(AuditEntry.id == number - 1)).scalar()
    row = AuditEntry(
        id=number,
        at=clock.now(),
        by=_plain(by),
        action=_plain(action),
        subject=_plain(subject),
        detail=_as_json(detail),
        previous=last or FIRST,
    )
    row.hash = _hash(row)
    session.add(row)
    session.flush()
    return row


def verify(session: Session, *, head: str = "") -> Verdict:
    """Walk the whole chain; with `head`, look too whether this hash, told earlier, is still in it."""
    number, previous, seen = 0, FIRST, not head
    rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=1000))
    for row in rows:
        fault = _fault(row, number + 1, previous)
        if fault:
            return Verdict(number, _head(number, previous), fault)
        number, previous = row.id, row.hash
        seen = seen or row.hash == head
    told = session.execute(select(Counter.value).where(Counter.series == SERIES)).scalar() or 0
    fault = None
    if told != number:
        fault = f"记录只到第 {number} 条，但应当有 {told} 条：末尾的被删掉了。"
    elif not seen:
        fault = f"以前核对过的 {head[:12]}… 不在记录里了：整本被换过。"
    return Verdict(number, _head(number, previous), fault)


def audit_lines(session: Session) -> Iterator[dict[str, Any]]:
    """Every line as JSON, the latest first."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).execution_options(yield_per=1000)
    for row in session.scalars(query):
        yield {
            "id": row.id, "at": with_offset(row.at), "by": row.by, "action": row.action, "subject": row.subject,
            "detail": row.detail, "hash": row.hash,
        }  # fmt: skip


def lock(session: Session) -> None:
    """Wait until no other change is under way; until the caller commits there will be none beside this one."""
    _raise(session, 0)


def _raise(session: Session, by: int) -> int:
    """Raise the number of the last line; its row is locked until the caller commits: one writer at a time."""
    insert = _INSERT[session.get_bind().dialect.name]
    raised = insert(Counter).values(series=SERIES, value=by)
    raised = raised.on_conflict_do_update(index_elements=["series"], set_={"value": Counter.value + by})
    session.execute(raised)
    return int(session.execute(select(Counter.value).where(Counter.series == SERIES)).scalar_one())


def _fault(row: AuditEntry, number: int, previous: str) -> str | None:
    if row.id != number:
        return f"第 {number} 条不见了，后面是第 {row.id} 条。"
    if row.previous != previous:
        return f"第 {number} 条接不上它前面的一条。"
    if row.hash != _hash(row):
        return f"第 {number} 条被改过。"
    return None


def _hash(row: AuditEntry) -> str:
    told = [row.id, row.at.isoformat(), row.by, row.action, row.subject, row.detail, row.previous]
    return keyed_hash("audit", json.dumps(told, ensure_ascii=True, sort_keys=True, separators=(",", ":")))


def _head(number: int, previous: str) -> str:
    return previous if number else ""


def _plain(text: str) -> str:
    """As the database gives it back: `CutString` cuts and drops NUL, and the hash must be of what is stored."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()[:_LENGTH]


def _as_json(detail: dict[str, Any]) -> Any:
    text = json.dumps(detail, ensure_ascii=False, default=str)
    return json.loads(text.encode("utf-8", "replace"))
