"""What a message means when no question is open: a new report, more about an open one, or small talk."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.answers import Heard, Mind, named_place, pinned
from bot.cities.city import within
from bot.reading.spelling import raw_words
from bot.reading.streets import is_street, street_in
from bot.script import REPORT, REPORT_BY_SMS
from bot.talk import wordless
from bot.talk.commands import HELP
from bot.talk.deeds import AddTo, Deed, SetPlace
from bot.talk.filling import PLACE_SCORE, fill, place_of, topic_of
from bot.talk.questions import CHOICE_OVER, MISSES, State, Turn, ask_next
from bot.understanding import Understood
from bot.wording import Line

FEW_WORDS = 4  # up to here a text at a multiple choice is a try to choose; above it adds to the story
IN_A_ROW = timedelta(minutes=15)  # several SMS so soon after each other are one report


@dataclass(frozen=True, slots=True)
class Report:
    """A filed report of this chat that a message may be about: open, or finished a few days ago."""

    id: int
    number: str
    status: str
    has_place: bool
    category: str
    place_code: str = ""
    own: bool = True  # filed by this person; of a merged report the other one may be a stranger's
    joined: bool = False  # not own, but staff joined a report of this person with it
    unread: bool = False  # the office's answer has not left yet: WhatsApp holds it back after a day
    rated: bool = False
    changed_at: datetime | None = None

    @property
    def finished(self) -> bool:
        """Whether nothing is expected of the citizen any more."""
        return self.status in ("closed", "rejected")


@dataclass(frozen=True, slots=True)
class Known:
    """Facts for one turn: the time, whether the channel is SMS, and the report a message may be about."""

    now: datetime
    sms: bool = False
    report: Report | None = None
    quoted: bool = False  # the message answers one of ours about `report`: it is surely about that one
    taken: bool = False  # an officer speaks in this chat: the bot keeps what is said and is quiet


def begin(state: State, heard: Heard, told: Understood, known: Known, mind: Mind) -> Turn:
    """A message while no question is open."""
    if heard.choice:
        ours = "=" in heard.choice  # the button of a template only opens the window again
        return Turn(dict(state), (Line(CHOICE_OVER),) if ours else ())
    if known.report and not is_another(state, heard, told, known):
        return about(known, known.report, state, heard, told, mind)
    if heard.kind == "location" or wordless.is_kept(heard):
        return wordless.begins(state, heard, REPORT_BY_SMS if known.sms else REPORT, mind)
    place = _only_place(heard, told, mind)
    intent = "affirm" if heard.kind == "edit" else told.intent  # an edited message never opens a report
    if intent in SMALL_TALK and not place:
        return _small_talk(state, intent)
    script = REPORT_BY_SMS if known.sms else REPORT
    opened = {**state, "script": script.name, "answers": {"place": place} if place else {}, "misses": 0}
    if place or only_announces(heard, told):
        return ask_next(opened, mind)
    return fill(opened, heard, mind)


# --- small talk ---------------------------------------------------------------------------------------------
SMALL_TALK = {
    "greeting": "Welcome to {city}'s reports. Write your complaint and its place in one message.",
    "thanks": "You are welcome. Write at any time if something is wrong in {city}.",
    "affirm": "Nothing is open at the moment. Write your complaint and its place in one message.",
    "deny": "All right. Write at any time if something is wrong in {city}.",
    "other": "Sorry, I did not understand. Write your complaint and its place, or BANTUAN.",
}


def _small_talk(state: State, intent: str) -> Turn:
    """A sentence, and another one when that was the last: never the same twice in a row."""
    ladder = (SMALL_TALK[intent], HELP, *(MISSES[2:] if intent == "other" else ()))
    said = state.get("said", "")
    key = ladder[(ladder.index(said) + 1) % len(ladder)] if said in ladder else ladder[0]
    return Turn({**state, "said": key}, (Line(key),))


# --- more about a filed report ------------------------------------------------------------------------------
def is_another(state: State, heard: Heard, told: Understood, known: Known) -> bool:
    """Whether a message is a new report and not a word more on the known one.

    It is when it says so ("lapor ..."), names another place, or is about another service. What answers an
    officer's question is only when it says so, and several SMS in a row are one report unless both are clear.
    """
    report = known.report
    if report is None or known.quoted or not opens_draft(heard, told):
        return False
    if report.status == "waiting" or says_so(heard, told):
        return says_so(heard, told)
    topic = topic_of(told)
    if not topic:
        return False
    in_a_row = known.sms and _since(state, known) < IN_A_ROW
    codes = [place.code for place in told.places]
    elsewhere = bool(codes) and not any(agree(code, report.place_code) for code in codes)
    other = bool(report.category) and topic != report.category
    return (elsewhere and bool(report.place_code or not in_a_row)) or (other and bool(codes or not in_a_row))


def agree(one: str, other: str) -> bool:
    """Whether one of two places lies in the other."""
    return bool(one and other) and (within(one, other) or within(other, one))


def _since(state: State, known: Known) -> timedelta:
    at = state.get("at")
    return abs(known.now - datetime.fromisoformat(at)) if at else timedelta.max


SHORTEST = 4  # letters: below it a word tells nothing
ANNOUNCING = frozenset(
    """ada punya mau ingin pengen nak arep badhe bade ajeng hoyong rek saya sy aku kami kula kulo abdi i
