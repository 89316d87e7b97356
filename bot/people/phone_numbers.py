"""Telephone numbers as SMS brings them and staff type them, and as each channel takes them. Pure."""

import re

import phonenumbers

_WRITTEN = re.compile(r"^ ?\+?[0-9 ().\-]+$")
HOME = "ID"
# Source: https://www.twilio.com/docs/whatsapp/api (addresses: "whatsapp:" and the number in E.164)
_BEFORE = {"whatsapp": "whatsapp:"}


def e164(raw: str) -> str | None:
    """The number in E.164 with its plus, or None for short codes, sender names and anything else.

    `08..`, `8..`, `62..`, `0062..` and `+62..` are the same Indonesian number; a blank in front is a plus
    that a sender forgot to escape in a URL. New number ranges are taken: only lengths are checked.
    """
    if not _WRITTEN.match(raw) or not raw.isascii():
        return None
    digits = re.sub(r"[^0-9]", "", raw)
    written = "+" + digits if raw.startswith((" ", "+")) else _with_plus(digits)
    try:
        number = phonenumbers.parse(written, HOME)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _with_plus(digits: str) -> str:
    """Digits as the parser understands them: national as they are, international with a plus."""
    if digits.startswith("00"):
        return "+" + digits.removeprefix("00")
    return digits if digits.startswith(("0", "8")) else "+" + digits


def address_on(channel: str, number: str) -> str:
    """The address of a number, in E.164, as a channel brings and takes it."""
    return _BEFORE.get(channel, "") + number
