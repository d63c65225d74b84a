"""from when a second factor may be offered again"""

import sqlalchemy as sa
from alembic import op

revision = '0025_offer'
down_revision = '0024_look_ups'


def upgrade() -> None:
    op.add_column('accounts', sa.Column('offer_after', sa.Double(), nullable=True))
