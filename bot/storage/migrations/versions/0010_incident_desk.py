"""incidents with history, duties and zones; planned outages, notices; users, sessions and audit of the desk

No table is copied (there may be a million reports), and what a fall left half done is gone on with.
"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

# Alembic copies a SQLite table for a foreign key; SQLite itself takes it with the column.
REFERENCES = (('incident', 'zone_id', 'supply_zone'), ('incident', 'merged_into_id', 'incident'))
INDEXES = (
    ('ix_planned_outage_starts_at', 'planned_outage', ['starts_at']),
    ('ix_planned_outage_township', 'planned_outage', ['township']),
    ('ix_supply_zone_township', 'supply_zone', ['township']),
    ('ix_handover_message_handover_id', 'handover_message', ['handover_id']),
    ('ix_desk_link_user_id', 'desk_link', ['user_id']),
    ('ix_desk_session_user_id', 'desk_session', ['user_id']),
    ('ix_incident_duty_due', 'incident_duty', ['done_at', 'due_at']),
    ('ix_incident_event_incident', 'incident_event', ['incident_id', 'id']),
    ('ix_public_notice_incident_id', 'public_notice', ['incident_id']),
    ('ix_public_notice_planned_id', 'public_notice', ['planned_id']),
    ('ix_public_notice_sent_at', 'public_notice', ['sent_at']),
    ('ix_restored_answer_incident_id', 'restored_answer', ['incident_id']),
    ('ix_restored_answer_sender_id', 'restored_answer', ['sender_id']),
    ('ix_handover_status', 'handover', ['status', 'urgent']),
    ('ix_incident_clock', 'incident', ['status', 'next_grade_at']),
    ('ix_incident_joining', 'incident', ['status', 'kind', 'township', 'last_report_at']),
    ('ix_incident_listing', 'incident', ['status', 'last_report_at']),
    ('ix_incident_zone_id', 'incident', ['zone_id']),
    ('ix_subscription_township', 'subscription', ['township']),
    ('ix_outage_report_incident', 'outage_report', ['incident_id', 'sender_id']),
)
TABLES = (
    'api_key', 'audit_entry', 'planned_outage', 'supply_zone', 'desk_user', 'handover_message', 'desk_link', 'desk_session', 'incident_duty', 'incident_event', 'public_notice', 'restored_answer',
)


def upgrade() -> None:
    _new_tables()
    for table, column in _columns():
        if column.name not in {known['name'] for known in _inspect().get_columns(table)}:
            op.add_column(table, column)
    for table, name, other in REFERENCES:
        if name not in {known['name'] for known in _inspect().get_columns(table)}:
            op.execute(f'ALTER TABLE {table} ADD COLUMN {name} INTEGER REFERENCES {other} (id)')
    for name, table, columns in INDEXES:
        if name not in {known['name'] for known in _inspect().get_indexes(table)}:
            op.create_index(name, table, columns)
    for name, table in (('ix_incident_open', 'incident'), ('ix_outage_report_incident_id', 'outage_report')):
        if name in {known['name'] for known in _inspect().get_indexes(table)}:
            op.drop_index(name, table_name=table)
    _note_latest_starts()
    op.execute(
        'UPDATE incident SET reports_count ='
        ' (SELECT COUNT(*) FROM outage_report WHERE outage_report.incident_id = incident.id)'
    )


def _note_latest_starts() -> None:
    """The latest moment that a start said roughly may mean: a day's end, a part of the day four hours later."""
    if op.get_bind().dialect.name == 'postgresql':
        later = {'day': "started_at + interval '1 day'", 'part': "started_at + interval '4 hours'"}
    else:
        form = '%Y-%m-%d %H:%M:%S.000000'
        later = {
            'day': f"strftime('{form}', started_at, '+1 day')",
            'part': f"strftime('{form}', started_at, '+4 hours')",
        }
    op.execute(
        f"UPDATE outage_report SET latest_start = CASE started_grain WHEN 'day' THEN {later['day']}"
        f" WHEN 'part' THEN {later['part']} ELSE started_at END"
        ' WHERE started_at IS NOT NULL AND latest_start IS NULL'
    )


