"""People: PINs, linked channels, looks, privacy requests; an officer in the chat; similar reports"""

from alembic import op
import sqlalchemy as sa

revision = '0002'
down_revision = '0001'


def upgrade() -> None:
    op.create_table('link_code',
    sa.Column('lookup', sa.LargeBinary(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_link_code_person_id')),
    sa.PrimaryKeyConstraint('lookup', name=op.f('pk_link_code'))
    )
    op.create_index('ix_link_code_expires_at', 'link_code', ['expires_at'])
    op.create_table('look',
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('staff_id', sa.BigInteger(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('times', sa.Integer(), server_default='1', nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_look_ticket_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_look_staff_id')),
    sa.PrimaryKeyConstraint('ticket_id', 'staff_id', 'day', name=op.f('pk_look'))
    )
    op.create_table('privacy_request',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('conversation_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Text(), server_default='open', nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('staff_id', sa.BigInteger(), nullable=True),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    sa.CheckConstraint("state in ('open', 'done', 'refused')", name=op.f('ck_privacy_request_state')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_privacy_request_person_id')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_privacy_request_conversation_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_privacy_request_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_privacy_request'))
    )
    op.create_index('ix_privacy_request_open', 'privacy_request', ['due_at'], postgresql_where=sa.text("state = 'open'"))
    op.create_index('ix_privacy_request_person_id', 'privacy_request', ['person_id'])
    op.add_column('conversation', sa.Column('taken_by', sa.BigInteger(), nullable=True))
    op.add_column('conversation', sa.Column('taken_at', sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(op.f('fk_conversation_taken_by'), 'conversation', 'staff', ['taken_by'], ['id'])
    op.add_column('ticket', sa.Column('pin', sa.LargeBinary(), nullable=True))
    op.add_column('ticket', sa.Column('pin_tries', sa.SmallInteger(), server_default='0', nullable=False))
    op.add_column('ticket', sa.Column('hidden', sa.LargeBinary(), nullable=True))
    op.add_column('ticket', sa.Column('reminders', sa.SmallInteger(), server_default='0', nullable=False))
    op.add_column('ticket', sa.Column('objections', sa.SmallInteger(), server_default='0', nullable=False))
    op.add_column('ticket', sa.Column('rating', sa.SmallInteger(), nullable=True))
    op.execute("create index ix_ticket_words on ticket using gin (to_tsvector('indonesian', text || ' ' || place))")
