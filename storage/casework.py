"""Tables of staff at work: notices to them, areas in an emergency, identities that were unlocked."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, UniqueConstraint, text

from storage.columns import identity, metadata, moment, one_of, reference, word

# What one of the staff should look at. `about` makes it one: the same thing is never told twice.
notice = Table(
    "notice",
    metadata,
    identity(),
    reference("staff_id", "staff"),
    reference("ticket_id", "ticket", empty=True),
    word("kind"),
    word("about"),
    word("note"),
    moment("at"),
    moment("read_at", empty=True),
    moment("digested_at", empty=True),  # part of a daily digest since then
    UniqueConstraint("staff_id", "ticket_id", "kind", "about", postgresql_nulls_not_distinct=True),
    Index("ix_notice_unread", "staff_id", "id", postgresql_where=text("read_at is null")),
    Index("ix_notice_undigested", "staff_id", postgresql_where=text("digested_at is null")),
    Index("ix_notice_ticket_id", "ticket_id"),
)
# The own chat of one of the staff, which the daily digest goes to, and when the last one was put together.
staff_chat = Table(
    "staff_chat",
    metadata,
    Column("staff_id", BigInteger, ForeignKey("staff.id"), primary_key=True),
    reference("conversation_id", "conversation"),
    moment("since"),
    moment("digest_at", empty=True),
    Index("ix_staff_chat_conversation_id", "conversation_id"),
)
# Emergency mode of an area: a kelurahan, a kecamatan or the city, switched on and off by staff.
crisis = Table(
    "crisis",
    metadata,
    identity(),
    word("place_code"),
    word("name"),
    word("notice"),  # what everybody in the area was told
    reference("staff_id", "staff"),
    moment("started_at"),
    moment("ended_at", empty=True),
    Index("ix_crisis_open", "place_code", unique=True, postgresql_where=text("ended_at is null")),
)
UNLOCK_STATES = ("asked", "granted", "refused")
# Who asked to see an anonymous reporter's name and number, why, and who of the others agreed.
unlock = Table(
    "unlock",
    metadata,
    identity(),
    reference("ticket_id", "ticket"),
    reference("asked_by", "staff"),
    word("reason"),
    moment("asked_at"),
    word("state", "asked"),
    reference("decided_by", "staff", empty=True),
    moment("decided_at", empty=True),
    word("note"),
    moment("expires_at", empty=True),  # until when a granted one may be looked at
    one_of("state", UNLOCK_STATES, "state"),
    Index("ix_unlock_ticket_id", "ticket_id"),
    Index("ix_unlock_asked", "asked_at", postgresql_where=text("state = 'asked'")),
)
