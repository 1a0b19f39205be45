"""Whether a connection that was kept still lives, asked only where there is a reason to.

SQLAlchemy's `pool_pre_ping` asks before each use: a trip to the server that a busy moment has no time for.
"""

from __future__ import annotations

import select
from time import monotonic
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import InvalidatePoolError

# A server that ends a connection says so and hangs up, which can be seen without asking it. Only of what was cut on the
# way (a firewall that forgets, a cable) nothing is heard: after so long it is asked all the same.
_UNUSED = 5.0
_LAST_USED = "last_used"


def ping_where_needed(engine: Engine) -> None:
    """Have each kept connection of a PostgreSQL looked at before it is used; where one is dead, all are made anew."""
    event.listen(engine, "checkin", _note)
    event.listen(engine, "checkout", lambda connection, record, _fairy: _look(engine, connection, record))


def _note(_connection: Any, record: Any) -> None:
    record.info[_LAST_USED] = monotonic()


def _look(engine: Engine, connection: Any, record: Any) -> None:
    used = record.info.get(_LAST_USED)  # emptied with each new connection: there is nothing to ask that one
    if used is None or (monotonic() - used < _UNUSED and not _was_heard_of(connection)):
        return
    if not engine.dialect.do_ping(connection):
        raise InvalidatePoolError  # as `pool_pre_ping` does it: the pool connects anew


def _was_heard_of(connection: Any) -> bool:
    """Whether the server sent something unasked, its farewell most likely, or the connection is known to be dead."""
    if connection.closed:
        return True
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))
