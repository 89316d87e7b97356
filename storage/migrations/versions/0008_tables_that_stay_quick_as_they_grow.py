"""Tables that stay quick as they grow: what is over its time is found, and files that wait"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'


def upgrade() -> None:
    # Rows come in the order of time: a few pages of index find the oldest, whatever the table's size.
    # Source: https://www.postgresql.org/docs/current/brin.html
    op.create_index('ix_seen_at', 'seen', ['at'], postgresql_using='brin')
    op.create_index(
        'ix_attachment_waiting', 'attachment', ['created_at'], postgresql_where=sa.text("state = 'waiting'")
    )
