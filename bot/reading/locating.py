"""Where a text is about: places of the loaded city first, then the rest of the country."""

from collections.abc import Collection
from functools import lru_cache

from bot.cities.city import City, within
from bot.reading import elsewhere
from bot.reading.elsewhere import Elsewhere
from bot.reading.gazetteer import CITY, LEVELS, gazetteer, joined
from bot.reading.places import MOST, PlaceGuess, Places

# A place of the city that is less sure gives way to one elsewhere.
SURE = 0.75
# From here a place elsewhere was said to be one; below it may be in passing ("bus dari Solo").
SAID = 0.7


class Locator:
    """Finds where texts are about; one instance per city, used by many threads."""

    def __init__(self, city: City, ordinary: Collection[str] = ()) -> None:
        """Prepare for a city; the rest of the country is read when it is first asked for.

        Args:
            city: The loaded city.
            ordinary: Words that are no names by themselves.
        """
        self._city = city
        self._home = Places(city.places.values())
        self._ordinary = ordinary

    def find(self, text: str, context: str = "") -> list[PlaceGuess]:
        """Return the places a text names, best first, at most five; empty when it names none.

        Args:
            text: What the citizen wrote.
            context: Kemendagri code the places must lie in. The code of another city, or of a district in
                it, finds bare names as well; a province or the whole country only what is clearly a place.
        """
        if context and within(context, self._city.code):
            return [guess for guess in self._home.find(text) if within(guess.code, context)]
        if context.count(".") >= CITY:
            of_city = ".".join(context.split(".")[: CITY + 1])
            return [guess for guess in _places_of(of_city).find(text) if within(guess.code, context)]
        home = [guess for guess in self._home.find(text) if within(guess.code, context)]
        return self._weighed(home, self._far(text, context))

    def sure(self, text: str) -> list[PlaceGuess]:
        """Return the same for the whole country, without places elsewhere that may be named in passing."""
        return [guess for guess in self.find(text) if not guess.elsewhere or guess.score >= SAID]

    def _far(self, text: str, context: str) -> list[Elsewhere]:
        return elsewhere.find(text, gazetteer(), context, self._city.code, self._ordinary)

    def _weighed(self, home: list[PlaceGuess], far: list[Elsewhere]) -> list[PlaceGuess]:
        """Return the guesses of both: a place elsewhere first only when the text clearly says so."""
        outside = [self._guess(one) for one in far if not within(one.code, self._city.code)]
        at_home = [guess for guess in home if guess.score >= SURE]
        if at_home and not _moved(at_home[0], far, self._city.code):
            return home
        # The city itself says nothing about where, but that what lies around it is not meant.
        if any(within(one.code, self._city.code) and one.agreed for one in far):
            return home
        return (outside + ([] if at_home else home))[:MOST]

    def _guess(self, one: Elsewhere) -> PlaceGuess:
        names = gazetteer()
        name, around = names.name(one.code), one.code.split(".")[: CITY + 1]
        if one.code.count(".") > CITY:
            name = f"{name}, {names.name('.'.join(around))}"
        return PlaceGuess(one.code, name, LEVELS[one.code.count(".")], one.score, elsewhere=True)


def _moved(guess: PlaceGuess, far: list[Elsewhere], home: str) -> bool:
    """Return whether the name of a place of the city means its namesake: "Kecamatan Tugu, Trenggalek"."""
    if not far or not far[0].agreed or within(far[0].code, home):
        return False
    return any(one.agreed and joined(gazetteer().name(one.code)) == joined(guess.name) for one in far)


@lru_cache(maxsize=32)
def _places_of(city: str) -> Places:
    return Places(gazetteer().places_within(city))
