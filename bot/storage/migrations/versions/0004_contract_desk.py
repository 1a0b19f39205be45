"""contract desk: cases, ticks, outgoing messages, shared files"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('contract_case',
    sa.Column('channel', sa.String(length=32), nullable=False),
    sa.Column('sender_id', sa.String(length=255), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=32), nullable=False),
    sa.Column('contract_type', sa.String(length=255), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('updated_at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('number')
    )
    with op.batch_alter_table('contract_case', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contract_case_sender_id'), ['sender_id'], unique=False)

    op.create_table('contract_tick',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('item', sa.String(length=64), nullable=False),
    sa.Column('ticked_at', sa.DateTime(), nullable=False),
    sa.Column('ticked_by', sa.String(length=255), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['contract_case.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('case_id', 'item')
    )
    with op.batch_alter_table('contract_tick', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contract_tick_case_id'), ['case_id'], unique=False)

    op.create_table('outgoing_message',
    sa.Column('channel', sa.String(length=32), nullable=False),
    sa.Column('sender_id', sa.String(length=255), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('due_at', sa.DateTime(), nullable=False),
    sa.Column('sent_at', sa.DateTime(), nullable=True),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('reference', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('outgoing_message', schema=None) as batch_op:
        batch_op.create_index('ix_outgoing_message_due', ['channel', 'sender_id', 'sent_at', 'due_at'], unique=False)
        batch_op.create_index('ix_outgoing_message_reference', ['reference'], unique=False)
        batch_op.create_index(batch_op.f('ix_outgoing_message_sender_id'), ['sender_id'], unique=False)

    op.create_table('shared_file',
    sa.Column('channel', sa.String(length=32), nullable=False),
    sa.Column('sender_id', sa.String(length=255), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=128), nullable=False),
    sa.Column('content_type', sa.String(length=128), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('expires_at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('token_hash')
    )
    with op.batch_alter_table('shared_file', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_shared_file_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_shared_file_sender_id'), ['sender_id'], unique=False)



def downgrade() -> None:
    for table in ('shared_file', 'outgoing_message', 'contract_tick', 'contract_case'):
        op.drop_table(table)
