"""The conversations, top to bottom. The English sentences are the keys of the catalogues in bot/locale."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.answers import Answer, Answers, Mind, Options, Pick, Place, Words
from bot.talk.twin_question import NEW, TWIN, Same, has_twins, twin_options


def always(_answers: Answers) -> bool:
    """The question is always asked."""
    return True


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: the slot it fills, its words, what counts as an answer, and when it is asked at all."""

    slot: str
    question: str
    answer: Answer
    when: Callable[[Answers], bool] = always


@dataclass(frozen=True, slots=True)
class Script:
    """A conversation: its questions in order and what is done when none is left.

    There is no step pointer: the state is the answers, the next question is the first one without one.
    """

    name: str
    steps: tuple[Ask, ...]
    finish: str
    idle_hours: int = 24

    def next(self, answers: Answers) -> Ask | None:
        """The first question that has no answer yet."""
        return next((ask for ask in self.steps if ask.slot not in answers and ask.when(answers)), None)


def likely_categories(answers: Answers, mind: Mind) -> Options:
    """The likeliest services (the commonest ones where none is likely), and "something else"."""
    codes = answers.get("candidates") or mind.common_categories()
    return (*((code, mind.category_name(code)) for code in codes if code != "lainnya"), OTHER_CATEGORY)


def wants_change(answers: Answers) -> bool:
    """Whether the citizen wants to correct something at the read-back."""
    return bool(answers.get("send") == "change")


def wants_privacy(answers: Answers) -> bool:
    """Whether the citizen wants to say who may see the report."""
    return bool(answers.get("change") == "privacy")


def needs_words(answers: Answers) -> bool:
    """Whether the story has to be told in words: an officer hears or sees what was recorded."""
    return "story" in answers or answers.get("files") != "recording"


def needs_place(answers: Answers) -> bool:
    """Whether it matters where it is: of a question it does not, unless the citizen wants to say so."""
    return answers.get("kind") != "information" or bool(answers.get("has_place"))


def has_story(answers: Answers) -> bool:
    """Whether there are words that are a complaint, a proposal or a question."""
    return "story" in answers


OTHER_CATEGORY = ("lainnya", "Something else")
SEND: Options = (
    ("send", "Send"),
    ("anonymous", "Send, no name"),
    ("change", "Change"),
    ("cancel", "Cancel"),
)
CHANGE: Options = (
    ("story", "What happened"),
    ("place", "Where it is"),
    ("category", "Which service"),
    ("privacy", "Who may see it"),
    ("kind", "Complaint or wish"),
)
KINDS: Options = (("complaint", "Complaint"), ("aspiration", "Proposal"), ("information", "Question"))
PRIVACY: Options = (("normal", "Normal"), ("confidential", "Confidential"), ("nameless", "No name"))
RESUME: Options = (("yes", "Yes, go on"), ("new", "New report"))
REMINDED: Options = (("yes", "Yes, go on"), ("cancel", "Cancel"))
ANSWERED: Options = (("yes", "Yes, thank you"), ("no", "Not yet, pass it on"))

STORY = "Please tell us what happened, in your own words.\nExample: big hole in the road near the market"
WHERE = "Where is it? Name the street and kelurahan, or share your location."
ASKED_FOR_HUMAN = "An officer will read this and answer here. Please write what it is about."
READ_BACK = "Your report: {story}\nPlace: {place}\nGoes to: {office}\n{who} Is that right?"
READ_BACK_PROPOSAL = "Your proposal: {story}\nPlace: {place}\nGoes to: {office}\n{who} Is that right?"
READ_BACK_QUESTION = "Your question: {story}\nGoes to: {office}\n{who} Is that right?"
READ_BACKS = {"aspiration": READ_BACK_PROPOSAL, "information": READ_BACK_QUESTION}  # a complaint: READ_BACK
WHICH_KIND = "Is it a complaint, a proposal or a question?"
WHO_MAY_SEE = (
    "Who may see it? Normal: the office reads it. Confidential: not open to the public. "
    "No name: the office does not see your name."
)

REPORT = Script(
    "report",
    steps=(
        Ask("story", STORY, Words(), when=needs_words),
        Ask("kind", WHICH_KIND, Pick(KINDS), when=has_story),  # taken from the words; asked to change it
        Ask("place", WHERE, Place(), when=needs_place),
        Ask("category", "Which service is this about?", Pick(likely_categories), when=needs_words),
        Ask("twin", TWIN, Same(twin_options, no=NEW), when=has_twins),
        Ask("send", READ_BACK, Pick(SEND, no="change")),  # "is that right?" - "no"
        Ask("change", "What shall we change?", Pick(CHANGE), when=wants_change),
        Ask("privacy", WHO_MAY_SEE, Pick(PRIVACY), when=wants_privacy),
    ),
    finish="file",
)
# One SMS is a whole report: it is filed at once, and the receipt says how to correct it.
REPORT_BY_SMS = Script("report_by_sms", steps=(Ask("story", STORY, Words()),), finish="file")
PLACE_BY_SMS = Script("place_by_sms", steps=(Ask("place", WHERE, Place()),), finish="set_place")

# After PETUGAS without a report: whatever is written goes to the officer who was asked for.
HUMAN = Script("human", steps=(Ask("story", ASKED_FOR_HUMAN, Words()),), finish="add")

SCRIPTS: Mapping[str, Script] = {
    script.name: script for script in (REPORT, REPORT_BY_SMS, PLACE_BY_SMS, HUMAN)
}


def forget(answers: Answers, *slots: str) -> dict[str, Any]:
    """The answers without some of them, so that their questions are asked again."""
    return {slot: value for slot, value in answers.items() if slot not in slots}
