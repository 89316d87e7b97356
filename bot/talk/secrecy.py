"""Who may see a report: what is proposed from its words, what the citizen chooses, and how it is read back.

Pure. Three things a citizen can have: biasa, rahasia (not open to the public), tanpa nama.
"""

import re
from collections.abc import Mapping
from typing import Any

from bot.reading.spelling import raw_words
from bot.understanding import Understood
from bot.wording import Line

Answers = Mapping[str, Any]

WHO_NORMAL = "Your number is only used to answer you."
WHO_CONFIDENTIAL = "Confidential: not open to the public."
WHO_NAMELESS = "The office does not see your name."
WHO_BOTH = "Confidential, and the office does not see your name."

_ASKS = re.compile(
    r"\b(?:di|ter)?rahasia(?:kan|ken|kake)?\b|\bconfidential\b|\bsecret\b|\bwadi\b|\brusiah(?:keun)?\b"
)
_SPOKEN_OF = re.compile(r"\b(?:bukan rahasia|rahasia umum|rahasia negara|not (?:a )?secret)\b")
_NAMELESS = re.compile(
    r"\b(?:rahasiakan|sembunyikan|jangan (?:di)?sebut(?:kan)?|tanpa)\s+(?:nama|identitas|data diri)\b"
    r"|\b(?:nama|identitas)\s+(?:(?:saya|kami|pelapor)\s+)?(?:mohon\s+|tolong\s+|harap\s+)?"
    r"(?:di)?rahasia(?:kan|ken|kake|keun)?\b"
    r"|\banonim\b|\banonymous(?:ly)?\b|\bwithout my name\b|\btanpa asma\b|\btanpi asma\b"
)
# Whole messages that ask for secrecy while a report is open.
_WORDS = frozenset(
    "rahasia rahasiakan rahasiaken rahasiakake dirahasiakan confidential secret wadi rusiah "
    "rusiahkeun".split()
)
_AROUND = frozenset(
    "tolong mohon minta mau saya ini laporan lapor nggih ya pak bu min please make it keep this report dong "
    "saja isi isinya aja tulung punten nyuwun".split()
)
_MOST_WORDS = 5


def asks_now(text: str) -> bool:
    """Whether a whole message asks for secrecy: "rahasia", "tolong rahasiakan laporan ini"."""
    words = set(raw_words(text))
    return bool(words & _WORDS) and len(words) <= _MOST_WORDS and words <= _WORDS | _AROUND


def proposed(answers: Answers, text: str, told: Understood) -> dict[str, bool]:
    """What the words of a story propose; nothing once the citizen has chosen himself."""
    if answers.get("chosen"):
        return {}
    plain = text.casefold()
    asks = bool(_ASKS.search(_SPOKEN_OF.sub("", plain)))
    found = {"confidential": bool(told.sensitive) or asks, "nameless": bool(_NAMELESS.search(plain))}
    return {name: True for name, yes in found.items() if yes}


def chosen(answers: Answers) -> dict[str, Any]:
    """The answers after "who may see it?" was answered."""
    picked = answers["privacy"]
    rest = {
        name: value for name, value in answers.items() if name not in ("privacy", "confidential", "nameless")
    }
    if picked == "nameless":
        return {**rest, "chosen": True, "nameless": True, "confidential": is_confidential(answers)}
    return {**rest, "chosen": True, "confidential": picked == "confidential"}


def is_confidential(answers: Answers) -> bool:
    """Whether the report is not to be open to the public."""
    return bool(answers.get("confidential"))


def is_nameless(answers: Answers) -> bool:
    """Whether the office is not to see who reports."""
    return answers.get("send") == "anonymous" or bool(answers.get("nameless"))


def who_sees(answers: Answers) -> Line:
    """Who will see the report, in words."""
    keys = {
        (False, False): WHO_NORMAL,
        (True, False): WHO_CONFIDENTIAL,
        (False, True): WHO_NAMELESS,
        (True, True): WHO_BOTH,
    }
    return Line(keys[is_confidential(answers), is_nameless(answers)])
