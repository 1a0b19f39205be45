"""when the water of a report was back"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    columns = {column['name'] for column in sa.inspect(op.get_bind()).get_columns('outage_report')}
    if 'restored_at' not in columns:  # an update that fell is begun once more
        op.add_column('outage_report', sa.Column('restored_at', sa.DateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column('outage_report', 'restored_at')
