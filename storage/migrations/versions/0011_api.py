"""the APIs"""

import sqlalchemy as sa
from alembic import op

revision = '0011_api'
down_revision = '0010_guard'


def upgrade() -> None:
    op.add_column('identifiers', sa.Column('vouched_by', sa.Text()))
    op.create_table(
        'idempotency_keys',
        sa.Column('holder', sa.Text(), nullable=False),
        sa.Column('key', sa.Text(), nullable=False),
        sa.Column('request', sa.Text(), nullable=False),
        sa.Column('answer', sa.Text()),
        sa.Column('created_at', sa.Double(), nullable=False),
        sa.Column('expires_at', sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint('holder', 'key', name='pk_idempotency_keys'),
    )
    op.create_index('ix_idempotency_keys_expires_at', 'idempotency_keys', ['expires_at'])