def downgrade() -> None:
    op.create_index('ix_incident_open', 'incident', ['status', 'township', 'kind'])
    op.create_index('ix_outage_report_incident_id', 'outage_report', ['incident_id'])
    for name, table, _names in INDEXES:
        op.drop_index(name, table_name=table)
    for changed in ('outage_report', 'incident', 'handover'):
        with op.batch_alter_table(changed) as batch_op:
            for table, column in _columns():
                if table == changed:
                    batch_op.drop_column(column.name)
            if changed == 'incident':
                batch_op.drop_column('zone_id')
                batch_op.drop_column('merged_into_id')
    for name in reversed(TABLES):
        op.drop_table(name)


def _columns() -> tuple[tuple[str, sa.Column], ...]:
    """Made anew each time: a column belongs to the table that it was added to."""
    return (
        ('handover', sa.Column('taken_by', sa.String(length=64), nullable=True)),
        ('handover', sa.Column('taken_at', sa.DateTime(), nullable=True)),
        ('handover', sa.Column('closed_at', sa.DateTime(), nullable=True)),
        ('handover', sa.Column('alarmed_at', sa.DateTime(), nullable=True)),
        ('incident', sa.Column('closed_at', sa.DateTime(), nullable=True)),
        ('incident', sa.Column('expected_at', sa.DateTime(), nullable=True)),
        ('incident', sa.Column('drill', sa.Boolean(), nullable=False, server_default=sa.false())),
        ('incident', sa.Column('version', sa.Integer(), nullable=False, server_default='0')),
        ('incident', sa.Column('grade', sa.String(length=4), nullable=True)),
        ('incident', sa.Column('clauses', sa.JSON(), nullable=False, server_default='[]')),
        ('incident', sa.Column('highest_possible', sa.String(length=4), nullable=True)),
        ('incident', sa.Column('basis', sa.String(length=16), nullable=True)),
        ('incident', sa.Column('graded_at', sa.DateTime(), nullable=True)),
        ('incident', sa.Column('next_grade', sa.String(length=4), nullable=True)),
        ('incident', sa.Column('next_grade_at', sa.DateTime(), nullable=True)),
        ('incident', sa.Column('next_clause', sa.String(length=16), nullable=True)),
        ('incident', sa.Column('reports_count', sa.Integer(), nullable=False, server_default='0')),
        ('incident', sa.Column('households_count', sa.Integer(), nullable=False, server_default='0')),
        ('incident', sa.Column('confirmed_grade', sa.String(length=4), nullable=True)),
        ('incident', sa.Column('confirmed_at', sa.DateTime(), nullable=True)),
        ('outage_report', sa.Column('area', sa.String(length=255), nullable=True)),
        ('outage_report', sa.Column('latest_start', sa.DateTime(), nullable=True)),
        ('outage_report', sa.Column('household', sa.String(length=64), nullable=True)),
        ('outage_report', sa.Column('joined', sa.String(length=16), nullable=True)),
        ('outage_report', sa.Column('drill', sa.Boolean(), nullable=False, server_default=sa.false())),
    )


def _inspect() -> sa.engine.reflection.Inspector:
    return sa.inspect(op.get_bind())


