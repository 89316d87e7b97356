"""Tables of what was said: events as they came, messages in and out, their files."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from storage.columns import identity, metadata, moment, one_of, reference, word

IN_STATES = ("received",)
OUT_STATES = "waiting held sending sent delivered read failed unknown cancelled".split()

seen = Table(
    "seen",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("provider_id", Text, primary_key=True),
    moment("at", now=True),
    Index("ix_seen_at", "at", postgresql_using="brin"),  # what is over its 400 days
)
raw_event = Table(
    "raw_event",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("at", DateTime(timezone=True), primary_key=True, server_default=func.now()),
    word("channel"),
    word("account"),
    word("provider_id"),
    Column("sealed", LargeBinary, nullable=False),
    word("state", "ok"),  # ok, failed, junk, quarantined
    word("error"),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    Index("ix_raw_event_state", "state", "at", postgresql_where=text("state <> 'ok'")),
    postgresql_partition_by="RANGE (at)",
)
message = Table(
    "message",
    metadata,
    identity(),
    reference("conversation_id", "conversation"),
    reference("ticket_id", "ticket", empty=True),
    word("direction"),
    word("state"),
    word("author"),  # citizen, bot, staff
    reference("staff_id", "staff", empty=True),
    word("kind", "text"),
    word("text"),
    Column("payload", JSONB),
    Column("say", LargeBinary),  # 16 random bytes: the parts of one Say share them
    Column("part", SmallInteger, nullable=False, server_default="0"),
    word("reference"),  # id of the message in its chat
    word("grouped"),  # id of the album
    word("provider_id"),
    Column("priority", SmallInteger, nullable=False, server_default="0"),
    moment("created_at"),
    moment("due_at", empty=True),
    moment("lease_until", empty=True),
    Column("worker", Integer),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    word("error"),
    moment("sent_at", empty=True),
    moment("delivered_at", empty=True),
    moment("read_at", empty=True),
    one_of("direction", ("in", "out"), "direction"),
    one_of("state", [*IN_STATES, *OUT_STATES], "state"),
    Index("ix_message_conversation_id", "conversation_id", "id"),
    Index("ix_message_ticket_id", "ticket_id", "id", postgresql_where=text("ticket_id is not null")),
    Index(
        "ix_message_failed",
        "ticket_id",
        "conversation_id",
        postgresql_where=text("state = 'failed' and ticket_id is not null"),
    ),
    Index("ix_message_provider_id", "provider_id", postgresql_where=text("provider_id <> ''")),
    Index(
        "ix_message_unsent",
        "conversation_id",
        "id",
        postgresql_where=text("state in ('waiting', 'sending', 'unknown')"),
    ),
)
attachment = Table(
    "attachment",
    metadata,
    identity(),
    reference("message_id", "message"),
    reference("ticket_id", "ticket", empty=True),
    word("channel"),
    word("reference"),
    word("media_type"),
    word("name"),
    word("state", "waiting"),  # waiting, stored, refused
    word("path"),
    Column("size", Integer),
    word("reason"),
    word("purpose"),  # proof: an officer's photo of what was done
    Column("look_hash", BigInteger),  # perceptual hash: photos that look the same have nearly the same
    moment("created_at", now=True),
    Index("ix_attachment_waiting", "created_at", postgresql_where=text("state = 'waiting'")),
    Index("ix_attachment_proof", "look_hash", postgresql_where=text("purpose = 'proof'")),
    Index("ix_attachment_message_id", "message_id"),
    Index("ix_attachment_ticket_id", "ticket_id"),
    Index("ix_attachment_path", "path"),
)
