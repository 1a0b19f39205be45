"""who cannot wait for water: kept with a report, counted with its incident

Each part is done only where it is not there yet: an update that fell is begun once more. Reports of before have no
mark: their words are sealed, and an update opens nothing.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

COLUMNS = (
    ('outage_report', sa.Column('vulnerable', sa.Text(), nullable=True)),
    ('incident', sa.Column('vulnerable_count', sa.Integer(), nullable=False, server_default='0')),
)


def upgrade() -> None:
    there = sa.inspect(op.get_bind())
    for table, column in COLUMNS:
        if column.name not in {known['name'] for known in there.get_columns(table)}:
            op.add_column(table, column.copy())


def downgrade() -> None:
    for table, column in COLUMNS:
        op.drop_column(table, column.name)
