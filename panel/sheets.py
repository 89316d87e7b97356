"""Rows as CSV and XLSX, written while they are read, in which no cell is ever a formula.

What a citizen wrote may begin like a formula, and a spreadsheet would carry it out on an officer's machine.
Source: https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import BinaryIO

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

Cell = str | int | float | None
Row = Sequence[Cell]
# At the start, behind blanks of any kind, and behind what some spreadsheet takes for the end of a cell.
# The wide forms count too: a spreadsheet for Japanese or Chinese reads them as the narrow ones.
_FORMULA = re.compile(r"(^|[\t\r\n\v\f;])([\s\u200b\u2060\ufeff]*)(?=[=+\-@|%\uff1d\uff0b\uff0d\uff20])")
_LEADS = ("\t", "\r", "\n")
ROWS_A_SHEET = 1_000_000  # Excel takes 1,048,576
# Source: https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3 (limits of Excel)
LONGEST_CELL = 32_767
CUT = " … (dipotong: terlalu panjang untuk satu sel)"


def guarded(cell: str) -> str:
    """A text that a spreadsheet only shows: an apostrophe stands before what could begin a formula."""
    safe = _FORMULA.sub(r"\1\2'", cell)
    return "'" + safe if safe.startswith(_LEADS) else safe


def csv_lines(header: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """A CSV file, line by line: UTF-8 with the mark Excel needs, every text in quotes and guarded.

    Args:
        header: names of the columns.
        rows: values in that order; numbers stay numbers, None is an empty cell.
    """
    page = io.StringIO()
    writer = csv.writer(page, quoting=csv.QUOTE_NONNUMERIC)
    yield b"\xef\xbb\xbf"
    writer.writerow(header)
    for row in rows:
        writer.writerow([_safe(cell) for cell in row])
        yield _taken(page)
    if rest := _taken(page):
        yield rest


def write_xlsx(to: BinaryIO, header: Sequence[str], rows: Iterable[Row]) -> int:
    """Write an XLSX file row by row, at any length in the same memory; returns the number of rows.

    Texts are written as texts and guarded besides, for who saves the sheet as CSV. A sheet follows the
    other when it is full.

    Args:
        to: where the file goes.
        header: names of the columns, repeated on every sheet.
        rows: values in that order; numbers stay numbers, None is an empty cell.
    """
    count = 0
    with xlsxwriter.Workbook(to, _OPTIONS) as book:
        sheet = _sheet(book, header)
        for count, row in enumerate(rows, 1):
            at = (count - 1) % ROWS_A_SHEET + 1
            if at == 1 and count > 1:
                sheet = _sheet(book, header)
            _write(sheet, at, row)
    return count


_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def moment(at: datetime | None) -> str:
    """A moment as a sheet takes it, sortable; empty for none. The zone is the caller's."""
    return at.strftime("%Y-%m-%d %H:%M") if at else ""


def _safe(cell: Cell) -> Cell:
    return guarded(cell) if isinstance(cell, str) else cell


def _taken(page: io.StringIO) -> bytes:
    text = page.getvalue()
    page.seek(0)
    page.truncate()
    return text.encode("utf-8", "replace")


def _sheet(book: xlsxwriter.Workbook, header: Sequence[str]) -> Worksheet:
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    for column, name in enumerate(header):
        sheet.write_string(0, column, name, bold)
    return sheet


def _write(sheet: Worksheet, at: int, row: Row) -> None:
    for column, cell in enumerate(row):
        if isinstance(cell, str):
            sheet.write_string(at, column, _fitting(guarded(cell)))
        elif cell is not None:
            sheet.write_number(at, column, cell)


def _fitting(text: str) -> str:
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - len(CUT)] + CUT
