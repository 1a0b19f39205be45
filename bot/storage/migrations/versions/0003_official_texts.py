"""official texts"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('official_document',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('document', sa.String(length=64), nullable=False),
    sa.Column('title', sa.String(length=255), nullable=False),
    sa.Column('number', sa.String(length=64), nullable=True),
    sa.Column('issued_on', sa.Date(), nullable=True),
    sa.Column('source', sa.String(length=255), nullable=False),
    sa.Column('source_sha256', sa.String(length=64), nullable=False),
    sa.Column('words_sha256', sa.String(length=64), nullable=False),
    sa.Column('left_out', sa.JSON(), nullable=False),
    sa.Column('imported_at', sa.DateTime(), nullable=False),
    sa.Column('valid_from', sa.DateTime(), nullable=False),
    sa.Column('valid_until', sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('official_document', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_official_document_document'), ['document'], unique=False)
        batch_op.create_index('ix_official_document_current', ['document'], unique=True,
                              sqlite_where=sa.text('valid_until IS NULL'),
                              postgresql_where=sa.text('valid_until IS NULL'))

    op.create_table('official_clause',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('document_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('clause_id', sa.String(length=255), nullable=True),
    sa.Column('label', sa.String(length=64), nullable=False),
    sa.Column('headings', sa.JSON(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['official_document.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('official_clause', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_official_clause_clause_id'), ['clause_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_official_clause_document_id'), ['document_id'], unique=False)


def downgrade() -> None:
    op.drop_table('official_clause')
    op.drop_table('official_document')
