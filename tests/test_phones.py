"""Telephone numbers in the forms that SMS brings."""

import pytest

from handlers.phones import e164

CITIZEN = "+628111234567"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("08111234567", CITIZEN),
        ("8111234567", CITIZEN),
        ("628111234567", CITIZEN),
        ("00628111234567", CITIZEN),
        (" 628111234567", CITIZEN),
        ("+62 811-1234-567", CITIZEN),
        ("+6591234567", "+6591234567"),
        ("1708", None),
        ("112", None),
        ("TELKOMSEL", None),
        ("0811-FLOWERS", None),
        ("08111234567 08111234568", None),
        ("+628111234567;ext=1", None),
        ("٠٨١١١٢٣٤٥٦٧", None),
        ("", None),
        ("+", None),
    ],
)
def test_a_number_has_one_form_and_what_is_no_number_has_none(written: str, number: str | None) -> None:
    assert e164(written) == number
