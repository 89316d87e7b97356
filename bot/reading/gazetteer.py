"""The names and codes of all provinces, regencies, cities, districts and villages of Indonesia.

91,599 regions of Kepmendagri 300.2.2-2138/2025, packed by `python -m bot.reading.gazetteer FOLDER OUT` from
the CSV files of the npm package idn-area-data; read when first needed. The data stands under the Open
Database License: bot/reading/gazetteer.NOTICE.md.
Source: https://github.com/fityannugroho/idn-area-data (4.0.1)
"""

import argparse
import csv
import gzip
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

from bot.cities.parts import Place
from bot.reading.spelling import raw_words, undrawn

PACKED = Path(__file__).with_name("gazetteer.tsv.gz")
FORMAT = "kentongan-gazetteer-1"
# By how many dots a code has.
PROVINCE, CITY, DISTRICT, VILLAGE = range(4)
LEVELS = ("province", "city", "kecamatan", "kelurahan")
TABLES = ("provinces.csv", "regencies.csv", "districts.csv", "villages.csv")
# What stands before the name of a regency or city and is often left out.
KINDS = ("kabupatenadministrasi", "kotaadministrasi", "kabupaten", "kota")
# How citizens call a region whose official name is longer.
ALIASES = {
    "31": ("jakarta", "dkijakarta", "dki"),
    "34": ("yogyakarta", "jogja", "jogjakarta", "yogya", "diy"),
    "34.71": ("jogja", "jogjakarta", "yogya"),
    "32": ("jabar",),
    "33": ("jateng",),
    "35": ("jatim",),
    "19": ("bangkabelitung", "babel"),
    "33.72": ("solo",),
    "12": ("sumut",),
    "13": ("sumbar",),
    "16": ("sumsel",),
    "52": ("ntb",),
    "53": ("ntt",),
    "61": ("kalbar",),
    "62": ("kalteng",),
    "63": ("kalsel",),
    "64": ("kaltim",),
    "65": ("kaltara",),
    "71": ("sulut",),
    "72": ("sulteng",),
    "73": ("sulsel",),
    "74": ("sultra",),
    "76": ("sulbar",),
}


@dataclass(frozen=True, slots=True)
class Region:
    """One province, regency or city, district or village."""

    code: str
    name: str

    @property
    def depth(self) -> int:
        """0 province, 1 regency or city, 2 district, 3 village."""
        return self.code.count(".")


