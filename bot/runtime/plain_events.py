"""Conversations that were stored before events were encrypted: encrypted where they stand.

The table is Rasa's own, and may be in a database of its own, so no migration can do it.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from bot.storage.sealed import seal

# Events without a word of anybody's: they stay plain, which halves the time of encrypting.
WORDLESS = ("action", "active_loop", "session_started")
AT_ONCE = 500

_EVENTS = sa.table("events", sa.column("id"), sa.column("type_name"), sa.column("data", sa.Text))
_PLAIN = (
    sa.select(_EVENTS.c.id, _EVENTS.c.data)
    .where(
        _EVENTS.c.id > sa.bindparam("last"),
        _EVENTS.c.type_name.not_in(WORDLESS),
        _EVENTS.c.data.like("{%"),
    )
    .order_by(_EVENTS.c.id)
    .limit(AT_ONCE)
)
# By what it held too: nothing is written over that changed meanwhile.
_SEAL = (
    _EVENTS.update()
    .where(_EVENTS.c.id == sa.bindparam("its_id"), _EVENTS.c.data == sa.bindparam("plain"))
    .values(data=sa.bindparam("token"))
)


# How far it has come, so that a start looks only at what was stored since the one before it.
_MARK = sa.Table("wuchang_sealed_events", sa.MetaData(), sa.Column("up_to", sa.BigInteger, nullable=False))


def seal_plain_events(engine: Engine) -> int:
    """Encrypt what holds words and is plain yet, `AT_ONCE` rows a transaction; how many it were.

    It can be stopped at any place and run again; other processes may work on. What an earlier run looked at is
    passed over: events are stored encrypted, so what is plain there was written before that run.
    """
    if not sa.inspect(engine).has_table("events"):
        return 0
    _MARK.create(engine, checkfirst=True)
    sealed, last, newest = 0, *_span(engine)
    with engine.connect() as connection:
        on_sqlite = engine.dialect.name == "sqlite"
        if on_sqlite:  # else the old words stay in the file where they stood, though no row holds them
            connection.exec_driver_sql("PRAGMA secure_delete=ON")
            connection.commit()
        while rows := _batch(connection, last):
            last = rows[-1].id
            sealed += len(rows)
        if on_sqlite:
            if sealed:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("PRAGMA secure_delete=OFF")
    with engine.begin() as connection:
        connection.execute(_MARK.delete())
        connection.execute(_MARK.insert(), {"up_to": newest})
    return sealed


def _span(engine: Engine) -> tuple[int, int]:
    """The last event that was looked at before, and the last one there is; -1 where there is none."""
    with engine.connect() as connection:
        newest = connection.execute(sa.select(sa.func.max(_EVENTS.c.id))).scalar()
        before = connection.execute(sa.select(sa.func.max(_MARK.c.up_to))).scalar()
    newest = -1 if newest is None else int(newest)
    # Fewer events than were looked at: it is another table than that of the mark.
    return (-1 if before is None or before > newest else int(before)), newest


def _batch(connection: Connection, last: int) -> list[sa.engine.Row]:
    with connection.begin():
        rows = list(connection.execute(_PLAIN, {"last": last}))
        if rows:
            changes = [{"its_id": row.id, "plain": row.data, "token": seal(row.data)} for row in rows]
            connection.execute(_SEAL, changes)
    return rows
