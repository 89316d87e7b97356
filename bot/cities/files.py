"""Reads the files of a city's folder cell by cell; a fault is noted with its line, and reading goes on."""

import csv
import io
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from babel.messages.pofile import PoFileError, read_po

from bot.cities.parts import Fault

# WhatsApp cuts nothing: a longer row title makes it refuse the whole list.
# Source: https://developers.facebook.com/docs/whatsapp/cloud-api/messages/interactive-list-messages
LONGEST_LABEL = 24
# A number a phone can dial as it stands, short codes and "+62..." alike.
DIALLED = re.compile(r"\+?\d{3,15}")
# An SMS carries 160 of the plain characters of its alphabet.
# Source: https://www.3gpp.org/ftp/Specs/html-info/23038.htm
LONGEST_ANSWER = 160
# Codes stand in paths of the tree, in buttons and behind options of commands.
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
# What a formula leaves behind when it is saved as CSV.
BROKEN_CELLS = ("#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!")
# NUL and its kind, and the sign that stands where another encoding was read wrongly.
UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")
SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


class Reader:
    """Reads one folder and collects every fault on the way."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[Fault] = []

    def fault(self, file: str, line: int, sentence: str) -> None:
        """Note one fault; line 0 means the file as a whole."""
        self.faults.append(Fault(file, line, sentence))

    def rows(self, file: str, columns: Collection[str]) -> "list[Row]":
        """Return the rows of a CSV file that has at least these columns; empty if it cannot be read."""
        lines = self._lines(file)
        if not lines:
            return []
        header = [cell.strip() for cell in lines[0][1]]
        if not self._names_columns(file, lines[0][0], header, columns):
            return []
        rows = []
        for line, cells in lines[1:]:
            if len(cells) != len(header):
                self.fault(file, line, f"The row has {len(cells)} cells where the header has {len(header)}.")
            elif [cell.strip() for cell in cells] == header:
                self.fault(file, line, "The header stands here a second time; delete this line.")
            elif self._is_legible(file, line, header, cells):
                values = {column: cell.strip() for column, cell in zip(header, cells, strict=True)}
                rows.append(Row(self, file, line, values))
        return rows

    def _names_columns(self, file: str, line: int, header: list[str], columns: Collection[str]) -> bool:
        """Return whether every column is there, once."""
        missing = [column for column in columns if column not in header]
        if missing:
            found = "".join(header)
            wrong = next((name for sign, name in ((";", "semicolons"), ("\t", "tabs")) if sign in found), "")
            hint = f" Columns are separated by commas, not {wrong}." if wrong else ""
            self.fault(file, line, f"The header lacks {', '.join(missing)}.{hint}")
        twice = {column for column in header if column and header.count(column) > 1}
        for column in sorted(twice):
            self.fault(file, line, f"The header names {column} twice.")
        return not missing and not twice

    def _is_legible(self, file: str, line: int, header: list[str], cells: list[str]) -> bool:
        """Return whether each cell has a column and holds text."""
        before = len(self.faults)
        for column, cell in zip(header, cells, strict=True):
            if not column and cell.strip():
                self.fault(file, line, f"{cell.strip()!r} stands in a column without a name.")
            elif cell.strip() in BROKEN_CELLS:
                self.fault(file, line, f"{column} is {cell.strip()}: a formula that failed, not a value.")
            elif UNREADABLE.search(cell):
                self.fault(file, line, f"{column} holds a character that cannot be shown; type it again.")
        return len(self.faults) == before

    def _lines(self, file: str) -> list[tuple[int, list[str]]]:
        """Return header and filled rows, each with the line it begins on."""
        text = self._text(file)
        if text is None:
            return []
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        lines: list[tuple[int, list[str]]] = []
        begins = 1
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    lines.append((begins, cells))
                begins = reader.line_num + 1
        except csv.Error as error:
            self.fault(file, begins, f"This is not CSV: {error}.")
            return []
        if not lines:
            self.fault(file, 0, "The file is empty; it needs at least a header.")
        return lines

    def _text(self, file: str) -> str | None:
        try:
            raw = (self.folder / file).read_bytes()
        except OSError:
            self.fault(file, 0, "The file is missing.")
            return None
        if raw.startswith(SPREADSHEETS):
            self.fault(file, 0, "This is a spreadsheet's own file; save it as 'CSV UTF-8'.")
            return None
        try:
            # Spreadsheets put a byte order mark in front; it is no part of the first column's name.
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            self.fault(file, line, "The file is not UTF-8; save it as 'CSV UTF-8'.")
            return None

    def wording(self) -> None:
        """Read the city's own sentences (wording/*.po) for their faults alone."""
        for path in sorted(self.folder.glob("wording/*.po")):
            file = path.relative_to(self.folder).as_posix()
            try:
                # Strict, because gettext would drop what it cannot read without a word.
                read_po(io.BytesIO(path.read_bytes()), abort_invalid=True)
            except PoFileError as error:
                self.fault(file, error.lineno + 1, f"The catalogue does not parse: {error}.")
            except (UnicodeDecodeError, LookupError, ValueError, SyntaxError) as error:
                self.fault(file, 0, f"The catalogue does not parse: {error}.")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a CSV file. Every accessor notes what is wrong and returns something harmless instead."""

    reader: Reader
    file: str
    line: int
    cells: Mapping[str, str]

    def fault(self, sentence: str) -> None:
        """Note a fault in this row."""
        self.reader.fault(self.file, self.line, sentence)

    def text(self, column: str) -> str:
        """Return a cell that must not be empty."""
        if not self.cells[column]:
            self.fault(f"{column} is empty.")
        return self.cells[column]

    def code(self, column: str) -> str:
        """Return a cell that names the row for other tables and for commands."""
        code = self.text(column)
        if code and not CODE.fullmatch(code):
            self.fault(f"{column} is {code!r}; it must be letters, digits, dots and hyphens, like KEC-TUGU.")
        return code

    def answer(self, column: str) -> str:
        """Return a cell that must fit one SMS."""
        told = self.text(column)
        odd = sorted({sign for sign in told if not sign.isascii()})
        if odd:
            self.fault(
                f"{column} has {' '.join(odd)}, which an SMS cannot carry; use plain letters and signs."
            )
        if len(told) > LONGEST_ANSWER:
            self.fault(f"{column} is {len(told)} characters long, at most {LONGEST_ANSWER} fit one SMS.")
        return told

    def label(self, column: str) -> str:
        """Return a cell that must fit a row of WhatsApp's list."""
        label = self.text(column)
        if len(label) > LONGEST_LABEL:
            self.fault(f"{column} {label!r} is {len(label)} characters long, at most {LONGEST_LABEL} fit.")
        return label

    def choice(self, column: str, allowed: Collection[str]) -> str:
        """Return a cell that must be one of these words."""
        if self.cells[column] not in allowed:
            self.fault(f"{column} is {self.cells[column]!r}; it must be one of {', '.join(allowed)}.")
        return self.cells[column]

    def words(self, column: str, required: bool = False) -> tuple[str, ...]:
        """Return the semicolon-separated phrases of a cell in lower case, each once, in their order."""
        # Spreadsheets like to begin a cell with a capital letter.
        phrases = (" ".join(phrase.lower().split()) for phrase in self.cells[column].split(";"))
        found = tuple(dict.fromkeys(phrase for phrase in phrases if phrase))
        if required and not found:
            self.fault(f"{column} is empty; it needs at least one phrase.")
        return found

    def whole(self, column: str) -> int:
        """Return a whole number of at least 1."""
        value = self.cells[column]
        if not (value.isascii() and value.isdigit() and int(value) > 0):
            self.fault(f"{column} is {value!r}; it must be a whole number from 1 up.")
            return 1
        return int(value)

    def degrees(self, column: str, limit: int) -> float | None:
        """Return a coordinate between -limit and +limit degrees, None where the cell is empty."""
        value = self.cells[column]
        if not value:
            return None
        try:
            found = float(value)
        except ValueError:
            found = float("nan")
        if not -limit <= found <= limit:
            self.fault(f"{column} is {value!r}; it must be degrees between -{limit} and {limit}, like -6.98.")
            return None
        return found

    def day(self, column: str) -> date:
        """Return a date written as 2026-08-17."""
        try:
            return date.fromisoformat(self.cells[column])
        except ValueError:
            self.fault(f"{column} is {self.cells[column]!r}; it must be a date like 2026-08-17.")
            return date.min

    def dialled(self, column: str) -> str:
        """Return a telephone number that can be dialled as it stands."""
        number = self.text(column)
        if number and not DIALLED.fullmatch(number):
            self.fault(f"{column} is {number!r}; it must be digits only, like 112.")
        return number
