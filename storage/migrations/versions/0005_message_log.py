"""an index for the console's list of messages, and when messages were counted"""

import sqlalchemy as sa
from alembic import op

revision = '0005_message_log'
down_revision = '0004_identity'

COLUMNS = ['created_at', 'id', 'state', 'connector', 'country', 'usage', 'refusal']
REFUSED = sa.text('refusal IS NOT NULL')


def upgrade() -> None:
    op.create_index('ix_messages_log', 'messages', COLUMNS)
    op.create_index('ix_messages_refusal', 'messages', ['refusal', 'created_at', 'id'], sqlite_where=REFUSED, postgresql_where=REFUSED)
    op.drop_index('ix_messages_created_at', 'messages')
    op.create_table('message_counts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('counted_at', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message_counts'))
    )
