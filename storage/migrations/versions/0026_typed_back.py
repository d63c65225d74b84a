"""a ticket notes the code that was typed back

The messages' own mark stays for now: processes that are not replaced yet write it.
"""

import sqlalchemy as sa
from alembic import op

revision = '0026_typed_back'
down_revision = '0025_offer'

WAITING = sa.text('typed_back IS NOT NULL')
MOVE = """UPDATE tickets SET typed_back =
    (SELECT max(m.id) FROM messages m WHERE m.ticket_id = tickets.id AND m.to_learn = 1)
    WHERE id IN (SELECT ticket_id FROM messages WHERE to_learn = 1)"""


def upgrade() -> None:
    op.add_column('tickets', sa.Column('typed_back', sa.Text(), nullable=True))
    op.create_index(
        'ix_tickets_typed_back', 'tickets', ['proved_at'], sqlite_where=WAITING, postgresql_where=WAITING
    )
    op.execute(MOVE)
    op.execute('UPDATE messages SET to_learn = 0 WHERE to_learn = 1')
