"""All tables. Rows are read and written with Core statements; the panel maps staff to objects."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
    func,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

TICKET_STATUSES = (
    "draft received forwarded in_progress waiting planned returned answered closed rejected merged".split()
)
IN_STATES = ("received",)
OUT_STATES = "waiting held sending sent delivered read failed unknown cancelled".split()
UNSENT = ("waiting", "sending", "unknown")


def _id() -> Column[int]:
    return Column("id", BigInteger, Identity(), primary_key=True)


def _moment(name: str, *, now: bool = False, empty: bool = False) -> Column[Any]:
    default = func.now() if now else None
    return Column(name, DateTime(timezone=True), server_default=default, nullable=empty)


def _to(name: str, target: str, *, empty: bool = False) -> Column[int]:
    return Column(name, BigInteger, ForeignKey(f"{target}.id"), nullable=empty)


def _word(name: str, default: str = "") -> Column[str]:
    return Column(name, Text, nullable=False, server_default=default)


def _one_of(column: str, values: tuple[str, ...] | list[str], name: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({listed})", name=name)


# --- the city's files, loaded -------------------------------------------------------------------------------
office = Table(
    "office",
    metadata,
    _id(),
    Column("code", Text, nullable=False, unique=True),
    _to("parent_id", "office", empty=True),
    Column(
        "path", Text, nullable=False
    ),  # codes from the root: /PEMKOT/DINKES/PKM-TUGU/ - "below" is a prefix
    _word("name"),
    _word("short_name"),
    _word("kind"),
    _word("place_code"),
    Column("active", Boolean, nullable=False, server_default=true()),
    Index("ix_office_path", "path", postgresql_ops={"path": "text_pattern_ops"}),
)
category = Table(
    "category",
    metadata,
    Column("code", Text, primary_key=True),
    _word("name"),
    _word("national"),
    Column("active", Boolean, nullable=False, server_default=true()),
)
place = Table(
    "place",
    metadata,
    Column("code", Text, primary_key=True),
    _word("name"),
    _word("level"),
    Column("latitude", Double),
    Column("longitude", Double),
)

# --- people and their chats ---------------------------------------------------------------------------------
person = Table("person", metadata, _id(), _word("language"), _moment("created_at", now=True))
address = Table(
    "address",
    metadata,
    _id(),
    _to("person_id", "person"),
    _word("channel"),
    Column("lookup", LargeBinary, nullable=False),  # keyed hash: finds the row without reading the address
    Column("sealed", LargeBinary, nullable=False),  # the address itself, encrypted
    Column("sealed_name", LargeBinary),
    _moment("opted_out_at", empty=True),
    _moment("created_at", now=True),
    UniqueConstraint("channel", "lookup"),
    Index("ix_address_person_id", "person_id"),
)
conversation = Table(
    "conversation",
    metadata,
    _id(),
    _word("channel"),
    _word("account"),
    _to("address_id", "address"),
    Column("state", JSONB, nullable=False, server_default="{}"),
    _word("language"),
    _moment("last_in_at", empty=True),
    _moment("out_due_at", empty=True),  # when its oldest unsent message may be tried; empty: nothing to send
    Column("out_priority", SmallInteger, nullable=False, server_default="0"),
    _moment("created_at", now=True),
    UniqueConstraint("address_id", "account"),
    Index(
        "ix_conversation_due",
        "out_priority",
        "out_due_at",
        postgresql_where=text("out_due_at is not null"),
    ),
)

# --- tickets ------------------------------------------------------------------------------------------------
ticket = Table(
    "ticket",
    metadata,
    _id(),
    Column("number", Text, nullable=False, unique=True),
    _word("status"),
    _word("closed_how"),
    _word("kind", "complaint"),
    _word("category"),
    _to("office_id", "office", empty=True),
    _to("person_id", "person", empty=True),
    _to("conversation_id", "conversation", empty=True),  # the chat that filed it: every push goes there
    _word("channel"),
    _word("text"),
    _word("place"),
    _word("place_code"),
    Column("latitude", Double),
    Column("longitude", Double),
    Column("anonymous", Boolean, nullable=False, server_default=false()),
    Column("confidential", Boolean, nullable=False, server_default=false()),
    _moment("created_at"),
    _moment("filed_at", empty=True),
    _moment("due_at", empty=True),
    _moment("paused_at", empty=True),
    _moment("changed_at"),
    _to("parent_id", "ticket", empty=True),
    _to("merged_into_id", "ticket", empty=True),
    Column("planned_year", Integer),
    Column("return_count", SmallInteger, nullable=False, server_default="0"),
    _word("external_number"),
    Column("version", Integer, nullable=False, server_default="1"),
    _one_of("status", TICKET_STATUSES, "status"),
    _one_of("kind", ("complaint", "aspiration", "information"), "kind"),
    Index("ix_ticket_office_status", "office_id", "status", "due_at"),
    Index("ix_ticket_conversation_id", "conversation_id", "id"),
    Index("ix_ticket_person_id", "person_id", "id"),
    Index("ix_ticket_created_at", "created_at"),
    Index("ix_ticket_status_due", "status", "due_at"),
)
event = Table(
    "event",
    metadata,
    _id(),
    _to("ticket_id", "ticket"),
    _moment("at"),
    _word("kind"),  # filed, status, forwarded, added, note, human
    _word("status"),
    _to("office_id", "office", empty=True),
    _to("staff_id", "staff", empty=True),
    _word("note"),
    Column("detail", JSONB, nullable=False, server_default="{}"),
    Index("ix_event_ticket_id", "ticket_id", "id"),
)
follower = Table(
    "follower",
    metadata,
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), primary_key=True),
    Column("conversation_id", BigInteger, ForeignKey("conversation.id"), primary_key=True),
    _moment("since", now=True),
)

# --- what was said ------------------------------------------------------------------------------------------
seen = Table(
    "seen",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("provider_id", Text, primary_key=True),
    _moment("at", now=True),
)
raw_event = Table(
    "raw_event",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("at", DateTime(timezone=True), primary_key=True, server_default=func.now()),
    _word("channel"),
    _word("account"),
    _word("provider_id"),
    Column("sealed", LargeBinary, nullable=False),
    _word("state", "ok"),  # ok, failed, junk, quarantined
    _word("error"),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    Index("ix_raw_event_state", "state", "at", postgresql_where=text("state <> 'ok'")),
    postgresql_partition_by="RANGE (at)",
)
message = Table(
    "message",
    metadata,
    _id(),
    _to("conversation_id", "conversation"),
    _to("ticket_id", "ticket", empty=True),
    _word("direction"),
    _word("state"),
    _word("author"),  # citizen, bot, staff
    _to("staff_id", "staff", empty=True),
    _word("kind", "text"),
    _word("text"),
    Column("payload", JSONB),
    Column("say", LargeBinary),  # 16 random bytes: the parts of one Say share them
    Column("part", SmallInteger, nullable=False, server_default="0"),
    _word("reference"),  # id of the message in its chat
    _word("grouped"),  # id of the album
    _word("provider_id"),
    Column("priority", SmallInteger, nullable=False, server_default="0"),
    _moment("created_at"),
    _moment("due_at", empty=True),
    _moment("lease_until", empty=True),
    Column("worker", Integer),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    _word("error"),
    _moment("sent_at", empty=True),
    _moment("delivered_at", empty=True),
    _moment("read_at", empty=True),
    _one_of("direction", ("in", "out"), "direction"),
    _one_of("state", [*IN_STATES, *OUT_STATES], "state"),
    Index("ix_message_conversation_id", "conversation_id", "id"),
    Index("ix_message_ticket_id", "ticket_id", "id", postgresql_where=text("ticket_id is not null")),
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
    _id(),
    _to("message_id", "message"),
    _to("ticket_id", "ticket", empty=True),
    _word("channel"),
    _word("reference"),
    _word("media_type"),
    _word("name"),
    _word("state", "waiting"),  # waiting, stored, refused
    _word("path"),
    Column("size", Integer),
    _word("reason"),
    _moment("created_at", now=True),
    Index("ix_attachment_message_id", "message_id"),
    Index("ix_attachment_ticket_id", "ticket_id"),
)

# --- staff (mapped to classes in panel/staff.py) ---
staff = Table(
    "staff",
    metadata,
    _id(),
    Column("email", Text, nullable=False, unique=True),
    _word("name"),
    Column("password", Text),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("fs_uniquifier", Text, nullable=False, unique=True),  # changed at a password change: ends sessions
    _to("office_id", "office", empty=True),
    _moment("created_at", now=True),
)
role = Table("role", metadata, _id(), Column("name", Text, nullable=False, unique=True), _word("description"))
staff_role = Table(
    "staff_role",
    metadata,
    Column("staff_id", BigInteger, ForeignKey("staff.id"), primary_key=True),
    Column("role_id", BigInteger, ForeignKey("role.id"), primary_key=True),
)

# --- machinery ----------------------------------------------------------------------------------------------
heartbeat = Table(
    "heartbeat", metadata, Column("name", Text, primary_key=True), _moment("at", now=True), _word("detail")
)
position = Table(
    "position",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
