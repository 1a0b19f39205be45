"""whose a message is that came in and is not done yet; which words to staff are known when they come again

Each part is done only where it is not there yet: an update that fell is begun once more.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0014'
branch_labels = None
depends_on = None

COLUMNS = (
    ('incoming_message', sa.Column('sender_id', sa.String(length=255), nullable=True)),
    ('handover_message', sa.Column('once', sa.String(length=32), nullable=True)),
)
INDEX = ('ix_handover_message_once', 'handover_message')


def upgrade() -> None:
    there = sa.inspect(op.get_bind())
    for table, column in COLUMNS:
        if column.name not in {known['name'] for known in there.get_columns(table)}:
            op.add_column(table, column.copy())
    name, table = INDEX
    if name not in {known['name'] for known in there.get_indexes(table)}:
        op.create_index(name, table, ['once'], unique=True)


def downgrade() -> None:
    op.drop_index(*INDEX)
    for table, column in COLUMNS:
        op.drop_column(table, column.name)
