"""Casework: tiers, stage clocks, assignees, children; notices, emergencies of areas, unlocked identities"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'


def _moment(name: str, empty: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=empty)


def _word(name: str, default: str = '') -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _number(name: str, empty: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=empty)


def _flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text('false'), nullable=False)


def _id() -> sa.Column[Any]:
    return sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _points_to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f'{target}.id'], name=op.f(f'fk_{table}_{column}'))


def _link(table: str, column: str, target: str) -> None:
    op.create_foreign_key(op.f(f'fk_{table}_{column}'), table, target, [column], ['id'])


def upgrade() -> None:
    op.add_column('staff', _flag('head'))
    op.alter_column('link_code', 'person_id', nullable=True)
    op.add_column('link_code', _number('staff_id', True))
    _link('link_code', 'staff_id', 'staff')
    _notice()
    _crisis()
    _unlock()
    _ticket()
    _secrecy()
    op.create_table(
        'pace',
        sa.Column('account', sa.Text(), nullable=False),
        _moment('next_at', True),
        _moment('held_until', True),
        sa.PrimaryKeyConstraint('account', name=op.f('pk_pace')),
    )
    op.create_index(
        'ix_message_failed',
        'message',
        ['ticket_id', 'conversation_id'],
        postgresql_where=sa.text("state = 'failed' and ticket_id is not null"),
    )
    op.add_column('attachment', _word('purpose'))
    op.add_column('attachment', sa.Column('look_hash', sa.BigInteger(), nullable=True))
    op.create_index(
        'ix_attachment_proof', 'attachment', ['look_hash'], postgresql_where=sa.text("purpose = 'proof'")
    )


def _notice() -> None:
    op.create_table(
        'notice',
        _id(),
        _number('staff_id'),
        _number('ticket_id', True),
        _word('kind'),
        _word('about'),
        _word('note'),
        _moment('at'),
        _moment('read_at', True),
        _moment('digested_at', True),
        _points_to('notice', 'staff_id', 'staff'),
        _points_to('notice', 'ticket_id', 'ticket'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_notice')),
        sa.UniqueConstraint(
            'staff_id',
            'ticket_id',
            'kind',
            'about',
            name=op.f('uq_notice_staff_id'),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index('ix_notice_unread', 'notice', ['staff_id', 'id'], postgresql_where=sa.text('read_at is null'))
    op.create_index(
        'ix_notice_undigested', 'notice', ['staff_id'], postgresql_where=sa.text('digested_at is null')
    )
    op.create_index('ix_notice_ticket_id', 'notice', ['ticket_id'])
    op.create_table(
        'staff_chat',
        sa.Column('staff_id', sa.BigInteger(), nullable=False),
        _number('conversation_id'),
        _moment('since'),
        _moment('digest_at', True),
        _points_to('staff_chat', 'staff_id', 'staff'),
        _points_to('staff_chat', 'conversation_id', 'conversation'),
        sa.PrimaryKeyConstraint('staff_id', name=op.f('pk_staff_chat')),
    )
    op.create_index('ix_staff_chat_conversation_id', 'staff_chat', ['conversation_id'])


def _crisis() -> None:
    op.create_table(
        'crisis',
        _id(),
        _word('place_code'),
        _word('name'),
        _word('notice'),
        _number('staff_id'),
        _moment('started_at'),
        _moment('ended_at', True),
        _points_to('crisis', 'staff_id', 'staff'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_crisis')),
    )
    op.create_index(
        'ix_crisis_open', 'crisis', ['place_code'], unique=True, postgresql_where=sa.text('ended_at is null')
    )


def _unlock() -> None:
    op.create_table(
        'unlock',
        _id(),
        _number('ticket_id'),
        _number('asked_by'),
        _word('reason'),
        _moment('asked_at'),
        _word('state', 'asked'),
        _number('decided_by', True),
        _moment('decided_at', True),
        _word('note'),
        _moment('expires_at', True),
        sa.CheckConstraint("state in ('asked', 'granted', 'refused')", name=op.f('ck_unlock_state')),
        _points_to('unlock', 'ticket_id', 'ticket'),
        _points_to('unlock', 'asked_by', 'staff'),
        _points_to('unlock', 'decided_by', 'staff'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_unlock')),
    )
    op.create_index('ix_unlock_ticket_id', 'unlock', ['ticket_id'])
    op.create_index('ix_unlock_asked', 'unlock', ['asked_at'], postgresql_where=sa.text("state = 'asked'"))


def _ticket() -> None:
    for column in (
        _word('tier'),
        _flag('supervised'),
        _number('crisis_id', True),
        _number('assignee_id', True),
        _word('stage'),
        _moment('stage_due_at', True),
        _number('proposed_office_id', True),
        sa.Column('told_year', sa.Integer(), nullable=True),
    ):
        op.add_column('ticket', column)
    for name, target in (('crisis_id', 'crisis'), ('assignee_id', 'staff'), ('proposed_office_id', 'office')):
        _link('ticket', name, target)
    op.create_check_constraint(op.f('ck_ticket_tier'), 'ticket', "tier in ('', 'light', 'medium', 'heavy')")
    for name, columns, where in (
        ('ix_ticket_stage', ['stage', 'stage_due_at'], "stage <> ''"),
        ('ix_ticket_parent_id', ['parent_id'], 'parent_id is not null'),
        ('ix_ticket_planned', ['planned_year'], "status = 'planned'"),
        ('ix_ticket_assignee_id', ['assignee_id'], 'assignee_id is not null'),
        ('ix_ticket_crisis_id', ['crisis_id'], 'crisis_id is not null'),
    ):
        op.create_index(name, 'ticket', columns, postgresql_where=sa.text(where))


# Secrecy goes up alone: staff raise it, a part takes it from the whole, the lane of inspectors is confidential.
# A draft is its citizen's own until it is filed, or until staff raised it.
KEEPS_SECRECY = """
create function ticket_secrecy() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and (old.anonymous and not new.anonymous or old.confidential and not new.confidential)
    then
        if old.status <> 'draft' then
            raise exception 'secrecy of a report is never lowered' using errcode = 'check_violation';
        elsif exists (select from event where ticket_id = old.id and kind = 'secrecy') then
            new.anonymous := new.anonymous or old.anonymous;
            new.confidential := new.confidential or old.confidential;
        end if;
    end if;
    if new.parent_id is not null then
        select new.anonymous or whole.anonymous, new.confidential or whole.confidential,
               new.supervised or whole.supervised
        into new.anonymous, new.confidential, new.supervised
        from ticket whole where whole.id = new.parent_id;
    end if;
    new.confidential := new.confidential or new.supervised;
    return new;
