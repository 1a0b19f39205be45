"""Whether the data key is the one that the database was begun with.

The first migration keeps a value that is sealed with the key; with another key, or none, it does not open. Without
this a lost key would be noticed only when somebody wants to read a report, after new ones were sealed with another.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from bot.errors import WuchangError
from bot.storage import sealed
from bot.storage.database import address, engine_for
from bot.storage.tables import Base, DataKeyCheck

_VALUE = "wuchang"
_ONLY = 1


def check(engine: Engine) -> None:
    """Look whether the key opens what the database holds; on a new one, whether it is a key at all.

    Raises:
        WuchangError: it is lost, another one, or none; the message says what to do.
    """
    with engine.connect() as connection:
        token = _token(connection)
    if token is None:
        sealed.check_form()
        return
    if not sealed.is_at_hand():
        raise _lost()
    sealed.check_form()
    sealed.unseal(token)


def check_here() -> None:
    """`check` of the database that `session_scope` uses."""
    check(engine_for(address()))


def refuse_new_key() -> None:
    """Keep anybody from making a key where something was sealed with one that is not there any more.

    Raises:
        WuchangError: the database holds sealed values.
    """
    with engine_for(address()).connect() as connection:
        if _token(connection) is not None:
            raise _lost()


def note(engine: Engine) -> None:
    """Keep the value by which the key is known, where none is kept yet."""
    with engine.begin() as connection:
        if connection.execute(sa.select(DataKeyCheck.id)).first() is None:
            connection.execute(sa.insert(DataKeyCheck).values(id=_ONLY, value=_VALUE))


def _lost() -> WuchangError:
    return WuchangError(
        "钥匙不见了：数据库里有加密的内容，但是 WUCHANG_DATA_KEY 没有设，var/data.key 也没有。"
        "请把原来的钥匙放回去；没有另造新的，新钥匙打不开旧内容。"
    )


def _token(connection: Connection) -> str | None:
    """Something sealed: the value kept for it, or (before there was one) the first that is found."""
    there = set(sa.inspect(connection).get_table_names())
    tables = [DataKeyCheck.__table__, *Base.metadata.sorted_tables]
    for table in tables:
        if table.name not in there:
            continue
        columns = {column["name"] for column in sa.inspect(connection).get_columns(table.name)}
        for column in table.columns:
            if isinstance(column.type, (sealed.Sealed, sealed.SealedJson)) and column.name in columns:
                found = _sealed_in(connection, table.name, column.name)
                if found:
                    return found
    return None


def _sealed_in(connection: Connection, table: str, column: str) -> str | None:
    # Not by the column's own type, which would open it; before migration 0008 it may be JSON.
    value = sa.cast(sa.column(column), sa.Text)
    query = sa.select(value).select_from(sa.table(table)).where(value.like("gAAAAA%")).limit(1)
    found: str | None = connection.execute(query).scalar()
    return found if found and sealed.is_sealed(found) else None
