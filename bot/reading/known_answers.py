"""Which of the questions that a city has answered once and for all a message asks; none when it complains."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.cities.parts import KnownAnswer
from bot.matching import all_slips, nearest_slip
from bot.reading.phrases import TROUBLE_WORDS, WISH_WORDS
from bot.reading.spelling import plain_words

# Shared weight of words, 0 to 1, from which a question is the city's. Measured on 68 invented questions and
# 72 complaints and other texts: 0.50 missed none and swallowed 1, 0.62 missed 1 and swallowed none, 0.75
# missed 9. Of 53 others, written afterwards (tests/test_information.py), only one wish was taken for one.
LEAST = 0.62
# A message that does not ask in so many words, or names a place, must be nearly a listed phrase.
LEAST_UNASKED = 0.8
SLIP_LETTERS = 5  # from this length one typing slip is forgiven
MOST_WORDS = 25  # a longer message tells a story
# Words that many questions share say less about which one it is.
FAINT_WEIGHT = 0.4

_ASKS = """apa apakah bagaimana berapa kapan mana dimana kemana siapa syarat cara carane carana caranya
caranipun jadwal info informasi nomor biaya bisa boleh tanya naon nopo menapa pundi pinten sabaraha kumaha
saha sinten saged tiasa what how when where which who can is do does should need want apply get jam""".split()
_FAINT = """mengurus urus ngurus diurus membuat bikin buat dapat mendapat daftar mendaftar cek tempat kantor
anak enggal anyar online hp keluarga kota semarang layanan pelayanan baru saja in of for at there my your and
or tidak tentang soal""".split()
_AROUND = """saya kami aku mau ingin tanya nanya bertanya tolong mohon minta pak bu bapak ibu min admin kak
mas mbak halo hai selamat pagi siang sore malam ya dong sih deh nggih punten permisi maaf kalau kalo untuk ke
di yang dari itu untuk buat badhe bade hoyong arep please hello hi good morning the a an to i you kulo kula
abdi teh nu mah atuh nopo""".split()
# Who says so tells what is wrong here and now, or wishes for something: a report.
_GRIEVES = """sudah belum masih terus lagi kok kenapa sejak kemarin padahal tutup depan dekat
samping belakang rt rw berhari menumpuk still yet again since near front broken why
dipungut dimintai ditolak dipersulit pungli curang""".split()


def _plain(words: Sequence[str]) -> frozenset[str]:
    return frozenset(word for one in words for word in (one, *plain_words(one)))


ASKS, FAINT, AROUND = _plain(_ASKS), _plain(_FAINT) | _plain(_ASKS), _plain(_AROUND) - {"tidak"}
_NO_GRIEF = "tidak salah lapor keluhan hilang".split()  # of the words of trouble
GRIEVES = _plain(_GRIEVES) | (_plain(sorted(TROUBLE_WORDS | WISH_WORDS)) - _plain(_NO_GRIEF))


@dataclass(frozen=True, slots=True)
class Match:
    """A known question and how much of a message it is, 0 to 1."""

    known: KnownAnswer
    score: float


@dataclass(frozen=True, slots=True)
class _Phrases:
    """The listed phrases, and where each of their words stands."""

    phrases: tuple[tuple[frozenset[str], KnownAnswer], ...]
    places: Mapping[str, Sequence[int]]
    long_words: Sequence[str]

    def touched(self, said: frozenset[str]) -> list[int]:
        """Where phrases stand that share a word with what was said, one slip forgiven in longer words."""
        words = {
            near
            for word in said
            for near in (word, *(all_slips(word, self.long_words, 1) if len(word) >= SLIP_LETTERS else ()))
        }
        return sorted({place for word in words for place in self.places.get(word, ())})


@lru_cache(maxsize=8)
def _phrases(answers: tuple[KnownAnswer, ...]) -> _Phrases:
    listed = [(core(words), known) for known in answers for words in (*known.words, known.question)]
    phrases = tuple((words, known) for words, known in listed if words)
    places: dict[str, list[int]] = {}
    for place, (words, _) in enumerate(phrases):
        for word in words:
            places.setdefault(word, []).append(place)
    return _Phrases(phrases, places, [word for word in places if len(word) >= SLIP_LETTERS])


def core(text: str) -> frozenset[str]:
    """The words of a text that say what is asked."""
    return frozenset(plain_words(text)) - AROUND


def best(text: str, answers: tuple[KnownAnswer, ...]) -> Match | None:
    """The known question most like a text, whatever the text is; None when they share no word."""
    said = core(text)
    listed = _phrases(answers)
    near = [listed.phrases[place] for place in listed.touched(said)]
    scored = [Match(known, _shared(said, phrase)) for phrase, known in near]
    found = max(scored, key=lambda match: match.score, default=None)
    return found if found and found.score > 0 else None


def asked(text: str, answers: tuple[KnownAnswer, ...], *, names_place: bool = False) -> KnownAnswer | None:
    """The known question that a message asks; None when it asks none of them, or complains.

    Args:
        text: what the citizen wrote.
        answers: the city's.
        names_place: whether it names a place: then it is more likely about something there.
    """
    words = plain_words(text)
    match = best(text, answers) if 0 < len(words) <= MOST_WORDS else None
    if match is None or (match.score < 1 and GRIEVES & set(words)):
        return None
    asks = "?" in text or bool(ASKS & set(words))
    if not asks and len(words) < 2:
        return None  # "sampah" is the beginning of a report
    return match.known if match.score >= (LEAST if asks and not names_place else LEAST_UNASKED) else None


def _shared(said: frozenset[str], phrase: frozenset[str]) -> float:
    """The weight of shared words among all of both (Dice), one typing slip forgiven in longer words."""
    rest = tuple(word for word in said - phrase if len(word) >= SLIP_LETTERS)
    pairs = {word: word for word in phrase & said}
    for word in phrase - said:
        if len(word) >= SLIP_LETTERS and rest and (near := nearest_slip(word, rest, 1)):
            pairs[word] = near
    whole = _weight(said) + _weight(phrase)
    return (_weight(pairs) + _weight(set(pairs.values()))) / whole if whole else 0.0


def _weight(words: Sequence[str] | frozenset[str] | set[str] | dict[str, str]) -> float:
    return sum(FAINT_WEIGHT if word in FAINT else 1.0 for word in words)
