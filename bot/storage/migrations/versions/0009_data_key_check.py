"""a value by which the data key is known (bot.storage.keycheck writes it)"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    if 'data_key_check' not in sa.inspect(op.get_bind()).get_table_names():
        op.create_table(
            'data_key_check',
            sa.Column('id', sa.Integer(), nullable=False),
            sa.Column('value', sa.Text(), nullable=False),
            sa.PrimaryKeyConstraint('id'),
        )
    # What buttons stand for is encrypted from now on; those offered before are taken by the words on them.
    op.execute('DELETE FROM offered_choice')


def downgrade() -> None:
    op.drop_table('data_key_check')
