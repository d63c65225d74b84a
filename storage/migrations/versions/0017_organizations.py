"""organisations, their members, and who was invited"""

import sqlalchemy as sa
from alembic import op

revision = '0017_organizations'
down_revision = '0015_guard_room'


def text(name: str, *, key: bool = False, null: bool = False) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=null, primary_key=key)


def real(name: str, *, null: bool = False) -> sa.Column:
    return sa.Column(name, sa.Double(), nullable=null)


def whole(name: str, *, key: bool = False) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=False, primary_key=key)


def of(table: str, name: str, *, key: bool = False) -> sa.Column:
    return sa.Column(name, sa.Text(), sa.ForeignKey(f'{table}.id', ondelete='CASCADE'), nullable=False,
        primary_key=key)


def upgrade() -> None:
    op.add_column('grants', text('organization_id', null=True))
    op.create_table('organizations', text('id', key=True), text('name'), text('settings'), real('created_at'))
    op.create_table('organization_members', of('organizations', 'organization_id', key=True),
        of('accounts', 'account_id', key=True), text('roles'), real('joined_at'), real('left_at', null=True))
    op.create_table('organization_joining', text('kind', key=True), text('value', key=True),
        of('organizations', 'organization_id', key=True), text('role'))
    op.create_table('invitations', text('id', key=True), of('organizations', 'organization_id'), text('kind'),
        text('address'), text('country'), text('locale'), text('roles'), text('invited_by'), real('created_at'),
        real('expires_at'), real('sent_at'), whole('times'), text('message_id'), real('accepted_at', null=True),
        text('accepted_by', null=True), real('withdrawn_at', null=True))
    op.create_table('invitation_links', text('hash', key=True), of('invitations', 'invitation_id'))
    op.create_table('invitation_files', text('id', key=True), of('organizations', 'organization_id'),
        text('invited_by'), real('created_at'), real('leased_until'), real('stopped_at', null=True))
    op.create_table('invitation_lines', of('invitation_files', 'file_id', key=True), whole('line', key=True),
        text('kind'), text('address'), text('country'), text('locale'), text('roles'), text('state'), text('reason'),
        real('due_at'))
    op.create_index('ix_organization_members_account_id', 'organization_members', ['account_id'])
    op.create_index('ix_invitations_address', 'invitations', ['organization_id', 'kind', 'address'], unique=True)
    op.create_index('ix_invitations_created_at', 'invitations', ['organization_id', 'created_at'])
    op.create_index('ix_invitation_links_invitation_id', 'invitation_links', ['invitation_id'])
    op.create_index('ix_invitation_files_organization_id', 'invitation_files', ['organization_id'])
    op.create_index('ix_invitation_lines_state', 'invitation_lines', ['state', 'due_at'])
