"""contract records"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('contract_record',
    sa.Column('channel', sa.String(length=32), nullable=False),
    sa.Column('sender_id', sa.String(length=255), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('subject', sa.String(length=255), nullable=False),
    sa.Column('measures', sa.String(length=128), nullable=False),
    sa.Column('request', sa.JSON(), nullable=False),
    sa.Column('result', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('contract_record', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contract_record_sender_id'), ['sender_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('contract_record', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_contract_record_sender_id'))

    op.drop_table('contract_record')
