"""The pieces a city's folder is made of, as plain values, and the faults found while reading them."""

from dataclasses import dataclass
from pathlib import Path

LEVELS = ("city", "kecamatan", "kelurahan", "landmark")
OFFICE_KINDS = ("city", "opd", "upt", "kecamatan", "kelurahan", "school", "puskesmas", "external")
EMERGENCY_KINDS = ("fire", "violence", "drowning", "suicide", "trapped", "medical")
KINDS = ("complaint", "aspiration", "information")
# Whom citizens of every city may turn to about an office that does not answer, free of charge.
# Source: https://ombudsman.go.id/perwakilan/news/r/pwkmedia--punya-keluhan-terkait-pelayanan-publik-ini-cara-melapor-ke-ombudsman-sultra
# (WhatsApp of the head office); https://nasional.kompas.com/read/2021/12/30/11340761/twitter.com (137)
OMBUDSMAN = "WA 082137373737, tel. 137, ombudsman.go.id"
# The main categories of the national list, which a city's own categories are counted under.
# Source: https://www.lapor.go.id (its list of topics, as found in public copies)
NATIONAL = (
    "Agama",
    "Bantuan Sosial",
    "Ekonomi dan Keuangan",
    "Energi dan SDA",
    "Kekerasan di Satuan Pendidikan",
    "Kependudukan",
    "Kesehatan",
    "Kesetaraan Gender dan Inklusi",
    "Ketenagakerjaan",
    "Ketenteraman, Ketertiban Umum dan Pelindungan Masyarakat",
    "Layanan Air Minum",
    "Lingkungan Hidup dan Kehutanan",
    "Netralitas ASN",
    "P4GN",
    "Pekerjaan Umum dan Penataan Ruang",
    "Pembangunan Desa",
    "Pendidikan dan Kebudayaan",
    "Perairan",
    "Perhubungan",
    "Perlindungan Konsumen",
    "Pertambangan",
    "Pertanian dan Peternakan",
    "Politik dan Hukum",
    "Sosial dan Kesejahteraan",
    "Teknologi Informasi",
    "Topik Lainnya",
)


@dataclass(frozen=True, slots=True)
class Office:
    """One office of the tree (instansi/OPD); `parent` and `place_code` are empty where there is none."""

    code: str
    parent: str
    name: str
    short_name: str
    kind: str
    place_code: str


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of complaint; `national` is the main category of the national list it is counted under.

    `tier` (light, medium, heavy or empty) is what a report of it begins with; with `proof` an officer who
    answers must add a photo of what was done.
    """

    code: str
    name: str
    national: str
    words: tuple[str, ...]
    tier: str = ""
    proof: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """One place citizens name; coordinates are degrees WGS 84, None where only the name is known."""

    code: str
    name: str
    level: str
    latitude: float | None
    longitude: float | None
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """One row of routing.csv: this category in this place (empty: everywhere) belongs to this office."""

    category: str
    place: str
    office: str


@dataclass(frozen=True, slots=True)
class Emergency:
    """A danger with the number to call and the phrases that give it away."""

    kind: str
    number: str
    label: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """A question the city has answered once and for all, with the phrases it is recognised by.

    `others` are the answer in further languages, as pairs of code and text.
    """

    question: str
    answer: str
    words: tuple[str, ...]
    others: tuple[tuple[str, str], ...] = ()

    def in_language(self, language: str) -> str:
        """The answer in a language, in the city's own where that is missing."""
        return dict(self.others).get(language) or self.answer


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a city's folder; `line` counts from 1, 0 means the file as a whole."""

    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}" if self.line else f"{self.file}: {self.sentence}"


class CityFaults(Exception):
    """A city's folder cannot be loaded; carries every fault found, never only the first."""

    def __init__(self, folder: Path, faults: tuple[Fault, ...]) -> None:
        self.folder = folder
        self.faults = faults
        super().__init__(f"{folder} has {len(faults)} fault(s):\n" + "\n".join(map(str, faults)))
