"""What a citizen corrects in his own words at the read-back, instead of by its choices. Pure.

"salah tempat, di Kaliwiru", "bukan lampu merah tapi lampu jalan", "ganti lokasi", "saya mau anonim".
"""

import re
from dataclasses import replace
from typing import Any

from bot.answers import Answers, Heard, Mind, named_place
from bot.reading.places import PlaceGuess
from bot.reading.spelling import raw_words
from bot.script import Ask, forget
from bot.talk import secrecy
from bot.talk.filling import filled, more_words, topic_of
from bot.talk.questions import State, Turn, ask_next
from bot.talk.whereabouts import is_part, is_place, is_vague
from bot.talk.wordless import says_send
from bot.understanding import Understood

READ_BACK = frozenset({"send", "change"})  # the questions that stand at the read-back
FEW_WORDS = 4
CORRECTS = frozenset(
    """salah keliru ralat koreksi ganti gantos gentos ubah robih rubah pindah bukan bkn dudu sanes lain eh
maksud maksudnya maksude lepat lepatipun harusnya seharusnya sebenarnya benar bener wrong change not
actually correction""".split()
)
_AROUND = CORRECTS | frozenset(
    "tolong mohon minta mau yang yg nya itu ini saya pak bu min dong ya laporan lapor the is i".split()
)
# What is to be changed, by other words than the choices have.
_NAMES = {
    "place": "tempat tempatnya tempatna lokasi lokasinya alamat alamatnya papan papanipun panggonan place",
    "story": "isi isinya cerita keluhan keluhannya laporannya tulisan story text",
    "category": "kategori layanan dinas dinasnya kantor kantornya instansi jenis service office category",
}
_SLOTS = {word: slot for slot, words in _NAMES.items() for word in words.split()}
_INSTEAD = re.compile(r"\b(?:tapi|tp|tetapi|melainkan|nanging|tapina|tetepi|but)\b", re.IGNORECASE)


def to_change(state: State, ask: Ask, heard: Heard, mind: Mind) -> Turn | None:
    """The question for what is only said to be wrong ("salah tempat"); after "kirim" the read-back again."""
    if ask.slot == "send" and mind.read(heard.text).intent == "thanks":
        return ask_next(state, mind)  # thanks for what is not sent yet
    if ask.slot == "change" and (says_send(heard, mind) or mind.read(heard.text).intent == "affirm"):
        return filled({**state, "answers": forget(state["answers"], "send", "change")}, mind)
    slot = _slot(heard.text) if ask.slot in READ_BACK else ""
    changed = {**state["answers"], "send": "change", "change": slot}
    return filled({**state, "answers": changed}, mind) if slot else None


def corrected(state: State, ask: Ask, heard: Heard, told: Understood, mind: Mind) -> Turn | None:
    """The turn of words that correct the draft; None when they correct nothing or no read-back is open."""
    if ask.slot not in READ_BACK or not heard.text:
        return None
    if ask.slot == "send" and told.intent == "affirm":
        return filled({**state, "answers": {**state["answers"], "send": "send"}}, mind)
    answers = forget(state["answers"], "send", "change")
    found = _place(answers, heard, mind) | _category(answers, heard, mind)
    # What he asks for now stands over what he chose before; what his words smell of does not.
    found |= secrecy.proposed(forget(answers, "chosen"), heard.text, replace(told, sensitive=""))
    if found and (heard.words <= FEW_WORDS or set(found) == {"place"}):
        return filled({**state, "answers": {**answers, **found}}, mind)
    if found or heard.words > FEW_WORDS or _is_story(heard, told, mind):
        return more_words({**state, "answers": {**answers, **found}}, heard, mind)
    return None


def _slot(text: str) -> str:
    words = raw_words(text)
    rest = [word for word in words if word not in _AROUND]
    named = {_SLOTS.get(word, "") for word in rest}
    return named.pop() if len(named) == 1 and CORRECTS & set(words) else ""


def _place(answers: Answers, heard: Heard, mind: Mind) -> dict[str, Any]:
    corrects = bool(CORRECTS & set(raw_words(heard.text)))
    if not (corrects or heard.words <= FEW_WORDS) or not is_place(heard.text, mind):
        return {}
    old = answers.get("place") or {"name": "", "code": ""}
    guess = next(iter(mind.places_in(heard.text)), None)
    name = guess.name if guess and corrects else heard.text
    if (
        is_vague(old["name"])
        or (mind.is_plain(old["name"]) and not is_place(old["name"], mind))
        or (guess and old.get("code"))
        or (corrects and guess)
    ):
        return {"place": _named(guess, name)}
    if corrects and not is_part(heard.text):
        return {}  # a street among other words: where its name ends nobody knows
    behind = guess or is_part(name) or not old.get("code")
    joined = f"{old['name']}, {name}" if behind else f"{name}, {old['name']}"
    return {"place": {**old, **(_named(guess, joined) if guess else {"name": joined})}}


def _named(guess: PlaceGuess | None, name: str) -> dict[str, Any]:
    return named_place(guess, name) if guess else {"name": name, "code": ""}


def _category(answers: Answers, heard: Heard, mind: Mind) -> dict[str, Any]:
    """The category of what it is instead: behind "tapi", where something was said to be wrong in front."""
    before, *after = _INSTEAD.split(heard.text)
    topic = topic_of(mind.read(after[-1].strip())) if after and CORRECTS & set(raw_words(before)) else ""
    return {"category": topic} if topic and topic != answers.get("category") else {}


def _is_story(heard: Heard, told: Understood, mind: Mind) -> bool:
    """Whether a few words say more about the trouble: "banyak yg jatuh", "sudah 3 minggu"."""
    if told.intent not in ("new_complaint", "other") or not mind.is_plain(heard.text):
        return False
    return heard.words > 1 or told.intent == "new_complaint"
