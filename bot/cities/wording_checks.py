"""Whether a city's own sentences can stand in the place of the product's."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po

from bot.cities.parts import Fault
from bot.wording import PRODUCT


def languages() -> list[str]:
    """Return the languages that the product speaks."""
    return sorted(path.stem for path in PRODUCT.glob("*.po"))


def wording_faults(folder: Path) -> Iterator[Fault]:
    """Give what is wrong in a folder's wording/*.po beyond its grammar, which `Reader.wording` looks at."""
    for path in sorted(folder.glob("wording/*.po")):
        file = path.relative_to(folder).as_posix()
        if path.stem not in languages():
            spoken = ", ".join(f"{language}.po" for language in languages())
            yield Fault(file, 0, f"The product does not speak {path.stem!r}; there are {spoken}.")
            continue
        for message in _catalogue(path):
            if message.id and message.string:
                for sentence in _faults(str(message.id), str(message.string)):
                    yield Fault(file, message.lineno or 0, sentence)


def _catalogue(path: Path) -> Catalog:
    try:
        return read_po(path.open("rb"))
    except (PoFileError, ValueError, LookupError, SyntaxError):
        return Catalog()


def _faults(key: str, own: str) -> Iterator[str]:
    # What is no sentence of the product is a name of the city, or of an older product: nothing is filled in.
    known = _product().get(key, set())
    try:
        unknown = _values(own) - known
    except ValueError:
        yield f"{own[:60]!r} has a brace without its partner."
        return
    if unknown:
        # A value that is not there would end the turn of every citizen who is told this.
        values = ", ".join(sorted(known)) or "none"
        yield f"{{{', '.join(sorted(unknown))}}} is no value of this sentence; its values: {values}."


@lru_cache(maxsize=1)
def _product() -> Mapping[str, set[str]]:
    """Every sentence of the product with the values that its wordings name."""
    known: dict[str, set[str]] = {}
    for language in languages():
        for message in _catalogue(PRODUCT / f"{language}.po"):
            key = str(message.id)
            known.setdefault(key, _values(key)).update(_values(str(message.string)))
    return known


def _values(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}
