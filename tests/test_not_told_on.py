"""What a citizen asks about other reports does not end up in the report that he is writing."""

import re
from collections.abc import Iterator

import pytest

from storage import queries
from tests.people import HOLE, LAMP, code_of, files, says
from tests.phones import Phone
from tests.streets import Town, open_town


@pytest.fixture
def town(city_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(city_database, tmp_path_factory.mktemp("town")) as made:
        yield made


def shown_to_staff(town: Town, number: str) -> str:
    """All words in the conversation and the history of a report, as its page shows them."""
    by = town.staff("koordinator@kota.test")
    with town.house.database.reading() as tx:
        row = queries.one_ticket(tx, by, number)
        assert row
        said = [one["text"] for one in queries.ticket_messages(tx, row["id"])]
        return "\n".join([*said, *(one["note"] for one in queries.ticket_events(tx, row["id"]))])


def numbers_in(told: str, digits: int) -> list[str]:
    return re.findall(rf"(?<!\d)\d{{{digits}}}(?!\d)", told)


def files_asking(phone: Phone, *questions: str) -> str:
    """File a report, with questions about something else in the middle; returns its number."""
    says(phone, LAMP)
    for one in questions:
        assert says(phone, one), one
    told = "\n".join(says(phone, "1"))
    assert "diterima" in told or "Diterima" in told, told
    return numbers_in(told, 9)[0]


@pytest.mark.parametrize("asks", ["STATUS", "CEK {number}", "DATA SAYA", "IKUT {number}"])
def test_an_anonymous_report_is_not_betrayed_by_what_is_asked_in_the_next_one(town: Town, asks: str) -> None:
    phone = town.phone("whatsapp")
    nameless = files(phone, HOLE, nameless=True)
    named = files_asking(phone, asks.format(number=nameless))
    assert nameless != named
    shown = shown_to_staff(town, named)
    assert nameless not in shown
    assert "lampu" in shown


def test_a_number_asked_for_just_before_is_not_taken_into_the_next_report(town: Town) -> None:
    phone = town.phone("whatsapp")
    nameless = files(phone, HOLE, nameless=True)
    says(phone, f"CEK {nameless}")
    shown = shown_to_staff(town, files_asking(phone))
    assert nameless not in shown and "lampu" in shown


def test_a_pin_typed_in_the_middle_of_a_report_leaves_no_trace_in_it(town: Town) -> None:
    first, second = town.phone("whatsapp"), town.phone("telegram")
    says(first, HOLE)
    told = "\n".join(says(first, "2"))
    nameless = numbers_in(told, 9)[0]
    asked = (f"CEK {nameless}", "apa itu", numbers_in(told, 4)[0])
    assert nameless not in shown_to_staff(town, files_asking(second, *asked))


def test_a_photo_instead_of_the_pin_is_part_of_the_report_that_is_written(town: Town) -> None:
    first, second = town.phone("whatsapp"), town.phone("simulator/whatsapp")
    nameless = files(first, HOLE, nameless=True)
    says(second, LAMP)
    says(second, f"CEK {nameless}")
    second.sends_photo()
    second.got()
    named = numbers_in("\n".join(says(second, "1")), 9)[0]
    of_it = "select count(*) from attachment a join ticket t on t.id = a.ticket_id where t.number = :number"
    assert town.one(of_it, number=named)[0] == 1


def test_channels_joined_in_the_middle_of_a_report_are_not_told_to_its_officers(town: Town) -> None:
    phone, other = town.phone("whatsapp"), town.phone("telegram")
    named = files_asking(phone, f"SAMBUNG {code_of(says(other, 'SAMBUNG'))}", "DATA SAYA")
    shown = shown_to_staff(town, named)
    assert "Telegram" not in shown and phone.address[-3:] not in shown
