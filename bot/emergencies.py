"""Notices danger to life in a text, so that the number to call is told before anything else."""

from collections.abc import Iterable, Sequence

from bot.city import Emergency
from bot.matching import nearest_slip
from bot.spelling import plain_words, raw_words

# Words before a danger word that speak of it without being in it.
NOT_NOW = frozenset(
    """sosialisasi simulasi pelatihan latihan penyuluhan rawan cegah mencegah pencegahan antisipasi
mengantisipasi
alat dinas mobil unit pos apar asuransi bekas pasca""".split()
)
# A long word with one slip is still that word: kebakarn, kebakran.
LETTERS_FOR_SLIPS = 8


class Emergencies:
    """Finds the words a city lists for each danger."""

    def __init__(self, emergencies: Iterable[Emergency]) -> None:
        self._signs = _signs(emergencies)
        self._firsts = frozenset(words[0] for words in self._signs)
        self._long = tuple(w[0] for w in self._signs if len(w) == 1 and len(w[0]) >= LETTERS_FOR_SLIPS)

    def find(self, text: str) -> str:
        """Return the kind of danger a text speaks of, empty when none; the first named counts."""
        for words in (raw_words(text), plain_words(text)):
            for start in range(len(words)):
                kind = self._at(words, start)
                if kind and not (start and words[start - 1] in NOT_NOW):
                    return kind
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
