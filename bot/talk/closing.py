"""How a report ends, in questions: is it solved, how well, what is still wrong, and taking it back. Pure."""

from dataclasses import replace

from bot.answers import Mind, Options
from bot.talk.aside import Aside, Data, Moment, choice_of, picked
from bot.talk.deeds import AddTo, Close, Deed, NotSolved, Rate, ShowStatus, Solved
from bot.talk.fresh import FEW_WORDS, SMALL_TALK, Report, add, is_another, says_so
from bot.talk.questions import Turn
from bot.talk.solved import Verdict, objects, says_more, verdict
from bot.wording import Line

SOLVED = "Is the problem solved?"
SOLVED_OPTIONS: Options = (("yes", "Yes, solved"), ("no", "Not yet"))
HOW = "Thank you. Report {number} is closed. How satisfied are you?"
STARS: Options = (("1", "Very bad"), ("2", "Bad"), ("3", "Fair"), ("4", "Good"), ("5", "Very good"))
CLOSED = "Report {number} is closed. Thank you."
WRONG = "What is still wrong? Write it or send a photo."
CLOSE = "Close report {number}?"
CLOSE_OPTIONS: Options = (("yes", "Yes"), ("no", "No"))
GOES_ON = "All right. Report {number} goes on."
ASKED_AGAIN = "asked"  # in the state: of which report it was asked once more since its last answer
RATED = "Thank you. Your answer helps us to do better."


# --- solved or not ------------------------------------------------------------------------------------------
def solved(moment: Moment) -> Turn | None:
    """The answer to "is it solved?": by a button, old ones too, by number, thumb or words. None: no answer.

    The question came with the office's answer and is open as long as the report is `answered`.
    """
    report = moment.known.report
    if report is None or not report.own:
        return None
    if moment.heard.choice:
        return _pressed(report, moment)
    if report.status != "answered" or moment.known.taken or moment.heard.kind == "edit":
        return None
    said = _said(moment)
    if report.unread:  # only now what was held back arrives, with its question: this is no answer to it
        return Turn(dict(moment.state), ()) if said else None
    return _taken(report, said, moment)


def _said(moment: Moment) -> Verdict:
    """What a message says to the question; words that the tables do not know may be a number or a label."""
    heard = moment.heard
    if (said := verdict(heard.text)) or heard.words > FEW_WORDS or not heard.text:
        return said
    choice = picked("done", SOLVED_OPTIONS, moment)
    return "yes" if choice == "yes" else "no" if choice == "no" else ""


def _taken(report: Report, said: Verdict, moment: Moment) -> Turn | None:
    if said == "yes" or (said == "soft" and _was_asked_again(report, moment) and not _thanks(moment)):
        return _close(report, moment)
    if said == "no" and not _is_about_another(moment):
        return object_to(report, moment)
    return _ask_again(report, said, moment)


def _thanks(moment: Moment) -> bool:
    return moment.told.intent == "thanks"


def _is_about_another(moment: Moment) -> bool:
    """Whether words of objection belong to a story of its own: "lampu di Tugurejo belum menyala"."""
    first = " ".join(moment.heard.text.split()[:2])
    begins = objects(first) and not moment.told.places
    return not begins and is_another(moment.state, moment.heard, moment.told, moment.known)


def _close(report: Report, moment: Moment) -> Turn:
    does: tuple[Deed, ...] = (Solved(report.id),)
    if report.rated:
        return Turn(dict(moment.state), (*does, Line(CLOSED, {"number": report.number})))
    asked = RATE.asked(moment.state, moment.mind, ticket=report.id, number=report.number)
    return replace(asked, does=(*does, *asked.does))


def object_to(report: Report, moment: Moment) -> Turn:
    """The report goes back and up; without words of what is wrong these are asked for, once."""
    words = moment.heard.text if not moment.heard.choice and says_more(moment.heard.text) else ""
    if moment.heard.words <= 1 and not moment.heard.choice:
        words = ""  # "2", "belum", a misspelt "belom"
    state = {slot: value for slot, value in moment.state.items() if slot != ASKED_AGAIN}
    if not words:
        state["aside"] = {"name": STILL.name, "ticket": report.id}
    return Turn(state, (NotSolved(report.id, words),))


