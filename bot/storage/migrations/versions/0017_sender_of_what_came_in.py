"""whose a message is that came in and is not done yet, so that it goes with all of a person who is forgotten"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    columns = {column['name'] for column in sa.inspect(op.get_bind()).get_columns('incoming_message')}
    if 'sender_id' not in columns:  # an update that fell is begun once more
        op.add_column('incoming_message', sa.Column('sender_id', sa.String(length=255), nullable=True))


def downgrade() -> None:
    op.drop_column('incoming_message', 'sender_id')
