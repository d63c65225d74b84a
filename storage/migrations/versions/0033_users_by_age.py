"""accounts are listed by their age, and deleted without a look at all subjects"""

from alembic import op

revision = '0033_users_by_age'
down_revision = '0028_refused_calls'


def upgrade() -> None:
    op.create_index('ix_accounts_created_at', 'accounts', ['created_at', 'id'])
    op.create_index('ix_subjects_account_id', 'subjects', ['account_id'])
