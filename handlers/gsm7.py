"""What an SMS can carry: GSM-7, septets, parts. Pure.

Source: https://www.3gpp.org/ftp/Specs/html-info/23038.htm (alphabet, extension table) and
https://www.3gpp.org/ftp/Specs/html-info/23040.htm (140 octets a part,
6 of them taken by the header of a long SMS).
"""
# ruff: noqa: RUF001 - the characters that look like others are what this file is about

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

import smsutil
from smsutil.codecs import GSM_CHARSET

ONE_PART = 160  # septets in 140 octets
ONE_PART_OCTETS = 140
GSM7 = frozenset(GSM_CHARSET) - set("\x1b\f\r")
TYPOGRAPHY = {
    **dict.fromkeys("‘’‚‛′`´ʹʻʼʽ＇", "'"),
    **dict.fromkeys("“”„‟″«»〝〞", '"'),
    **dict.fromkeys("‹", "<") | dict.fromkeys("›", ">"),
    **dict.fromkeys("•‣◦▪▫●○■□◆◇⁃∙·", "-"),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    "…": "...", "⁄": "/", "×": "x", "÷": ":", "±": "+/-", "≤": "<=", "≥": ">=", "→": "->", "←": "<-",
    "©": "(c)", "®": "(R)", "°": " derajat ", "¢": "c", "µ": "u", "μ": "u", "ı": "i", "œ": "oe", "Œ": "OE",
    "þ": "th", "Þ": "Th", "ð": "d", "Ð": "D", "ẞ": "SS", "¦": "|",
}  # fmt: skip
_LATIN = re.compile(r"LATIN (SMALL|CAPITAL) LETTER ([A-Z])(?: WITH .+)?$")


def transliterate(text: str) -> str:
    """The text in GSM-7, or, when it has letters without a Latin form, the text itself for UCS-2.

    Typography is replaced, accents that GSM-7 lacks are dropped, emoji are dropped. What GSM-7 can write
    stays untouched. A text of nothing but emoji stays as it is, so that no message becomes empty.
    """
    text = unicodedata.normalize("NFC", "".join(_tame(char) for char in text.replace("\r\n", "\n")))
    if is_gsm7(text):
        return text
    pieces = [_in_gsm7(char) for char in text]
    if None in pieces:
        return text
    plain = re.sub(r" +(?=[ \n]|$)", "", "".join(piece or "" for piece in pieces)).strip(" ")
    return plain if plain.strip() else text


def is_gsm7(text: str) -> bool:
    """Whether the text can go out in GSM-7 as it is."""
    return GSM7.issuperset(text)


def septets(text: str) -> int:
    """Room the text takes in an SMS, in septets of which one SMS holds 160.

    Characters of the extension table count 2. UCS-2 is counted by its bits, so that 70 characters are 160.
    """
    if not text:
        return 0
    split = smsutil.split(text)
    return int(split.total_bytes) if is_gsm7(text) else -(-int(split.total_bytes) * 8 // 7)


def parts(text: str) -> list[str]:
    """The text as a network would cut it into one long SMS (153 septets or 67 UCS-2 characters a part)."""
    return [part.content for part in smsutil.split(text).parts] if text else []


def fits_one_part(text: str) -> bool:
    """Whether the text, transliterated, is one SMS."""
    return septets(transliterate(text)) <= ONE_PART


def counted(text: str, menu: Sequence[str] = (), between: str = " ") -> list[str]:
    """SMS that each stand alone: one, or several that begin with "(1/3) " and end between words.

    `menu` are choices for the line after the text; they stay together while one SMS can hold them, else
    each stays whole. `between` stands between two of them. Nothing is lost except blanks at a cut.
    Both are expected transliterated. An empty text without a menu needs no SMS.
    """
    whole = "\n".join(filter(None, (text.strip(), between.join(menu))))
    if septets(whole) <= ONE_PART:
        return [whole] if whole else []
    for digits in range(1, 9):
        counter = "({0}/{0}) ".format("9" * digits)
        bodies = _pack(counter, [*_words(text), *_choices(counter, menu, between)])
        if len(bodies) < 10**digits:
            break
    return [f"({index}/{len(bodies)}) {body}" for index, body in enumerate(bodies, start=1)]


def measure(text: str) -> tuple[int, int]:
    """How many SMS tell `text`, and the septets (of 160 each) that they take together."""
    texts = counted(transliterate(text))
    return len(texts), sum(map(septets, texts))


def _tame(char: str) -> str:
    """Line ends as newline, tabs as blanks; other control characters and halves of pairs are dropped."""
    if char in "\r\v\f\x85\u2028\u2029":
        return "\n"
    if char in "\n\t":
        return "\n" if char == "\n" else " "
    return "" if unicodedata.category(char) in {"Cc", "Cs"} else char


@lru_cache(maxsize=4096)
def _in_gsm7(char: str) -> str | None:
    """The character in GSM-7, empty when it can be dropped; None for a letter that has no Latin form."""
    if char in GSM7:
        return char
    if char in TYPOGRAPHY:
        return TYPOGRAPHY[char]
    simpler = unicodedata.normalize("NFKD", char)
    if simpler != char:
        pieces = [_in_gsm7(piece) for piece in simpler]
        return None if None in pieces else "".join(piece or "" for piece in pieces)
    return _by_category(char)


def _by_category(char: str) -> str | None:
    latin = _LATIN.match(unicodedata.name(char, ""))
    if latin:
        return latin[2] if latin[1] == "CAPITAL" else latin[2].lower()
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.digit(char))
    if category.startswith("L"):
        return None
    return {"Zs": " ", "Pd": "-"}.get(category, "")


def _words(text: str) -> Iterator[tuple[str, str]]:
    """Each word with the gap before it."""
    for found in re.finditer(r"(\s*)(\S+)", text):
        yield found[1], found[2]


def _choices(counter: str, menu: Sequence[str], between: str) -> list[tuple[str, str]]:
    whole = between.join(menu)
    if septets(counter + whole) <= ONE_PART:
        return [("\n", whole)] if menu else []
    return [(between if index else "\n", choice) for index, choice in enumerate(menu)]


def _pack(counter: str, words: Sequence[tuple[str, str]]) -> list[str]:
    """Fill one SMS after the other; each must leave room for the counter."""
    bodies = [""]
    for gap, word in words:
        longer = bodies[-1] + gap + word if bodies[-1] else word
        if septets(counter + longer) <= ONE_PART:
            bodies[-1] = longer
        else:
            bodies += _pieces(counter, word)
    return [body for body in bodies if body]


def _pieces(counter: str, word: str) -> list[str]:
    """A word cut so that each piece fits beside the counter: itself, when it does."""
    if is_gsm7(word):
        room = ONE_PART - len(counter)
    else:
        room = ONE_PART_OCTETS - 2 * len(counter)
    return [part.content for part in smsutil.split(word, room, room).parts]
