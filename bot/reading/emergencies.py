"""Notices danger to life in a text, so that the number to call is told before anything else."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from bot.cities.city import Emergency
from bot.matching import nearest_slip
from bot.reading.spelling import READ_CHARACTERS, plain_words, raw_words

# Words before a danger word that speak of it without being in it.
NOT_NOW = frozenset(
    """sosialisasi simulasi pelatihan latihan penyuluhan rawan cegah mencegah pencegahan antisipasi
mengantisipasi
alat dinas mobil unit pos apar asuransi bekas pasca pascakebakaran""".split()
)
# The service named after a danger. It is no danger itself, unless somebody calls for it or waits for it.
SERVICES = frozenset("pemadam pmadam pemadaman regu satgas armada truk branwir".split())
# What may yet come. Of fire alone: who fears violence is in danger already.
FEARS = frozenset(
    """takut khawatir kuatir kawatir dikhawatirkan dikuatirkan bahaya risiko resiko potensi berpotensi
memicu
wedi kuwatos sieun bilih menyebabkan mengakibatkan""".split()
)
# A word in front that says how long ago, and its partner: "tahun lalu", "taun kepungkur", "last year".
SPANS = frozenset(
    """tahun taun thn th bulan bln minggu mgg pekan sasi wulan minggon year month week years months
weeks""".split()
)
AGO = frozenset("lalu kemarin kmrn silam kepungkur kapungkur wingi kamari tukang ago last".split())
# How many words before a danger word "pernah" and "dulu" still speak of it.
REACH = 3
ONCE = frozenset("pernah dulu dulunya dahulu tau nate kungsi baheula biyen riyen once".split())
# Any of these anywhere says that it may be going on after all: then the number is told, whatever else stands
# there. Better told once too often.
STILL = frozenset(
    """sekarang skrg skrng skg saiki ayeuna samenika kini sedang lagi lg masih msh barusan baru api
geni seuneu
asap kumelun makin tambah merambat membesar berkobar cepat cepet cpt gancang enggal darurat gawat
terjebak korban
semalam tadi now still again help hurry trapped smoke""".split()
)
CALLING = frozenset(
    """panggil panggilkan panggilin telpon telepon telp telponkan hubungi kirim kirimkan kirimin datang
dtg datangkan
butuh perlu tolong tlg tolg tulung tulungi minta belum blm durung dereng teu call send need
please""".split()
)
_SENTENCES, _CLAUSES = re.compile(r"[.!?;\n]+"), re.compile(r"[,:()]+")
PAST_AND_OVER = frozenset({"fire", "drowning", "trapped"})
# A long word with one slip is still that word: kebakarn, kebakran.
LETTERS_FOR_SLIPS = 8


class Emergencies:
    """Finds the words a city lists for each danger."""

    def __init__(self, emergencies: Iterable[Emergency]) -> None:
        self._signs = _signs(emergencies)
        self._firsts = frozenset(words[0] for words in self._signs)
        self._meant = lru_cache(maxsize=20_000)(self._look_up)
        self._long = tuple(w[0] for w in self._signs if len(w) == 1 and len(w[0]) >= LETTERS_FOR_SLIPS)

    def find(self, text: str) -> str:
        """Return the kind of danger a text speaks of, empty when none; the first named counts.

        A danger long over, one that is only feared, and the fire service are none, unless a word says that
        it is going on or that somebody calls for help.
        """
        for in_words in (raw_words, plain_words):
            for sentence in _SENTENCES.split(text[:READ_CHARACTERS]):
                earlier: list[str] = []
                for words in map(in_words, _CLAUSES.split(sentence)):
                    for start in range(len(words)):
                        kind = self._at(words, start)
                        if kind and not _is_only_mentioned(kind, words, start, text, earlier):
                            return kind
                    # "Tahun lalu, kebakaran ...": a few words in front still belong to what follows.
                    earlier = words if len(words) <= REACH else []
        return ""

    def _at(self, words: Sequence[str], start: int) -> str:
        longest = min(5, len(words) - start) if words[start] in self._firsts else 0
        for length in range(longest, 0, -1):
            kind = self._signs.get(tuple(words[start : start + length]))
            if kind:
                return kind
        word = words[start]
        if len(word) < LETTERS_FOR_SLIPS - 1:
            return ""
        return self._meant(word)

    def _look_up(self, word: str) -> str:
        meant = nearest_slip(word, self._long, 1)
        return self._signs[(meant,)] if meant[:1] == word[0] else ""


def _signs(emergencies: Iterable[Emergency]) -> dict[tuple[str, ...], str]:
    """Return the kind of danger by the words that say it, as typed and in plain spelling."""
    signs: dict[tuple[str, ...], str] = {}
    for emergency in emergencies:
        for phrase in emergency.words:
            for words in (tuple(raw_words(phrase)), tuple(plain_words(phrase))):
                if words:
                    signs.setdefault(words, emergency.kind)
    return signs


def _is_only_mentioned(
    kind: str, words: Sequence[str], start: int, text: str, earlier: Sequence[str]
) -> bool:
    """Return whether a danger word speaks of no danger that is there now.

    Args:
        kind: The danger.
        words: Those of the clause.
        start: Where the danger word stands in it.
        text: The whole text.
        earlier: The clause before, if it is short.
    """
    before = words[start - 1] if start else ""
    if before in NOT_NOW:
        return True
    said = frozenset(raw_words(text) + plain_words(text))
    if not STILL.isdisjoint(said):
        return False
    if kind == "fire" and before in SERVICES:
        return CALLING.isdisjoint(said) or _is_over(words, start, earlier)
    if kind == "fire" and before in FEARS:
        return True
    return kind in PAST_AND_OVER and _is_over(words, start, earlier)


def _is_over(words: Sequence[str], start: int, earlier: Sequence[str]) -> bool:
    """Return whether words say that a danger was long ago: "tahun lalu", "pernah kebakaran"."""
    near = [*earlier, *words[max(0, start - REACH - 2) : start + REACH + 4]]
    around = [word for word in near if word not in ("yang", "yg", "sing", "nu")]
    ago = any({one, other} & SPANS and {one, other} & AGO for one, other in pairwise(around))
    return ago or not ONCE.isdisjoint(words[max(0, start - REACH) : start])
