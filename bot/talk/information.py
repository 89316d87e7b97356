"""Questions that the city has answered once and for all: the answer comes at once, without a report. Pure.

Only who says "not yet" goes on to an officer, with nothing typed again.
"""

from dataclasses import replace
from typing import Any

from bot.cities.parts import KnownAnswer
from bot.reading.phrases import QUESTION_WORDS, SPAM
from bot.reading.spelling import plain_words
from bot.script import ANSWERED, OTHER_CATEGORY, REPORT, REPORT_BY_SMS
from bot.talk.aside import Aside, Data, Moment, choice_of, picked
from bot.talk.filling import PLACE_SCORE, filled, place_of, topic_of
from bot.talk.questions import State, Turn
from bot.wording import Line

NAME = "answered"
ANSWER = "{answer}\nIs that what you wanted to know?"
IS_IT = "Is that what you wanted to know?"
GLAD = "Good. Write at any time if something is wrong in {city}."


def answer(moment: Moment) -> Turn | None:
    """The turn that answers a known question; None when the message is none, or is about something else."""
    heard, told, known = moment.heard, moment.told, moment.known
    if heard.kind != "text" or heard.choice or told.is_command or told.emergency:
        return None
    if moment.state.get("script") or moment.state.get("aside") or known.quoted:
        return None
    report = known.report
    if report and (report.status == "waiting" or told.intent == "check_status"):
        return None  # it answers an officer, or asks about the citizen's own report
    names_place = bool(told.places) and told.places[0].score >= PLACE_SCORE
    found = moment.mind.known_answer(heard.text, names_place=names_place)
    return _told(moment, found) if found else None


def unknown_question(moment: Moment) -> Turn | None:
    """A question that nobody has listed goes to an officer as one, instead of not being understood."""
    words = plain_words(moment.heard.text)
    if moment.told.intent != "other" or moment.known.report or moment.heard.kind != "text":
        return None
    asks = "?" in moment.heard.text or bool(QUESTION_WORDS & set(words))
    if moment.heard.choice or not asks or len(words) < LEAST_WORDS or SPAM & set(words):
        return None
    return _asks_officer({"said": moment.heard.text, "question": ""}, moment)


LEAST_WORDS = 4  # "hah?" and "kamu siapa?" are no questions for an officer


def _told(moment: Moment, found: KnownAnswer) -> Turn:
    """The answer, and whether it was one; on SMS apart, so that each is one part."""
    words = found.in_language(moment.mind.language)
    data = {
        "words": words,
        "question": found.question,
        "said": moment.heard.text,
        "sms": moment.known.sms,
    }
    turn = KNOWN_ANSWER.asked(moment.state, moment.mind, **data)
    return replace(turn, does=(Line("{answer}", {"answer": words}), *turn.does)) if data["sms"] else turn


def _question(data: Data, mind: Any) -> Line:
    options = choice_of(NAME, ANSWERED)
    return Line(IS_IT, {}, options) if data["sms"] else Line(ANSWER, {"answer": data["words"]}, options)


def _hear(data: Data, moment: Moment) -> Turn | None:
    answered = picked(NAME, ANSWERED, moment)
    if answered == "yes":
        return Turn(dict(moment.state), (Line(GLAD),))
    return _asks_officer(data, moment) if answered == "no" else None


def _asks_officer(data: Data, moment: Moment) -> Turn:
    """The question as a report of its own kind: read back, or on SMS filed at once."""
    said = str(data["said"])
    told = moment.mind.read(said)
    category = topic_of(told) or topic_of(moment.mind.read(str(data["question"]))) or OTHER_CATEGORY[0]
    answers: dict[str, Any] = {"story": said, "kind": "information", "category": category}
    if told.places and told.places[0].score >= PLACE_SCORE:
        answers["place"] = place_of(told.places[0])
    script = REPORT_BY_SMS if moment.known.sms else REPORT
    state: State = {**moment.state, "script": script.name, "answers": answers, "misses": 0}
    return filled(state, moment.mind)


KNOWN_ANSWER = Aside(NAME, _question, _hear)
