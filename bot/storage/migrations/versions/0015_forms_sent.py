"""forms of the desk that were done: one that is sent again counts no second time"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    if not sa.inspect(op.get_bind()).has_table('desk_form'):  # an update that fell is begun once more
        op.create_table(
            'desk_form',
            sa.Column('hash', sa.String(length=64), nullable=False),
            sa.Column('at', sa.DateTime(), nullable=False),
            sa.PrimaryKeyConstraint('hash'),
        )


def downgrade() -> None:
    op.drop_table('desk_form')
