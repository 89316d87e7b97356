"""What a citizen wants with a message that is no command: tables, read from the surest to the faintest."""

from collections.abc import Iterable, Sequence

from bot.matching import closest
from bot.reading.phrases import (
    CUES,
    FILLERS,
    LEADING,
    LINES,
    PLEAS,
    QUESTION_WORDS,
    REQUEST_WORDS,
    SPAM,
    TROUBLE_WORDS,
    WISH_WORDS,
)
from bot.reading.spelling import plain_word, plain_words

# So many words of an advertisement outweigh a topic.
LEAST_SPAM = 3
# A misspelt line of the service itself; below this it may be any other short sentence.
LEAST_LINE_LIKENESS = 0.86
SHORTEST_MISSPELT_LINE = 6
# A line of this many words that no table knows is taken for a report: better one too many than one lost.
STORY_WORDS = 8
# Cues of the service in a longer text are part of a story ("saya sudah lapor tapi belum ...").
MOST_CUE_WORDS = 12
FEW_WORDS = 5
MOST_LEAD_WORDS = 3
_BUT = frozenset("belum tidak tapi tetapi masih mohon tolong lagi namun cuma hanya".split())


def _plain(words: Iterable[str]) -> frozenset[str]:
    return frozenset(plain for word in words for plain in (word, plain_word(word)))


_LINES = {" ".join(plain_words(line)): intent for intent, lines in LINES.items() for line in lines if line}
_LONG_LINES = tuple(line for line in _LINES if len(line) >= SHORTEST_MISSPELT_LINE)
_CUES = tuple((intent, tuple(_plain(group.split()) for group in groups)) for intent, groups in CUES)
_FILLERS, _PLEAS, _SPAM = _plain(FILLERS), _plain(PLEAS), _plain(SPAM)
_QUESTIONS, _WISHES, _TROUBLES = _plain(QUESTION_WORDS), _plain(WISH_WORDS), _plain(TROUBLE_WORDS)
# "Berapa biaya urus KK hilang?": what follows is what is asked about, no trouble.
_ASKS_FIRST = frozenset(
    tuple(line.split())
    for line in ("berapa biaya", "bagaimana cara", "apa syarat", "syarat urus", "cara urus")
)
_REQUESTS = _plain(REQUEST_WORDS)
_GREETINGS = frozenset(line for line, intent in _LINES.items() if intent == "greeting")
# Words the service itself is spoken of with: alone they are no topic of a report.
SERVICE_WORDS = frozenset(
    [word for line in _LINES for word in line.split()]
    + [word for _, groups in _CUES for group in groups for word in group]
    + ["layanan", "pesan", "petugas"]
)


def read_intent(words: Sequence[str], has_topic: bool, ticket: str) -> str:
    """Return the intent of a message that is no command.

    Args:
        words: The message in plain words.
        has_topic: The words name something a category of the city is about.
        ticket: The report number in it, as typed; empty when none.
    """
    known = _known_line(words) if words else "other"
    if known:
        return known
    if ticket and _asks_about(words, has_topic):
        return "check_status"
    if has_topic and len(_SPAM & set(words)) < LEAST_SPAM:
        return "new_complaint"
    if len(words) > MOST_CUE_WORDS:
        return _story(words)
    return _cue(words) or _misspelt_line(words) or _leading(words) or _story(words)


def _asks_about(words: Sequence[str], has_topic: bool) -> bool:
    """Return whether a message with a number is about the report of that number."""
    if len(words) <= FEW_WORDS and not has_topic:
        return True
    return len(words) <= MOST_CUE_WORDS and _cue(words) == "check_status"


def read_kind(words: Sequence[str], asks: bool) -> str:
    """Return complaint, aspiration or information; asks: the message has a question mark."""
    said = set(words)
    if tuple(words[:2]) in _ASKS_FIRST:
        return "information"
    if said & _TROUBLES:
        return "complaint"
    if said & _WISHES:
        return "aspiration"
    if said & _QUESTIONS:
        return "information"
    return "information" if asks and not said & _REQUESTS else "complaint"


def _known_line(words: Sequence[str]) -> str:
    whole = _LINES.get(" ".join(words), "")
    if whole:
        return whole
    core = [word for word in words if word not in _FILLERS]
    if not core and words[0] in ("ya", "baik"):
        return "affirm"  # "ya pak"
    if not core:
        return "greeting" if _GREETINGS & set(words) else ""
    if _only_thanks(core, words):
        return "thanks"
    return _LINES.get(" ".join(core)) or _of_single_words(core)


def _of_single_words(core: Sequence[str]) -> str:
    """Return the intent of a line of words that each are a whole reply: "oke makasih", "ya bukan"."""
    said = {_LINES.get(word, "") for word in core}
    order = ("thanks", "deny", "affirm", "greeting")
    return next((intent for intent in order if intent in said), "") if said <= set(order) else ""


def _misspelt_line(words: Sequence[str]) -> str:
    line = " ".join(words)
    near = closest(line, _LONG_LINES, LEAST_LINE_LIKENESS) if len(line) >= SHORTEST_MISSPELT_LINE else []
    return _LINES[near[0][0]] if near else ""


def _only_thanks(core: Sequence[str], words: Sequence[str]) -> bool:
    """Return whether a line thanks for work that is done, rather than closing a request politely."""
    return core[:1] == ["terimakasih"] and "sudah" in words and not _BUT & set(words)


def _cue(words: Sequence[str]) -> str:
    said = {*words, ""}
    return next((intent for intent, groups in _CUES if all(group & said for group in groups)), "")


def _leading(words: Sequence[str]) -> str:
    """Return the intent a short line begins with."""
    if len(words) > FEW_WORDS:
        return ""
    core = [word for word in words if word not in _FILLERS][: MOST_LEAD_WORDS + 1]
    leads = [LEADING[word] for word in (words[0], *core[:1]) if word in LEADING]
    lead = leads[0] if leads and len(core) <= MOST_LEAD_WORDS else ""
    greets = words[0] in _GREETINGS or " ".join(words[:2]) in _GREETINGS
    return lead or ("greeting" if greets else "")


def _story(words: Sequence[str]) -> str:
    said = set(words)
    if said & _SPAM:
        return "other"
    pleading = len(words) >= 3 and bool(said & _PLEAS)
    return "new_complaint" if pleading or len(words) >= STORY_WORDS else "other"
