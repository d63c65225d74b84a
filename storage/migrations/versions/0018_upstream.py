"""people who come from other providers"""

import sqlalchemy as sa
from alembic import op

revision = '0018_upstream'
down_revision = '0017_organizations'


def upgrade() -> None:
    op.create_table(
        'upstream_identities',
        sa.Column('issuer', sa.Text(), nullable=False),
        sa.Column('subject', sa.Text(), nullable=False),
        sa.Column('id', sa.Text(), nullable=False),
        sa.Column('account_id', sa.Text(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('email', sa.Text(), nullable=False),
        sa.Column('created_at', sa.Double(), nullable=False),
        sa.Column('used_at', sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('issuer', 'subject', name='pk_upstream_identities'),
        sa.UniqueConstraint('id', name='uq_upstream_identities_id'),
    )
    op.create_index('ix_upstream_identities_account_id', 'upstream_identities', ['account_id'])
    op.create_index('ix_upstream_identities_subject', 'upstream_identities', ['subject'])
    op.create_table(
        'upstream_visits',
        sa.Column('state_hash', sa.Text(), nullable=False),
        sa.Column('browser', sa.Text(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('flow', sa.Text(), nullable=False),
        sa.Column('account_id', sa.Text()),
        sa.Column('created_at', sa.Double(), nullable=False),
        sa.Column('expires_at', sa.Double(), nullable=False),
        sa.Column('used_at', sa.Double()),
        sa.PrimaryKeyConstraint('state_hash', name='pk_upstream_visits'),
    )
    op.create_index('ix_upstream_visits_expires_at', 'upstream_visits', ['expires_at'])
    op.create_table(
        'upstream_arrivals',
        sa.Column('ticket_id', sa.Text(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('issuer', sa.Text(), nullable=False),
        sa.Column('subject', sa.Text(), nullable=False),
        sa.Column('email', sa.Text(), nullable=False),
        sa.Column('email_verified', sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('ticket_id', name='pk_upstream_arrivals'),
    )
