"""What another process does between two statements of one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from bot.storage.database import engine_for


@contextmanager
def meanwhile(url: str, begins: str, table: str, act: Callable[[], object]) -> Iterator[list[str]]:
    """`act` is done once, right after the first statement that begins so and names `table`; that statement."""
    seen: list[str] = []

    def after(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not seen and statement.lstrip().startswith(begins) and table in statement:
            seen.append(statement)
            act()

    engine = engine_for(url)
    event.listen(engine, "after_cursor_execute", after)
    try:
        yield seen
    finally:
        event.remove(engine, "after_cursor_execute", after)
    assert seen, f"no statement {begins} of {table}"
