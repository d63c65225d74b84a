"""the guard's memory"""

import sqlalchemy as sa
from alembic import op

revision = '0010_guard'
down_revision = '0009_webhooks'


def whole(name: str, *, key: bool = False) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=False, primary_key=key)


def text(name: str, *, key: bool = False) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=False, primary_key=key)


def real(name: str) -> sa.Column:
    return sa.Column(name, sa.Double(), nullable=False)


def upgrade() -> None:
    op.create_table('guard_evidence', text('key', key=True), real('score'), real('since'), whole('sent'),
        whole('proved'), real('pace'), real('usual_sent'), real('usual_proved'), real('at'), text('pin'), text('note'),
        real('expires_at'))
    op.create_table('guard_stops', whole('hour', key=True), text('decision', key=True), text('reason', key=True),
        text('subject', key=True), whole('watched', key=True), text('country'), text('figures'), whole('times'),
        real('first_at'), real('last_at'))
    op.create_table('guard_hours', whole('hour', key=True), text('country', key=True), text('application', key=True),
        whole('sent'), whole('challenged'), whole('solved'), whole('refused'), whole('delivered'), whole('failed'),
        whole('proved'))
    op.create_table('guard_passes', text('browser', key=True), real('solved_at'), real('expires_at'))
    for name, column in (('guard_evidence', 'expires_at'), ('guard_passes', 'expires_at')):
        op.create_index(f'ix_{name}_{column}', name, [column])
