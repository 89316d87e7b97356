"""Tables of what staff blacked out: originals kept apart, sealed, and files that are to go."""

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, Table, Text

from storage.columns import metadata, moment, one_of, reference, word

MASKED_KINDS = ("ticket", "message", "event")
# A file that was blacked out: its attachment has the copy for all readers, here is where the original lies.
original_file = Table(
    "original_file",
    metadata,
    Column("attachment_id", BigInteger, ForeignKey("attachment.id"), primary_key=True),
    word("path"),  # of the first original, encrypted; a second blacking leaves it as it is
    reference("staff_id", "staff"),
    moment("at"),  # when it was blacked out last
)
# The words that were taken out of a row's texts, in order of their marks; encrypted.
masked_text = Table(
    "masked_text",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("row_id", BigInteger, primary_key=True),  # of that kind's table; gone with the words: erasing.py
    Column("sealed", LargeBinary, nullable=False),
    moment("at"),
    one_of("kind", MASKED_KINDS, "kind"),
)
# Files that nothing needs any more, noted with the deed that made them so: deleted even after a crash.
leftover_file = Table("leftover_file", metadata, Column("path", Text, primary_key=True))
