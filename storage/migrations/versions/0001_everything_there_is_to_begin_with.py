"""Everything there is to begin with"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from procrastinate.schema import SchemaManager

revision = '0001'
down_revision = None

APPEND_ONLY = """
create function refuse_change() returns trigger language plpgsql as $$
begin raise exception 'history is only appended'; end $$;
create trigger event_is_only_appended before update or delete on event
for each row execute function refuse_change();
"""
ROLES = (
    ("administrator", "Pengelola sistem"),
    ("coordinator", "Admin koordinator"),
    ("officer", "Pejabat penghubung"),
    ("inspector", "Inspektorat"),
    ("supervisor", "Pengawas"),
    ("custodian", "Penjaga identitas"),
)


def upgrade() -> None:
    op.create_table('category',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), server_default='', nullable=False),
    sa.Column('national', sa.Text(), server_default='', nullable=False),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_category'))
    )
    op.create_table('heartbeat',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('detail', sa.Text(), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_heartbeat'))
    )
    op.create_table('office',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('parent_id', sa.BigInteger(), nullable=True),
    sa.Column('path', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), server_default='', nullable=False),
    sa.Column('short_name', sa.Text(), server_default='', nullable=False),
    sa.Column('kind', sa.Text(), server_default='', nullable=False),
    sa.Column('place_code', sa.Text(), server_default='', nullable=False),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.ForeignKeyConstraint(['parent_id'], ['office.id'], name=op.f('fk_office_parent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_office')),
    sa.UniqueConstraint('code', name=op.f('uq_office_code'))
    )
    op.create_index('ix_office_path', 'office', ['path'], unique=False, postgresql_ops={'path': 'text_pattern_ops'})
    op.create_table('person',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('language', sa.Text(), server_default='', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person'))
    )
    op.create_table('place',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), server_default='', nullable=False),
    sa.Column('level', sa.Text(), server_default='', nullable=False),
    sa.Column('latitude', sa.Double(), nullable=True),
    sa.Column('longitude', sa.Double(), nullable=True),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_place'))
    )
    op.create_table('position',
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('channel', 'account', name=op.f('pk_position'))
    )
    op.create_table('raw_event',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('channel', sa.Text(), server_default='', nullable=False),
    sa.Column('account', sa.Text(), server_default='', nullable=False),
    sa.Column('provider_id', sa.Text(), server_default='', nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('state', sa.Text(), server_default='ok', nullable=False),
    sa.Column('error', sa.Text(), server_default='', nullable=False),
    sa.Column('tries', sa.SmallInteger(), server_default='0', nullable=False),
    sa.PrimaryKeyConstraint('id', 'at', name=op.f('pk_raw_event')),
    postgresql_partition_by='RANGE (at)'
    )
    op.create_index('ix_raw_event_state', 'raw_event', ['state', 'at'], unique=False, postgresql_where=sa.text("state <> 'ok'"))
    op.create_table('role',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_role')),
    sa.UniqueConstraint('name', name=op.f('uq_role_name'))
    )
    op.create_table('seen',
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('provider_id', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('channel', 'account', 'provider_id', name=op.f('pk_seen'))
    )
    op.create_table('address',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('channel', sa.Text(), server_default='', nullable=False),
    sa.Column('lookup', sa.LargeBinary(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('sealed_name', sa.LargeBinary(), nullable=True),
    sa.Column('opted_out_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_address_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_address')),
    sa.UniqueConstraint('channel', 'lookup', name=op.f('uq_address_channel'))
    )
    op.create_index('ix_address_person_id', 'address', ['person_id'], unique=False)
    op.create_table('staff',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), server_default='', nullable=False),
    sa.Column('password', sa.Text(), nullable=True),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('fs_uniquifier', sa.Text(), nullable=False),
    sa.Column('office_id', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], name=op.f('fk_staff_office_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff')),
    sa.UniqueConstraint('email', name=op.f('uq_staff_email')),
    sa.UniqueConstraint('fs_uniquifier', name=op.f('uq_staff_fs_uniquifier'))
    )
    op.create_table('conversation',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('channel', sa.Text(), server_default='', nullable=False),
    sa.Column('account', sa.Text(), server_default='', nullable=False),
    sa.Column('address_id', sa.BigInteger(), nullable=False),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.Column('language', sa.Text(), server_default='', nullable=False),
    sa.Column('last_in_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('out_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('out_priority', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['address_id'], ['address.id'], name=op.f('fk_conversation_address_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conversation')),
    sa.UniqueConstraint('address_id', 'account', name=op.f('uq_conversation_address_id'))
    )
    op.create_index('ix_conversation_due', 'conversation', ['channel', 'out_priority', 'out_due_at'], unique=False, postgresql_where=sa.text('out_due_at is not null'))
    op.create_table('staff_role',
    sa.Column('staff_id', sa.BigInteger(), nullable=False),
    sa.Column('role_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['role_id'], ['role.id'], name=op.f('fk_staff_role_role_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_role_staff_id')),
    sa.PrimaryKeyConstraint('staff_id', 'role_id', name=op.f('pk_staff_role'))
    )
    op.create_table('ticket',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), server_default='', nullable=False),
    sa.Column('closed_how', sa.Text(), server_default='', nullable=False),
    sa.Column('kind', sa.Text(), server_default='complaint', nullable=False),
    sa.Column('category', sa.Text(), server_default='', nullable=False),
    sa.Column('office_id', sa.BigInteger(), nullable=True),
    sa.Column('person_id', sa.BigInteger(), nullable=True),
    sa.Column('conversation_id', sa.BigInteger(), nullable=True),
    sa.Column('channel', sa.Text(), server_default='', nullable=False),
    sa.Column('text', sa.Text(), server_default='', nullable=False),
    sa.Column('place', sa.Text(), server_default='', nullable=False),
    sa.Column('place_code', sa.Text(), server_default='', nullable=False),
    sa.Column('latitude', sa.Double(), nullable=True),
    sa.Column('longitude', sa.Double(), nullable=True),
    sa.Column('anonymous', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('confidential', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('filed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('paused_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('parent_id', sa.BigInteger(), nullable=True),
    sa.Column('merged_into_id', sa.BigInteger(), nullable=True),
    sa.Column('planned_year', sa.Integer(), nullable=True),
    sa.Column('return_count', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('external_number', sa.Text(), server_default='', nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.CheckConstraint("kind in ('complaint', 'aspiration', 'information')", name=op.f('ck_ticket_kind')),
    sa.CheckConstraint("status in ('draft', 'received', 'forwarded', 'in_progress', 'waiting', 'planned', 'returned', 'answered', 'closed', 'rejected', 'merged')", name=op.f('ck_ticket_status')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_ticket_conversation_id')),
    sa.ForeignKeyConstraint(['merged_into_id'], ['ticket.id'], name=op.f('fk_ticket_merged_into_id')),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], name=op.f('fk_ticket_office_id')),
    sa.ForeignKeyConstraint(['parent_id'], ['ticket.id'], name=op.f('fk_ticket_parent_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_ticket_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket')),
    sa.UniqueConstraint('number', name=op.f('uq_ticket_number'))
    )
    op.create_index('ix_ticket_conversation_id', 'ticket', ['conversation_id', 'id'], unique=False)
    op.create_index('ix_ticket_created_at', 'ticket', ['created_at'], unique=False)
    op.create_index('ix_ticket_office_status', 'ticket', ['office_id', 'status', 'due_at'], unique=False)
    op.create_index('ix_ticket_person_id', 'ticket', ['person_id', 'id'], unique=False)
    op.create_index('ix_ticket_status_due', 'ticket', ['status', 'due_at'], unique=False)
    op.create_table('event',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.Text(), server_default='', nullable=False),
    sa.Column('status', sa.Text(), server_default='', nullable=False),
    sa.Column('office_id', sa.BigInteger(), nullable=True),
    sa.Column('staff_id', sa.BigInteger(), nullable=True),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    sa.Column('detail', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], name=op.f('fk_event_office_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_event_staff_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_event_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event'))
    )
    op.create_index('ix_event_ticket_id', 'event', ['ticket_id', 'id'], unique=False)
    op.create_table('follower',
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('conversation_id', sa.BigInteger(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_follower_conversation_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_follower_ticket_id')),
    sa.PrimaryKeyConstraint('ticket_id', 'conversation_id', name=op.f('pk_follower'))
    )
    op.create_table('message',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('conversation_id', sa.BigInteger(), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=True),
    sa.Column('direction', sa.Text(), server_default='', nullable=False),
    sa.Column('state', sa.Text(), server_default='', nullable=False),
    sa.Column('author', sa.Text(), server_default='', nullable=False),
    sa.Column('staff_id', sa.BigInteger(), nullable=True),
    sa.Column('kind', sa.Text(), server_default='text', nullable=False),
    sa.Column('text', sa.Text(), server_default='', nullable=False),
    sa.Column('payload', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('say', sa.LargeBinary(), nullable=True),
    sa.Column('part', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('reference', sa.Text(), server_default='', nullable=False),
    sa.Column('grouped', sa.Text(), server_default='', nullable=False),
    sa.Column('provider_id', sa.Text(), server_default='', nullable=False),
    sa.Column('priority', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('worker', sa.Integer(), nullable=True),
    sa.Column('tries', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('error', sa.Text(), server_default='', nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("direction in ('in', 'out')", name=op.f('ck_message_direction')),
    sa.CheckConstraint("state in ('received', 'waiting', 'held', 'sending', 'sent', 'delivered', 'read', 'failed', 'unknown', 'cancelled')", name=op.f('ck_message_state')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_message_conversation_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_message_staff_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_message_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message'))
    )
    op.create_index('ix_message_conversation_id', 'message', ['conversation_id', 'id'], unique=False)
    op.create_index('ix_message_provider_id', 'message', ['provider_id'], unique=False, postgresql_where=sa.text("provider_id <> ''"))
    op.create_index('ix_message_ticket_id', 'message', ['ticket_id', 'id'], unique=False, postgresql_where=sa.text('ticket_id is not null'))
    op.create_index('ix_message_unsent', 'message', ['conversation_id', 'id'], unique=False, postgresql_where=sa.text("state in ('waiting', 'sending', 'unknown')"))
    op.create_table('attachment',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('message_id', sa.BigInteger(), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=True),
    sa.Column('channel', sa.Text(), server_default='', nullable=False),
    sa.Column('reference', sa.Text(), server_default='', nullable=False),
    sa.Column('media_type', sa.Text(), server_default='', nullable=False),
    sa.Column('name', sa.Text(), server_default='', nullable=False),
    sa.Column('state', sa.Text(), server_default='waiting', nullable=False),
    sa.Column('path', sa.Text(), server_default='', nullable=False),
    sa.Column('size', sa.Integer(), nullable=True),
    sa.Column('reason', sa.Text(), server_default='', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_attachment_message_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_attachment_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachment'))
    )
    op.create_index('ix_attachment_message_id', 'attachment', ['message_id'], unique=False)
    op.create_index('ix_attachment_ticket_id', 'attachment', ['ticket_id'], unique=False)
    run = op.get_bind().exec_driver_sql
    run("create table raw_event_rest partition of raw_event default")
    run(APPEND_ONLY)
    run("insert into role (name, description) values " + ", ".join(f"('{n}', '{d}')" for n, d in ROLES))
    run(SchemaManager.get_schema().replace("%", "%%"))


def downgrade() -> None:
    raise RuntimeError("the first migration is not undone: restore a backup")
