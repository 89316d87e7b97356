"""Kinds of answer. Each reads what was heard and returns the value of its slot, or says that it is none."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.cities.parts import KnownAnswer
from bot.reading.masking import without_signs
from bot.reading.places import PlaceGuess
from bot.reading.spelling import plain_words, raw_words
from bot.understanding import Understood

Answers = Mapping[str, Any]
Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """What a citizen sent, as far as the conversation needs it. `text` is normalised."""

    text: str = ""
    choice: str = ""  # "slot=option" of a pressed button
    kind: str = "text"
    latitude: float | None = None
    longitude: float | None = None
    group: str = ""
    reference: str = ""
    further: bool = False  # another photo of an album that was answered
    hidden: str = ""  # personal numbers that were masked in the text: a token that only the keys open

    @property
    def words(self) -> int:
        """How many words the text has."""
        return len(self.text.split())


class Mind(Protocol):
    """What the pure engine may ask: understanding of a text, facts of the city, reports of the same thing."""

    @property
    def languages(self) -> Sequence[str]:
        """Codes of the languages to choose from, the default first."""

    @property
    def language(self) -> str:
        """Code of the language of the conversation."""

    def read(self, text: str) -> Understood:
        """What a text means."""

    def places_in(self, text: str) -> Sequence[PlaceGuess]:
        """Places that a text names, best first."""

    def is_plain(self, text: str) -> bool:
        """Whether all words of a text are ordinary ones, so that none can be the name of a place."""

    def pick(self, text: str, options: Options) -> str:
        """The id of the option that a citizen means; empty when it is none of them."""

    def place_near(self, latitude: float, longitude: float) -> tuple[str, str] | None:
        """Code and name of the kelurahan around a point; None outside the city."""

    def category_name(self, code: str) -> str:
        """A category as citizens read it."""

    def common_categories(self) -> Sequence[str]:
        """Codes of the commonest categories."""

    def category_of(self, matter: str) -> str:
        """Code of the category of "corruption" or a kind of danger, whatever else a text is about, or ""."""

    def office_for(self, category: str, place_code: str) -> str:
        """The short name of the office in charge."""

    def known_answer(self, text: str, *, names_place: bool) -> KnownAnswer | None:
        """The question that a text asks, if the city has answered it once and for all."""

    def emergency_number(self, kind: str) -> tuple[str, str]:
        """Label and number to call for a kind of danger."""

    def label(self, key: str, language: str) -> str:
        """An option's label in a language."""

    def in_emergency(self, answers: Answers) -> bool:
        """Whether a report is about what its area is in an emergency for."""

    def alike(self, answers: Answers) -> Sequence[Mapping[str, Any]]:
        """Filed reports that may be about the same thing (see twin_question.Twin), the likeliest first."""


@dataclass(frozen=True, slots=True)
class Missed:
    """What was heard is no answer to this question."""


class Answer(Protocol):
    """A kind of answer."""

    def read(self, slot: str, heard: Heard, answers: Answers, mind: Mind) -> Any:
        """The slot's value, or Missed()."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text of at least `least` letters."""

    least: int = 4

    def read(self, slot: str, heard: Heard, answers: Answers, mind: Mind) -> Any:
        """The text as it was written."""
        return heard.text if sum(map(str.isalpha, without_signs(heard.text))) >= self.least else Missed()


@dataclass(frozen=True, slots=True)
class Place:
    """A place: a pin, a name that the city knows, or words that an officer will understand."""

    def read(self, slot: str, heard: Heard, answers: Answers, mind: Mind) -> Any:
        """A mapping of name, code (empty when unknown), latitude and longitude where given."""
        if heard.latitude is not None and heard.longitude is not None:
            return pinned(heard.latitude, heard.longitude, mind)
        if found := mind.places_in(heard.text):
            return named_place(found[0], heard.text)
        intent = mind.read(heard.text).intent
        if intent in ("deny", "help") or knows_not(heard.text):
            return {"name": "", "code": ""}  # does not know: an officer will ask; never a dead end
        if intent in ("greeting", "thanks", "affirm"):
            return Missed()
        has_letters = any(map(str.isalpha, without_signs(heard.text)))
        return {"name": heard.text, "code": ""} if has_letters else Missed()


_UNKNOWN = re.compile(r"\b(tidak tahu|gatau|gatahu|gaktau|gktau|nggatau|mbuh|embuh|duka|teuing|don.t know)\b")


def knows_not(text: str) -> bool:
    """Whether a text says that the writer does not know: "gatau kelurahan apa"."""
    return bool(_UNKNOWN.search(" ".join((*raw_words(text), *plain_words(text)))))


def named_place(guess: PlaceGuess, name: str) -> dict[str, Any]:
    """A place that a text named, as the answer to "where"; one elsewhere is marked until it is told."""
    mark = {"elsewhere": "untold"} if guess.elsewhere else {}
    return {"name": name, "code": guess.code, **mark}


def pinned(latitude: float, longitude: float, mind: Mind) -> dict[str, Any]:
    """The place of a pin: the kelurahan's name if it lies in the city, else the figures alone."""
    code, name = mind.place_near(latitude, longitude) or ("", f"{latitude:.5f}, {longitude:.5f}")
    return {"name": name, "code": code, "latitude": latitude, "longitude": longitude}


@dataclass(frozen=True, slots=True)
class Pick:
    """One of a few options, by button, number or words; `no` is the option that a bare "no" means."""

    options: Options | Callable[[Answers, Mind], Options]
    no: str = ""

    def offered(self, answers: Answers, mind: Mind) -> Options:
        """The options as they stand now."""
        return self.options(answers, mind) if callable(self.options) else self.options

    def read(self, slot: str, heard: Heard, answers: Answers, mind: Mind) -> Any:
        """The id of the option."""
        offered = self.offered(answers, mind)
        if heard.choice:
            pressed_slot, _, pressed = heard.choice.partition("=")
            known = pressed_slot == slot and pressed in dict(offered)
            return pressed if known else Missed()
        # Who chose a language still writes a word of another one now and then.
        for language in dict.fromkeys((mind.language, *mind.languages)):
            labelled = tuple((id_, mind.label(label, language)) for id_, label in offered)
            if picked := mind.pick(heard.text, labelled):
                return picked
        return self.no if self.no and mind.read(heard.text).intent == "deny" else Missed()
