"""Tables about people's own rights: linking their channels, who looked at a report, what they asked us."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, LargeBinary, Table, text

from storage.columns import identity, metadata, moment, one_of, reference, word

# A code that a person sends from a second channel to say "this is me too", or one of the staff from the own
# phone to say "send my digest here".
link_code = Table(
    "link_code",
    metadata,
    Column("lookup", LargeBinary, primary_key=True),  # keyed hash of the digits
    reference("person_id", "person", empty=True),
    reference("staff_id", "staff", empty=True),
    moment("expires_at"),
    Index("ix_link_code_expires_at", "expires_at"),
)
# Wrong codes of all chats, for a minute: many at once are somebody who guesses.
wrong_code = Table("wrong_code", metadata, identity(), moment("at"), Index("ix_wrong_code_at", "at"))
# Who of the staff opened a report, one row a day: what DATA SAYA tells.
look = Table(
    "look",
    metadata,
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), primary_key=True),
    Column("staff_id", BigInteger, ForeignKey("staff.id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("times", Integer, nullable=False, server_default="1"),
    Index("ix_look_day", "day", postgresql_using="brin"),
)
PRIVACY_STATES = ("open", "done", "refused")
# HAPUS DATA: requests to withdraw consent or delete, each with its clock of 3 x 24 hours.
privacy_request = Table(
    "privacy_request",
    metadata,
    identity(),
    reference("person_id", "person"),
    reference("conversation_id", "conversation"),  # where the answer goes
    word("state", "open"),
    moment("made_at"),
    moment("due_at"),
    moment("done_at", empty=True),
    reference("staff_id", "staff", empty=True),
    word("note"),
    one_of("state", PRIVACY_STATES, "state"),
    Index("ix_privacy_request_open", "due_at", postgresql_where=text("state = 'open'")),
    Index("ix_privacy_request_person_id", "person_id"),
)
