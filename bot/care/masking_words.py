"""The use-cases "mask words of a report", "open them" and "show them again".

The words go from everything that the report shows: story, place, messages of both sides, history, staff's
drafts and its text file. So they are in no search, export, notice or page. What each mark stands for is kept
encrypted beside the row.
"""

import json
import re
from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, select

from bot.care import originals
from bot.care.blacking_out import clear
from bot.delivery.long_texts import MEDIA_TYPE
from bot.house import House, files_url
from bot.queue import put
from bot.reading.redacting import MARK, Masker, Restorer, finder, mapped, phrases_of, redact
from bot.workflow import NotAllowed
from storage import originals as kept
from storage import queries
from storage.files import Files
from storage.keys import Keys
from storage.models import attachment

MOST_PHRASES, LONGEST_PHRASE = 20, 200
Words = list[list[str]]  # of each text of a row, in the order of its marks


def mask(house: House, by: queries.Reader, number: str, typed: str) -> int:
    """Take words out of a report for all readers; returns how many times they stood there.

    Args:
        house: the running product.
        by: who does it.
        number: the report's.
        typed: one word or phrase a line, in any case.

    Raises:
        NotFound: no such report in the reader's scope.
        NotAllowed: he only reads it, or nothing usable was typed, or the words are not there.
    """
    with house.database.transaction() as tx:
        row = originals.to_redact(tx, by, number)
        wanted = finder(_phrases(typed))
        family = kept.family(tx, row)
        taken = sum(_mask_row(tx, house, one, wanted) for one in kept.texts(tx, family))
        taken += _mask_files(tx, house, by, family, wanted)
        for draft in kept.drafts(tx, family):
            kept.write_draft(tx, draft, redact(draft["text"], wanted).text)
        if not taken:
            raise NotAllowed("Kata itu tidak ada di laporan ini. Salin persis seperti tertulis.")
        originals.note(tx, house, by, row["id"], originals.MASKED, times=taken)
        put(tx, "delete_files")
    clear(house, Files(files_url(house)))
    return taken


def _phrases(typed: str) -> list[str]:
    phrases = phrases_of(typed)
    if not phrases:
        raise NotAllowed("Tulis dulu kata yang ditutup, paling sedikit dua huruf.")
    if len(phrases) > MOST_PHRASES or max(map(len, phrases)) > LONGEST_PHRASE:
        raise NotAllowed(f"Paling banyak {MOST_PHRASES} baris, masing-masing {LONGEST_PHRASE} huruf.")
    return phrases


def _mask_row(tx: Connection, house: House, row: RowMapping, wanted: re.Pattern[str]) -> int:
    """Mask one row's texts; returns how many words were taken."""
    known = _known(house.database.keys, row["sealed"])
    masker = Masker(wanted, known)
    fields = mapped(row["fields"], masker.change)
    taken = sum(map(len, masker.words)) - sum(map(len, known))
    if taken > 0:
        sealed = house.database.keys.seal(json.dumps(masker.words))
        # First: of the history the database lets only such words go that are kept.
        kept.keep_words(tx, row["kind"], row["row_id"], sealed, house.clock.now())
        kept.write_text(tx, row["kind"], row["row_id"], fields)
    return max(0, taken)


def _mask_files(
    tx: Connection, house: House, by: queries.Reader, family: Sequence[int], wanted: re.Pattern[str]
) -> int:
    """Mask the texts that are kept as files because they were too long; returns how many words were taken."""
    files, keys, taken = Files(files_url(house)), house.database.keys, 0
    texts = attachment.c.ticket_id.in_(family) & (attachment.c.media_type == MEDIA_TYPE)
    for row in tx.execute(select(attachment).where(texts, attachment.c.state == "stored")).mappings().all():
        plain = files.open(row["path"])
        redacted = redact(plain.decode(), wanted)
        found = len(redacted.words) - redacted.words.count(MARK)
        if found:
            sealed, data = files.keep(keys.seal_bytes(plain), "sealed"), redacted.text.encode()
            new = files.keep(data, "txt")
            kept.leave(tx, [sealed])  # stays only if it becomes somebody's original
            kept.set_apart(tx, row["id"], sealed, by.staff_id, house.clock.now())
            kept.replace_file(tx, family, [row["id"]], row["path"], new, len(data))
        taken += found
    return taken


def _known(keys: Keys, sealed: bytes | None) -> Words:
    found: Words = json.loads(keys.open(sealed)) if sealed else []
    return found


def open_words(house: House, by: queries.Reader, number: str, why: str) -> list[str]:
    """The words taken out of a report, each once, for a coordinator or custodian; written down.

    Raises:
        NotFound: no such report for him.
        NotAllowed: no reason was given, or nothing is masked.
        BadKeys: DATA_KEYS does not fit.
    """
    with house.database.transaction() as tx:
        row = originals.to_open(tx, by, number, lock=True)
        why = originals.reason(why)
        found = [_known(house.database.keys, one["sealed"]) for one in kept.texts(tx, kept.family(tx, row))]
        words = [word for of_row in found for of_text in of_row for word in of_text]
        if not words:
            raise NotAllowed("Di laporan ini tidak ada kata yang ditutup.")
        originals.note(tx, house, by, row["id"], originals.OPENED, why)
    return list(dict.fromkeys(words))


def restore(house: House, by: queries.Reader, number: str, why: str) -> int:
    """Show the words of a report to all readers again; returns how many texts had changed too much for it.

    Raises:
        NotFound: no such report for a coordinator.
        NotAllowed: no reason was given.
        BadKeys: DATA_KEYS does not fit.
    """
    with house.database.transaction() as tx:
        row = originals.to_restore(tx, by, number)
        why = originals.reason(why)
        masked = [one for one in kept.texts(tx, kept.family(tx, row)) if one["sealed"]]
        left = sum(not _restore_row(tx, house, one) for one in masked)
        originals.note(tx, house, by, row["id"], originals.RESTORED, why)
    return left


def _restore_row(tx: Connection, house: House, row: RowMapping) -> bool:
    """Put a row's words back; False when it was changed and keeps its marks."""
    restorer = Restorer(_known(house.database.keys, row["sealed"]))
    fields = mapped(row["fields"], restorer.change)
    if restorer.failed:
        return False
    kept.write_text(tx, row["kind"], row["row_id"], fields)
    kept.keep_words(tx, row["kind"], row["row_id"], None, house.clock.now())
    return True
