"""History: a citizen's own words can be taken out of a line; nothing else about it can change"""

from alembic import op

revision = '0003'
down_revision = '0002'

# The line itself stays: when, what, which office, which status. Only the note of a line that no member of
# staff wrote can become empty. See docs/adr/0007.
ONLY_WORDS_GO = """
create or replace function refuse_change() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.staff_id is null then
        old.note := '';
        if new is not distinct from old then return new; end if;
    end if;
    raise exception 'history is only appended';
end $$
"""


def upgrade() -> None:
    op.execute(ONLY_WORDS_GO)
