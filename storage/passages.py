"""What a report's history comes to: when it was acted on, answered, moved last, and who said it was solved.

History is only appended, so a trigger (migration 0009) keeps these up to date in the transaction of each
event: no job, nothing to repair. Figures of a year read one short row a report instead of its history.
"""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Table, false

from storage.columns import metadata, moment

passage = Table(
    "passage",
    metadata,
    Column("ticket_id", BigInteger, ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True),
    moment("acted_at", empty=True),  # first step by staff
    moment("answered_at", empty=True),  # first answer
    moment("moved_at"),  # latest change of status; a draft's beginning is none
    Column("closed_by_staff", Boolean, nullable=False, server_default=false()),  # the latest closing
)
