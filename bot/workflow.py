"""The life of a ticket as one table: which move is allowed, who may make it, what it needs and tells."""

from dataclasses import dataclass
from typing import Literal

Actor = Literal["citizen", "system", "administrator", "coordinator", "officer"]
STAFF: frozenset[Actor] = frozenset({"administrator", "coordinator", "officer"})
DESK: frozenset[Actor] = frozenset({"administrator", "coordinator"})
CITIZEN: frozenset[Actor] = frozenset({"citizen", "system"})

NAMES = {
    "draft": "belum lengkap",
    "received": "diterima",
    "forwarded": "diteruskan",
    "in_progress": "dikerjakan",
    "waiting": "menunggu pelapor",
    "planned": "menunggu anggaran",
    "returned": "dikembalikan (bukan kewenangan)",
    "answered": "dijawab",
    "closed": "selesai",
    "rejected": "ditolak",
    "merged": "digabung",
}
OPEN = ("received", "forwarded", "in_progress", "waiting", "planned", "returned", "answered")
HOW_CLOSED = ("confirmed", "no_answer", "withdrawn")


@dataclass(frozen=True, slots=True)
class Status:
    """What holds for a ticket that comes into this status.

    `push` is the English sentence the citizen is told (the key of the catalogue; empty: nothing is told),
    `needs` the option without which the move makes no sense, `pauses` whether the clock stands still.
    """

    name: str
    push: str = ""
    needs: tuple[str, ...] = ()
    pauses: bool = False


STATUSES = {
    status.name: status
    for status in (
        Status("draft"),
        Status("received", push="Your report is being checked again."),
        Status("forwarded", push="Your report was passed on to {office}. Target: {due}.", needs=("office",)),
        Status("in_progress", push="Your report is being worked on by {office}. Target: {due}."),
        Status("waiting", push="{office} asks: {note}\nPlease answer here.", needs=("note",), pauses=True),
        Status(
            "planned",
            push="Your report was accepted and waits for the budget of {year}. {note}",
            needs=("note", "year"),
            pauses=True,
        ),
        Status("returned", push="{office} is not in charge; we look for the right office.", needs=("note",)),
        Status("answered", push="Answer of {office}:\n{note}", needs=("note",)),
        Status("closed", push="Your report is finished. {note}", needs=("how",)),
        Status("rejected", push="Your report cannot be taken up: {note}", needs=("note",)),
        Status("merged", push="Your report was joined with report {into}.", needs=("into",)),
    )
}


@dataclass(frozen=True, slots=True)
class Move:
    """One allowed step from a status to another, and who may take it."""

    start: str
    end: str
    who: frozenset[Actor]


def _moves(starts: str, ends: str, who: frozenset[Actor]) -> list[Move]:
    return [Move(start, end, who) for start in starts.split() for end in ends.split() if start != end]


MOVES = frozenset(
    [
        *_moves("draft", "received", CITIZEN | STAFF),
        *_moves("draft", "answered closed", STAFF | CITIZEN),
        *_moves("draft", "rejected merged", DESK),
        *_moves("draft", "merged", CITIZEN),  # follows a report of the same thing instead
        *_moves("received returned", "forwarded rejected merged", DESK),
        *_moves("received returned", "in_progress waiting planned answered", STAFF),
        *_moves("received", "returned", STAFF),
        # Officers only to units below their own office: see bot/care/forwarding.py.
        *_moves("received forwarded in_progress waiting planned answered", "forwarded", STAFF),
        *_moves(
            "forwarded in_progress waiting planned answered", "in_progress waiting planned answered", STAFF
        ),
        *_moves("forwarded in_progress waiting planned", "returned", STAFF),
        *_moves("forwarded in_progress waiting planned answered", "rejected merged", DESK),
        *_moves("received forwarded in_progress waiting planned returned answered", "closed", CITIZEN | DESK),
        *_moves("answered", "closed", STAFF),
        *_moves("waiting answered closed", "in_progress", CITIZEN),
        *_moves("closed rejected", "in_progress received", DESK),
        Move("forwarded", "forwarded", STAFF),  # to another office
        Move("answered", "answered", STAFF),  # a further answer
        Move("waiting", "waiting", STAFF),  # a further question
        Move("planned", "planned", STAFF),  # another year
        Move("planned", "in_progress", frozenset({"system"})),  # the year has begun
    ]
)
# Several lines may allow the same step to different people: all of them may take it.
_ALLOWED: dict[tuple[str, str], frozenset[Actor]] = {}
for _move in MOVES:
    _ALLOWED[_move.start, _move.end] = _move.who | _ALLOWED.get((_move.start, _move.end), frozenset())


LONGEST = 5_000  # characters of an answer; more than any channel carries in a readable number of parts


class NotAllowed(Exception):
    """The move is refused; the text is one Indonesian sentence for the person who tried."""


def check_length(words: str) -> None:
    """Raise NotAllowed when an officer's words are longer than a citizen can be sent."""
    if len(words) > LONGEST:
        raise NotAllowed(f"Teks terlalu panjang: {len(words)} huruf, paling banyak {LONGEST}.")


def allow(start: str, end: str, actors: frozenset[Actor], given: dict[str, object]) -> Status:
    """The status that a ticket comes into; raises NotAllowed.

    Args:
        start: status now.
        end: status wanted.
        actors: what the person is, any of which suffices.
        given: what comes with the move (note, office, how, into, year); empty counts as missing.
    """
    if end not in STATUSES:
        raise NotAllowed(f"Status '{end}' tidak dikenal. Pilih: {', '.join(STATUSES)}.")
    who = _ALLOWED.get((start, end))
    if who is None:
        raise NotAllowed(f"Laporan berstatus {NAMES[start]} tidak dapat menjadi {NAMES[end]}.")
    if not who & actors:
        raise NotAllowed(f"Anda tidak berwenang mengubah status menjadi {NAMES[end]}.")
    missing = [_NEEDS[name] for name in STATUSES[end].needs if not given.get(name)]
    if missing:
        raise NotAllowed(f"Status {NAMES[end]} memerlukan {' dan '.join(missing)}.")
    return STATUSES[end]


_NEEDS = {
    "note": "keterangan (--note)",
    "office": "instansi tujuan (--office)",
    "how": "cara selesai (--how confirmed|no_answer|withdrawn)",
    "into": "nomor laporan tujuan (--into)",
    "year": "tahun anggaran (--year)",
}


def is_step(start: str, end: str) -> bool:
    """Whether the table has a step from a status to another, for whomever."""
    return (start, end) in _ALLOWED


def choices(start: str, actors: frozenset[Actor]) -> list[str]:
    """The statuses that somebody may move a ticket to, in the order of the table."""
    return [end for end in STATUSES if (who := _ALLOWED.get((start, end))) and who & actors]
