"""Masks personal numbers that were typed unasked: NIK and KK, mobile numbers, e-mail addresses.

Pure. What is masked is handed back, so that the citizen can have it kept for the officer.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

NIK, PHONE, EMAIL = "[NIK]", "[TELP]", "[EMAIL]"

_SIGNS = re.compile(r"\[(?:NIK|TELP|EMAIL)\]")
# Digits in groups, as people write them: 3374 0101 0190 0001, 0812-3456-7890, (0812) 3456 7890.
_RUN = re.compile(r"(?<!\d)[+-]?\(?\d{1,24}(?:(?:[ .-]|\) ?| \(| ?- ?|\()\d{1,24}){0,40}")
_GROUP = re.compile(r"\d+")
# "Rp 1.500.000.000.000.000" has sixteen digits and is nobody's.
_MONEY_BEFORE = re.compile(r"(?:rp|idr)[ .:]*$", re.IGNORECASE)
# A slip in a NIK leaves 14 to 18 digits; the word in front says what they are.
_NAMED = re.compile(r"(?i)\b((?:nik|ktp|kk)\b\D{0,15})(?<!\d)\d{14,18}(?!\d)")
# Bounded, and begun only where no such letter stands in front: a long text cannot make it slow.
_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}(?![\w-])", re.IGNORECASE
)
NIK_DIGITS, REPORT_DIGITS = 16, 9
# 0 or 62, then a subscriber's number that begins with 8.
# Source: https://en.wikipedia.org/wiki/Telephone_numbers_in_Indonesia (mobile: 08xx, 10 to 13 digits)
LEAST_PHONE, MOST_PHONE = 10, 14
_ENOUGH = 11  # a number in groups is complete here: what follows is something else
_MOBILE = re.compile(r"(?:0|62)8[1-9]")


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without personal numbers, and what was taken out of it, in order: "NIK 3374010101900001"."""

    text: str
    hidden: tuple[str, ...] = ()


def without_signs(text: str) -> str:
    """The text without [NIK], [TELP] and [EMAIL]: what is left is what somebody said."""
    return _SIGNS.sub(" ", text).strip() if "[" in text else text


def mask(text: str) -> Masked:
    """The text with personal numbers replaced by [NIK], [TELP] and [EMAIL].

    Report numbers, short numbers to call, money, dates, house and meter numbers stay.

    Args:
        text: normalised, so that all digits are 0 to 9.
    """
    hidden: list[str] = []

    def by(sign: str) -> Callable[[re.Match[str]], str]:
        def take(found: re.Match[str]) -> str:
            hidden.append(f"{sign.strip('[]')} {found.group()}")
            return sign

        return take

    without_mail = _EMAIL.sub(by(EMAIL), text)
    without_runs = _RUN.sub(lambda found: _masked_run(found, hidden), without_mail)
    return Masked(_NAMED.sub(lambda found: _masked_slip(found, hidden), without_runs), tuple(hidden))


def _masked_slip(found: re.Match[str], hidden: list[str]) -> str:
    hidden.append(f"NIK {found.group().removeprefix(found[1])}")
    return f"{found[1]}{NIK}"


def _masked_run(found: re.Match[str], hidden: list[str]) -> str:
    """One run of digit groups with what is personal in it masked."""
    run = found.group()
    if _MONEY_BEFORE.search(found.string[max(0, found.start() - 8) : found.start()]):
        return run
    groups = list(_GROUP.finditer(run))
    shown, done, at = [], 0, 0
    while at < len(groups):
        sign, count = ("", 0) if _is_fraction(run, groups, at) else _personal(run, groups[at:])
        if not count:
            at += 1
            continue
        begins, ends = _edges(run, groups[at].start(), groups[at + count - 1].end())
        hidden.append(f"{sign.strip('[]')} {run[begins:ends]}")
        shown += [run[done:begins], sign]
        done, at = ends, at + count
    return "".join([*shown, run[done:]])


def _edges(run: str, begins: int, ends: int) -> tuple[int, int]:
    """Where a number begins and ends, with the + and the bracket in front that belong to it."""
    while begins and run[begins - 1] in "+(":
        begins -= 1
    return begins, ends


def _is_fraction(run: str, groups: list[re.Match[str]], at: int) -> bool:
    """Whether a group is the fraction of a position in Indonesia: -6.984..., 110.412..."""
    if not at or run[groups[at].start() - 1] != ".":
        return False
    whole = groups[at - 1]
    south = run[: whole.start()].endswith("-") or whole.string[: whole.start()].endswith("-")
    return south or 95 <= int(whole.group()) <= 141


def _personal(run: str, groups: list[re.Match[str]]) -> tuple[str, int]:
    """What begins with the first of these groups and how many groups it has; 0: nothing personal."""
    if count := _nik(run, groups):
        return NIK, count
    return PHONE, _phone(groups)


def _nik(run: str, groups: list[re.Match[str]]) -> int:
    if len(groups[0].group()) == NIK_DIGITS:
        return 1
    digits = ""
    between: set[str] = set()
    for count, group in enumerate(groups[:8], 1):
        if len(group.group()) < 2:
            return 0
        digits += group.group()
        if len(digits) >= NIK_DIGITS:
            whole = len(digits) == NIK_DIGITS and len(between) == 1
            return count if whole and _has_birthday(digits) else 0
        between.add(run[group.end() : groups[count].start()] if count < len(groups) else "")
    return 0


def _has_birthday(digits: str) -> bool:
    """Whether sixteen digits are built like a NIK: region, day of birth (a woman's plus 40), month.

    Source: https://id.wikipedia.org/wiki/Nomor_Induk_Kependudukan
    """
    region, day, month = int(digits[:2]), int(digits[6:8]) % 40, int(digits[8:10])
    return 11 <= region <= 97 and 1 <= day <= 31 and 1 <= month <= 12


def _phone(groups: list[re.Match[str]]) -> int:
    """How many groups a mobile number takes, 0 when none begins here."""
    first = groups[0].group()
    if LEAST_PHONE <= len(first) <= MOST_PHONE:
        return 1 if _MOBILE.match(first) else 0
    second = groups[1].group() if len(groups) > 1 else ""
    begins = _MOBILE.match(first) or (first == "62" and len(second) >= 3 and _MOBILE.match(first + second))
    if not begins or len(first) == REPORT_DIGITS:  # "CEK 628123456 4821" is a report and its PIN
        return 0
    digits = ""
    for count, group in enumerate(groups, 1):
        digits += group.group()
        following = groups[count].group() if count < len(groups) else ""
        enough = len(digits) >= _ENOUGH or len(following) not in (2, 3, 4)
        if enough and LEAST_PHONE <= len(digits):
            return count if len(digits) <= MOST_PHONE else 0
        if len(following) < 2:
            return 0
    return 0
