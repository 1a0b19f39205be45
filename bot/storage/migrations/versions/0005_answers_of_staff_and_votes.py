"""answers of staff and votes"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Ids of imported clauses are longer than those of the digests.
    with op.batch_alter_table('unanswered_question', schema=None) as batch_op:
        batch_op.alter_column('nearest', existing_type=sa.String(length=64), type_=sa.String(length=255))
    op.create_table('approved_answer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('questions', sa.JSON(), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('clauses', sa.JSON(), nullable=False),
    sa.Column('approved_by', sa.String(length=64), nullable=False),
    sa.Column('approved_at', sa.DateTime(), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('answer_vote',
    sa.Column('channel', sa.String(length=32), nullable=False),
    sa.Column('sender_id', sa.String(length=255), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('question', sa.Text(), nullable=False),
    sa.Column('clause', sa.String(length=64), nullable=True),
    sa.Column('approved_id', sa.Integer(), nullable=True),
    sa.Column('useful', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['approved_id'], ['approved_answer.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('answer_vote', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_answer_vote_sender_id'), ['sender_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('unanswered_question', schema=None) as batch_op:
        batch_op.alter_column('nearest', existing_type=sa.String(length=255), type_=sa.String(length=64))
    with op.batch_alter_table('answer_vote', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_answer_vote_sender_id'))

    op.drop_table('answer_vote')
    op.drop_table('approved_answer')
