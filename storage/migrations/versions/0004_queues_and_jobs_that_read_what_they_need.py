"""Queues and jobs that read what they need: indexes of what grew without, and a count of wrong codes"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'


def upgrade() -> None:
    op.create_index(
        'ix_conversation_taken_by', 'conversation', ['taken_by'], postgresql_where=sa.text('taken_by is not null')
    )
    op.create_index('ix_ticket_due', 'ticket', ['due_at', sa.text('id desc')])
    op.create_index(
        'ix_ticket_unfinished',
        'ticket',
        ['due_at', sa.text('id desc')],
        postgresql_where=sa.text("status not in ('closed', 'rejected', 'merged')"),
    )
    op.create_index(
        'ix_ticket_merged_into_id',
        'ticket',
        ['merged_into_id'],
        postgresql_where=sa.text('merged_into_id is not null'),
    )
    op.create_index(
        'ix_event_awaiting', 'event', ['ticket_id', 'at'], postgresql_where=sa.text("kind in ('human', 'taken')")
    )
    op.create_index('ix_follower_conversation_id', 'follower', ['conversation_id'])
    op.create_index('ix_attachment_path', 'attachment', ['path'])
    op.create_index('ix_look_day', 'look', ['day'], postgresql_using='brin')
    op.create_table(
        'wrong_code',
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_wrong_code')),
    )
    op.create_index('ix_wrong_code_at', 'wrong_code', ['at'])
