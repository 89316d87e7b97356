"""A report that staff type in: what was typed, what its story says by itself, what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.workflow import NotAllowed

MAY_TYPE = frozenset({"administrator", "coordinator", "officer"})
ORIGINS = {
    "walk_in": "datang langsung",
    "phone": "telepon",
    "letter": "surat",
    "social": "media sosial",
    "meeting": "pertemuan warga",
    "system": "sistem lain",
}
KINDS = ("complaint", "aspiration", "information")
NO_STORY = "Tulis dulu apa yang dilaporkan."
NO_POINT = "Titik ditulis sebagai lintang, bujur di dalam kota, misalnya -6.98371, 110.41869."
MOST_EXTERNAL = 60  # characters of another system's number


@dataclass(frozen=True, slots=True)
class Typed:
    """A report as it was typed.

    Attributes:
        token: what makes two submissions of one form one report.
        story: what happened.
        origin: a key of ORIGINS.
        place: a kelurahan or words; empty: what the story says.
        point: latitude and longitude in degrees WGS 84, like "-6.98371, 110.41869"; empty: not known.
        category: its code; empty: what the story says.
        kind: complaint, aspiration or information; empty: what the story says.
        phone: the reporter's number, as typed; empty: there is none.
        way: the channel of the receipt, "sms" or "whatsapp".
        consent: the reporter agrees that we write to the number.
        anonymous: its office is not to see who reports.
        confidential: not open to the public.
        external_number: of another system.
        gathering_id: the event at which it is typed in.
        photos: as they were chosen.
    """

    token: str
    story: str
    origin: str
    place: str = ""
    category: str = ""
    kind: str = ""
    phone: str = ""
    way: str = "sms"
    consent: bool = False
    anonymous: bool = False
    confidential: bool = False
    external_number: str = ""
    gathering_id: int | None = None
    point: str = ""
    photos: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a story says by itself, for the one who types to confirm: place, category, kind, secrecy."""

    place: dict[str, Any]
    category: str
    kind: str
    confidential: bool
    danger: tuple[str, str] | None  # label and number to call


@dataclass(frozen=True, slots=True)
class Filed:
    """What came of it: the number, whether it was there already, and what became of the receipt."""

    number: str
    repeated: bool = False
    receipt: str = ""


class TakenOver(NotAllowed):
    """Another system's number stands on a report already; `number` is ours, empty for who may not see it."""

    def __init__(self, external: str, number: str) -> None:
        where = f"laporan {number}" if number else "laporan lain yang bukan wewenang Anda"
        super().__init__(f"Nomor {external} sudah tercatat pada {where}.")
        self.number = number


def known_origin(code: str) -> str:
    """An origin by its code; empty for what is none."""
    return code if code in ORIGINS else ""