def _new_tables() -> None:
    known = set(_inspect().get_table_names())

    def there(name: str) -> bool:
        return name in known

    if not there('api_key'):
        op.create_table(
            'api_key',
            sa.Column('id', sa.Integer(), nullable=False),
            sa.Column('name', sa.String(length=64), nullable=False),
            sa.Column('key_hash', sa.String(length=64), nullable=False),
            sa.Column('created_at', sa.DateTime(), nullable=False),
            sa.Column('created_by', sa.String(length=64), nullable=True),
            sa.Column('revoked_at', sa.DateTime(), nullable=True),
            sa.PrimaryKeyConstraint('id'),
            sa.UniqueConstraint('key_hash'),
            sa.UniqueConstraint('name')
        )
    if not there('audit_entry'):
        op.create_table(
            'audit_entry',
            sa.Column('id', sa.Integer(), nullable=False),
            sa.Column('at', sa.DateTime(), nullable=False),
            sa.Column('by', sa.String(length=64), nullable=False),
            sa.Column('action', sa.String(length=64), nullable=False),
            sa.Column('subject', sa.String(length=64), nullable=False),
            sa.Column('detail', sa.JSON(), nullable=False),
            sa.Column('previous', sa.String(length=64), nullable=False),
            sa.Column('hash', sa.String(length=64), nullable=False),
            sa.PrimaryKeyConstraint('id'),
            sa.UniqueConstraint('hash')
        )
    if not there('planned_outage'):
        op.create_table(
            'planned_outage',
            sa.Column('id', sa.Integer(), nullable=False),
            sa.Column('number', sa.String(length=32), nullable=False),
            sa.Column('township', sa.String(length=64), nullable=False),
            sa.Column('areas', sa.JSON(), nullable=False),
            sa.Column('starts_at', sa.DateTime(), nullable=False),
            sa.Column('ends_at', sa.DateTime(), nullable=False),
            sa.Column('reason', sa.String(length=255), nullable=False),
            sa.Column('created_at', sa.DateTime(), nullable=False),
            sa.Column('created_by', sa.String(length=64), nullable=True),
            sa.Column('cancelled_at', sa.DateTime(), nullable=True),
            sa.Column('told_at', sa.DateTime(), nullable=True),
            sa.Column('drill', sa.Boolean(), nullable=False),
            sa.PrimaryKeyConstraint('id'),
            sa.UniqueConstraint('number')
        )
    if not there('supply_zone'):
        op.create_table(
            'supply_zone',
            sa.Column('id', sa.Integer(), nullable=False),
            sa.Column('code', sa.String(length=64), nullable=False),
            sa.Column('name', sa.String(length=128), nullable=False),
            sa.Column('township', sa.String(length=64), nullable=False),
            sa.Column('areas', sa.JSON(), nullable=False),
            sa.Column('households', sa.Integer(), nullable=False),
            sa.Column('imported_at', sa.DateTime(), nullable=False),
            sa.PrimaryKeyConstraint('id'),
            sa.UniqueConstraint('code')
        )
    if not there('desk_user'):
        op.create_table(
            'desk_user',
            sa.Column('id', sa.Integer(), nullable=False),
            sa.Column('name', sa.String(length=64), nullable=False),
            sa.Column('role', sa.String(length=16), nullable=False),
            sa.Column('password_hash', sa.String(length=255), nullable=True),
            sa.Column('totp_secret', sa.Text(), nullable=True),
            sa.Column('totp_step', sa.Integer(), nullable=True),
            sa.Column('staff_id', sa.Integer(), nullable=True),
            sa.Column('on_duty', sa.Boolean(), nullable=False),
            sa.Column('created_at', sa.DateTime(), nullable=False),
            sa.Column('disabled_at', sa.DateTime(), nullable=True),
            sa.Column('failures', sa.Integer(), nullable=False),
            sa.Column('locked_until', sa.DateTime(), nullable=True),
            sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
            sa.PrimaryKeyConstraint('id'),
            sa.UniqueConstraint('name')
        )
    if not there('handover_message'):
        op.create_table(
            'handover_message',
            sa.Column('id', sa.Integer(), nullable=False),
            sa.Column('handover_id', sa.Integer(), nullable=False),
            sa.Column('at', sa.DateTime(), nullable=False),
            sa.Column('by', sa.String(length=64), nullable=True),
            sa.Column('text', sa.Text(), nullable=False),
            sa.ForeignKeyConstraint(['handover_id'], ['handover.id'], ),
            sa.PrimaryKeyConstraint('id')
        )
    if not there('desk_link'):
        op.create_table(
            'desk_link',
            sa.Column('id', sa.Integer(), nullable=False),
            sa.Column('token_hash', sa.String(length=64), nullable=False),
            sa.Column('user_id', sa.Integer(), nullable=False),
            sa.Column('expires_at', sa.DateTime(), nullable=False),
            sa.Column('used_at', sa.DateTime(), nullable=True),
            sa.ForeignKeyConstraint(['user_id'], ['desk_user.id'], ),
            sa.PrimaryKeyConstraint('id'),
            sa.UniqueConstraint('token_hash')
        )
    if not there('desk_session'):
        op.create_table(
            'desk_session',
            sa.Column('id', sa.Integer(), nullable=False),
            sa.Column('token_hash', sa.String(length=64), nullable=False),
            sa.Column('user_id', sa.Integer(), nullable=False),
            sa.Column('csrf', sa.String(length=64), nullable=False),
            sa.Column('created_at', sa.DateTime(), nullable=False),
            sa.Column('seen_at', sa.DateTime(), nullable=False),
            sa.ForeignKeyConstraint(['user_id'], ['desk_user.id'], ),
            sa.PrimaryKeyConstraint('id'),
            sa.UniqueConstraint('token_hash')
        )
    if not there('incident_duty'):
        op.create_table(
            'incident_duty',
            sa.Column('id', sa.Integer(), nullable=False),
            sa.Column('incident_id', sa.Integer(), nullable=False),
            sa.Column('key', sa.String(length=64), nullable=False),
            sa.Column('grade', sa.String(length=4), nullable=True),
            sa.Column('who', sa.String(length=255), nullable=False),
            sa.Column('to', sa.String(length=255), nullable=True),
            sa.Column('what', sa.Text(), nullable=False),
            sa.Column('clause', sa.String(length=16), nullable=False),
            sa.Column('counted_from', sa.DateTime(), nullable=True),
            sa.Column('due_at', sa.DateTime(), nullable=True),
            sa.Column('added_at', sa.DateTime(), nullable=False),
            sa.Column('done_at', sa.DateTime(), nullable=True),
            sa.Column('done_by', sa.String(length=64), nullable=True),
            sa.Column('done_how', sa.Text(), nullable=True),
            sa.Column('dropped_at', sa.DateTime(), nullable=True),
            sa.Column('reminded_at', sa.DateTime(), nullable=True),
            sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], ),
            sa.PrimaryKeyConstraint('id'),
            sa.UniqueConstraint('incident_id', 'key')
        )
    if not there('incident_event'):
        op.create_table(
            'incident_event',
            sa.Column('id', sa.Integer(), nullable=False),
            sa.Column('incident_id', sa.Integer(), nullable=False),
            sa.Column('at', sa.DateTime(), nullable=False),
            sa.Column('kind', sa.String(length=16), nullable=False),
            sa.Column('detail', sa.JSON(), nullable=False),
            sa.Column('by', sa.String(length=64), nullable=True),
            sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], ),
            sa.PrimaryKeyConstraint('id')
        )
    if not there('public_notice'):
        op.create_table(
            'public_notice',
            sa.Column('id', sa.Integer(), nullable=False),
            sa.Column('number', sa.String(length=64), nullable=False),
            sa.Column('incident_id', sa.Integer(), nullable=True),
            sa.Column('planned_id', sa.Integer(), nullable=True),
            sa.Column('kind', sa.String(length=16), nullable=False),
            sa.Column('sent_at', sa.DateTime(), nullable=False),
            sa.Column('expires_at', sa.DateTime(), nullable=False),
            sa.Column('grade', sa.String(length=4), nullable=True),
            sa.Column('headline', sa.String(length=160), nullable=False),
            sa.Column('description', sa.Text(), nullable=False),
            sa.Column('instruction', sa.Text(), nullable=False),
            sa.Column('area', sa.String(length=255), nullable=False),
            sa.Column('references', sa.JSON(), nullable=False),
            sa.Column('detail', sa.JSON(), nullable=False),
            sa.Column('by', sa.String(length=64), nullable=True),
            sa.Column('drill', sa.Boolean(), nullable=False),
            sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], ),
            sa.ForeignKeyConstraint(['planned_id'], ['planned_outage.id'], ),
            sa.PrimaryKeyConstraint('id'),
            sa.UniqueConstraint('number')
        )
    if not there('restored_answer'):
        op.create_table(
            'restored_answer',
            sa.Column('channel', sa.String(length=32), nullable=False),
            sa.Column('sender_id', sa.String(length=255), nullable=False),
            sa.Column('created_at', sa.DateTime(), nullable=False),
            sa.Column('id', sa.Integer(), nullable=False),
            sa.Column('incident_id', sa.Integer(), nullable=False),
            sa.Column('round', sa.Integer(), nullable=False),
            sa.Column('back', sa.Boolean(), nullable=True),
            sa.Column('answered_at', sa.DateTime(), nullable=True),
            sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], ),
            sa.PrimaryKeyConstraint('id'),
            sa.UniqueConstraint('incident_id', 'round', 'channel', 'sender_id')
        )
