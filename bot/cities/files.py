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
        missing = [column for column in columns if column not in header]
        if missing:
            hint = " Columns are separated by commas, not semicolons." if ";" in "".join(header) else ""
            self.fault(file, 1, f"The header lacks {', '.join(missing)}.{hint}")
            return []
        rows = []
        for line, cells in lines[1:]:
            if len(cells) != len(header):
                self.fault(file, line, f"The row has {len(cells)} cells where the header has {len(header)}.")
                continue
            values = {column: cell.strip() for column, cell in zip(header, cells, strict=True)}
            rows.append(Row(self, file, line, values))
        return rows

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
        """Return the semicolon-separated phrases of a cell, each once, in their order."""
        phrases = (" ".join(phrase.split()) for phrase in self.cells[column].split(";"))
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
