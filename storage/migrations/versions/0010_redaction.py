"""Redaction: originals kept apart, sealed, and files that are to go"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'

# Beside a citizen's words, which may go, words of a line may be masked while they are kept under seal.
ONLY_WORDS_CHANGE = """
create or replace function refuse_change() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and (
        old.staff_id is null and new.note = ''
        or exists (select from masked_text m where m.kind = 'event' and m.row_id = old.id))
    then
        old.note := new.note;
        if new is not distinct from old then return new; end if;
    end if;
    raise exception 'history is only appended';
end $$
"""


def upgrade() -> None:
    op.create_table(
        'original_file',
        sa.Column('attachment_id', sa.BigInteger(), nullable=False),
        sa.Column('path', sa.Text(), server_default='', nullable=False),
        sa.Column('staff_id', sa.BigInteger(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ['attachment_id'], ['attachment.id'], name=op.f('fk_original_file_attachment_id')
        ),
        sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_original_file_staff_id')),
        sa.PrimaryKeyConstraint('attachment_id', name=op.f('pk_original_file')),
    )
    op.create_table(
        'masked_text',
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('row_id', sa.BigInteger(), nullable=False),
        sa.Column('sealed', sa.LargeBinary(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('ticket', 'message', 'event')", name=op.f('ck_masked_text_kind')),
        sa.PrimaryKeyConstraint('kind', 'row_id', name=op.f('pk_masked_text')),
    )
    op.create_table(
        'leftover_file',
        sa.Column('path', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('path', name=op.f('pk_leftover_file')),
    )
    op.execute(ONLY_WORDS_CHANGE)
