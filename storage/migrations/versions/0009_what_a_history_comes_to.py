"""What a history comes to: one short row a report for the figures, and an index of what is open"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'

BATCH = 20_000  # reports: a moment each, for who moves one of them waits meanwhile

AT_WORK = (
    "('forwarded', 'in_progress', 'waiting', 'planned', 'returned', 'answered', 'rejected', 'closed')"
)
TABLE = """
create table if not exists passage (
    ticket_id bigint constraint pk_passage primary key
              constraint fk_passage_ticket_id references ticket (id) on delete cascade,
    acted_at timestamptz,
    answered_at timestamptz,
    moved_at timestamptz not null,
    closed_by_staff boolean not null default false
)
"""
FUNCTION = """
create or replace function note_passage() returns trigger language plpgsql as $$
begin
    insert into passage as p (ticket_id, acted_at, answered_at, moved_at, closed_by_staff)
    values (new.ticket_id,
            case when new.status in {at_work} then new.at end,
            case when new.status = 'answered' then new.at end,
            new.at,
            new.status = 'closed' and coalesce(new.detail ->> 'said_by' = 'staff', false))
    on conflict (ticket_id) do update set
        acted_at = least(p.acted_at, excluded.acted_at),
        answered_at = least(p.answered_at, excluded.answered_at),
        moved_at = greatest(p.moved_at, excluded.moved_at),
        closed_by_staff = case when new.status = 'closed' then excluded.closed_by_staff
                               else p.closed_by_staff end;
    return null;
end $$
""".replace('{at_work}', AT_WORK)
TRIGGER = """
create or replace trigger event_passage after insert on event
for each row when (new.kind = 'status' and new.status <> 'draft') execute function note_passage()
"""
# What the trigger noted meanwhile of the same report is younger than what is read here.
FILL = """
insert into passage as p (ticket_id, acted_at, answered_at, moved_at, closed_by_staff)
select ticket_id,
       min(at) filter (where status in {at_work}),
       min(at) filter (where status = 'answered'),
       max(at),
       coalesce((array_agg(coalesce(detail ->> 'said_by' = 'staff', false) order by id desc)
                 filter (where status = 'closed'))[1], false)
from event
where kind = 'status' and status <> 'draft' and ticket_id > cast(:after as bigint) and ticket_id <= cast(:upto as bigint)
group by ticket_id
on conflict (ticket_id) do update set
    acted_at = least(p.acted_at, excluded.acted_at),
    answered_at = least(p.answered_at, excluded.answered_at),
    moved_at = greatest(p.moved_at, excluded.moved_at),
    closed_by_staff = case when p.moved_at > excluded.moved_at then p.closed_by_staff
                           else excluded.closed_by_staff end
""".replace('{at_work}', AT_WORK)

WORDS = "to_tsvector('indonesian'::regconfig, (text || ' '::text) || place)"
UNFINISHED = "status not in ('closed', 'rejected', 'merged')"


def upgrade() -> None:
    op.execute('alter index ix_ticket_words set (gin_pending_list_limit = 256)')
    # Only what is open: a second or two with 1,000,000 reports.
    op.create_index(
        'ix_ticket_open_words',
        'ticket',
        [sa.text(WORDS)],
        postgresql_using='gin',
        postgresql_where=sa.text(UNFINISHED),
        postgresql_with={'gin_pending_list_limit': 64},
        if_not_exists=True,
    )
    op.create_index(
        'ix_ticket_open_place',
        'ticket',
        ['place_code', 'created_at', 'category'],
        postgresql_ops={'place_code': 'text_pattern_ops'},
        postgresql_where=sa.text(UNFINISHED),
        if_not_exists=True,
    )
    for statement in (TABLE, FUNCTION, TRIGGER):  # again without harm, should the filling be interrupted
        op.execute(statement)
    with op.get_context().autocommit_block():
        first, last = op.get_bind().execute(sa.text('select min(id), max(id) from ticket')).one()
        for after in range((first or 1) - 1, last or 0, BATCH):
            op.get_bind().execute(sa.text(FILL), {'after': after, 'upto': after + BATCH})
