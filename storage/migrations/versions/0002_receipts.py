"""receipts, circuits, and what became of messages by the day"""

import sqlalchemy as sa
from alembic import op

revision = '0002_receipts'
down_revision = '0001_the_house'


def upgrade() -> None:
    op.add_column('messages', sa.Column('receipt', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('messages', sa.Column('receipt_at', sa.Double(), nullable=True))
    op.add_column('messages', sa.Column('price', sa.Double(), nullable=True))
    op.add_column('messages', sa.Column('currency', sa.Text(), nullable=True))
    op.add_column('messages', sa.Column('verified_at', sa.Double(), nullable=True))
    op.create_index('ix_messages_provider_id', 'messages', ['provider_id', 'connector'])
    op.create_table('receipts',
    sa.Column('connector', sa.Text(), nullable=False),
    sa.Column('provider_id', sa.Text(), nullable=False),
    sa.Column('state', sa.Integer(), nullable=False),
    sa.Column('refusal', sa.Text(), nullable=True),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('received_at', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('connector', 'provider_id', 'state', name=op.f('pk_receipts'))
    )
    op.create_index('ix_receipts_received_at', 'receipts', ['received_at'])
    op.create_table('circuits',
    sa.Column('connector', sa.Text(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('failed_at', sa.Double(), nullable=False),
    sa.Column('opened_at', sa.Double(), nullable=True),
    sa.Column('retry_at', sa.Double(), nullable=True),
    sa.Column('pause', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('connector', name=op.f('pk_circuits'))
    )
    op.create_table('message_days',
    sa.Column('day', sa.Integer(), nullable=False),
    sa.Column('connector', sa.Text(), nullable=False),
    sa.Column('country', sa.Text(), nullable=False),
    sa.Column('usage', sa.Text(), nullable=False),
    sa.Column('sent', sa.BigInteger(), nullable=False),
    sa.Column('failed', sa.BigInteger(), nullable=False),
    sa.Column('delivered', sa.BigInteger(), nullable=False),
    sa.Column('verified', sa.BigInteger(), nullable=False),
    sa.Column('cost', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('day', 'connector', 'country', 'usage', name=op.f('pk_message_days'))
    )
