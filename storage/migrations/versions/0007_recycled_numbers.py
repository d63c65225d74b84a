"""numbers that were proved by somebody new, when an account was used last, and numbers in the place of others"""

import sqlalchemy as sa
from alembic import op

revision = '0007_recycled_numbers'
down_revision = '0006_openid'


def upgrade() -> None:
    op.create_table('number_claims',
    sa.Column('value', sa.Text(), nullable=False),
    sa.Column('account_id', sa.Text(), nullable=False),
    sa.Column('claimed_at', sa.Double(), nullable=False),
    sa.Column('release_at', sa.Double(), nullable=False),
    sa.Column('expires_at', sa.Double(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_number_claims_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('value', name=op.f('pk_number_claims')),
    )
    op.create_index('ix_number_claims_account_id', 'number_claims', ['account_id'])
    op.add_column('accounts', sa.Column('seen_at', sa.Double(), nullable=True))
    op.execute(
        "UPDATE accounts SET seen_at = "
        "(SELECT max(e.at) FROM events e WHERE e.account_id = accounts.id AND e.kind = 'signed_in')"
    )
    op.add_column('tickets', sa.Column('replaces', sa.Text(), nullable=True))
