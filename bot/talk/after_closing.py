"""A message after a report was finished: is it about that report, or a new one? Pure.

It is kept as a draft at once, so that staff see it whatever is answered and even if nothing is.
"""

from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from bot.answers import Heard, Mind, Options
from bot.script import REPORT, REPORT_BY_SMS
from bot.talk import wordless
from bot.talk.aside import Aside, Data, Moment, choice_of, picked
from bot.talk.closing import object_to
from bot.talk.deeds import AddTo, Deed, JoinDraft, KeepDraft, Reopen
from bot.talk.filling import topic_of, without_script
from bot.talk.fresh import FEW_WORDS, Report, agree, begin, is_another, says_so
from bot.talk.questions import Turn
from bot.talk.solved import insists
from bot.understanding import Understood
from bot.wording import Line

ABOUT = "Report {number} is finished. Is this about it, or a new report?"
THAT, NEW = ("that", "That report"), ("new", "New report")
FRESH = timedelta(days=3)  # so soon after the end a message without topic and place is about that report


def after_closing(moment: Moment) -> Turn | None:
    """The question "about that report or a new one?"; None where no question is needed."""
    report, heard = moment.known.report, moment.heard
    if report is None or not report.finished or not _says_something(moment):
        return None
    if not (report.own or report.joined):
        return None
    if heard.text and (certain := _certain(report, moment)):
        return certain
    if _is_polite(moment) or _is_clearly_new(report, moment):
        return None
    if moment.known.quoted or _objects(report, moment):
        return _reopened(report.id, report.status, heard, moment)
    return _ask(report, moment)


def _says_something(moment: Moment) -> bool:
    """Words, a file or a place; not a button, an edit or a sticker, nor what is said to an officer."""
    heard = moment.heard
    if moment.known.taken or heard.choice or heard.kind == "edit" or wordless.is_unusable(heard):
        return False
    return bool(heard.text) or heard.kind != "text"


def _certain(report: Report, moment: Moment) -> Turn | None:
    """What needs no question: danger is a new report, "belum" is about the one that was closed."""
    if moment.told.emergency:
        return _new(moment.state, moment.heard, moment)
    elsewhere = is_another(moment.state, moment.heard, moment.told, moment.known)
    if insists(moment.heard.text) and report.status == "closed" and not elsewhere:
        return object_to(report, moment)
    return None


def _is_polite(moment: Moment) -> bool:
    """Thanks, a greeting, "ya", "tidak": no report and nothing to add."""
    few = moment.heard.words <= FEW_WORDS
    return few and moment.told.intent in ("thanks", "greeting", "affirm", "deny")


def _objects(report: Report, moment: Moment) -> bool:
    """Whether words without a trouble of their own answer the news of a rejection, which asked for them."""
    if report.status != "rejected" or _is_elsewhere(report, moment.told):
        return False
    few = moment.heard.words <= FEW_WORDS and not moment.told.places
    return few or not (topic_of(moment.told) or _is_likely_new(report, moment))


def _is_clearly_new(report: Report, moment: Moment) -> bool:
    """It says so ("LAPOR ..."), or is about another service and another place."""
    heard, told = moment.heard, moment.told
    other = bool(report.category) and topic_of(told) not in ("", report.category)
    return says_so(heard, told) or (other and _is_elsewhere(report, told))


def _is_elsewhere(report: Report, told: Understood) -> bool:
    codes = [place.code for place in told.places]
    return bool(codes and report.place_code) and not any(agree(code, report.place_code) for code in codes)


# --- the question -------------------------------------------------------------------------------------------
def _ask(report: Report, moment: Moment) -> Turn:
    """Ask, with the likelier choice first; the message is a draft meanwhile."""
    order = ["new", "that"] if _is_likely_new(report, moment) else ["that", "new"]
    about = {"ticket": report.id, "number": report.number, "status": report.status, "order": order}
    return _asked(about, moment.heard, moment)


def _is_likely_new(report: Report, moment: Moment) -> bool:
    """By topic and place where the message has one, else by the time since the end."""
    topic = topic_of(moment.told)
    if _is_elsewhere(report, moment.told) or (topic and report.category and topic != report.category):
        return True
    if topic or moment.told.places or report.changed_at is None:
        return False
    return moment.known.now - report.changed_at > FRESH


