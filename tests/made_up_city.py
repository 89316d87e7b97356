"""A city that nobody lives in, with as many offices as are asked for."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from bot.cities.parts import EMERGENCY_KINDS

OFFICES = ("code", "parent", "name", "short_name", "kind", "place_code")
PLACES = ("code", "name", "level", "latitude", "longitude", "aliases")
SERVICES = 10


def write_city(folder: Path, units: int) -> Path:
    """Write all files of a city.

    Args:
        folder: Is made.
        units: How many offices; at least 30. About one in fifteen is a kecamatan, the rest are its kelurahan,
            beside ten services and the city itself.
    """
    folder.mkdir(parents=True)
    areas = [*_areas(units - SERVICES - 1)]
    services = [(f"DINAS-{n}", "KOTA", f"Dinas {n}", f"Dinas {n}", "opd", "") for n in range(SERVICES)]
    offices = [("KOTA", "", "Kota Rekaan", "Kota Rekaan", "city", "99.01"), *services]
    offices += [
        (f"U-{code}", f"U-{code[:8]}" if len(code) > 8 else "KOTA", name, name, _level(code), code)
        for code, name in areas
    ]
    places = [("99.01", "Kota Rekaan", "city", "", "", "")]
    places += [
        (code, name, _level(code), *(_point(n) if _level(code) == "kelurahan" else ("", "")), "")
        for n, (code, name) in enumerate(areas)
    ]
    head = {
        "name": "Kota Rekaan",
        "code": "99.01",
        "timezone": "Asia/Jakarta",
        "workdays": "mon tue wed thu fri",
        "sms_codes": "rekaan",
        "coordinator_office": "DINAS-0",
        "promise_days": "14",
    }
    _write(folder / "city.csv", ("key", "value"), head.items())
    _write(folder / "offices.csv", OFFICES, offices)
    _write(folder / "places.csv", PLACES, places)
    words = [("jalan", "Jalan", "Perhubungan", "jalan"), ("lainnya", "Lainnya", "Topik Lainnya", "usul")]
    _write(folder / "categories.csv", ("code", "name", "national", "words"), words)
    routes = [("jalan", "", "@kelurahan"), ("lainnya", "", "KOTA")]
    _write(folder / "routing.csv", ("category", "place", "office"), routes)
    numbers = [(kind, "112", "Darurat 112", kind) for kind in EMERGENCY_KINDS]
    _write(folder / "numbers.csv", ("kind", "number", "label", "words"), numbers)
    _write(folder / "clocks.csv", ("kind", "tier", "stage", "days", "hours"), [])
    _write(folder / "calendar.csv", ("date", "name", "working"), [])
    _write(folder / "answers.csv", ("question", "answer", "words"), [])
    return folder


def _areas(count: int) -> Iterable[tuple[str, str]]:
    """Give so many codes with names: a kecamatan, its kelurahan, the next kecamatan."""
    size = max(15, -(-count // 99))
    for n in range(count):
        district, village = divmod(n, size)
        code = f"99.01.{district + 1:02}"
        if village:
            yield f"{code}.{1000 + village}", f"Rekaan {district + 1} {village}"
        else:
            yield code, f"Rekaan {district + 1}"


def _level(code: str) -> str:
    return "kelurahan" if len(code) > len("99.01.01") else "kecamatan"


def _point(n: int) -> tuple[str, str]:
    return f"{-7 - n / 10_000:.4f}", f"{110 + n / 10_000:.4f}"


def _write(file: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows([header, *rows])
