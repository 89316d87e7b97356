"""What the pure engine may ask, answered from the city's files and the catalogues."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.answers import Answers, Options
from bot.cities.city import City
from bot.cities.parts import KnownAnswer
from bot.reading import known_answers
from bot.reading.places import PlaceGuess
from bot.understanding import Understanding, Understood
from bot.wording import Wording

COMMON = ("jalan", "penerangan_jalan", "drainase_banjir", "sampah_lingkungan")
# These go to one office, whatever place or service is named with them.
MATTERS = {"corruption": "aparatur", "fire": "keamanan_darurat", "drowning": "keamanan_darurat"}


class CityMind:
    """Understanding of texts and facts of one city, in one language."""

    def __init__(
        self,
        city: City,
        understanding: Understanding,
        wording: Wording,
        language: str,
        context: str,
        alike: Callable[[Answers], Sequence[Mapping[str, Any]]] = lambda _answers: (),
        emergency: Callable[[Answers], bool] = lambda _answers: False,
    ) -> None:
        """`alike` looks for filed reports of the same thing, `emergency` for one of an area; else none."""
        self._city = city
        self._understanding = understanding
        self._wording = wording
        self._language = language
        self._context = context
        self._alike = alike
        self._emergency = emergency

    @property
    def languages(self) -> Sequence[str]:
        """Codes of the languages to choose from, the default first."""
        return self._wording.languages

    @property
    def language(self) -> str:
        """Code of the language of the conversation."""
        return self._language

    def read(self, text: str) -> Understood:
        """What a text means."""
        return self._understanding.read(text)

    def places_in(self, text: str) -> Sequence[PlaceGuess]:
        """Places that a text names, best first."""
        return self._understanding.sure_places(text)

    def is_plain(self, text: str) -> bool:
        """Whether all words of a text are ordinary ones, so that none can be the name of a place."""
        return self._understanding.is_plain(text)

    def pick(self, text: str, options: Options) -> str:
        """The id of the option that a citizen means; empty when it is none of them."""
        return self._understanding.pick(text, options).id

    def place_near(self, latitude: float, longitude: float) -> tuple[str, str] | None:
        """Code and name of the kelurahan around a point; None outside the city."""
        place = self._city.village_at(latitude, longitude)
        return (place.code, place.name) if place else None

    def category_name(self, code: str) -> str:
        """A category as citizens read it."""
        category = self._city.categories.get(code)
        return category.name if category else code

    def common_categories(self) -> Sequence[str]:
        """Codes of the commonest categories."""
        return [code for code in COMMON if code in self._city.categories]

    def category_of(self, matter: str) -> str:
        """Code of the category of "corruption" or a kind of danger, whatever else a text is about, or ""."""
        code = MATTERS.get(matter, "")
        return code if code in self._city.categories else ""

    def office_for(self, category: str, place_code: str) -> str:
        """The short name of the office in charge."""
        office = self._city.offices[self._city.route(category, place_code)]
        return office.short_name or office.name

    def known_answer(self, text: str, *, names_place: bool) -> KnownAnswer | None:
        """The question that a text asks, if the city has answered it once and for all."""
        return known_answers.asked(text, self._city.answers, names_place=names_place)

    def emergency_number(self, kind: str) -> tuple[str, str]:
        """Label and number to call for a kind of danger."""
        found = next((one for one in self._city.emergencies if one.kind == kind), None)
        return (found.label, found.number) if found else ("darurat", "112")

    def label(self, key: str, language: str) -> str:
        """An option's label in a language."""
        return self._wording.sentence(key, language, self._context)

    def in_emergency(self, answers: Answers) -> bool:
        """Whether a report is about what its area is in an emergency for."""
        return self._emergency(answers)

    def alike(self, answers: Answers) -> Sequence[Mapping[str, Any]]:
        """Filed reports that may be about the same thing, the likeliest first."""
        return self._alike(answers)
