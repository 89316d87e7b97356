"""The use-case "answer with photos": checked, drawn anew, compared with earlier ones, kept."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import select, text

from bot.care import desk
from bot.care.proofs import MOST, Proof, Repeated, alike
from bot.delivery.media import Kept, Refused, prepare_photo
from bot.house import House, files_url
from bot.workflow import NotAllowed
from storage import queries
from storage.files import Files
from storage.models import attachment

LARGEST_BYTES = 10_000_000  # as it is chosen, before it is drawn anew
LONGEST_SIDE = 1600  # pixels: enough to see the work, and kind to the citizen's data plan


def answer(
    house: House,
    by: queries.Reader,
    number: str,
    words: str,
    uploads: Sequence[bytes],
    *,
    no_photo: str = "",
    knowingly: bool = False,
    how: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Answer a report with photos of what was done.

    Args:
        house: the running product.
        by: who answers.
        number: the report's public number.
        words: the answer.
        uploads: up to 3 photos as they were chosen, JPEG, PNG or WebP, at most 10 MB each.
        no_photo: why there is none, where the category asks for one; for the history and the superiors.
        knowingly: also when a photo looks like an earlier one; supervisor and head are told.
        how: version and wait, as `desk.move` takes them.

    Raises:
        NotFound: no such report within the reader's scope.
        NotAllowed: a file is no usable photo, there are too many, or the workflow refuses.
        Repeated: a photo looks like an earlier one, and `knowingly` is not set.
    """
    kept = prepared(uploads)
    with house.database.reading() as tx:
        row = queries.one_ticket(tx, by, number)
        if row is None:
            raise desk.NotFound(f"Laporan {number} tidak ada atau bukan wewenang Anda.")
        found = [one for photo in kept for one in alike(tx, row["id"], photo)]
    found = list(dict.fromkeys(found))
    if found and not knowingly:
        raise Repeated(found)
    photos = stored(house, kept)
    given = {"note": words, "photos": photos, "alike": found, "no_photo": no_photo, **how}
    try:
        desk.move(house, by, number, "answered", given)
    except BaseException:
        drop(house, photos)
        raise


def prepared(uploads: Sequence[bytes]) -> list[Kept]:
    """Photos as they were chosen, checked and drawn anew, each once; raises NotAllowed."""
    if len(uploads) > MOST:
        raise NotAllowed(f"Paling banyak {MOST} foto.")
    if any(len(data) > LARGEST_BYTES for data in uploads):
        raise NotAllowed("Foto lebih besar dari 10 MB.")
    try:
        prepared = [prepare_photo(data, LONGEST_SIDE) for data in uploads]
    except Refused as refused:
        raise NotAllowed(str(refused)) from None
    return list({photo.data: photo for photo in prepared}.values())


def stored(house: House, kept: Sequence[Kept]) -> list[Proof]:
    """Photos in our store, each with the id that its row is to have."""
    if not kept:
        return []
    files = Files(files_url(house))
    with house.database.transaction() as tx:
        ids = [int(tx.scalar(_NEXT) or 0) for _ in kept]
    return [
        Proof(id_, files.keep(photo.data, photo.ending), len(photo.data), photo.look)
        for id_, photo in zip(ids, kept, strict=True)
    ]


# Drawn before the rows are made, because what is said holds the link; a number that is not used does no harm.
_NEXT = text("select nextval(pg_get_serial_sequence('attachment', 'id'))")


def drop(house: House, photos: Sequence[Proof]) -> None:
    """Delete photos that no row came to hold; equal files share a path."""
    with house.database.reading() as tx:
        held = set(
            tx.scalars(select(attachment.c.path).where(attachment.c.path.in_([p.path for p in photos])))
        )
    for photo in photos:
        if photo.path not in held:
            Files(files_url(house)).delete(photo.path)
