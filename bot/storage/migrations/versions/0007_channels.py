"""accounts, incoming messages, offered choices and attachments of the channels; how sending went"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

TEXT = sa.Text()
PERSON = (
    lambda: sa.Column('channel', sa.String(length=32), nullable=False),
    lambda: sa.Column('sender_id', sa.String(length=255), nullable=False),
    lambda: sa.Column('created_at', sa.DateTime(), nullable=False),
)


def upgrade() -> None:
    op.create_table(
        'channel_account',
        sa.Column('id', sa.Integer(), nullable=False),
        *(column() for column in PERSON),
        sa.Column('address', TEXT, nullable=False),
        sa.Column('language', sa.String(length=8), nullable=False),
        sa.Column('last_message_at', sa.DateTime(), nullable=False),
        sa.Column('pushes_until', sa.DateTime(), nullable=True),
        sa.Column('pushes_left', sa.Integer(), nullable=True),
        sa.Column('unreachable_at', sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('channel', 'sender_id'),
    )
    op.create_index('ix_channel_account_sender_id', 'channel_account', ['sender_id'])
    op.create_table(
        'incoming_message',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('channel', sa.String(length=32), nullable=False),
        sa.Column('key', sa.String(length=128), nullable=False),
        sa.Column('body', TEXT, nullable=True),
        sa.Column('received_at', sa.DateTime(), nullable=False),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('done_at', sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('channel', 'key'),
    )
    op.create_index('ix_incoming_message_done', 'incoming_message', ['done_at'])
    op.create_table(
        'offered_choice',
        sa.Column('id', sa.Integer(), nullable=False),
        *(column() for column in PERSON),
        sa.Column('token', sa.String(length=32), nullable=False),
        sa.Column('payload', TEXT, nullable=False),
        sa.Column('title', TEXT, nullable=False),
        sa.Column('expires_at', sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('channel', 'sender_id', 'token'),
    )
    op.create_index('ix_offered_choice_sender_id', 'offered_choice', ['sender_id'])
    op.create_index('ix_offered_choice_expires_at', 'offered_choice', ['expires_at'])
    op.create_table(
        'attachment',
        sa.Column('id', sa.Integer(), nullable=False),
        *(column() for column in PERSON),
        sa.Column('report_id', sa.Integer(), nullable=True),
        sa.Column('name', sa.String(length=128), nullable=False),
        sa.Column('content_type', sa.String(length=128), nullable=False),
        sa.Column('body', sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(['report_id'], ['outage_report.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_attachment_sender_id', 'attachment', ['sender_id'])
    op.create_index('ix_attachment_report_id', 'attachment', ['report_id'])
    with op.batch_alter_table('outgoing_message', schema=None) as batch_op:
        batch_op.alter_column('reference', type_=sa.String(length=160), existing_nullable=False)
        batch_op.add_column(sa.Column('content', sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column('once', sa.String(length=160), nullable=True))
        batch_op.add_column(sa.Column('claimed_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('tries', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('next_try_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('failed_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('error', sa.String(length=255), nullable=True))
        batch_op.create_unique_constraint('uq_outgoing_message_once', ['once'])
    op.create_index(
        'ix_outgoing_message_waiting', 'outgoing_message', ['channel', 'due_at'],
        sqlite_where=sa.text('sent_at IS NULL'), postgresql_where=sa.text('sent_at IS NULL'),
    )


def downgrade() -> None:
    op.drop_index('ix_outgoing_message_waiting', table_name='outgoing_message')
    with op.batch_alter_table('outgoing_message', schema=None) as batch_op:
        batch_op.drop_constraint('uq_outgoing_message_once', type_='unique')
        for name in ('error', 'failed_at', 'next_try_at', 'tries', 'claimed_at', 'once', 'content'):
            batch_op.drop_column(name)
    for name in ('attachment', 'offered_choice', 'incoming_message', 'channel_account'):
        op.drop_table(name)
