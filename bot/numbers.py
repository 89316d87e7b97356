"""Ticket numbers: eight random digits and a check digit, so that a mistyped one is nobody else's report."""

import secrets

from stdnum import damm

DIGITS = 9


def draw() -> str:
    """A new random number of nine digits; the caller makes sure that it is not taken."""
    body = str(10_000_000 + secrets.randbelow(90_000_000))
    return str(body + damm.calc_check_digit(body))


def is_number(text: str) -> bool:
    """Whether these are nine digits with the right check digit (any one wrong or swapped digit shows)."""
    return len(text) == DIGITS and text.isascii() and text.isdigit() and bool(damm.is_valid(text))
