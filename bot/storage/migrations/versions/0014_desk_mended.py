"""what a key opens; browsers that are known at the log-in

Each part is done only where it is not there yet: an update that fell is begun once more.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0011'
branch_labels = None
depends_on = None

# The least is the default; keys of before opened both, and go on doing so.
COLUMNS = (
    ('api_key', sa.Column('scopes', sa.String(length=64), nullable=False, server_default='open311')),
)


def upgrade() -> None:
    there = sa.inspect(op.get_bind())
    for table, column in COLUMNS:
        if column.name not in {known['name'] for known in there.get_columns(table)}:
            op.add_column(table, column.copy())
    if not there.has_table('desk_device'):
        op.create_table(
            'desk_device',
            sa.Column('id', sa.Integer(), nullable=False),
            sa.Column('token_hash', sa.String(length=64), nullable=False),
            sa.Column('user_id', sa.Integer(), nullable=False),
            sa.Column('seen_at', sa.DateTime(), nullable=False),
            sa.Column('failures', sa.Integer(), nullable=False),
            sa.Column('locked_until', sa.DateTime(), nullable=True),
            sa.ForeignKeyConstraint(['user_id'], ['desk_user.id']),
            sa.PrimaryKeyConstraint('id'),
            sa.UniqueConstraint('token_hash', 'user_id'),
            sa.Index('ix_desk_device_user_id', 'user_id'),
        )
    op.execute("UPDATE api_key SET scopes = 'open311 desk'")


def downgrade() -> None:
    op.drop_table('desk_device')
    for table, column in COLUMNS:
        op.drop_column(table, column.name)
