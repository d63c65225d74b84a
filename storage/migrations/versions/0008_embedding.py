"""applications behind a reverse proxy; messages that were asked for in a frame"""

import sqlalchemy as sa
from alembic import op

revision = '0008_embedding'
down_revision = '0007_recycled_numbers'


def upgrade() -> None:
    op.create_table(
        'protected_origins',
        sa.Column('origin', sa.Text(), nullable=False),
        sa.Column('client_id', sa.Text(), sa.ForeignKey('clients.id', ondelete='CASCADE'), nullable=False),
        sa.PrimaryKeyConstraint('origin', name='pk_protected_origins'),
    )
    op.create_index('ix_protected_origins_client_id', 'protected_origins', ['client_id'])
    op.create_table(
        'gate_passes',
        sa.Column('hash', sa.Text(), nullable=False),
        sa.Column('grant_id', sa.Text(), sa.ForeignKey('grants.id', ondelete='CASCADE'), nullable=False),
        sa.Column('origin', sa.Text(), nullable=False),
        sa.Column('created_at', sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint('hash', name='pk_gate_passes'),
    )
    op.create_index('ix_gate_passes_grant_id', 'gate_passes', ['grant_id'])
    op.add_column('messages', sa.Column('top_host', sa.Text(), nullable=False, server_default=''))
