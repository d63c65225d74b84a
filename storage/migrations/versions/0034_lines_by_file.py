"""a file's lines that are due are found without a look at those of other files"""

from alembic import op

revision = '0034_lines_by_file'
down_revision = '0033_users_by_age'


def upgrade() -> None:
    op.create_index('ix_invitation_lines_due', 'invitation_lines', ['file_id', 'state', 'due_at'])
    op.drop_index('ix_invitation_lines_state', 'invitation_lines')
