"""what a key opens; browsers that are known at the log-in; which grade staff saw; photos in talks with staff

Each part is done only where it is not there yet: an update that fell is begun once more.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0012'
branch_labels = None
depends_on = None

# The least is the default; keys of before opened both, and go on doing so.
COLUMNS = (
    ('api_key', sa.Column('scopes', sa.String(length=64), nullable=False, server_default='open311')),
    ('incident', sa.Column('seen_grade', sa.String(length=4), nullable=True)),
)
GRADES = ('I', 'II', 'III', 'IV', None)  # the gravest first


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
    if 'message_id' not in {known['name'] for known in there.get_columns('attachment')}:
        # Alembic copies a SQLite table for a foreign key; SQLite itself takes it with the column.
        op.execute('ALTER TABLE attachment ADD COLUMN message_id INTEGER REFERENCES handover_message (id)')
    if 'ix_attachment_message_id' not in {known['name'] for known in there.get_indexes('attachment')}:
        op.create_index('ix_attachment_message_id', 'attachment', ['message_id'])
    op.execute("UPDATE api_key SET scopes = 'open311 desk'")
    _note_seen_grades()


def _note_seen_grades() -> None:
    """Of each incident that staff decided, the grade worked out then or the lowest since, from its history."""
    event = sa.table('incident_event', *map(sa.column, ('id', 'incident_id', 'kind')), sa.column('detail', sa.JSON()))
    incident = sa.table('incident', *map(sa.column, ('id', 'confirmed_at', 'seen_grade')))
    query = (
        sa.select(event.c.incident_id, event.c.kind, event.c.detail)
        .join(incident, incident.c.id == event.c.incident_id)
        .where(incident.c.confirmed_at.is_not(None), event.c.kind.in_(('confirmed', 'overridden', 'graded')))
        .order_by(event.c.id)
    )
    seen: dict[int, str | None] = {}
    for number, kind, detail in op.get_bind().execute(query).all():
        if kind != 'graded':
            seen[number] = detail.get('worked_out')
        elif number in seen:
            seen[number] = max(seen[number], detail.get('grade'), key=GRADES.index)
    for number, grade in seen.items():
        op.execute(sa.update(incident).where(incident.c.id == number).values(seen_grade=grade))


def downgrade() -> None:
    op.drop_table('desk_device')
    op.drop_index('ix_attachment_message_id', 'attachment')
    with op.batch_alter_table('attachment') as attachment:
        attachment.drop_column('message_id')
    for table, column in COLUMNS:
        op.drop_column(table, column.name)
