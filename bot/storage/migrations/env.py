"""Alembic's entry: runs the migrations on the engine that `bot.storage.database.migrate` hands in."""

from alembic import context

from bot.storage.tables import Base

engine = context.config.attributes["engine"]
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        version_table="wuchang_version",
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
