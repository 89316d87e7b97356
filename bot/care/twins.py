"""Reports that may be about the same thing: found for the citizen who is about to file, and for staff."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping

from bot.answers import Answers
from bot.cities.city import City, kilometres
from bot.reading.likeness import Report, likeness_of_reports
from bot.reading.sensitive import smell
from bot.reading.spelling import plain_words, raw_words
from bot.talk import secrecy
from bot.talk.twin_question import PLACE_LENGTH, STORY_LENGTH, Twin
from bot.wording import shorten
from bot.workflow import OPEN
from storage import likes, queries
from storage.likes import Around, Sought

# Measured, not chosen: see docs/language.md, "Duplicates".
SAME = 0.5
PERHAPS = 0.35
WINDOW = timedelta(days=30)
MOST_SHOWN, MOST_FOR_STAFF = 3, 5
NEAR_KM = 1.0
DISTRICT_LEVELS = 3  # 33.74.01 of 33.74.01.1007
# What is said in these is about a person, not a place: it is never shown to others, nor asked about.
PERSONAL = frozenset(
    "bantuan_sosial perempuan_anak kependudukan pendidikan kesehatan ketenagakerjaan aparatur".split()
)
# Words that every second report has; they would find everything.
STOP_WORDS = frozenset(
    """ada adalah agar aja akan akibat aku anda antara apa apabila apakah assalamualaikum atas atau bagaimana