end $$
"""
HANDS_SECRECY_DOWN = """
create function ticket_secrecy_of_parts() returns trigger language plpgsql as $$
begin
    update ticket part
    set anonymous = part.anonymous or new.anonymous, confidential = part.confidential or new.confidential,
        supervised = part.supervised or new.supervised
    where part.parent_id = new.id
      and (new.anonymous and not part.anonymous or new.confidential and not part.confidential
           or new.supervised and not part.supervised);
    return null;
end $$
"""


def _secrecy() -> None:
    op.execute(KEEPS_SECRECY)
    op.execute(
        """create trigger ticket_secrecy
           before insert or update of anonymous, confidential, supervised, parent_id on ticket
           for each row execute function ticket_secrecy()"""
    )
    op.execute(HANDS_SECRECY_DOWN)
    op.execute(
        """create trigger ticket_secrecy_of_parts
           after update of anonymous, confidential, supervised on ticket for each row
           when (new.anonymous and not old.anonymous or new.confidential and not old.confidential
                 or new.supervised and not old.supervised)
           execute function ticket_secrecy_of_parts()"""
    )
    # Counting what is finished needs no look at the rows.
    op.drop_index('ix_ticket_status_due', 'ticket')
    op.create_index(
        'ix_ticket_status_due', 'ticket', ['status', 'due_at'], postgresql_include=['supervised']
    )
