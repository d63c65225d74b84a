"""what a receipt that comes before the reply tells of the price"""

import sqlalchemy as sa
from alembic import op

revision = '0012_early_receipts'
down_revision = '0011_api'


def upgrade() -> None:
    op.add_column('receipts', sa.Column('price', sa.Double(), nullable=True))
    op.add_column('receipts', sa.Column('currency', sa.Text(), nullable=False, server_default=''))
