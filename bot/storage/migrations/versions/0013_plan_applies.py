"""whether the plan held for an incident's place when it was graded last"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    columns = {column['name'] for column in sa.inspect(op.get_bind()).get_columns('incident')}
    if 'plan_applies' not in columns:  # an update that fell is begun once more
        op.add_column('incident', sa.Column('plan_applies', sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column('incident', 'plan_applies')
