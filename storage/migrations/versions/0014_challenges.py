"""challenges: proof of work, or a wait"""

import sqlalchemy as sa
from alembic import op

revision = '0014_challenges'
down_revision = '0012_early_receipts'


def text(name: str, *, key: bool = False) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=False, primary_key=key)


def real(name: str, *, may_lack: bool = False) -> sa.Column:
    return sa.Column(name, sa.Double(), nullable=may_lack)


def upgrade() -> None:
    op.create_table('challenges', text('id', key=True), text('browser'), sa.Column('effort', sa.Integer(),
        nullable=False), text('path'), text('form'), real('created_at'), real('expires_at'),
        real('ready_at', may_lack=True), real('solved_at', may_lack=True))
    op.create_index('ix_challenges_expires_at', 'challenges', ['expires_at'])
    op.create_table('challenge_waits', text('network', key=True), real('free_at'))
    op.add_column('guard_passes', sa.Column('number', sa.Text(), nullable=False, server_default=''))
    op.add_column('guard_passes', sa.Column('messages', sa.Integer(), nullable=False, server_default='0'))
