"""events are found by their age"""

from alembic import op

revision = '0019_old_events'
down_revision = '0018_upstream'


def upgrade() -> None:
    op.create_index('ix_events_at', 'events', ['at'])