def _asked(about: dict[str, Any], kept: Heard, moment: Moment) -> Turn:
    """The question, and the draft of what is kept; a message that is no story has none."""
    drafts = [one for one in _new(moment.state, kept, moment).does if isinstance(one, KeepDraft)]
    state = dict(moment.state)
    if drafts:
        script = REPORT_BY_SMS if moment.known.sms else REPORT
        state |= {"script": script.name, "answers": dict(drafts[0].answers), "misses": 0}
    asked = ABOUT_WHICH.asked(state, moment.mind, **about, kept=asdict(kept), draft=bool(drafts))
    return replace(asked, does=(*drafts[:1], *asked.does))


def _new(state: Any, heard: Heard, moment: Moment) -> Turn:
    """The message as a report of its own."""
    known = replace(moment.known, report=None, quoted=False)
    bare = {slot: value for slot, value in state.items() if slot not in ("script", "answers", "misses")}
    return begin(bare, heard, moment.mind.read(heard.text), known, moment.mind)


def _options(data: Data) -> Options:
    labels = dict((THAT, NEW))
    return tuple((id_, labels[id_]) for id_ in data["order"])


def _question(data: Data, mind: Mind) -> Line:
    return Line(ABOUT, {"number": data["number"]}, choice_of("about", _options(data)))


# --- the answer ---------------------------------------------------------------------------------------------
def _which(data: Data, moment: Moment) -> Turn | None:
    """That report, a new one, or more words of what is kept."""
    kept, heard = Heard(**data["kept"]), moment.heard
    choice = _chosen(data, moment)
    if choice == "new":
        return _new(moment.state, kept, moment)
    if choice == "that":
        return _reopened(data["ticket"], data["status"], kept, moment, joins=bool(data["draft"]))
    if heard.kind == "edit":
        return _corrected(data, kept, moment)
    if heard.choice:  # an old button: of another question, or over; nothing can be pressed by SMS
        return _still_asked(data, moment) if moment.known.sms else None
    return _with_words(data, kept, moment) if heard.text else _with_file(data, moment)


def _still_asked(data: Data, moment: Moment) -> Turn:
    return Turn({**moment.state, "aside": dict(data)}, ())


def _corrected(data: Data, kept: Heard, moment: Moment) -> Turn:
    """An edit of what is kept corrects it, in silence; any other edit changes nothing."""
    if not moment.heard.text or moment.heard.reference != kept.reference:
        return _still_asked(data, moment)
    asked = _asked(_about(data), replace(kept, text=moment.heard.text), moment)
    return replace(asked, does=tuple(one for one in asked.does if isinstance(one, KeepDraft)))


def _with_words(data: Data, kept: Heard, moment: Moment) -> Turn:
    """A few words are a try to choose; more belong to what is kept, and the second time that is a report."""
    heard, told = moment.heard, moment.told
    if heard.words <= FEW_WORDS and not told.emergency:
        return ABOUT_WHICH.missed(data, moment)
    more = replace(kept, text="\n".join(filter(None, [kept.text, heard.text])))
    if told.emergency or data.get("more") or says_so(heard, told):
        return _new(moment.state, more, moment)
    return _asked({**_about(data), "more": True}, more, moment)


def _chosen(data: Data, moment: Moment) -> str:
    """The choice; a bare yes takes the first one."""
    if choice := picked("about", _options(data), moment):
        return choice
    bare_yes = moment.told.intent == "affirm" and moment.heard.words <= 2 and not moment.heard.choice
    return str(data["order"][0]) if bare_yes else ""


def _about(data: Data) -> dict[str, Any]:
    return {name: data[name] for name in ("ticket", "number", "status", "order")}


def _with_file(data: Data, moment: Moment) -> Turn:
    """A photo while the question is open belongs to what is kept."""
    kept: tuple[Deed, ...] = (KeepDraft(moment.state["answers"]),) if data["draft"] else ()
    state = {**moment.state, "aside": dict(data)}
    return Turn(state, kept if moment.heard.further else (*kept, _question(data, moment.mind)))


def _reopened(ticket_id: int, status: str, kept: Heard, moment: Moment, *, joins: bool = False) -> Turn:
    """The words go to the finished report; a closed one is open again, the draft is part of it."""
    join: tuple[Deed, ...] = (JoinDraft(ticket_id),) if joins else ()
    closed = status == "closed"
    add: Deed = Reopen(ticket_id, kept.text) if closed else AddTo(ticket_id, kept.text)
    return Turn(without_script(moment.state) if joins else dict(moment.state), (*join, add))


ABOUT_WHICH = Aside("about", _question, _which)