bagi bahwa baik banget banyak bapak bawah beberapa belum berada besar bila bisa boleh bu buat bukan cukup
dalam dan dapat dari daerah dengan depan dekat di dia dinas dong dulu gang gini gitu hanya harap harus hari
ibu ijin ingin ini itu izin jadi jalan jangan jika juga jl jln kabupaten kali kalau kami kapan karena kasih
ke kecamatan kelurahan kenapa kepada ketika kita kok kota kurang lagi lah lain lalu lama langsung lapor
laporan lebih lokasi maaf mana masih mau melaporkan membantu mereka minta mohon mungkin nah namun no nomor
nya oleh orang pada pagi pak para parah pemerintah perbaikan perlu pernah petugas pun raya rt rw saat
saja samping sampai sana sangat saya sebab sebelah sebelum sebuah secara sedang segera sehingga sejak sekali
sekarang sekitar selalu selamat semua seperti sering serta setelah setiap siang si sih sini sore suatu sudah
supaya tadi tapi telah tempat terima terimakasih terjadi terlalu terus tersebut tetapi tiap tidak titik
tolong tuh untuk warga wilayah ya yaitu yakni yang yg""".split()
)
_WORD = re.compile("[a-z]{3,30}")


@dataclass(frozen=True, slots=True)
class Alike:
    """A ticket that may be about the same thing, and how likely, 0 to 1."""

    row: RowMapping
    likeness: float


def for_citizen(tx: Connection, city: City, person_id: int, now: datetime, answers: Answers) -> list[Twin]:
    """Up to three open reports that a citizen may follow instead of filing his own, the likeliest first.

    Args:
        tx: the turn's transaction.
        city: the loaded city.
        person_id: who is about to file; his own reports are not among them.
        now: business time.
        answers: story, place and category, as far as they are known.
    """
    categories = {answers.get("category", ""), *answers.get("candidates", ())} - PERSONAL
    place = answers.get("place") or {}
    nowhere = not district_of(place.get("code", "")) and place.get("latitude") is None
    asks = answers.get("kind") == "information"  # a question has an answer, not followers
    if nowhere or asks or answers.get("category") in PERSONAL or secrecy.is_confidential(answers):
        return []
    mine = {
        "text": answers.get("story", ""),
        "place": place.get("name", ""),
        "place_code": place.get("code", ""),
        "latitude": place.get("latitude"),
        "longitude": place.get("longitude"),
        "category": answers.get("category", ""),
        "created_at": now,
    }
    sought = _sought(city, mine, now, OPEN)
    if sought is None:
        return []
    rows = likes.open_to_all(tx, sought, sorted(categories), person_id)
    rows = [row for row in rows if not smell(row["text"])]  # also of who chose not to have it confidential
    ranked = _ranked(city, mine, rows, SAME)[:MOST_SHOWN]
    people = likes.people(tx, [one.row["id"] for one in ranked]) if ranked else {}
    return [_twin(one.row, people[one.row["id"]]) for one in ranked]


def for_staff(tx: Connection, city: City, by: queries.Reader, row: RowMapping) -> list[Alike]:
    """Up to five tickets within a reader's scope that may be about what a ticket is about.

    Drafts are among them; what is finished is not. Looked for in the weeks before and after the ticket.
    """
    sought = _sought(city, row, row["created_at"], ("draft", *OPEN))
    rows = likes.seen_by(tx, by, sought, row["id"]) if sought else []
    return _ranked(city, row, rows, PERHAPS)[:MOST_FOR_STAFF]


def _sought(city: City, mine: Mapping[Any, Any], now: datetime, statuses: Sequence[str]) -> Sought | None:
    """What may be alike; None when there are no words to look for."""
    words = words_of(mine["text"], mine["place"], city.name)
    around = Around(district_of(mine["place_code"]), mine["latitude"], mine["longitude"])
    return Sought(words, now - WINDOW, around, statuses) if words else None


def words_of(story: str, place: str, city: str) -> list[str]:
    """The words by which reports are looked up, the place's first: as written and in plain spelling.

    Not those of the city's name, which stand in every second address.
    """
    known = STOP_WORDS.union(plain_words(city))
    found: dict[str, None] = {}
    for text, most in ((place, likes.MOST_WORDS // 2), (story, likes.MOST_WORDS)):
        for word in dict.fromkeys((*raw_words(text), *plain_words(text))):
            if len(found) < most and _WORD.fullmatch(word) and word not in known:
                found[word] = None
    return list(found)


def district_of(place_code: str) -> str:
    """The code of the kecamatan that a place lies in; empty for a whole city or nothing."""
    parts = place_code.split("/", maxsplit=1)[0].split(".")
    return ".".join(parts[:DISTRICT_LEVELS]) if len(parts) >= DISTRICT_LEVELS else ""


def _ranked(city: City, mine: Mapping[Any, Any], rows: Sequence[RowMapping], least: float) -> list[Alike]:
    scored = (Alike(row, likeness(city, mine, row)) for row in rows)
    best = [one for one in scored if one.likeness >= least]
    return sorted(best, key=lambda one: (-one.likeness, one.row["id"]))


def likeness(city: City, one: Mapping[Any, Any], other: Mapping[Any, Any]) -> float:
    """How likely two tickets are about the same thing, 0 to 1; points a kilometre apart never are."""
    apart = _apart_km(one, other)
    if apart is not None and apart > NEAR_KM:
        return 0.0
    # Points so near each other say more than the border between them.
    beside = apart is not None and district_of(one["place_code"]) != district_of(other["place_code"])
    first, second = (_report(city, row, has_place=not beside) for row in (one, other))
    return likeness_of_reports(first, second)


def _apart_km(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> float | None:
    points = (one["latitude"], one["longitude"], other["latitude"], other["longitude"])
    return None if None in points else kilometres(*points)


def _report(city: City, row: Mapping[Any, Any], *, has_place: bool) -> Report:
    return Report(
        text=row["text"],
        address=_address(city, row),
        place=row["place_code"] if has_place else "",
        day=row["created_at"].date(),
        category=row["category"],
    )


def _address(city: City, row: Mapping[Any, Any]) -> str:
    """The address, unless it only repeats what the place code says already."""
    known = city.places.get(row["place_code"])
    words = set(plain_words(row["place"])) - {"kelurahan", "kecamatan"}
    return "" if known and words <= set(plain_words(known.name)) else str(row["place"])


def _twin(row: RowMapping, people: int) -> Twin:
    return {
        "id": row["id"],
        "number": row["number"],
        "count": people,
        "story": shorten(row["text"], STORY_LENGTH),
        "place": shorten(row["place"], PLACE_LENGTH),
    }
