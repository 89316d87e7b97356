"""What a search finds by: numbers of other systems, and places by their codes"""

from alembic import op
import sqlalchemy as sa

revision = '0007'
down_revision = '0006'


def upgrade() -> None:
    op.create_index('ix_ticket_external_number', 'ticket', ['external_number'], unique=False, postgresql_where=sa.text("external_number <> ''"))
    op.create_index('ix_ticket_place_code', 'ticket', ['place_code'], unique=False, postgresql_ops={'place_code': 'text_pattern_ops'}, postgresql_where=sa.text("place_code <> ''"))
