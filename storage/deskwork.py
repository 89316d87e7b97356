"""Tables of the panel: what staff did, their sessions and tries to log in, their templates and drafts."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
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

from storage.columns import identity, metadata, moment, reference, word

# What staff did and what was refused to them; only appended. No personal data in `detail`.
audit = Table(
    "audit",
    metadata,
    identity(),
    moment("at"),
    reference("staff_id", "staff", empty=True),
    word("action"),
    reference("ticket_id", "ticket", empty=True),
    Column("detail", JSONB, nullable=False, server_default="{}"),
    Index("ix_audit_at", "at", "id"),
    Index("ix_audit_staff_id", "staff_id", "id"),
    Index("ix_audit_ticket_id", "ticket_id", postgresql_where=text("ticket_id is not null")),
)
# Who is logged in where; the cookie holds the token, the row its keyed hash. Ended is ended everywhere.
staff_session = Table(
    "staff_session",
    metadata,
    Column("lookup", LargeBinary, primary_key=True),
    reference("staff_id", "staff"),
    moment("made_at"),
    moment("seen_at"),
    moment("ended_at", empty=True),
    word("agent"),  # browser and system in a few words, so that its owner knows it again
    Index("ix_staff_session_staff_id", "staff_id"),
)
# Wrong passwords, for the brakes; the keys are keyed hashes of an account and of an address.
login_attempt = Table(
    "login_attempt",
    metadata,
    identity(),
    Column("lookup", LargeBinary, nullable=False),
    moment("at"),
    Index("ix_login_attempt_lookup", "lookup", "at"),
    Index("ix_login_attempt_at", "at"),
)
# A passkey of one of the staff, in the fields that Flask-Security keeps.
# Source: https://flask-security.readthedocs.io/en/stable/models.html (WebAuthn)
passkey = Table(
    "passkey",
    metadata,
    identity(),
    reference("staff_id", "staff"),
    Column("credential_id", LargeBinary, nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False, server_default="0"),
    Column("transports", JSONB, nullable=False, server_default="[]"),
    Column("backup_state", Boolean, nullable=False, server_default=false()),
    word("device_type"),
    word("extensions"),
    word("name"),
    word("usage"),
    moment("create_datetime"),
    moment("lastuse_datetime"),
    Index("ix_passkey_staff_id", "staff_id"),
)
reply_template = Table(
    "reply_template",
    metadata,
    identity(),
    word("code"),  # what is typed after "::"
    word("category"),  # empty: for every category
    word("status"),  # empty: for every status
    word("text"),
    Column("active", Boolean, nullable=False, server_default=true()),
    reference("staff_id", "staff", empty=True),
    moment("changed_at"),
    UniqueConstraint("code"),
)
# What one of the staff has typed and not sent, saved while typing.
reply_draft = Table(
    "reply_draft",
    metadata,
    Column("staff_id", BigInteger, ForeignKey("staff.id"), primary_key=True),
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), primary_key=True),
    Column("kind", Text, primary_key=True, server_default="answer"),  # answer, note, question
    word("text"),
    moment("saved_at"),
    Index("ix_reply_draft_ticket_id", "ticket_id"),
)
# Who has a ticket open right now.
presence = Table(
    "presence",
    metadata,
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), primary_key=True),
    Column("staff_id", BigInteger, ForeignKey("staff.id"), primary_key=True),
    moment("at"),
    Index("ix_presence_at", "at"),
)
# A meeting or a stand at which many reports are typed in.
gathering = Table(
    "gathering",
    metadata,
    identity(),
    word("name"),
    word("place"),
    reference("staff_id", "staff"),
    moment("started_at"),
    moment("ended_at", empty=True),
)
# Words of a ticket's own, for staff to find it by.
ticket_tag = Table(
    "ticket_tag",
    metadata,
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), primary_key=True),
    Column("tag", Text, primary_key=True),
    Index("ix_ticket_tag_tag", "tag"),
)
# Every word of reports with how often it occurs: what a misspelt search is corrected by.
term = Table(
    "term",
    metadata,
    Column("word", Text, primary_key=True),
    Column("times", Integer, nullable=False, server_default="1"),
    Column("letters", SmallInteger, nullable=False),
    Index("ix_term_letters", "letters"),
)
