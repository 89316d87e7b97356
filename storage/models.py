"""All tables. Rows are read and written with Core statements; the panel maps staff to objects."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

import storage.casework
import storage.deskwork
import storage.passages
import storage.personal
import storage.redactions  # noqa: F401
from storage import said
from storage.columns import identity, metadata, moment, one_of, reference, word

TICKET_STATUSES = (
    "draft received forwarded in_progress waiting planned returned answered closed rejected merged".split()
)
FINISHED = ("closed", "rejected", "merged")
# What staff still have to look at; a query must spell the same to be answered by ix_ticket_unfinished.
UNFINISHED = "status not in ('closed', 'rejected', 'merged')"
# As PostgreSQL writes it back, so that the migrations can be compared with the models.
TICKET_WORDS = "to_tsvector('indonesian'::regconfig, (text || ' '::text) || place)"

# --- the city's files, loaded -------------------------------------------------------------------------------
office = Table(
    "office",
    metadata,
    identity(),
    Column("code", Text, nullable=False, unique=True),
    reference("parent_id", "office", empty=True),
    Column(
        "path", Text, nullable=False
    ),  # codes from the root: /PEMKOT/DINKES/PKM-TUGU/ - "below" is a prefix
    word("name"),
    word("short_name"),
    word("kind"),
    word("place_code"),
    Column("active", Boolean, nullable=False, server_default=true()),
    Index("ix_office_path", "path", postgresql_ops={"path": "text_pattern_ops"}),
)
category = Table(
    "category",
    metadata,
    Column("code", Text, primary_key=True),
    word("name"),
    word("national"),
    Column("active", Boolean, nullable=False, server_default=true()),
)
place = Table(
    "place",
    metadata,
    Column("code", Text, primary_key=True),
    word("name"),
    word("level"),
    Column("latitude", Double),
    Column("longitude", Double),
)

# --- people and their chats ---------------------------------------------------------------------------------
person = Table("person", metadata, identity(), word("language"), moment("created_at", now=True))
address = Table(
    "address",
    metadata,
    identity(),
    reference("person_id", "person"),
    word("channel"),
    Column("lookup", LargeBinary, nullable=False),  # keyed hash: finds the row without reading the address
    Column("sealed", LargeBinary, nullable=False),  # the address itself, encrypted
    Column("sealed_name", LargeBinary),
    moment("opted_out_at", empty=True),
    moment("created_at", now=True),
    UniqueConstraint("channel", "lookup"),
    Index("ix_address_person_id", "person_id"),
)
conversation = Table(
    "conversation",
    metadata,
    identity(),
    word("channel"),
    word("account"),
    reference("address_id", "address"),
    Column("state", JSONB, nullable=False, server_default="{}"),
    word("language"),
    moment("last_in_at", empty=True),
    reference("taken_by", "staff", empty=True),  # the officer who speaks here: the bot is quiet meanwhile
    moment("taken_at", empty=True),
    moment("out_due_at", empty=True),  # when its oldest unsent message may be tried; empty: nothing to send
    Column("out_priority", SmallInteger, nullable=False, server_default="0"),
    moment("created_at", now=True),
    UniqueConstraint("address_id", "account"),
    Index(
        "ix_conversation_due",
        "channel",
        "out_priority",
        "out_due_at",
        postgresql_where=text("out_due_at is not null"),
    ),
    Index("ix_conversation_taken_by", "taken_by", postgresql_where=text("taken_by is not null")),
)

# --- tickets ------------------------------------------------------------------------------------------------
ticket = Table(
    "ticket",
    metadata,
    identity(),
    Column("number", Text, nullable=False, unique=True),
    word("status"),
    word("closed_how"),
    word("kind", "complaint"),
    word("category"),
    reference("office_id", "office", empty=True),
    reference("person_id", "person", empty=True),
    reference("conversation_id", "conversation", empty=True),  # the chat that filed it: every push goes there
    word("channel"),
    word("text"),
    word("place"),
    word("place_code"),
    Column("latitude", Double),
    Column("longitude", Double),
    # These two never go back to false, and a part is as secret as the whole: a trigger of migration 0005.
    Column("anonymous", Boolean, nullable=False, server_default=false()),
    Column("confidential", Boolean, nullable=False, server_default=false()),
    moment("created_at"),
    moment("filed_at", empty=True),
    moment("due_at", empty=True),
    moment("paused_at", empty=True),
    moment("changed_at"),
    reference("parent_id", "ticket", empty=True),
    reference("merged_into_id", "ticket", empty=True),
    Column("planned_year", Integer),
    Column("return_count", SmallInteger, nullable=False, server_default="0"),
    word("external_number"),
    Column("pin", LargeBinary),  # keyed hash of the PIN that opens an anonymous report from another phone
    Column("pin_tries", SmallInteger, nullable=False, server_default="0"),
    Column("hidden", LargeBinary),  # NIK and phone numbers the citizen wants kept, encrypted
    Column("reminders", SmallInteger, nullable=False, server_default="0"),  # of a draft, to the citizen
    Column("objections", SmallInteger, nullable=False, server_default="0"),  # how often he said "belum"
    Column("rating", SmallInteger),  # 1-5, only as the citizen gave it
    word("tier"),  # light, medium, heavy: which clocks hold; empty: those for all
    Column("supervised", Boolean, nullable=False, server_default=false()),  # the inspectors' closed lane
    reference("crisis_id", "crisis", empty=True),  # the emergency of its area when it was filed
    reference("assignee_id", "staff", empty=True),
    word("stage"),  # which stage clock runs: see bot/clocks.py; empty: only due_at
    moment("stage_due_at", empty=True),
    reference("proposed_office_id", "office", empty=True),  # by the office that sent it back
    Column("told_year", Integer),  # the budget year whose beginning was told
    word("origin"),  # how it came when staff typed it in: walk_in, phone, letter, social, meeting, system
    reference("gathering_id", "gathering", empty=True),
    reference("typed_by", "staff", empty=True),
    Column("version", Integer, nullable=False, server_default="1"),
    one_of("status", TICKET_STATUSES, "status"),
    one_of("kind", ("complaint", "aspiration", "information"), "kind"),
    one_of("tier", ("", "light", "medium", "heavy"), "tier"),
    Index("ix_ticket_office_status", "office_id", "status", "due_at"),
    Index("ix_ticket_conversation_id", "conversation_id", "id"),
    Index("ix_ticket_person_id", "person_id", "id"),
    Index("ix_ticket_created_at", "created_at"),
    Index("ix_ticket_status_due", "status", "due_at", postgresql_include=["supervised"]),
    # The panel's lists, in the order in which they are shown.
    Index("ix_ticket_due", "due_at", text("id desc")),
    Index("ix_ticket_unfinished", "due_at", text("id desc"), postgresql_where=text(UNFINISHED)),
    Index("ix_ticket_merged_into_id", "merged_into_id", postgresql_where=text("merged_into_id is not null")),
    # What the periodic passes look for: a stage that is over, children, a budget year, an officer's own.
    Index("ix_ticket_stage", "stage", "stage_due_at", postgresql_where=text("stage <> ''")),
    Index("ix_ticket_parent_id", "parent_id", postgresql_where=text("parent_id is not null")),
    Index("ix_ticket_planned", "planned_year", postgresql_where=text("status = 'planned'")),
    Index("ix_ticket_assignee_id", "assignee_id", postgresql_where=text("assignee_id is not null")),
    Index("ix_ticket_gathering_id", "gathering_id", postgresql_where=text("gathering_id is not null")),
    Index("ix_ticket_crisis_id", "crisis_id", postgresql_where=text("crisis_id is not null")),
    Index("ix_ticket_external_number", "external_number", postgresql_where=text("external_number <> ''")),
    Index(
        "ix_ticket_place_code",
        "place_code",
        postgresql_ops={"place_code": "text_pattern_ops"},
        postgresql_where=text("place_code <> ''"),
    ),
    # Finds reports by their words; a query must spell the same expression. Who looks for what is alike reads
    # what is open alone, however long the past. A short list of what is to be put in order: all read it.
    Index(
        "ix_ticket_words",
        text(TICKET_WORDS),
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 256},
    ),
    Index(
        "ix_ticket_open_words",
        text(TICKET_WORDS),
        postgresql_using="gin",
        postgresql_where=text(UNFINISHED),
        postgresql_with={"gin_pending_list_limit": 64},
    ),
    Index(
        "ix_ticket_open_place",
        "place_code",
        "created_at",
        "category",
        postgresql_ops={"place_code": "text_pattern_ops"},
        postgresql_where=text(UNFINISHED),
    ),
)
event = Table(
    "event",
    metadata,
    identity(),
    reference("ticket_id", "ticket"),
    moment("at"),
    word("kind"),  # filed, status, forwarded, added, note, human
    word("status"),
    reference("office_id", "office", empty=True),
    reference("staff_id", "staff", empty=True),
    word("note"),
    Column("detail", JSONB, nullable=False, server_default="{}"),
    Index("ix_event_ticket_id", "ticket_id", "id"),
    # Who waits for a person: see storage/awaiting.py.
    Index("ix_event_awaiting", "ticket_id", "at", postgresql_where=text("kind in ('human', 'taken')")),
)
follower = Table(
    "follower",
    metadata,
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), primary_key=True),
    Column("conversation_id", BigInteger, ForeignKey("conversation.id"), primary_key=True),
    moment("since", now=True),
    Index("ix_follower_conversation_id", "conversation_id"),
)

# --- what was said: see storage/said.py ---
seen, raw_event, message, attachment = said.seen, said.raw_event, said.message, said.attachment
IN_STATES, OUT_STATES = said.IN_STATES, said.OUT_STATES

# --- staff (mapped to classes in panel/staff.py) ---
staff = Table(
    "staff",
    metadata,
    identity(),
    Column("email", Text, nullable=False, unique=True),
    word("name"),
    Column("password", Text),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("fs_uniquifier", Text, nullable=False, unique=True),  # changed at a password change: ends sessions
    reference("office_id", "office", empty=True),
    Column("head", Boolean, nullable=False, server_default=false()),  # leads the office
    Column("tf_primary_method", Text),  # second factor, in the fields that Flask-Security keeps
    Column("tf_totp_secret", Text),
    Column("mf_recovery_codes", JSONB),
    Column("fs_webauthn_user_handle", Text, unique=True),
    moment("invited_until", empty=True),  # until when the link of an invitation is good
    moment("created_at", now=True),
)
role = Table(
    "role", metadata, identity(), Column("name", Text, nullable=False, unique=True), word("description")
)
staff_role = Table(
    "staff_role",
    metadata,
    Column("staff_id", BigInteger, ForeignKey("staff.id"), primary_key=True),
    Column("role_id", BigInteger, ForeignKey("role.id"), primary_key=True),
)

# --- machinery ----------------------------------------------------------------------------------------------
# How fast a provider's account is fed by all workers together: see bot/delivery/pace.py.
pace = Table(
    "pace",
    metadata,
    Column("account", Text, primary_key=True),
    moment("next_at", empty=True),
    moment("held_until", empty=True),
)
heartbeat = Table(
    "heartbeat", metadata, Column("name", Text, primary_key=True), moment("at", now=True), word("detail")
)
position = Table(
    "position",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
