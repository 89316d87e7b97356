"""What the panel keeps of staff at work: audit, sessions, second factors, templates, drafts, gatherings"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0006'
down_revision = '0005'

REFUSE = """
create function refuse_any_change() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is only appended';
end $$
"""
ONLY_APPENDED = """
create trigger audit_is_only_appended before update or delete on audit
for each row execute function refuse_any_change()
"""


def upgrade() -> None:
    op.create_table('login_attempt',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('lookup', sa.LargeBinary(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_login_attempt'))
    )
    op.create_index('ix_login_attempt_at', 'login_attempt', ['at'], unique=False)
    op.create_index('ix_login_attempt_lookup', 'login_attempt', ['lookup', 'at'], unique=False)
    op.create_table('term',
    sa.Column('word', sa.Text(), nullable=False),
    sa.Column('times', sa.Integer(), server_default='1', nullable=False),
    sa.Column('letters', sa.SmallInteger(), nullable=False),
    sa.PrimaryKeyConstraint('word', name=op.f('pk_term'))
    )
    op.create_index('ix_term_letters', 'term', ['letters'], unique=False)
    op.create_table('gathering',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.Text(), server_default='', nullable=False),
    sa.Column('place', sa.Text(), server_default='', nullable=False),
    sa.Column('staff_id', sa.BigInteger(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_gathering_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gathering'))
    )
    op.create_table('passkey',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('staff_id', sa.BigInteger(), nullable=False),
    sa.Column('credential_id', sa.LargeBinary(), nullable=False),
    sa.Column('public_key', sa.LargeBinary(), nullable=False),
    sa.Column('sign_count', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('transports', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False),
    sa.Column('backup_state', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('device_type', sa.Text(), server_default='', nullable=False),
    sa.Column('extensions', sa.Text(), server_default='', nullable=False),
    sa.Column('name', sa.Text(), server_default='', nullable=False),
    sa.Column('usage', sa.Text(), server_default='', nullable=False),
    sa.Column('create_datetime', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lastuse_datetime', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_passkey_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_passkey')),
    sa.UniqueConstraint('credential_id', name=op.f('uq_passkey_credential_id'))
    )
    op.create_index('ix_passkey_staff_id', 'passkey', ['staff_id'], unique=False)
    op.create_table('reply_template',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('code', sa.Text(), server_default='', nullable=False),
    sa.Column('category', sa.Text(), server_default='', nullable=False),
    sa.Column('status', sa.Text(), server_default='', nullable=False),
    sa.Column('text', sa.Text(), server_default='', nullable=False),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('staff_id', sa.BigInteger(), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_reply_template_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reply_template')),
    sa.UniqueConstraint('code', name=op.f('uq_reply_template_code'))
    )
    op.create_table('staff_session',
    sa.Column('lookup', sa.LargeBinary(), nullable=False),
    sa.Column('staff_id', sa.BigInteger(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('agent', sa.Text(), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_session_staff_id')),
    sa.PrimaryKeyConstraint('lookup', name=op.f('pk_staff_session'))
    )
    op.create_index('ix_staff_session_staff_id', 'staff_session', ['staff_id'], unique=False)
    op.create_table('audit',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('staff_id', sa.BigInteger(), nullable=True),
    sa.Column('action', sa.Text(), server_default='', nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=True),
    sa.Column('detail', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_audit_staff_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_audit_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit'))
    )
    op.create_index('ix_audit_at', 'audit', ['at', 'id'], unique=False)
    op.create_index('ix_audit_staff_id', 'audit', ['staff_id', 'id'], unique=False)
    op.create_index('ix_audit_ticket_id', 'audit', ['ticket_id'], unique=False, postgresql_where=sa.text('ticket_id is not null'))
    op.create_table('presence',
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('staff_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_presence_staff_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_presence_ticket_id')),
    sa.PrimaryKeyConstraint('ticket_id', 'staff_id', name=op.f('pk_presence'))
    )
    op.create_index('ix_presence_at', 'presence', ['at'], unique=False)
    op.create_table('reply_draft',
    sa.Column('staff_id', sa.BigInteger(), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), server_default='answer', nullable=False),
    sa.Column('text', sa.Text(), server_default='', nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_reply_draft_staff_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_reply_draft_ticket_id')),
    sa.PrimaryKeyConstraint('staff_id', 'ticket_id', 'kind', name=op.f('pk_reply_draft'))
    )
    op.create_index('ix_reply_draft_ticket_id', 'reply_draft', ['ticket_id'], unique=False)
    op.create_table('ticket_tag',
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('tag', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_ticket_tag_ticket_id')),
    sa.PrimaryKeyConstraint('ticket_id', 'tag', name=op.f('pk_ticket_tag'))
    )
    op.create_index('ix_ticket_tag_tag', 'ticket_tag', ['tag'], unique=False)
    op.add_column('staff', sa.Column('tf_primary_method', sa.Text(), nullable=True))
    op.add_column('staff', sa.Column('tf_totp_secret', sa.Text(), nullable=True))
    op.add_column('staff', sa.Column('mf_recovery_codes', postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column('staff', sa.Column('fs_webauthn_user_handle', sa.Text(), nullable=True))
    op.add_column('staff', sa.Column('invited_until', sa.DateTime(timezone=True), nullable=True))
    op.create_unique_constraint(op.f('uq_staff_fs_webauthn_user_handle'), 'staff', ['fs_webauthn_user_handle'])
    op.add_column('ticket', sa.Column('origin', sa.Text(), server_default='', nullable=False))
    op.add_column('ticket', sa.Column('gathering_id', sa.BigInteger(), nullable=True))
    op.add_column('ticket', sa.Column('typed_by', sa.BigInteger(), nullable=True))
    op.create_index('ix_ticket_gathering_id', 'ticket', ['gathering_id'], unique=False, postgresql_where=sa.text('gathering_id is not null'))
    op.create_foreign_key(op.f('fk_ticket_typed_by'), 'ticket', 'staff', ['typed_by'], ['id'])
    op.create_foreign_key(op.f('fk_ticket_gathering_id'), 'ticket', 'gathering', ['gathering_id'], ['id'])
    op.execute(REFUSE)
    op.execute(ONLY_APPENDED)
