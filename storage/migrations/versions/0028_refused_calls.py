"""what providers refused lately; and no act's text among an account's events"""

import sqlalchemy as sa
from alembic import op

revision = '0028_refused_calls'
down_revision = '0026_typed_back'


def upgrade() -> None:
    refused = sa.text("outcome IN ('refused', 'unknown')")
    op.create_index(
        'ix_attempts_refused',
        'attempts',
        ['started_at', 'connector', 'refusal', 'outcome'],
        sqlite_where=refused,
        postgresql_where=refused,
    )
    op.execute("UPDATE events SET details = '{}' WHERE kind = 'act_confirmed'")
