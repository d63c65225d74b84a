"""passwords, several identifiers, second factors, proofs, and what happened to an account"""

import sqlalchemy as sa
from alembic import op

revision = '0004_identity'
down_revision = '0002_receipts'


def upgrade() -> None:
    op.add_column('accounts', sa.Column('password_hash', sa.Text(), nullable=True))
    op.add_column('accounts', sa.Column('password_at', sa.Double(), nullable=True))
    op.add_column('accounts', sa.Column('suspended_at', sa.Double(), nullable=True))
    op.add_column('accounts', sa.Column('terms_version', sa.Text(), nullable=True))
    op.add_column('accounts', sa.Column('terms_at', sa.Double(), nullable=True))
    op.add_column('accounts', sa.Column('later_until', sa.Double(), nullable=True))
    op.add_column('identifiers', sa.Column('is_primary', sa.Boolean(), nullable=False, server_default=sa.true()))
    op.execute('ALTER TABLE tickets RENAME COLUMN number TO address')
    op.add_column('tickets', sa.Column('kind', sa.Text(), nullable=False, server_default='phone'))
    op.add_column('tickets', sa.Column('account_id', sa.Text(), nullable=True))
    op.add_column('tickets', sa.Column('parent_id', sa.Text(), nullable=True))
    op.add_column('tickets', sa.Column('proved_by', sa.Text(), nullable=True))
    op.add_column('tickets', sa.Column('second_by', sa.Text(), nullable=True))
    op.add_column('tickets', sa.Column('second_at', sa.Double(), nullable=True))
    op.add_column('messages', sa.Column('channel', sa.Text(), nullable=False, server_default='sms'))
    op.add_column('sessions', sa.Column('proofs', sa.Text(), nullable=False, server_default='[]'))
    op.add_column('sessions', sa.Column('proved_at', sa.Double(), nullable=True))
    op.add_column('sessions', sa.Column('pending', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('admins', sa.Column('role', sa.Text(), nullable=False, server_default='owner'))
    op.create_table('factors',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('account_id', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('credential_id', sa.Text(), nullable=True),
    sa.Column('secret', sa.Text(), nullable=False),
    sa.Column('counter', sa.BigInteger(), nullable=False),
    sa.Column('details', sa.Text(), nullable=False),
    sa.Column('created_at', sa.Double(), nullable=False),
    sa.Column('used_at', sa.Double(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_factors_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_factors')),
    sa.UniqueConstraint('credential_id', name=op.f('uq_factors_credential_id'))
    )
    op.create_index('ix_factors_account_id', 'factors', ['account_id', 'kind'])
    op.create_table('trusted_browsers',
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('account_id', sa.Text(), nullable=False),
    sa.Column('device', sa.Text(), nullable=False),
    sa.Column('created_at', sa.Double(), nullable=False),
    sa.Column('expires_at', sa.Double(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_trusted_browsers_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_trusted_browsers')),
    )
    op.create_index('ix_trusted_browsers_account_id', 'trusted_browsers', ['account_id'])
    op.create_table('events',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('account_id', sa.Text(), nullable=False),
    sa.Column('at', sa.Double(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('device', sa.Text(), nullable=False),
    sa.Column('details', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_events_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events'))
    )
    op.create_index('ix_events_account_id', 'events', ['account_id', 'at'])
