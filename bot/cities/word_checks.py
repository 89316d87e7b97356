"""Whether the words of a city can be told apart: region codes from commands, one danger from another."""

from collections.abc import Iterator

from bot.cities.parts import Fault
from bot.cities.tables import Tables
from bot.reading.command_words import COMMANDS


def word_faults(tables: Tables) -> Iterator[Fault]:
    """Give words that would make the product hear something else than was said."""
    yield from _region_codes(tables)
    yield from _dangers(tables)


def _region_codes(tables: Tables) -> Iterator[Fault]:
    """Find region codes that are no code: what stands before an SMS as one is taken away unread."""
    if not tables.head:
        return
    commands = {word for words in COMMANDS.values() for word in words.split()}
    phrases = {phrase for found in tables.categories for phrase in found.value.words}
    line = tables.head.lines["sms_codes"]
    for code in tables.head.sms_codes:
        if not code.isalnum():
            yield Fault("city.csv", line, f"sms_codes: {code!r} must be one word of letters and digits.")
        elif code in commands:
            yield Fault("city.csv", line, f"sms_codes: {code!r} is a command; nobody could send it any more.")
        elif code in phrases:
            yield Fault("city.csv", line, f"sms_codes: {code!r} is a word of complaints, in categories.csv.")


def _dangers(tables: Tables) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for found in tables.emergencies:
        for phrase in found.value.words:
            kind = first.setdefault(phrase, found.value.kind)
            if kind != found.value.kind:
                sentence = f"{phrase!r} gives {kind} away already; it cannot mean {found.value.kind} too."
                yield Fault("numbers.csv", found.line, sentence)
