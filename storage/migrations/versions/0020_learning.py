"""proofs wait for the guard to learn of them"""

import sqlalchemy as sa
from alembic import op

revision = '0020_learning'
down_revision = '0019_old_events'


def upgrade() -> None:
    op.add_column('messages', sa.Column('to_learn', sa.Integer(), nullable=False, server_default='0'))
    waiting = sa.text('to_learn = 1')
    op.create_index(
        'ix_messages_to_learn', 'messages', ['verified_at'], sqlite_where=waiting, postgresql_where=waiting
    )
