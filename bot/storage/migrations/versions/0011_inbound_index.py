"""who works on an incoming message; indexes that fit what is asked of them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

_TABLE = 'incoming_message'
_UNDONE = sa.text('done_at IS NULL')


def upgrade() -> None:
    there = sa.inspect(op.get_bind())
    columns = {column['name'] for column in there.get_columns(_TABLE)}
    indexes = {index['name'] for index in there.get_indexes(_TABLE)}
    # What is there already is left: an update that fell is begun once more.
    for column in (
        sa.Column('claimed_by', sa.String(length=96), nullable=True),
        sa.Column('claimed_until', sa.DateTime(), nullable=True),
    ):
        if column.name not in columns:
            op.add_column(_TABLE, column)
    if 'ix_incoming_message_done' in indexes:
        op.drop_index('ix_incoming_message_done', table_name=_TABLE)
    if 'ix_incoming_message_received' not in indexes:
        op.create_index('ix_incoming_message_received', _TABLE, ['received_at'])
    if 'ix_incoming_message_undone' not in indexes:
        op.create_index(
            'ix_incoming_message_undone', _TABLE, ['channel'], sqlite_where=_UNDONE, postgresql_where=_UNDONE
        )


def downgrade() -> None:
    op.drop_index('ix_incoming_message_undone', table_name=_TABLE)
    op.drop_index('ix_incoming_message_received', table_name=_TABLE)
    op.create_index('ix_incoming_message_done', _TABLE, ['done_at'])
    op.drop_column(_TABLE, 'claimed_until')
    op.drop_column(_TABLE, 'claimed_by')
