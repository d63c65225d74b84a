"""what the guard's room in the console shows: known people who were bothered, what admins pinned; and alarms"""

import sqlalchemy as sa
from alembic import op

revision = '0015_guard_room'
down_revision = '0014_challenges'


def upgrade() -> None:
    op.add_column('guard_hours', sa.Column('bothered', sa.Integer(), nullable=False, server_default='0'))
    pinned = sa.text("pin <> ''")
    op.create_index('ix_guard_evidence_pinned', 'guard_evidence', ['key'], sqlite_where=pinned, postgresql_where=pinned)
    op.add_column('messages', sa.Column('details', sa.Text(), nullable=False, server_default=''))
    op.create_table(
        'alarms',
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('about', sa.Text(), nullable=False),
        sa.Column('first_at', sa.Double(), nullable=False),
        sa.Column('last_at', sa.Double(), nullable=False),
        sa.Column('details', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('kind', 'about'),
    )
