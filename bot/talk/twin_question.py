"""Whether a report is one that others have made: the question, its choices, what answers it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from bot.answers import Answers, Heard, Mind, Missed, Options, Pick
from bot.wording import Line, shorten


class Twin(TypedDict):
    """A filed report that may be about the same thing, as plain JSON. Nothing in it tells who filed it."""

    id: int
    number: str
    count: int  # citizens behind it
    story: str
    place: str


NEW = "lainnya"
SEND = "Send"  # the label of the read-back, which comes after this question
FOLLOW_IT, MAKE_NEW = "Follow that report", "Make a new report"
TWIN = "{found}\nIs it the same thing?"
ONE_PERSON = "Reported already: {story} ({place})."
MORE_PEOPLE = "{count} people reported this: {story} ({place})."
STORY_LENGTH, PLACE_LENGTH = 60, 30
LABEL_LENGTH = 20  # of a button on WhatsApp


def has_twins(answers: Answers) -> bool:
    """Whether reports were found that may be about the same thing."""
    return bool(answers.get("twins"))


def chosen(answers: Answers) -> Twin | None:
    """The report that the citizen wants to follow instead of making one."""
    found: Sequence[Twin] = answers.get("twins") or ()
    return next((twin for twin in found if twin["number"] == answers.get("twin")), None)


def twin_options(answers: Answers, mind: Mind) -> Options:
    """Follow it or make a new one; of several, each by its place."""
    found: Sequence[Twin] = answers["twins"]
    if len(found) == 1:
        return ((found[0]["number"], FOLLOW_IT), (NEW, MAKE_NEW))
    several = ((twin["number"], _label(index, twin)) for index, twin in enumerate(found, 1))
    return (*several, (NEW, MAKE_NEW))


def _label(index: int, twin: Twin) -> str:
    # A label is worded like a sentence of ours: braces would be taken for placeholders.
    words = (twin["place"] or twin["story"]).replace("{", "(").replace("}", ")")
    return shorten(f"{index}. {words}", LABEL_LENGTH)


def twin_values(answers: Answers, mind: Mind) -> dict[str, Any]:
    """What stands in the question: one line a report, numbered like its choice."""
    found: Sequence[Twin] = answers["twins"]
    if len(found) == 1:
        return {"found": _line(found[0])}
    lines = {f"report{index}": _line(twin) for index, twin in enumerate(found, 1)}
    numbered = "\n".join(f"{index}. {{report{index}}}" for index in range(1, len(found) + 1))
    return {"found": Line(numbered, lines)}


def _line(twin: Twin) -> Line:
    values = {"count": twin["count"], "story": twin["story"], "place": twin["place"] or "-"}
    return Line(MORE_PEOPLE if twin["count"] > 1 else ONE_PERSON, values)


@dataclass(frozen=True, slots=True)
class Same(Pick):
    """One of the reports that were found, or a new one; "yes" is enough when there is but one."""

    def read(self, slot: str, heard: Heard, answers: Answers, mind: Mind) -> Any:
        """The number of the report, or NEW."""
        value = Pick.read(self, slot, heard, answers, mind)
        if not isinstance(value, Missed) or heard.choice:
            return value
        if _says_send(heard, mind):
            return NEW
        alone = len(answers["twins"]) == 1
        return answers["twins"][0]["number"] if alone and mind.read(heard.text).intent == "affirm" else value


def _says_send(heard: Heard, mind: Mind) -> bool:
    """Whether "kirim" came before its question: who wants to send a report does not want to follow one."""
    labels = [mind.label(SEND, language) for language in mind.languages]
    return bool(mind.pick(heard.text, tuple((label, label) for label in labels)) and not heard.text.isdigit())
