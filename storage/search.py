"""What staff search by: a number, another system's number, a tag, places, words. Each is read from an index.

PostgreSQL's Indonesian configuration stems, but has no stop words, so the commonest words are left out here:
a query of them alone would read every ticket.
Source: https://www.postgresql.org/docs/18/textsearch-dictionaries.html
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Select,
    and_,
    false,
    func,
    literal_column,
    or_,
    select,
    text,
)

from storage.deskwork import term, ticket_tag
from storage.models import TICKET_WORDS, ticket

LONGEST = 200  # characters of a search that are looked at
MOST_WORDS = 8
NEWEST_NEAR = 500  # tickets of an area that are found by its code alone
NEWEST = 1_000  # tickets among which common words are looked for first
COMMON = 0.02  # of all tickets: a word that more of them have is common
LONGEST_WORD = 40
STOP_WORDS = frozenset(
    """ada adalah agar akan anda antara apa apakah atas atau bagaimana bagi bahwa beberapa belum bila bisa
boleh bu buat bukan dan dapat dari dengan di dia dong dulu hanya harap harus ibu ini itu jadi jika juga kalau
kami kapan karena kasih ke kenapa kepada kita kok lagi lah lain maaf masih mau mereka minta mohon namun nya
oleh orang pada pak bapak para pernah pun saja sangat saya sebab sebuah sedang segera seperti serta setelah
sudah supaya tadi tapi telah terima terlalu tersebut tetapi tidak tolong untuk warga ya yaitu yang yg dgn utk
the and of""".split()
)
_WORD = re.compile(r"[^\W_]+")
LONGEST_NUMBER = 60  # characters of another system's number


@dataclass(frozen=True, slots=True)
class Query:
    """A search, read: what is empty is not asked for.

    Attributes:
        number: what may be a number, ours or another system's.
        tag: a tag, from "#tag".
        words: lower-case words that must all occur, without stop words.
        beginnings: those of them that may be the beginning of a word.
        areas: codes of places of which one must be the ticket's, or contain it, unless its name occurs.
        area_words: the words of those places' name.
        common: whether all words are common, so that the newest tickets have enough of them.
    """

    number: str = ""
    tag: str = ""
    words: tuple[str, ...] = ()
    beginnings: frozenset[str] = frozenset()
    areas: tuple[str, ...] = ()
    area_words: tuple[str, ...] = ()
    common: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it is most likely a number, and nothing else: it is looked for in every queue."""
        return bool(self.number) and not any(letter.isspace() for letter in self.number)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to look for."""
        return not (self.number or self.tag or self.words or self.areas)


def read(typed: str) -> Query:
    """What was typed as a query; any text will do, the first LONGEST characters count."""
    plain = _plain(typed)
    if re.fullmatch(r"#[\w-]{1,60}", plain):
        return Query(tag=plain[1:])
    perhaps = len(plain) <= LONGEST_NUMBER and any(letter.isdigit() for letter in plain)
    found = (word for word in _WORD.findall(plain) if len(word) <= LONGEST_WORD)
    words = [word for word in dict.fromkeys(found) if word not in STOP_WORDS]
    # As typed: another system's numbers may have capitals.
    return Query(number=_tidy(typed) if perhaps else "", words=tuple(words[:MOST_WORDS]))


def _tidy(typed: str) -> str:
    whole = typed[:LONGEST].encode("utf-8", "ignore").decode("utf-8").replace("\0", " ")
    return unicodedata.normalize("NFKC", whole).replace("\0", " ").strip()


def _plain(typed: str) -> str:
    return _tidy(typed).casefold()


def condition(query: Query) -> ColumnElement[bool]:
    """The condition on `ticket` that it is found by a query; nothing is found by an empty one."""
    if query.is_empty:
        return false()
    if query.tag:
        return ticket.c.id.in_(select(ticket_tag.c.ticket_id).where(ticket_tag.c.tag == query.tag))
    told = _near(query) if query.areas else _said(query.words, query.beginnings)
    if not query.number:
        return told
    return or_(_numbered(query.number), *([told] if query.words or query.areas else []))


def _near(query: Query) -> ColumnElement[bool]:
    """Words and a place: its name occurs too, or the report is one of the area's newest, by its code.

    Two queries side by side: as one condition PostgreSQL would stem every report of the area.
    """
    named = select(ticket.c.id).where(_said((*query.words, *query.area_words), query.beginnings))
    newest = select(ticket.c.id).where(_within(query.areas)).order_by(ticket.c.id.desc()).limit(NEWEST_NEAR)
    there = select(ticket.c.id).where(ticket.c.id.in_(newest.subquery().select()))
    if query.words:
        there = there.where(_said(query.words, query.beginnings))
    return ticket.c.id.in_(named.union(there))


def _numbered(number: str) -> ColumnElement[bool]:
    # The second half is spelled as ix_ticket_external_number has it.
    theirs = literal_column("ticket.external_number <> ''", Boolean)
    return or_(ticket.c.number == number, and_(ticket.c.external_number == number, theirs))


def _said(words: Sequence[str], beginnings: Collection[str]) -> ColumnElement[bool]:
    """Words that occur in text or place, by their stems; nothing in them can be an operator."""
    whole = [word for word in words if word not in beginnings]
    asked = [func.plainto_tsquery("indonesian", " ".join(whole))] if whole else []
    asked += [func.to_tsquery("simple", f"{word}:*") for word in words if word in beginnings]
    return and_(*(literal_column(TICKET_WORDS).op("@@", return_type=Boolean())(one) for one in asked))


def newest_with(tx: Connection, tickets: Select[Any], query: Query, most: int) -> list[int] | None:
    """Ids of the newest tickets with common words, without an index: so many, or None when there are fewer.

    An index would give hundreds of thousands, of which a page shows thirty.

    Args:
        tx: a reading transaction.
        tickets: those that count, from `select(ticket)`.
        query: its words.
        most: how many are wanted.
    """
    last = tickets.with_only_columns(ticket.c.id, ticket.c.text, ticket.c.place)
    newest = last.order_by(ticket.c.id.desc()).limit(NEWEST).cte("newest").prefix_with("materialized")
    words = func.to_tsvector(literal_column("'indonesian'"), newest.c.text + " " + newest.c.place)
    asked = func.plainto_tsquery(literal_column("'indonesian'"), " ".join(query.words))
    found = select(newest.c.id).where(words.op("@@", return_type=Boolean())(asked))
    ids = list(tx.scalars(found.order_by(newest.c.id.desc()).limit(most)))
    return ids if len(ids) == most else None


def _within(areas: Sequence[str]) -> ColumnElement[bool]:
    coded = literal_column("ticket.place_code <> ''", Boolean)
    below = [ticket.c.place_code.startswith(area, autoescape=True) for area in areas]
    return and_(coded, or_(*below))


# --- what a misspelt word may have been --------------------------------------------------------------------


def known_words(tx: Connection, words: Sequence[str]) -> dict[str, bool]:
    """Which of these words occur in reports, each with whether it is common."""
    if not words:
        return {}
    return {row.word: row.times > row.least for row in tx.execute(_TIMES, {"words": list(words)})}


# As many tickets as there were when the table was analysed last; in a small one nothing is common.
_TIMES = text(
    f"""select t.word, t.times, greatest(c.reltuples, 100000) * {COMMON} as least
        from term t, pg_class c where c.oid = 'ticket'::regclass and t.word = any(:words)"""  # noqa: S608
)


def near_words(tx: Connection, word: str, slips: int) -> list[str]:
    """Words of reports that are about as long and begin alike, the commonest first: what may be meant."""
    about = (len(word) - slips, len(word) + slips)
    begins = func.left(term.c.word, 1).in_(sorted({*word[:2]}))
    query = select(term.c.word).where(term.c.letters.between(*about), begins)
    return list(tx.scalars(query.order_by(term.c.times.desc(), term.c.word).limit(MOST_NEAR)))


MOST_NEAR = 2_000


def occurs(tx: Connection, word: str) -> bool:
    """Whether some report has a word of the same stem."""
    return bool(tx.scalar(_OCCURS, {"word": word}))


# Spelled as ix_ticket_words has it.
_OCCURS = text(
    f"""select exists (select from ticket
            where {TICKET_WORDS} @@ plainto_tsquery('indonesian', :word) and not supervised)"""  # noqa: S608
)


def places_named(tx: Connection, words: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Places of the city whose name stands in these words: code and the name's words, longest name first."""
    runs = [" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, min(i + 4, len(words)) + 1)]
    rows = tx.execute(_NAMED, {"names": runs}).all() if runs else []
    return sorted(((row.code, tuple(row.name.split())) for row in rows), key=lambda one: (-len(one[1]), one))


_NAMED = text("select code, lower(name) as name from place where lower(name) = any(:names)")