def _pressed(report: Report, moment: Moment) -> Turn | None:
    """A button under an answer, perhaps an old one, or under the question for a mark."""
    if moment.heard.choice.startswith(f"{RATE.name}="):
        may = moment.known.quoted and report.status == "closed" and not report.rated
        return _mark({"ticket": report.id}, moment) if may else None
    choice = picked("done", SOLVED_OPTIONS, moment)
    if not choice or not (moment.known.quoted or report.status == "answered"):
        return None  # no channel said under which report the button stood
    if choice == "yes" and not report.finished:
        return _close(report, moment)
    if choice == "no" and report.status in ("answered", "closed"):
        return object_to(report, moment)
    return Turn(dict(moment.state), (ShowStatus(report.number),))


def _ask_again(report: Report, said: Verdict, moment: Moment) -> Turn | None:
    """Polite words, "nanti", or more of the story: taken as such, and the question comes once more, once."""
    state = dict(moment.state)
    few = moment.heard.words <= FEW_WORDS
    polite = moment.told.intent if few and moment.told.intent in ("thanks", "greeting") else ""
    kind = {"soft": "thanks", "later": "deny"}.get(said, polite)
    if not kind and (not moment.heard.text or is_another(state, moment.heard, moment.told, moment.known)):
        return None
    again = _was_asked_again(report, moment)
    if kind:
        return Turn({**state, ASKED_AGAIN: report.id}, (Line(SMALL_TALK[kind]) if again else ONCE_MORE,))
    asked = () if again else (solved_question(),)
    return Turn({**state, ASKED_AGAIN: report.id}, (*_added(report, moment), *asked))


def _added(report: Report, moment: Moment) -> tuple[Deed, ...]:
    return add(report.id, moment.heard, moment.told, moment.mind, has_place=report.has_place)


def _was_asked_again(report: Report, moment: Moment) -> bool:
    return bool(moment.state.get(ASKED_AGAIN) == report.id)


def solved_question() -> Line:
    """The question whether it is solved, with its choices."""
    return Line(SOLVED, {}, choice_of("done", SOLVED_OPTIONS))


STILL_OPEN = "Thank you for your message. Is the problem solved?"
ONCE_MORE = Line(STILL_OPEN, {}, choice_of("done", SOLVED_OPTIONS))


# --- the mark -----------------------------------------------------------------------------------------------
def _how(data: Data, mind: Mind) -> Line:
    return Line(HOW, {"number": data["number"]}, choice_of("rate", STARS))


def _mark(data: Data, moment: Moment) -> Turn | None:
    """1 to 5, by number, word or stars; anything else lets the question go."""
    heard = moment.heard
    if (_asks_something_newer(moment) and not heard.choice) or heard.words > FEW_WORDS:
        return None
    stars = heard.text.count("\u2b50")
    mark = str(stars) if 1 <= stars <= 5 else picked("rate", STARS, moment)
    return Turn(dict(moment.state), (Rate(data["ticket"], int(mark)), Line(RATED))) if mark else None


def _asks_something_newer(moment: Moment) -> bool:
    """Whether an office has asked something since: numbers and words answer that."""
    report = moment.known.report
    return report is not None and report.status in ("answered", "waiting")


RATE = Aside("rate", _how, _mark)


# --- what is still wrong ------------------------------------------------------------------------------------
def _still(data: Data, moment: Moment) -> Turn | None:
    """Words or a photo for the report that goes back; photos may be followed by words."""
    heard, told = moment.heard, moment.told
    if heard.choice or heard.kind == "edit" or says_so(heard, told) or _asks_something_newer(moment):
        return None
    if told.intent in ("thanks", "greeting", "affirm", "deny") and heard.words <= FEW_WORDS:
        return Turn(dict(moment.state), (Line(SMALL_TALK[told.intent]),))
    if is_another(moment.state, heard, told, moment.known):
        return None
    kept = {} if heard.text else {"aside": dict(data)}
    return Turn({**moment.state, **kept}, (AddTo(data["ticket"], heard.text, quiet=heard.further),))


STILL = Aside("still", lambda data, mind: Line(WRONG), _still)


# --- taking it back -----------------------------------------------------------------------------------------
def _sure(data: Data, moment: Moment) -> Turn | None:
    choice = picked("close", CLOSE_OPTIONS, moment)
    if choice == "yes":
        return Turn(dict(moment.state), (Close(data["number"]),))
    if choice == "no":
        return Turn(dict(moment.state), (Line(GOES_ON, {"number": data["number"]}),))
    return None


def _ask_sure(data: Data, mind: Mind) -> Line:
    return Line(CLOSE, {"number": data["number"]}, choice_of("close", CLOSE_OPTIONS))


SURE = Aside("close", _ask_sure, _sure)
