"""Sentences in the citizen's language. The English sentence is the key, the channel is its context."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

PRODUCT = Path(__file__).parent / "locale"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to tell, not yet in any language.

    `key` is the English sentence; `values` fill its braces (a value that is a Line is worded too);
    `options` are pairs of id and label, a label being a key of its own unless it is in `given`.
    """

    key: str
    values: Mapping[str, "object"] = field(default_factory=dict)
    options: tuple[tuple[str, str], ...] = ()
    asks_location: bool = False


@lru_cache(maxsize=64)
def _catalogue(file: Path) -> Catalog:
    with file.open("rb") as handle:
        return read_po(handle)


class Wording:
    """All sentences of the languages a city offers; the city's own words lie on top of the product's."""

    def __init__(self, city_folder: Path, languages: Sequence[str] = ("id",)) -> None:
        self.languages = tuple(languages)
        self._layers = {
            language: [
                _catalogue(file)
                for file in (city_folder / "wording" / f"{language}.po", PRODUCT / f"{language}.po")
                if file.exists()
            ]
            for language in self.languages
        }

    def spoken(self, language: str) -> str:
        """The language that was chosen if it is offered, else the default."""
        return language if language in self._layers else self.languages[0]

    def sentence(self, key: str, language: str, context: str = "") -> str:
        """The sentence in a language, in the channel's own variant if there is one; else the key."""
        layers = self._layers[self.spoken(language)]
        for catalogue in layers:
            for place in (context, None):
                message = catalogue.get(key, place) if place != "" else None
                if message is not None and message.string:
                    return str(message.string)
        return key

    def line(self, line: Line, language: str, context: str = "") -> str:
        """A line's text with its values filled in."""
        values = {
            name: self.line(value, language, context) if isinstance(value, Line) else value
            for name, value in line.values.items()
        }
        return self.sentence(line.key, language, context).format_map(values).strip()


def day(moment: datetime, language: str, timezone: ZoneInfo) -> str:
    """A date as citizens read it: "Sen, 23 Nov 2026"."""
    return format_date(moment.astimezone(timezone), "EEE, d MMM yyyy", locale=language)


def shorten(text: str, length: int) -> str:
    """The text on one line, cut at a word with ".." when it is longer than `length` characters."""
    flat = " ".join(text.split())
    if len(flat) <= length:
        return flat
    return flat[: length - 2].rsplit(" ", 1)[0].rstrip(",.;: ") + ".."
