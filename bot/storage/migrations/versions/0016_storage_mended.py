"""whose a message is that came in; words to staff that come again; when the water of older reports was back

Each part is done only where it is not there yet: an update that fell is begun once more.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

COLUMNS = (
    ('incoming_message', sa.Column('sender_id', sa.String(length=255), nullable=True)),
    ('handover_message', sa.Column('once', sa.String(length=32), nullable=True)),
)
# Filled in for reports of which the water is back; before 0012 nobody kept when it was, and they counted as still out.
REPORT = sa.table(
    'outage_report', *map(sa.column, ('incident_id', 'channel', 'sender_id', 'status')), sa.column('restored_at', sa.DateTime()),
    sa.column('created_at', sa.DateTime()),
)
INCIDENT = sa.table('incident', *map(sa.column, ('id', 'status')), sa.column('closed_at', sa.DateTime()))
ANSWER = sa.table(
    'restored_answer', *map(sa.column, ('incident_id', 'channel', 'sender_id')), sa.column('back', sa.Boolean()),
    sa.column('answered_at', sa.DateTime()),
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
    _fill_in_when_the_water_was_back()


def _fill_in_when_the_water_was_back() -> None:
    """When staff closed the incident, else when the person said so as they were asked, else (at least until then it was
    out) when it was reported. A report that staff closed by itself, of an incident that goes on, is one of them too.
    """
    of_report = (ANSWER.c.incident_id == REPORT.c.incident_id, ANSWER.c.channel == REPORT.c.channel,
                 ANSWER.c.sender_id == REPORT.c.sender_id, ANSWER.c.back.is_(True))
    its = INCIDENT.c.id == REPORT.c.incident_id
    closed = sa.select(INCIDENT.c.closed_at).where(its).scalar_subquery()
    said = sa.select(sa.func.max(ANSWER.c.answered_at)).where(*of_report).scalar_subquery()
    goes_on = sa.exists().where(its, INCIDENT.c.status == 'open')
    over = sa.or_(REPORT.c.status == 'restored', sa.and_(REPORT.c.status == 'closed', goes_on))
    op.execute(
        sa.update(REPORT)
        .where(REPORT.c.restored_at.is_(None), over)
        .values(restored_at=sa.func.coalesce(closed, said, REPORT.c.created_at))
    )


def downgrade() -> None:
    op.drop_index(*INDEX)
    for table, column in COLUMNS:
        op.drop_column(table, column.name)