class Gazetteer:
    """All regions by code and by name; one instance serves many threads."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """Prepare the index.

        Args:
            names: Names by code, in the order of the codes.
        """
        self._names = names
        self._by_key = _index(names)

    def __len__(self) -> int:
        return len(self._names)

    @property
    def words(self) -> frozenset[str]:
        """The lower-case words that names are made of, and each name as one word."""
        whole = "\n".join(self._names.values()).casefold().translate(_NO_APOSTROPHES)
        return frozenset(whole.replace("-", " ").split()) | frozenset(self._by_key)

    def name(self, code: str) -> str:
        """Return the official name of a region, empty when there is no such code."""
        return self._names.get(code, "")

    def named(self, key: str) -> Sequence[str]:
        """Return the codes of the regions of a name.

        Args:
            key: As `joined` gives it: "kotakediri" and "kediri" both find the city of Kediri.
        """
        found = self._by_key.get(key, ())
        return (found,) if isinstance(found, str) else found

    @lru_cache(maxsize=64)  # noqa: B019 - there is one instance, for as long as the process lives
    def places_within(self, code: str) -> tuple[Place, ...]:
        """Return the districts and villages of a regency or city as places; empty for any other code."""
        if code.count(".") != 1:
            return ()
        return tuple(
            Place(one, name, LEVELS[one.count(".")], None, None, ())
            for one, name in self._names.items()
            if one.startswith(code + ".")
        )


def joined(name: str) -> str:
    """Return a name as it is looked up: "Kota Kediri" gives kotakediri."""
    return "".join(raw_words(name))


_lock = Lock()
_loaded: list[Gazetteer] = []


def gazetteer() -> Gazetteer:
    """Return the gazetteer; the first call reads it, the others give the same one."""
    with _lock:
        if not _loaded:
            _loaded.append(Gazetteer(read_packed(PACKED)))
        return _loaded[0]


def read_packed(file: Path) -> dict[str, str]:
    """Return names by code from a packed file; raises ValueError when it is none."""
    head, *lines = gzip.decompress(file.read_bytes()).decode().splitlines()
    if head != FORMAT:
        raise ValueError(f"{file} does not begin with {FORMAT}")
    names: dict[str, str] = {}
    around, parts = ["", "", "", ""], [0, 0, 0, 0]
    for line in lines:
        place, _, name = line.partition("\t")
        part = place.lstrip(".")
        depth = len(place) - len(part)
        parts[depth] = int(part) if part else parts[depth] + 1
        code = f"{parts[depth]:02}" if depth < 3 else f"{parts[depth]:04}"
        around[depth] = f"{around[depth - 1]}.{code}" if depth else code
        names[around[depth]] = name
    return names


def write_packed(names: Mapping[str, str], file: Path) -> None:
    """Write names by code; the same names always give the same bytes.

    A line has a dot for each level above, the last part of the code unless it is one more than that of the
    line before on this level, a tab, and the name.
    """
    lines, last = [FORMAT], ["", "", "", ""]
    for code in sorted(names):
        depth = code.count(".")
        part = code.rpartition(".")[2]
        follows = last[depth].isdigit() and int(part) == int(last[depth]) + 1
        lines.append("." * depth + ("" if follows else part) + "\t" + names[code])
        last[depth] = part
    file.write_bytes(gzip.compress("\n".join([*lines, ""]).encode(), compresslevel=9, mtime=0))


def _index(names: Mapping[str, str]) -> dict[str, str | tuple[str, ...]]:
    """Return the codes by name in one writing; a name of one region alone needs no tuple."""
    found: dict[str, str | tuple[str, ...]] = {}
    for code, key in _keys(names):
        kept = found.get(key)
        found[key] = code if kept is None else (*kept, code) if isinstance(kept, tuple) else (kept, code)
    return found


def _keys(names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each code with each writing of its name."""
    # In one go: word by word it would take seconds.
    whole = "\n".join(names.values()).casefold().translate(_NO_APOSTROPHES)
    plain = undrawn(whole).translate(_NO_SPACES).split("\n")
    for code, key in zip(names, plain, strict=True):
        yield code, key
        if len(code) == 5 and (kind := next((kind for kind in KINDS if key.startswith(kind)), "")):
            yield code, key.removeprefix(kind)
            if kind.endswith("administrasi"):
                yield code, kind.removesuffix("administrasi") + key.removeprefix(kind)
        if len(code) <= 5:
            for alias in ALIASES.get(code, ()):
                yield code, alias


# What `raw_words` and `joined` leave out, of the characters that names have.
_NO_APOSTROPHES = {ord(sign): None for sign in "'`\u2019\u2018"}
_NO_SPACES = {ord(sign): None for sign in ' -./()",*_'}


def read_tables(folder: Path) -> dict[str, str]:
    """Return names by code from the CSV files of idn-area-data."""
    names: dict[str, str] = {}
    for table in TABLES:
        with (folder / table).open(encoding="utf-8", newline="") as lines:
            names |= {row["code"]: " ".join(row["name"].split()) for row in csv.DictReader(lines)}
    return dict(sorted(names.items()))


def main(arguments: Sequence[str] | None = None) -> None:
    """Pack the CSV files of the npm package idn-area-data (its folder data) into one small file."""
    parser = argparse.ArgumentParser(prog="python -m bot.reading.gazetteer", description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    chosen = parser.parse_args(arguments)
    names = read_tables(chosen.folder)
    write_packed(names, chosen.out)
    sys.stdout.write(f"{chosen.out}: {len(names)} regions, {chosen.out.stat().st_size} bytes.\n")


if __name__ == "__main__":
    main()
