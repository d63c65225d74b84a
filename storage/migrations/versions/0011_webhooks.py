"""webhooks"""

import sqlalchemy as sa
from alembic import op

revision = '0011_webhooks'
down_revision = '0010_api'


def text(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=nullable)


def time(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Double(), nullable=nullable)


def table(name: str, *columns: sa.Column, key: tuple[str, ...]) -> None:
    op.create_table(name, *columns, sa.PrimaryKeyConstraint(*key, name=f'pk_{name}'))


def upgrade() -> None:
    table('webhook_endpoints', text('id'), text('url'), sa.Column('identifiers', sa.Boolean(), nullable=False),
        time('created_at'), text('secret'), time('secret_at'), text('old_secret', True), time('failing_since', True),
        time('off_at', True), text('off_why', True), key=('id',))
    table('webhook_subscriptions', text('type'), sa.Column('endpoint_id', sa.Text(),
        sa.ForeignKey('webhook_endpoints.id', ondelete='CASCADE'), nullable=False), key=('type', 'endpoint_id'))
    big = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    table('webhook_deliveries', sa.Column('id', big, autoincrement=True, nullable=False), text('event_id'),
        text('endpoint_id'), text('type'), text('account_id', True), time('at'), text('data'), text('state'),
        time('due_at'), sa.Column('attempts', sa.Integer(), nullable=False), time('begun_at', True),
        time('called_at', True), time('took', True), sa.Column('status', sa.Integer()), text('answer', True),
        key=('id',))
    op.create_index('ix_webhook_deliveries_endpoint_id', 'webhook_deliveries', ['endpoint_id', 'id'])
    op.create_index('ix_webhook_deliveries_at', 'webhook_deliveries', ['at'])
    waiting = sa.text("state = 'waiting'")
    for name, columns in (('due', ['endpoint_id', 'due_at']), ('order', ['endpoint_id', 'account_id', 'id'])):
        op.create_index(f'ix_webhook_deliveries_{name}', 'webhook_deliveries', columns, sqlite_where=waiting,
            postgresql_where=waiting)
