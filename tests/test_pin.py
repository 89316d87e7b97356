"""The PIN of an anonymous report: told once, kept by nobody, five tries, and it betrays nothing."""

import json
import logging
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import MetaData, text

import panel
from bot import numbers
from bot.care.export import ticket_rows
from bot.people import pins
from bot.people.secret import BLANK, Secret, unreadable
from bot.wording import Line
from storage import queries
from tests.panel_house import PASSWORD, log_in
from tests.people import HOLE, LAMP, at_once, code_of, event, says
from tests.phones import Phone
from tests.streets import NOW, Town, open_town

WRONG = "tidak terbuka dengan PIN ini"
ASKS = "hanya terbuka di sini dengan PIN-nya"


@pytest.fixture(scope="module")
def shared(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(shared_database, tmp_path_factory.mktemp("town")) as made:
        yield made


@pytest.fixture
def town(shared: Town) -> Town:
    shared.clock.moment = NOW
    shared.age_reports()
    return shared


def files_nameless(phone: Phone, words: str = HOLE) -> tuple[str, str]:
    """File without a name; returns number and PIN as the citizen reads them."""
    says(phone, words)
    told = "\n".join(says(phone, "2"))
    found = re.findall(r"CEK (\d{9}) (\d{4})\b", told)
    assert len(found) == 1, told
    return str(found[0][0]), str(found[0][1])


def other(pin: str) -> str:
    return f"{(int(pin) + 1) % 10_000:04}"


@pytest.mark.parametrize("channel", ["whatsapp", "telegram", "simulator/telegram"])
def test_a_report_without_a_name_opens_elsewhere_by_its_pin_alone(town: Town, channel: str) -> None:
    mine, elsewhere = town.phone(channel), town.phone("sms")
    number, pin = files_nameless(mine)
    assert ASKS in says(elsewhere, f"CEK {number}")[0]
    assert WRONG in says(elsewhere, other(pin))[0]
    assert f"{number}: diterima" in says(elsewhere, f"CEK {number} {pin}")[0]


def test_a_report_by_sms_without_a_name_has_a_pin_too(town: Town) -> None:
    phone = town.phone("sms")
    told = "\n".join(says(phone, f"lapor anonim {HOLE}"))
    found = re.search(r"CEK (\d{9}) (\d{4})\b", told)
    assert found, told
    assert f"{found[1]}: diterima" in says(town.phone("telegram"), f"CEK {found[1]} {found[2]}")[0]


def test_a_named_report_has_none_and_is_read_by_everybody_as_before(town: Town) -> None:
    mine = town.phone("telegram")
    says(mine, HOLE)
    told = "\n".join(says(mine, "1"))
    number = re.findall(r"\d{9}", told)[-1]
    assert "PIN" not in told
    assert f"{number}: diterima" in says(town.phone("sms"), f"CEK {number}")[0]


def test_five_wrong_pins_in_all_end_it_elsewhere_but_never_on_the_own_phone(town: Town) -> None:
    mine, second, third = town.phone("whatsapp"), town.phone("sms"), town.phone("telegram")
    number, pin = files_nameless(mine)
    for phone in (second, third, second, third):
        assert WRONG in says(phone, f"CEK {number} {other(pin)}")[-1]
    assert "diterima" in says(second, f"CEK {number} {pin}")[-1]  # sets the count back
    for phone in (second, third, second, third, second):
        assert WRONG in says(phone, f"CEK {number} {other(pin)}")[-1]
    for phone in (second, third):
        assert WRONG in says(phone, f"CEK {number} {pin}")[-1]
    assert "diterima" in says(mine, f"CEK {number}")[-1]


def test_many_wrong_pins_at_once_are_counted_one_by_one(town: Town) -> None:
    number, pin = files_nameless(town.phone("telegram"))
    guesses = [event("sms", f"+628881{n:07}", f"CEK {number} {other(pin)}") for n in range(12)]
    assert at_once(town, guesses) == ["taken"] * 12
    tries = town.one("select pin_tries from ticket where number = :number", number=number)[0]
    assert tries == pins.MOST_TRIES


def test_nobody_learns_which_numbers_are_reports(town: Town) -> None:
    """An anonymous report, a confidential one and a number that nobody has are answered alike."""
    number, pin = files_nameless(town.phone("whatsapp"))
    secret, _ = files_nameless(town.phone("whatsapp"), LAMP)
    with town.house.database.transaction() as tx:
        change = text("update ticket set confidential = true where number = :number")
        tx.execute(change, {"number": secret})
    nobody = next(one for one in iter(numbers.draw, "") if one not in (number, secret))
    heard = []
    for asked in (number, secret, nobody):
        phone = town.phone("telegram")
        talk = [
            f"CEK {asked}",
            other(pin),
            *[f"CEK {asked} {other(pin)}"] * 6,
            f"BALAS {asked} halo",
            f"IKUT {asked}",
        ]
        told = [says(phone, one) for one in talk]
        heard.append(json.dumps(told).replace(asked, "N"))
    assert heard[0] == heard[1] == heard[2]


def test_with_the_pin_the_reporter_answers_from_another_phone_for_a_quarter_of_an_hour(town: Town) -> None:
    number, pin = files_nameless(town.phone("whatsapp"))
    elsewhere = town.phone("sms")
    status = "update ticket set status = 'waiting', paused_at = changed_at where number = :number"
    with town.house.database.transaction() as tx:
        tx.execute(text(status), {"number": number})
    says(elsewhere, f"CEK {number} {pin}")
    assert "Ditambahkan" in says(elsewhere, f"BALAS {number} di depan toko roti")[0]
    row = town.one("select status from ticket where number = :number", number=number)
    assert row.status == "in_progress"  # it was the reporter's answer to the officer's question
    town.clock.moment += timedelta(minutes=15)
    assert "tidak ditemukan" in says(elsewhere, f"BALAS {number} masih rusak")[0]


def test_the_question_lets_go_of_who_speaks_of_something_else(town: Town) -> None:
    number, _ = files_nameless(town.phone("whatsapp"))
    elsewhere = town.phone("telegram")
    says(elsewhere, f"CEK {number}")
    assert "Laporan Anda" in says(elsewhere, LAMP)[0]
    says(elsewhere, "BATAL")
    says(elsewhere, f"CEK {number}")
    assert "PIN" in "\n".join(says(elsewhere, "12"))
    assert "PIN" not in says(elsewhere, "BATAL")[0]
    assert "PIN" not in "\n".join(says(elsewhere, "halo"))


# --- who must not see it ------------------------------------------------------------------------------------
def test_no_row_page_export_or_log_holds_the_pin(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    mine, elsewhere = town.phone("whatsapp"), town.phone("telegram")
    number, pin = files_nameless(mine)
    says(elsewhere, f"CEK {number}")
    says(elsewhere, pin)
    says(elsewhere, f"CEK {number} pin {pin}")
    says(elsewhere, f"BALAS {number} lubangnya makin lebar")
    shown = re.compile(rf"(?<![\w.+:-]){pin}(?![\w.+:-])")
    blank = f"{number} {BLANK}"
    chance = re.compile(r'2026|"provider_id": ?"\d+"')  # a year, or a number of Telegram's own
    held = [row for row in _texts_of_all_tables(town) if shown.search(chance.sub("", row))]
    assert held == []
    with town.house.database.reading() as tx:
        (row,) = [one for one in ticket_rows(tx, NOW) if one["number"] == number]
        reader = queries.reader(tx, "koordinator@kota.test")
        assert reader and queries.one_ticket(tx, reader, number)
    said = " ".join(one["text"] for one in row["messages"])
    assert blank in said and not shown.search(said.replace("2026", ""))
    page = _page(town, number)
    assert blank in page and f"{number} {pin}" not in page and f"PIN {pin}" not in page
    assert f"{number} {pin}" not in caplog.text and f"PIN {pin}" not in caplog.text


def _texts_of_all_tables(town: Town) -> list[str]:
    """Every row of every table that is not a count, as text."""
    tables = MetaData()
    tables.reflect(town.house.database.engine)
    with town.house.database.reading() as tx:
        rows = [
            json.dumps({name: value for name, value in row.items() if isinstance(value, str | dict | list)})
            for table in tables.sorted_tables
            for row in tx.execute(table.select()).mappings()
        ]
    return [re.sub(r"gAAAA[\w=-]+", "", row) for row in rows]  # ciphertext says nothing


def _page(town: Town, number: str) -> str:
    app = Flask("panel_beside_the_town")
    panel.install(app, town.house)
    panel.add_staff(town.house, "pembaca@kota.test", "administrator", "", PASSWORD)
    client = app.test_client()
    assert log_in(client, "pembaca@kota.test").status_code == 302
    return client.get(f"/panel/tickets/{number}").text


@pytest.mark.parametrize(
    "words", ["BALAS {n} {p} makin dalam", "laporan saya {n} {p} belum dijawab, " + LAMP]
)
def test_a_pin_in_a_story_is_in_no_row_either(town: Town, words: str) -> None:
    phone = town.phone("whatsapp")
    number, pin = files_nameless(phone)
    says(phone, words.format(n=number, p=pin))
    says(phone, "1")
    kept = (
        ("ticket", "text"),
        ("event", "note"),
        ("message", "text"),
        ("conversation", "state::text"),
    )
    for table, column in kept:
        holds = f"select count(*) from {table} where {column} like :told"
        assert town.one(holds, told=f"%{number} {pin}%")[0] == 0, table
        assert town.one(holds, told=f"{pin} makin%")[0] == 0, table


def test_a_code_that_was_not_looked_at_is_in_no_row(town: Town) -> None:
    giver, taker = town.phone("whatsapp"), town.phone("telegram")
    code = code_of(says(giver, "SAMBUNG"))
    says(taker, f"sambung {code[:3]} {code[3:]}")
    holds = "select count(*) from message where replace(text, ' ', '') like :code"
    assert town.one(holds, code=f"%{code}%")[0] == 0


def test_a_secret_cannot_be_printed_by_accident() -> None:
    secret = Secret("4821")
    assert f"{secret} {secret!r}".count("4821") == 0
    assert Line("PIN {pin}", {"pin": secret}).key.format(pin=secret) == f"PIN {BLANK}"


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("CEK 417058234 4821", "CEK 417058234 ****"),
        ("cek 417058234, PIN: 4821", "cek 417058234, PIN: ****"),
        ("CEK 417058234 PIN4821", "CEK 417058234 PIN****"),
        ("meteran 417058236 4821 rusak", "meteran 417058236 4821 rusak"),  # no report's number
        ("CEK 417058234", "CEK 417058234"),
    ],
)
def test_a_pin_behind_a_report_number_is_blank_in_what_is_kept(words: str, kept: str) -> None:
    assert unreadable(words, {}) == kept


@pytest.mark.parametrize("words", ["4821", "48 21", "4-8-2-1", "PIN 4821.", "48210", "482"])
def test_what_answers_the_question_for_the_pin_is_blank_right_or_not(words: str) -> None:
    assert not re.search(r"\d", unreadable(words, {"aside": {"name": "pin", "number": "417058234"}}))
