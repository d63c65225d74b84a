"""the OpenID provider"""

import sqlalchemy as sa
from alembic import op

revision = '0006_openid'
down_revision = '0005_message_log'


def client() -> sa.Column:
    return sa.Column('client_id', sa.Text(), sa.ForeignKey('clients.id', ondelete='CASCADE'), nullable=False)


def account() -> sa.Column:
    return sa.Column('account_id', sa.Text(), sa.ForeignKey('accounts.id', ondelete='CASCADE'), nullable=False)


def grant(nullable: bool = False) -> sa.Column:
    return sa.Column('grant_id', sa.Text(), sa.ForeignKey('grants.id', ondelete='CASCADE'), nullable=nullable)


def text(name: str) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=False)


def time(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Double(), nullable=nullable)


def table(name: str, *columns: sa.Column, key: tuple[str, ...], unique: str = '') -> None:
    more = [sa.UniqueConstraint(unique, name=f'uq_{name}_{unique}')] if unique else []
    op.create_table(name, *columns, sa.PrimaryKeyConstraint(*key, name=f'pk_{name}'), *more)


def upgrade() -> None:
    table('clients', text('id'), text('kind'), text('name'), text('settings'), time('created_at'), key=('id',))
    table('client_secrets', text('hash'), client(), time('created_at'), key=('hash',))
    table('signing_keys', text('id'), text('algorithm'), text('sealed'), time('created_at'), time('signs_from'),
        key=('id',))
    table('authorization_requests', text('id'), client(), text('browser'), text('parameters'), time('created_at'),
        time('expires_at'), time('used_at', True), key=('id',))
    table('grants', text('id'), client(), account(), text('session_id'), text('subject'), text('scope'), text('facts'),
        time('created_at'), time('expires_at'), time('ended_at', True), time('told_at', True), key=('id',))
    table('authorization_codes', text('hash'), grant(), text('redirect_uri'), text('code_challenge'),
        time('expires_at'), time('used_at', True), key=('hash',))
    table('refresh_tokens', text('hash'), grant(), time('expires_at'), sa.Column('uses', sa.Integer(), nullable=False),
        time('used_at', True), key=('hash',))
    table('consents', account(), client(), text('scope'), time('given_at'), key=('account_id', 'client_id'))
    table('subjects', client(), account(), text('subject'), key=('client_id', 'account_id'), unique='subject')
    table('device_codes', text('hash'), text('user_code'), client(), text('scope'), time('created_at'),
        time('expires_at'), time('polled_at'), sa.Column('interval', sa.Integer(), nullable=False), text('state'),
        grant(True), key=('hash',), unique='user_code')
    table('spent_tokens', text('id'), time('expires_at'), key=('id',))
    table('logout_notices', text('id'), client(), text('session_id'), text('subject'), time('created_at'),
        time('due_at'), sa.Column('attempts', sa.Integer(), nullable=False), key=('id',))
    for name, column in (
        ('client_secrets', 'client_id'), ('authorization_requests', 'client_id'),
        ('authorization_requests', 'expires_at'), ('grants', 'client_id'), ('grants', 'account_id'),
        ('grants', 'session_id'), ('grants', 'expires_at'), ('authorization_codes', 'grant_id'),
        ('refresh_tokens', 'grant_id'), ('device_codes', 'client_id'), ('spent_tokens', 'expires_at'),
        ('logout_notices', 'client_id'), ('logout_notices', 'due_at'),
    ):
        op.create_index(f'ix_{name}_{column}', name, [column])
    untold = sa.text('told_at IS NULL')
    op.create_index('ix_grants_untold', 'grants', ['session_id'], sqlite_where=untold, postgresql_where=untold)
