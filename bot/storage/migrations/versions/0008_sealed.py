"""names, phones and people's words encrypted; staff, their codes, who looked up a phone

It can fall at any place and be run again: what is there already is left.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.sealed import is_sealed, phone_fingerprint, seal, unseal

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

COLUMNS = {
    'outage_report': ('phone', 'name', 'text'),
    'care_request': ('phone', 'name', 'wish'),
    'volunteer': ('phone', 'name', 'skills'),
    'handover': ('phone', 'text'),
    'feedback': ('text',),
    'unanswered_question': ('question',),
    'answer_vote': ('question',),
    'outgoing_message': ('text', 'content'),
    'contract_record': ('result',),
}
AT_ONCE = 500


def upgrade() -> None:
    _new_tables()
    _new_columns()
    for table, columns in COLUMNS.items():
        _to_text(table, columns)
        _rewrite(table, columns, _sealed)


def downgrade() -> None:
    """The columns stay text; only what they hold becomes readable again."""
    for table, columns in COLUMNS.items():
        _rewrite(table, columns, unseal)
    op.drop_index('ix_outage_report_phone_hash', table_name='outage_report')
    op.drop_index('ix_channel_account_staff_id', table_name='channel_account')
    with op.batch_alter_table('outage_report') as batch_op:
        batch_op.drop_column('phone_hash')
    with op.batch_alter_table('channel_account') as batch_op:
        batch_op.drop_constraint('fk_channel_account_staff', type_='foreignkey')
        for name in ('forgotten_at', 'staff_id', 'wrong_codes', 'wrong_code_at'):
            batch_op.drop_column(name)
    for name in ('staff_code', 'staff', 'phone_lookup'):
        op.drop_table(name)


def _new_tables() -> None:
    there = sa.inspect(op.get_bind()).get_table_names()
    if 'staff' not in there:
        op.create_table(
            'staff',
            sa.Column('id', sa.Integer(), nullable=False),
            sa.Column('name', sa.String(length=64), nullable=False),
            sa.Column('role', sa.String(length=64), nullable=True),
            sa.Column('created_at', sa.DateTime(), nullable=False),
            sa.Column('removed_at', sa.DateTime(), nullable=True),
            sa.PrimaryKeyConstraint('id'),
            sa.UniqueConstraint('name'),
        )
    if 'staff_code' not in there:
        op.create_table(
            'staff_code',
            sa.Column('id', sa.Integer(), nullable=False),
            sa.Column('staff_id', sa.Integer(), nullable=False),
            sa.Column('code_hash', sa.String(length=32), nullable=False),
            sa.Column('expires_at', sa.DateTime(), nullable=False),
            sa.Column('used_at', sa.DateTime(), nullable=True),
            sa.ForeignKeyConstraint(['staff_id'], ['staff.id']),
            sa.PrimaryKeyConstraint('id'),
            sa.UniqueConstraint('code_hash'),
        )
    if 'phone_lookup' not in there:
        op.create_table(
            'phone_lookup',
            sa.Column('id', sa.Integer(), nullable=False),
            sa.Column('at', sa.DateTime(), nullable=False),
            sa.Column('number', sa.String(length=32), nullable=False),
            sa.Column('by', sa.String(length=64), nullable=False),
            sa.PrimaryKeyConstraint('id'),
        )
    _index('staff_code', 'ix_staff_code_staff_id', 'staff_id')
    _index('phone_lookup', 'ix_phone_lookup_at', 'at')


def _new_columns() -> None:
    if 'phone_hash' not in _types('outage_report'):
        op.add_column('outage_report', sa.Column('phone_hash', sa.String(length=32), nullable=True))
    _index('outage_report', 'ix_outage_report_phone_hash', 'phone_hash')
    if 'staff_id' not in _types('channel_account'):
        with _altered('channel_account') as batch_op:
            batch_op.add_column(sa.Column('forgotten_at', sa.DateTime(), nullable=True))
            batch_op.add_column(sa.Column('staff_id', sa.Integer(), nullable=True))
            batch_op.add_column(sa.Column('wrong_codes', sa.Integer(), nullable=False, server_default='0'))
            batch_op.add_column(sa.Column('wrong_code_at', sa.DateTime(), nullable=True))
            batch_op.create_foreign_key('fk_channel_account_staff', 'staff', ['staff_id'], ['id'])
    _index('channel_account', 'ix_channel_account_staff_id', 'staff_id')


def _to_text(table: str, columns: tuple[str, ...]) -> None:
    """Encrypted text has no length that could be told beforehand."""
    types = _types(table)
    narrow = [name for name in columns if not isinstance(types[name], sa.Text)]
    if narrow:
        with _altered(table) as batch_op:
            for name in narrow:
                batch_op.alter_column(name, type_=sa.Text(), postgresql_using=f'"{name}"::text')


def _rewrite(table: str, columns: tuple[str, ...], change) -> None:  # type: ignore[no-untyped-def]
    bind, hashed = op.get_bind(), table == 'outage_report'
    rows = sa.table(table, sa.column('id'), *map(sa.column, columns), *([sa.column('phone_hash')] if hashed else []))
    query = sa.select(rows.c.id, *(rows.c[name] for name in columns)).order_by(rows.c.id).limit(AT_ONCE)
    last = 0
    while batch := bind.execute(query.where(rows.c.id > last)).all():
        last = batch[-1].id
        for row in batch:
            old = {name: getattr(row, name) for name in columns if getattr(row, name) is not None}
            new = {name: change(value) for name, value in old.items()}
            if hashed and 'phone' in new and change is _sealed:
                new['phone_hash'] = phone_fingerprint(unseal(new['phone']))
            if new:
                bind.execute(rows.update().where(rows.c.id == row.id).values(**new))


def _sealed(value: str) -> str:
    if is_sealed(value):
        unseal(value)  # with another key than now nobody could read it: stop here
        return value
    return seal(value)


def _types(table: str) -> dict[str, sa.types.TypeEngine]:  # type: ignore[type-arg]
    return {column['name']: column['type'] for column in sa.inspect(op.get_bind()).get_columns(table)}


def _index(table: str, name: str, column: str) -> None:
    if name not in {index['name'] for index in sa.inspect(op.get_bind()).get_indexes(table)}:
        op.create_index(name, table, [column])


def _altered(table: str):  # type: ignore[no-untyped-def]
    # SQLite copies the table; a copy that a fall left behind is of no use.
    op.execute(f'DROP TABLE IF EXISTS _alembic_tmp_{table}')
    return op.batch_alter_table(table)
