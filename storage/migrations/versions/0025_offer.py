"""from when a second factor may be offered again"""

import sqlalchemy as sa
from alembic import op

revision = '0025_offer'
down_revision = '0024_look_ups'


def upgrade() -> None:
    op.add_column('accounts', sa.Column('offer_after', sa.Double(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('accounts') as table:
        table.drop_column('offer_after')
