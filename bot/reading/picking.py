"""Which of the options that were offered a citizen means: numbers first, names next, likeness last."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.matching import likeness
from bot.reading.phrases import LINES
from bot.reading.spelling import clean, plain_words, raw_words

Options = Sequence[tuple[str, str]]

# Taken for the option: one wrong letter in six still passes. The next best must be clearly less alike.
LEAST_LIKENESS = 0.8
LEAST_LEAD = 0.1
# Below this nothing is near: the citizen is talking about something else.
LEAST_NEAR = 0.5
SHORTEST_START = 2

_NUMBERS = (
    "nol kosong zero enol",
    "satu siji hiji one setunggal pertama first kahiji sawiji",
    "dua loro two kalih kedua second kadua",
    "tiga telu tilu three ketiga third katilu",
    "empat papat opat four sekawan keempat fourth",
    "lima five gangsal kelima fifth",
    "enam enem genep six keenam",
    "tujuh pitu seven ketujuh",
    "delapan wolu dalapan eight kedelapan",
    "sembilan sanga salapan nine kesembilan songo",
    "sepuluh sapuluh ten kesepuluh",
)
_NUMBER = {word: number for number, row in enumerate(_NUMBERS) for word in row.split()}
# Words around a reply that choose nothing themselves.
_AROUND = frozenset(
    """pilih pilihan milih opsi yang yg sing nu option choose saja aja mawon wae we pak bapak bu ibu min
admin kak
mas mbak dong deh saya aku mau tolong answer jawab jawaban jawabannya kulo abdi the ke""".split()
)
_AROUND_NUMBER = _AROUND | frozenset("no nomor nomer nmr number angka ya".split())
_KEYCAP = re.compile("[\ufe0f\u20e3]")
_EDGES = " \t\r\n.,;:!?()[]{}<>*_\"'`#-"
# "Is that right?" before filing is answered with yes too: send it.
_YES_IDS, _NO_IDS = frozenset({"yes", "ya", "send"}), frozenset({"no", "tidak"})
_OTHER_IDS = frozenset({"0", "other", "lainnya"})
_YES = frozenset(line for line in LINES["affirm"] if line)
_NO = frozenset(line for line in LINES["deny"] if line)


@dataclass(frozen=True, slots=True)
class Picked:
    """The option a citizen means; `id` is empty when unsure, `near` then holds the closest two ids."""

    id: str
    near: tuple[str, ...]


def pick(text: str, options: Options) -> Picked:
    """Return which option a citizen means.

    Args:
        text: What the citizen wrote.
        options: (id, label) in the order they were numbered, from 1. An option with the id "0" is not
            counted: it answers to 0.
    """
    said = _KEYCAP.sub("", clean(text.replace("🔟", "10"))).strip(_EDGES)
    if not said:
        # Nothing but an emoji or a sign may be left: a thumb is a word.
        said = " ".join(raw_words(text))
    numbers = _numbers(said)
    if len(numbers) == 1:
        return Picked(_numbered(numbers[0], options), ())
    said = " ".join(word for word in said.split() if word not in _AROUND) or said
    number, words = _number_and_words(said, options)
    picked = _named(words, options)
    if not number or picked.id == number:
        return picked
    # "1 kirim tanpa nama": the number says one thing, the words another.
    near = (number, picked.id, *picked.near, *(option for option, _ in options))
    return Picked("", tuple(dict.fromkeys(filter(None, near)))[:2])


def _named(said: str, options: Options) -> Picked:
    exact = _exact(said, options) or _alias(said, options) or _beginning(said, options)
    return Picked(exact, ()) if exact else _likely(said, options)


def _number_and_words(said: str, options: Options) -> tuple[str, str]:
    """Return the option numbered in front and the words behind: "2. tanpa nama"; no option, no number."""
    number, _, words = said.partition(" ")
    digits = number.rstrip(".):-")
    if not (words and digits.isascii() and digits.isdigit()):
        return "", said
    numbered = _numbered(int(digits[:4]), options)
    return (numbered, words.strip(_EDGES)) if numbered else ("", said)


def _numbers(said: str) -> list[int]:
    """Return the number a reply consists of, or nothing: "1", "no 1", "yang kedua"."""
    words = [word for word in raw_words(said) if word not in _AROUND_NUMBER]
    if len(words) != 1:
        return []
    if words[0].isascii() and words[0].isdigit():
        return [int(words[0][:4])]
    return [_NUMBER[words[0]]] if words[0] in _NUMBER else []


def _numbered(number: int, options: Options) -> str:
    if number == 0:
        return next((option for option, _ in options if option in _OTHER_IDS), "")
    counted = [option for option, _ in options if option != "0"]
    return counted[number - 1] if number <= len(counted) else ""


def _exact(said: str, options: Options) -> str:
    words = plain_words(said)
    same_id = next((option for option, _ in options if said == option.casefold()), "")
    if same_id:
        return same_id
    return next((option for option, label in options if words and words == plain_words(label)), "")


def _alias(said: str, options: Options) -> str:
    """Return the option for yes or no when the reply is any word for it."""
    forms = {" ".join(dict.fromkeys(words)) for words in (raw_words(said), plain_words(said))}  # two thumbs
    forms |= {" ".join(raw_words(said)), " ".join(plain_words(said))}
    for meant, ids, lead in ((_YES, _YES_IDS, "ya"), (_NO, _NO_IDS, "tidak")):
        if forms & meant:
            fitting = [o for o, label in options if o in ids or plain_words(label)[:1] == [lead]]
            if len(fitting) == 1:
                return fitting[0]
    return ""


def _beginning(said: str, options: Options) -> str:
    """Return the only option whose label begins so or holds all these words."""
    if len(said) < SHORTEST_START:
        return ""
    starts = [option for option, label in options if clean(label).startswith(said)]
    if len(starts) == 1:
        return starts[0]
    words = set(plain_words(said))
    holds = [option for option, label in options if words and words <= set(plain_words(label))]
    return holds[0] if len(holds) == 1 and len(said) > 3 else ""


def _likely(said: str, options: Options) -> Picked:
    plain = " ".join(plain_words(said))
    scored = sorted(
        ((likeness(plain, " ".join(plain_words(label))), option) for option, label in options), reverse=True
    )
    near = [found for found in scored if found[0] >= LEAST_NEAR]
    if not near:
        return Picked("", ())
    lead = near[0][0] - (scored[1][0] if len(scored) > 1 else 0.0)
    if near[0][0] >= LEAST_LIKENESS and lead >= LEAST_LEAD:
        return Picked(near[0][1], ())
    return Picked("", tuple(option for _, option in scored[:2]))
