"""Whether words can answer "where is it?", and what becomes of those that cannot. Pure."""

from dataclasses import replace
from itertools import pairwise

from bot.answers import Heard, Mind, knows_not
from bot.reading.place_words import BESIDE_NAME, LEVEL_CUES, STREET_CUES
from bot.reading.spelling import raw_words
from bot.script import PLACE_BY_SMS, REPORT, Ask
from bot.talk.deeds import SetPlace
from bot.talk.filling import more_words, topic_of, without_script
from bot.talk.fresh import add
from bot.talk.questions import State, Turn, ask_next, missed
from bot.understanding import Understood

A_NAME = 6  # a longer text is not just the name of a place
# So often "where is it?" is asked again; then whatever is said counts: never a dead end.
PATIENCE, PATIENCE_WITH_STORIES = 2, 4
# Said by who did not understand the question.
PUZZLED = frozenset(
    """hah ha heh he hm hmm apa ap opo naon what huh maksudnya maksude gimana piye kok eh""".split()
)
# Words that say where only to who stands there: "di depan rumah saya".
VAGUE = frozenset(
    """di d ing nang neng ning dina ada disini sini situ sana kene kono dieu mriki ngriki depan dpn ngarep
ngarepe ngajeng hareupeun payuneun belakang blkg mburi samping sebelah dekat dkt deket cedak cedhak
caket rumah rumahe rmh rumahku omah omahku omahe griya imah bumi saya sy aku kami kula kulo abdi gue
gw kita sekitar lingkungan tempat daerah lokasi kampung gang gg jalan jl jln jalanan ya aja saja
pokoknya pak bu min kok sih in front of near my our house home here the at street road""".split()
)
_AT_HOUSE = frozenset("rt rw".split()) | LEVEL_CUES.keys()
# Ordinary words that say where, or that a place follows.
_NEAR = frozenset(
    """dekat dkt deket cedak cedhak caket depan dpn ngarep ngajeng belakang blkg mburi samping seberang
sebelah ujung pojok pinggir perempatan pertigaan prapatan simpang bundaran jembatan perum perumahan
alun warung toko blok jl jln gg gang""".split()
)
_NAMED = STREET_CUES | frozenset("perum perumahan griya komplek kompleks dusun dukuh kampung blok".split())
_SIGNS = _NEAR | BESIDE_NAME | _AT_HOUSE


def is_vague(text: str) -> bool:
    """Whether words name a place that nobody else would find: "di depan rumah saya", "jl"."""
    return VAGUE.issuperset(raw_words(text))


def is_part(text: str) -> bool:
    """Whether words are nothing but a neighbourhood's numbers: "rt 3 rw 4"."""
    words = raw_words(text)
    return bool({"rt", "rw"} & set(words)) and all(word in ("rt", "rw") or word.isdigit() for word in words)


def is_place(text: str, mind: Mind) -> bool:
    """Whether short words are surely a place: one the city knows, a street with its name, a neighbourhood."""
    at_house = bool(_AT_HOUSE & set(raw_words(text)[:-1]))
    return at_house or is_street(text, mind) or bool(mind.places_in(text))


def is_street(text: str, mind: Mind) -> bool:
    """Whether a street stands in the words with its name."""
    words = raw_words(text)
    return any(cue in _NAMED and (name.isdigit() or not mind.is_plain(name)) for cue, name in pairwise(words))


def no_answer(state: State, ask: Ask, heard: Heard, told: Understood, mind: Mind) -> Turn | None:
    """The turn of words that do not say where: more of the story, or the question again. None: they may."""
    if knows_not(heard.text):
        return None
    asked = int(state.get("misses", 0))
    if PUZZLED.issuperset(raw_words(heard.text)):
        return missed(state, ask, mind)
    if asked < PATIENCE and is_vague(heard.text):
        turn = ask_next(state, mind)
    elif asked < PATIENCE_WITH_STORIES and _is_story(heard, told, mind):
        turn = _told(state, heard, told, mind)
    else:
        return None
    return replace(turn, state={**turn.state, "misses": asked + 1})


def tells_story(state: State, ask: Ask, heard: Heard, told: Understood) -> bool:
    """Whether words after a recording are its story and not just its place."""
    told_by_files = "story" not in state["answers"] and state["script"] == REPORT.name
    return told_by_files and ask.slot == "place" and (heard.words > A_NAME or bool(topic_of(told)))


def more_by_sms(state: State, heard: Heard, told: Understood, mind: Mind) -> Turn:
    """A long text by SMS belongs to the report; the question for the place is open until one is named."""
    does = add(state["ticket"], heard, told, mind, has_place=False)
    placed = any(isinstance(deed, SetPlace) for deed in does)
    return Turn(without_script(state) if placed else dict(state), does)


def _is_story(heard: Heard, told: Understood, mind: Mind) -> bool:
    """Whether words are about a trouble: too many for a place, or ordinary ones that announce no place."""
    if told.intent not in ("new_complaint", "other") or is_vague(heard.text):
        return False
    if heard.words > A_NAME and topic_of(told):
        return not is_street(heard.text, mind)
    return mind.is_plain(heard.text) and not _SIGNS & set(raw_words(heard.text)) and not told.places


def _told(state: State, heard: Heard, told: Understood, mind: Mind) -> Turn:
    if state["script"] == PLACE_BY_SMS.name:
        return Turn(dict(state), add(state["ticket"], heard, told, mind))
    return more_words(state, heard, mind)
