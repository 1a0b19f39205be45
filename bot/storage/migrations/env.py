"""Alembic's entry: runs the migrations on the engine that `bot.storage.database.migrate` hands in."""

from alembic import context

from bot.storage.tables import Base

engine = context.config.attributes["engine"]
with engine.connect() as connection:
    sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=sqlite,
        version_table="wuchang_version",
    )
    if sqlite:
        # A table is changed by making it anew: for that moment rows of others lead nowhere.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    try:
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    finally:
        if sqlite:
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")
