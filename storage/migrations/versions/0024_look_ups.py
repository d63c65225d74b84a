"""what providers told of numbers"""

import sqlalchemy as sa
from alembic import op

revision = '0024_look_ups'
down_revision = '0020_learning'


def upgrade() -> None:
    op.create_table(
        'look_ups',
        sa.Column('number', sa.Text(), nullable=False),
        sa.Column('what', sa.Text(), nullable=False),
        sa.Column('line', sa.Text(), nullable=False),
        sa.Column('carrier', sa.Text(), nullable=False),
        sa.Column('swapped', sa.Integer()),
        sa.Column('provider', sa.Text(), nullable=False),
        sa.Column('asked_at', sa.Double(), nullable=False),
        sa.Column('expires_at', sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint('number', 'what'),
    )
    op.create_index('ix_look_ups_expires_at', 'look_ups', ['expires_at'])
    op.create_index('ix_look_ups_asked_at', 'look_ups', ['asked_at'])
    op.add_column('tickets', sa.Column('doubted_at', sa.Double()))
