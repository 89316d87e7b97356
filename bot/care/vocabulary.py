"""The words that reports are written with, gathered hourly: what a misspelt search is put right by.

A word of a single citizen may be his name, so only words of several people are kept, no given names, and
nothing from reports that are confidential or in the supervised lane.
"""

import re
from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, text

from bot.house import House
from bot.reading.masking import without_signs
from bot.reading.name_words import GIVEN
from storage.models import TICKET_WORDS
from storage.search import STOP_WORDS

SETTLED = timedelta(hours=1)  # a draft grows for a while
A_BATCH, MOST_BATCHES = 1_000, 20
PEOPLE = 3  # so many citizens must have used a word
_WORD = re.compile(r"(?<![^\W_])[a-z]{4,24}(?![^\W_])")


def gather(house: House) -> int:
    """Add the words of tickets that were not read yet, at most 20,000 of them; returns how many were read."""
    read = 0
    with house.database.transaction() as tx:
        tx.execute(_PLACES)
    for _ in range(MOST_BATCHES):
        with house.database.transaction() as tx:
            now_read = _batch(tx, house.clock.now())
        read += now_read
        if now_read < A_BATCH:
            break
    return read


# The names of the city's places are nobody's.
_PLACES = text(
    """insert into term (word, letters)
       select distinct word, length(word) from place, regexp_split_to_table(lower(name), '[^a-z]+') word
       where length(word) between 4 and 24 on conflict do nothing"""
)


def _batch(tx: Connection, now: datetime) -> int:
    tx.execute(_FIRST)
    rows = tx.execute(_UNREAD, {"before": now - SETTLED, "most": A_BATCH}).all()
    if not rows:
        return 0
    counts = Counter(word for row in rows for word in words_of(row))
    if counts:
        _keep(tx, counts)
    tx.execute(_READ, {"last": rows[-1].id})
    return len(rows)


def words_of(row: Row[tuple[int, str, str]]) -> set[str]:
    """The words of a ticket that may be kept, each once."""
    found = set(_WORD.findall(without_signs(f"{row.text} {row.place}").casefold()))
    return found - STOP_WORDS - GIVEN


def _keep(tx: Connection, counts: Counter[str]) -> None:
    known = set(tx.scalars(_KNOWN, {"words": list(counts)}))
    more = [{"word": word, "times": counts[word]} for word in sorted(known)]
    if more:
        tx.execute(_MORE, more)
    several = [word for word in sorted(set(counts) - known) if _people(tx, word) >= PEOPLE]
    if several:
        tx.execute(
            _NEW, [{"word": one, "times": max(counts[one], PEOPLE), "letters": len(one)} for one in several]
        )


def _people(tx: Connection, word: str) -> int:
    return int(tx.scalar(_PEOPLE, {"word": word}) or 0)


_FIRST = text("insert into position (channel, account, value) values ('terms', '', 0) on conflict do nothing")
_UNREAD = text(
    """select t.id, case when t.supervised or t.confidential then '' else t.text end as text,
              case when t.supervised or t.confidential then '' else t.place end as place
       from ticket t
       where t.id > (select value from position where channel = 'terms' and account = '' for update)
         and t.created_at < :before
       order by t.id limit :most"""
)
_READ = text("update position set value = :last where channel = 'terms' and account = ''")
_KNOWN = text("select word from term where word = any(:words)")
_MORE = text("update term set times = times + :times where word = :word")
_NEW = text("insert into term (word, times, letters) values (:word, :times, :letters) on conflict do nothing")
# Spelled as ix_ticket_words has it; so many are looked at.
_PEOPLE = text(
    f"""select count(distinct coalesce(person_id, -id)) from (
            select id, person_id from ticket
            where {TICKET_WORDS} @@ plainto_tsquery('indonesian', :word)
              and not supervised and not confidential
            limit 50) found"""  # noqa: S608 - a constant
)
