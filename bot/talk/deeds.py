"""What a conversation can set in motion. Plain values: bot/inbound.py does them in its transaction."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class KeepDraft:
    """Keep what is known so far as a draft ticket that staff see."""

    answers: Any


@dataclass(frozen=True, slots=True)
class File:
    """File the draft."""

    anonymous: bool = False
    asks_place: bool = False  # the receipt asks for the place (SMS)
    confidential: bool = False


@dataclass(frozen=True, slots=True)
class SetPlace:
    """Write down where a filed report is about."""

    ticket_id: int
    place: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AddTo:
    """Add words or a photo to a filed report; `quiet` for the further photos of an album."""

    ticket_id: int
    words: str
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class OnReport:
    """BALAS, TUTUP, IKUT or BERHENTI IKUT: add to, close or follow the report of a number."""

    act: str  # add, close, follow, unfollow
    number: str
    words: str


@dataclass(frozen=True, slots=True)
class FollowTwin:
    """Give the draft up for a report that others made about the same thing, and follow that one."""

    ticket_id: int


@dataclass(frozen=True, slots=True)
class Solved:
    """The citizen says that an answered report is solved: it is closed."""

    ticket_id: int


@dataclass(frozen=True, slots=True)
class NotSolved:
    """The citizen says "belum": the report goes back to its office, and up."""

    ticket_id: int
    words: str = ""  # what is wrong; empty: it is asked for


@dataclass(frozen=True, slots=True)
class Rate:
    """Keep the mark that the citizen gave, 1 to 5."""

    ticket_id: int
    stars: int


@dataclass(frozen=True, slots=True)
class AskToClose:
    """TUTUP or CABUT: ask whether to close an own report; without a number, the latest open one."""

    number: str = ""


@dataclass(frozen=True, slots=True)
class Close:
    """Close an own report that is not answered: the citizen takes it back."""

    number: str


@dataclass(frozen=True, slots=True)
class Reopen:
    """What was written after closing is about that report: it is open again."""

    ticket_id: int
    words: str


@dataclass(frozen=True, slots=True)
class JoinDraft:
    """The draft is part of a report that is filed already."""

    ticket_id: int


@dataclass(frozen=True, slots=True)
class LeaveDraft:
    """Leave the ticket of the running script as it is: what follows is about another one."""


@dataclass(frozen=True, slots=True)
class DropDraft:
    """The citizen takes the draft back: it is closed as withdrawn and stays readable."""


@dataclass(frozen=True, slots=True)
class ShowStatus:
    """Tell how a report stands; without a number, the latest ones of this person."""

    number: str = ""
    pin: str = ""  # opens an anonymous report from another phone


@dataclass(frozen=True, slots=True)
class CallHuman:
    """Ask an officer to answer here."""


@dataclass(frozen=True, slots=True)
class OptOut:
    """Stop (or allow again) messages that the citizen did not just ask for."""

    stop: bool


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """Answer in a language from here on."""

    code: str


@dataclass(frozen=True, slots=True)
class ShowMyData:
    """Tell what we hold of this person."""


@dataclass(frozen=True, slots=True)
class AskToForget:
    """Put the wish to have one's data deleted into the queue of those who carry it out."""


@dataclass(frozen=True, slots=True)
class KeepForOfficer:
    """Put a message to the report whose officer speaks here; `answers` when it is meant for him."""

    words: str = ""
    answers: bool = False


@dataclass(frozen=True, slots=True)
class Conceal:
    """Make a filed report confidential; nothing makes it open again."""

    ticket_id: int


@dataclass(frozen=True, slots=True)
class KeepNumbers:
    """Keep masked numbers for the officer: `sealed` are tokens that only the database's keys open."""

    sealed: str
    ticket_id: int | None = None  # None: the report of this turn
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class NoteCrisis:
    """Keep what was said of an emergency: depth (or own words), and yes or no to somebody being trapped."""

    depth: str
    trapped: str
    ticket_id: int | None = None  # None: the report of this turn


@dataclass(frozen=True, slots=True)
class GiveCode:
    """Give a code that joins another channel with this person."""


@dataclass(frozen=True, slots=True)
class LinkChat:
    """Join this chat with the person who was given a code."""

    code: str


@dataclass(frozen=True, slots=True)
class PartChat:
    """Let this chat leave the person it was joined with."""


Deed = (
    Conceal
    | KeepNumbers
    | NoteCrisis
    | KeepDraft
    | File
    | SetPlace
    | AddTo
    | OnReport
    | FollowTwin
    | Solved
    | NotSolved
    | Rate
    | AskToClose
    | Close
    | Reopen
    | JoinDraft
    | LeaveDraft
    | DropDraft
    | ShowStatus
    | CallHuman
    | OptOut
    | SetLanguage
    | GiveCode
    | LinkChat
    | PartChat
    | KeepForOfficer
    | ShowMyData
    | AskToForget
)
