"""Notices danger to life in a text, so that the number to call is told before anything else."""

from collections.abc import Iterable, Sequence

from bot.city import Emergency
from bot.matching import slips
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
        self._long = tuple(
            (words[0], kind)
            for words, kind in self._signs.items()
            if len(words) == 1 and len(words[0]) >= LETTERS_FOR_SLIPS
        )

    def find(self, text: str) -> str:
        """Return the kind of danger a text speaks of, empty when none; the first named counts."""
        for words in (raw_words(text), plain_words(text)):
            for start in range(len(words)):
                kind = self._at(words, start)
                if kind and not (start and words[start - 1] in NOT_NOW):
                    return kind
        return ""

    def _at(self, words: Sequence[str], start: int) -> str:
        for length in range(min(5, len(words) - start), 0, -1):
            kind = self._signs.get(tuple(words[start : start + length]))
            if kind:
                return kind
        word = words[start]
        if len(word) < LETTERS_FOR_SLIPS - 1:
            return ""
        return next(
            (kind for sign, kind in self._long if word[0] == sign[0] and slips(word, sign, 1) <= 1), ""
        )


def _signs(emergencies: Iterable[Emergency]) -> dict[tuple[str, ...], str]:
    """Return the kind of danger by the words that say it, as typed and in plain spelling."""
    signs: dict[tuple[str, ...], str] = {}
    for emergency in emergencies:
        for phrase in emergency.words:
            for words in (tuple(raw_words(phrase)), tuple(plain_words(phrase))):
                if words:
                    signs.setdefault(words, emergency.kind)
    return signs
