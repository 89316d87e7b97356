"""Sheets for officers: whatever a citizen writes stays text in them, in CSV and in XLSX."""

import csv
import io
import xml.etree.ElementTree as ET
import zipfile
from typing import Any

import pytest

from panel import sheets
from panel.sheets import csv_lines, guarded, write_xlsx

WIDE = "\uff1d\uff0b\uff0d\uff20"  # the same signs, as wide as a Chinese letter
STARTS = ["=", "+", "-", "@", "\t", "\r", "\n", "|", "%", *WIDE]
FORMULA = "1+1|cmd'!A0"
ODD = [
    *(start + FORMULA for start in STARTS),
    *(
        blank + start + FORMULA
        for blank in (" ", "\n", "\r\n", "\t", "\u00a0", "\ufeff")
        for start in "=+-@" + WIDE
    ),
    "lampu;=1+1",
    "baris satu\n=1+1",
    'kutip";=1+1',
]
CALM = ["", "Lampu jalan mati", "harga 5 = 5", "a-b@c.test", "jl. Pemuda 3-5", "'kutip", "100%"]


def cells(data: bytes) -> list[list[str]]:
    """All cells of an XLSX file; fails on any formula."""
    found = []
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        for name in sorted(one for one in book.namelist() if one.startswith("xl/worksheets/sheet")):
            root = ET.fromstring(book.read(name))
            assert not [one for one in root.iter() if one.tag.endswith("}f")]
            for row in (one for one in root.iter() if one.tag.endswith("}row")):
                found.append(["".join(cell.itertext()) for cell in row])
    return found


def xlsx(rows: list[Any]) -> bytes:
    to = io.BytesIO()
    assert write_xlsx(to, ["Teks"], rows) == len(rows)
    return to.getvalue()


def begins_a_formula(cell: str, ends: str) -> bool:
    """Whether a spreadsheet that splits at `ends` would find a formula in a cell, blanks not counted."""
    pieces = [cell]
    for end in ends:
        pieces = [part for piece in pieces for part in piece.split(end)]
    return any(part.strip().strip("\ufeff").startswith(tuple("=+-@|%" + WIDE)) for part in pieces)


@pytest.mark.parametrize("text", ODD)
def test_no_text_becomes_a_formula(text: str) -> None:
    assert not begins_a_formula(guarded(text), ";\n\r\t")
    assert guarded(text)[0] not in "\t\r\n"
    assert guarded(text).replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize("text", CALM)
def test_a_calm_text_stays_as_it_is(text: str) -> None:
    assert guarded(text) == text


def test_a_csv_file_gives_back_what_went_in() -> None:
    rows = [[text, 5, -2.5, None] for text in ODD + CALM]
    data = b"".join(csv_lines(["Teks", "Hari", "Selisih", "Kosong"], rows))
    assert data.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert read[0] == ["Teks", "Hari", "Selisih", "Kosong"]
    assert read[1:] == [[guarded(text), "5", "-2.5", ""] for text in ODD + CALM]


def test_a_sheet_without_rows_has_its_heads() -> None:
    assert b"".join(csv_lines(["Nomor"], [])).decode("utf-8-sig") == '"Nomor"\r\n'
    assert cells(xlsx([])) == [["Teks"]]


def test_an_xlsx_file_holds_texts_and_numbers_and_no_formula() -> None:
    found = cells(xlsx([[text] for text in ("=1+1", "Lampu", "12", "https://a.test")] + [[7], [None]]))
    assert found == [["Teks"], ["'=1+1"], ["Lampu"], ["12"], ["https://a.test"], ["7"]]


def test_what_is_too_long_for_a_cell_says_so() -> None:
    found = cells(xlsx([["x" * 40_000]]))[1][0]
    assert len(found) == 32_767
    assert found.endswith("(dipotong: terlalu panjang untuk satu sel)")


def test_a_full_sheet_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "ROWS_A_SHEET", 2)
    assert cells(xlsx([["a"], ["b"], ["c"]])) == [["Teks"], ["a"], ["b"], ["Teks"], ["c"]]
