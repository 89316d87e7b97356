"""The use-cases "black out parts of a photo", "open its original" and "show the original again".

All readers, other programs and citizens get the copy. The original is encrypted, in a file of its own; the
plain one is deleted as soon as no row has it.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping

from bot.care import desk, originals
from bot.delivery.blackening import MOST_BOXES, Box, blacken
from bot.delivery.media import Refused
from bot.house import House, files_url
from bot.people import retention
from bot.queue import put
from bot.workflow import NotAllowed
from storage import family as whole_family
from storage import originals as kept
from storage import queries
from storage.files import Files
from storage.models import attachment, ticket

PHOTO = "image/jpeg"
CHANGED = "Foto ini baru saja diubah orang lain. Periksa dulu, lalu coba lagi."


@dataclass(frozen=True, slots=True)
class _Copy:
    """A blacked-out copy and the sealed original, where they lie; `parts` is how many boxes it has."""

    path: str
    size: int
    parts: int
    sealed: str


@dataclass(frozen=True, slots=True)
class Opened:
    """An original as it came in."""

    data: bytes
    media_type: str
    path: str


def black_out(house: House, by: queries.Reader, file_id: int, boxes: list[Box]) -> str:
    """Black out parts of a photo for all who read it; returns the report's number.

    The same photo sent again in this report is blacked out, too.

    Raises:
        NotFound: no such photo in the reader's scope.
        NotAllowed: he only reads the report, no or too many parts, or it cannot be opened.
    """
    if not 0 < len(boxes) <= MOST_BOXES:
        raise NotAllowed(f"Tandai satu sampai {MOST_BOXES} bagian foto.")
    with house.database.reading() as tx:
        row, number = photo_of(tx, by, file_id)
    files = Files(files_url(house))
    plain = _read(files, row["path"])
    try:
        black = blacken(plain, boxes)
    except Refused as refused:
        raise NotAllowed(str(refused)) from None
    sealed = files.keep(house.database.keys.seal_bytes(plain), "sealed")
    copy = _Copy(files.keep(black.data, black.ending), len(black.data), len(boxes), sealed)
    try:
        with house.database.transaction() as tx:
            _swap(tx, house, by, number, row, copy)
    except BaseException:
        with house.database.transaction() as tx:
            kept.leave(tx, [copy.path, copy.sealed])
        raise
    clear(house, files)
    return number


def _swap(
    tx: Connection, house: House, by: queries.Reader, number: str, row: RowMapping, copy: _Copy
) -> None:
    """Put the black copy where the photo was, and the original apart."""
    about = originals.to_redact(tx, by, number)
    family = kept.family(tx, about)
    same = kept.equal_files(tx, family, row["path"])
    if row["id"] not in same:
        raise NotAllowed(CHANGED)
    kept.leave(tx, [copy.sealed])  # stays only if it becomes somebody's original
    for one in same:
        kept.set_apart(tx, one, copy.sealed, by.staff_id, house.clock.now())
    kept.replace_file(tx, family, same, row["path"], copy.path, copy.size)
    originals.note(tx, house, by, about["id"], originals.REDACTED, file=row["id"], parts=copy.parts)
    put(tx, "delete_files")


def photo_of(tx: Connection, by: queries.Reader, file_id: int) -> tuple[RowMapping, str]:
    """A stored photo within a reader's scope, with the number of a report of its family that he sees.

    Raises:
        NotFound: there is none.
    """
    row = whole_family.one_file(tx, by, file_id)
    if row is None or row["state"] != "stored" or row["media_type"] != PHOTO:
        raise desk.NotFound(originals.NOT_YOURS)
    return row, _number_for(tx, by, row["ticket_id"])


def _number_for(tx: Connection, by: queries.Reader, ticket_id: int) -> str:
    """The number under which a reader knows a file's report: its own, or that of a part he sees."""
    found = ticket.select().where((ticket.c.id == ticket_id) | (ticket.c.parent_id == ticket_id))
    for row in tx.execute(found.order_by(ticket.c.id)).mappings().all():
        if queries.one_ticket(tx, by, row["number"]):
            return str(row["number"])
    raise desk.NotFound(originals.NOT_YOURS)


def open_original(house: House, by: queries.Reader, file_id: int, why: str) -> Opened:
    """The original of a blacked-out file, for a coordinator or custodian; that it was opened is written down.

    Raises:
        NotFound: there is none, or not for him.
        NotAllowed: no reason was given.
        BadKeys: DATA_KEYS does not fit.
    """
    with house.database.transaction() as tx:
        row, number, path = _blacked_out(tx, file_id)
        about = originals.to_open(tx, by, number)
        why = originals.reason(why)
        data = house.database.keys.open_bytes(_read(Files(files_url(house)), path))
        originals.note(tx, house, by, about["id"], originals.OPENED, why, file=file_id)
    return Opened(data, row["media_type"], row["path"])


def restore(house: House, by: queries.Reader, file_id: int, why: str) -> str:
    """Show the original of a file to all readers again; by a coordinator. Returns the report's number.

    Raises:
        NotFound: there is none, or not for him.
        NotAllowed: no reason was given.
        BadKeys: DATA_KEYS does not fit.
    """
    files = Files(files_url(house))
    with house.database.transaction() as tx:
        _, number, _ = _blacked_out(tx, file_id)
        about = originals.to_restore(tx, by, number)
        why = originals.reason(why)
        row, number, path = _blacked_out(tx, file_id)  # as it is now that the report is locked
        data = house.database.keys.open_bytes(_read(files, path))
        family = kept.family(tx, about)
        same = kept.equal_files(tx, family, row["path"])
        plain = files.keep(data, row["path"].rpartition(".")[2])
        kept.replace_file(tx, family, same, row["path"], plain, len(data))
        kept.no_longer_apart(tx, same)
        originals.note(tx, house, by, about["id"], originals.RESTORED, why, file=file_id)
        put(tx, "delete_files")
    clear(house, files)
    return number


def clear(house: House, files: Files) -> None:
    """Delete at once what no row has any more; the queued job does it if this process dies first."""
    retention.delete_files(house, files)


def _blacked_out(tx: Connection, file_id: int) -> tuple[RowMapping, str, str]:
    """A blacked-out file, its report's number and where its original lies; raises NotFound."""
    path = kept.original_path(tx, file_id)
    query = (
        attachment.join(ticket, ticket.c.id == attachment.c.ticket_id)
        .select()
        .with_only_columns(attachment, ticket.c.number)
        .where(attachment.c.id == file_id, attachment.c.state == "stored")
    )
    row = tx.execute(query).mappings().one_or_none()
    if row is None or path is None:
        raise desk.NotFound(originals.NOT_YOURS)
    return row, row["number"], path


def _read(files: Files, path: str) -> bytes:
    try:
        return files.open(path)
    except FileNotFoundError:
        raise NotAllowed("Berkas ini tidak ada lagi di penyimpanan.") from None