have a want to pak bu bpk min mas mbak kak bang permisi nuwun sewu punten halo tolong tulung mohon
izin ijin numpang lapor laporan nglapor melapor ngadu mengadu wadul aduan pengaduan keluhan komplain
masalah report complaint complain""".split()
)
_LEVEL = re.compile(r"^\s*(di\s+)?(kelurahan|kel|kecamatan|kec)\b\.?", re.IGNORECASE)
SAYS_SO = re.compile(r"(lapor|aduan|report|(mau|ingin) lapor|laporan baru)\b", re.IGNORECASE)


def says_so(heard: Heard, told: Understood) -> bool:
    """Whether a message calls itself a new report: "LAPOR lampu mati"."""
    return opens_draft(heard, told) and bool(SAYS_SO.match(heard.text))


def opens_draft(heard: Heard, told: Understood) -> bool:
    """Whether a message is a report of its own: told as one, and about something."""
    return told.intent == "new_complaint" and bool(heard.text) and heard.kind != "edit"


def about(known: Known, report: Report, state: State, heard: Heard, told: Understood, mind: Mind) -> Turn:
    """A message about a filed report: more of it, a correction, or just polite."""
    if heard.kind == "edit":
        return _corrected(report, state, heard) if known.quoted else Turn(dict(state), ())
    polite = ("thanks", "greeting", "affirm") if report.finished else ("thanks", "greeting")
    if told.intent in polite and heard.words <= FEW_WORDS and report.status != "waiting":
        again = state.get("said") == SMALL_TALK["thanks"] and told.intent == "thanks"
        return _small_talk(state, "deny" if again else told.intent)  # no manual for a second "thank you"
    return Turn(dict(state), add(report.id, heard, told, mind, has_place=report.has_place or not report.own))


def _corrected(report: Report, state: State, heard: Heard) -> Turn:
    """An edited message of a filed report is added to it: what was filed stays. A finished one rests."""
    if report.finished or not heard.text:
        return Turn(dict(state), ())
    told = Line(CORRECTED, {"number": report.number})
    return Turn(dict(state), (told, AddTo(report.id, heard.text, quiet=True)))


CORRECTED = "Report {number} is filed already. Your correction is added to it."


def add(
    ticket_id: int, heard: Heard, told: Understood, mind: Mind, *, has_place: bool = True
) -> tuple[Deed, ...]:
    """Put a message to a filed report; where it is about is taken from it if nobody knew."""
    place: dict[str, Any] | None = None
    if not has_place and heard.latitude is not None and heard.longitude is not None:
        place = pinned(heard.latitude, heard.longitude, mind)
    elif not has_place and told.places and told.places[0].score >= PLACE_SCORE:
        place = place_of(told.places[0])
    elif not has_place and (street := street_in(heard.text, mind.is_plain)):
        place = {"name": street, "code": ""}
    added = AddTo(ticket_id, heard.text, quiet=heard.further or place is not None)
    return (added, SetPlace(ticket_id, place)) if place else (added,)


def _only_place(heard: Heard, told: Understood, mind: Mind) -> dict[str, Any] | None:
    """The place, when a message is nothing but its name: what is wrong there comes next."""
    if heard.kind != "text" or told.intent not in ("new_complaint", "other") or told.emergency:
        return None
    guess = next(iter(told.places), None)
    if guess and raw_words(_LEVEL.sub("", heard.text)) == raw_words(guess.name):
        return named_place(guess, heard.text)
    return {"name": heard.text, "code": ""} if is_street(heard.text, mind.is_plain) else None


# --- a new report -------------------------------------------------------------------------------------------
def only_announces(heard: Heard, told: Understood) -> bool:
    """Whether a message says that a report is coming, without the report: "mau lapor", "ada keluhan"."""
    if topic_of(told) or told.places or told.emergency:
        return False
    few = heard.words <= 3 and (not told.categories or len(heard.text) < SHORTEST)
    return few or ANNOUNCING.issuperset(raw_words(heard.text))


def says_nothing(heard: Heard, told: Understood) -> bool:
    """Whether words at "what happened?" are no story: announced once more, or only polite."""
    return only_announces(heard, told) or told.intent in ("greeting", "thanks")
