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
class LeaveDraft:
    """Leave the ticket of the running script as it is: what follows is about another one."""


@dataclass(frozen=True, slots=True)
class DropDraft:
    """The citizen takes the draft back: it is closed as withdrawn and stays readable."""


@dataclass(frozen=True, slots=True)
class ShowStatus:
    """Tell how a report stands; without a number, the latest ones of this person."""

    number: str = ""


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


Deed = (
    KeepDraft
    | File
    | SetPlace
    | AddTo
    | OnReport
    | FollowTwin
    | LeaveDraft
    | DropDraft
    | ShowStatus
    | CallHuman
    | OptOut
    | SetLanguage
    | KeepForOfficer
    | ShowMyData
    | AskToForget
)
