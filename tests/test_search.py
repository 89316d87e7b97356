"""What staff find by typing: numbers, words, places, tags; misspelt words; and what must never come out."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update

import panel
from bot.care import desk, vocabulary
from bot.care.searching import meant
from bot.house import House
from storage import queries
from storage.deskwork import audit, term, ticket_tag
from storage.models import address, ticket
from tests.panel_house import (
    NOW,
    PASSWORD,
    STAFF,
    client_of,
    file_ticket,
    house_on,
    panel_app,
    rows_of,
    token,
)

LONG_AGO = NOW - timedelta(days=3)


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        for email, (role, office) in STAFF.items():
            panel.add_staff(house, email, role, office, PASSWORD)
        yield house


def finds(house: House, typed: str, email: str = "admin@kota.test", queue: str = "open") -> set[str]:
    with house.database.reading() as tx:
        by = desk.staff_reader(tx, email)
        query = meant(tx, typed).query
        return {row["number"] for row in queries.ticket_list(tx, by, queue=queue, now=NOW, search=query)}


def instead(house: House, typed: str) -> str:
    with house.database.reading() as tx:
        return meant(tx, typed).instead


def change(house: House, number: str, **values: object) -> None:
    with house.database.transaction() as tx:
        tx.execute(update(ticket).where(ticket.c.number == number).values(**values))


def written_by_three(house: House, words: str, **values: object) -> list[str]:
    return [file_ticket(house, "DPU", text=words, **values) for _ in range(3)]


def test_words_are_found_by_their_stem_in_any_order_and_all_of_them(house: House) -> None:
    lamp = file_ticket(house, "DPU", text="Lampu penerangan jalan padam", place="depan Pasar Johar")
    file_ticket(house, "DPU", text="Jalan berlubang", place="Pedurungan")
    assert finds(house, "padam LAMPU") == {lamp}
    assert finds(house, "lampunya johar") == {lamp}
    assert finds(house, "lampu berlubang") == set()
    assert finds(house, "tolong pak lampu yang di johar") == {lamp}


def test_a_number_is_found_wherever_it_is(house: House) -> None:
    number = file_ticket(house, "DPU", status="closed", closed_how="confirmed")
    other = file_ticket(house, "DPU", external_number="SP4N/2026-0815", text="Pohon tumbang")
    assert finds(house, f" {number} ") == {number}
    assert finds(house, "SP4N/2026-0815") == {other}
    third = file_ticket(house, "DPU", external_number="LAP 77 B", text="RT 03 gelap")
    assert finds(house, "LAP 77 B") == finds(house, "gelap rt 03") == {third}
    assert finds(house, "sp4n/2026-08") == set()


def test_a_tag_is_found_by_its_sign(house: House) -> None:
    number = file_ticket(house, "DPU")
    file_ticket(house, "DPU", text="adipura")
    with house.database.transaction() as tx:
        found = tx.scalar(select(ticket.c.id).where(ticket.c.number == number))
        tx.execute(insert(ticket_tag).values(ticket_id=found, tag="adipura"))
    assert finds(house, "#Adipura") == {number}


def test_a_place_is_found_by_its_area_though_its_name_was_not_written(house: House) -> None:
    with house.database.reading() as tx:
        code = tx.scalar(text("select code from place where name = 'Tugurejo'"))
    coded = file_ticket(house, "DPU", text="Got mampet", place="Jalan Walisongo 12", place_code=code)
    below = file_ticket(house, "DPU", text="Got mampet", place="RT 2", place_code=f"{code}/pasar")
    named = file_ticket(house, "DPU", text="Got mampet", place="dekat Tugurejo")
    elsewhere = file_ticket(house, "DPU", text="Got mampet", place="Jalan Pemuda", place_code="33.74.01.1001")
    assert finds(house, "got tugurejo") == {coded, below, named}
    assert elsewhere in finds(house, "got mampet")


def test_a_misspelt_word_is_put_right_and_said_so(house: House) -> None:
    numbers = set(written_by_three(house, "Trotoar ambles", created_at=LONG_AGO))
    assert vocabulary.gather(house) == 3
    assert vocabulary.gather(house) == 0
    assert finds(house, "trotoar") == finds(house, "trotaor") == numbers
    assert finds(house, "troto") == numbers  # the beginning of a word
    assert instead(house, "trotaor ambles") == "trotoar ambles"
    assert instead(house, "trotoar ambles") == ""
    page = client_of(panel_app(house), "koordinator@kota.local").get("/panel/?q=trotaor+ambles").text
    assert "Menampilkan hasil untuk" in page and "trotoar ambles" in page
    assert all(number in page for number in numbers)


def test_only_words_of_several_citizens_are_gathered(house: House) -> None:
    written_by_three(house, "Jembatan reyot, saya Bambang", created_at=LONG_AGO)
    written_by_three(house, "Setoran rahasiaku", confidential=True, created_at=LONG_AGO)
    written_by_three(house, "Upeti terselubung", supervised=True, created_at=LONG_AGO)
    written_by_three(house, "Baru sekarang", created_at=NOW)
    file_ticket(house, "DPU", text="Nama saya Zulkarnaen", created_at=LONG_AGO)
    vocabulary.gather(house)
    with house.database.reading() as tx:
        words = set(tx.scalars(select(term.c.word)))
    assert {"jembatan", "reyot"} <= words
    assert not words & {"bambang", "zulkarnaen", "rahasiaku", "setoran", "upeti", "terselubung", "baru"}


def test_everybody_finds_only_what_is_his(house: House) -> None:
    own = file_ticket(house, "PKM-MANGKANG", text="Antrean obat panjang")
    other = file_ticket(house, "DPU", text="Antrean truk panjang", external_number="LAP-77")
    lane = file_ticket(house, "DPU", text="Antrean upeti panjang", supervised=True)
    assert finds(house, "antrean") == {own, other}
    assert finds(house, "antrean", "koordinator@kota.local") == {own, other}
    assert finds(house, "antrean", "dinkes@kota.test") == {own}
    assert finds(house, "antrean", "puskesmas@kota.test") == {own}
    assert finds(house, "antrean", "dpu@kota.test") == {other}
    assert finds(house, "antrean", "pimpinan@kota.test") == set()
    for typed in (other, "LAP-77"):
        assert finds(house, typed, "dinkes@kota.test", "all") == set()
    assert finds(house, lane, queue="all") == set()


@pytest.mark.parametrize(
    "odd",
    [
        "\x00",
        "%",
        "_",
        "'",
        '"',
        "a" * 10_000,
        "' | !",
        "yang di dan",
        "\ud800",
        "lampu:*",
        "&&",
        "\\",
        "#",
        "²",
    ],
)
def test_odd_input_is_answered_calmly(house: House, odd: str) -> None:
    file_ticket(house, "DPU", text="Pohon")
    assert finds(house, odd) == set()
    page = client_of(panel_app(house), "admin@kota.test").get(
        "/panel/", query_string={"q": odd.encode("utf-8", "replace")}
    )
    assert page.status_code == 200


def test_common_words_alone_are_answered_by_a_sentence(house: House) -> None:
    file_ticket(house, "DPU", text="yang di dan")
    page = client_of(panel_app(house), "admin@kota.test").get("/panel/?q=yang+di+dan").text
    assert "Tambahkan kata lain" in page


CALLER = "+6281318887766"


def reached_by(house: House, number: str, channel: str, written: str) -> None:
    """Give the reporter of a ticket an address on a channel."""
    lookup = house.database.keys.index(channel, written)
    person = rows_of(house, number)[0].person_id
    with house.database.transaction() as tx:
        tx.execute(
            update(address).where(address.c.person_id == person).values(channel=channel, lookup=lookup)
        )


@pytest.mark.parametrize(("channel", "before"), [("sms", ""), ("whatsapp", "whatsapp:")])
def test_a_number_finds_the_reports_of_its_owner_and_shows_up_nowhere(
    house: House, channel: str, before: str
) -> None:
    number = file_ticket(house, "DPU", text="Halte roboh")
    file_ticket(house, "DPU", text="Orang lain")
    reached_by(house, number, channel, before + CALLER)
    client = client_of(panel_app(house), "koordinator@kota.local")
    form = {"csrf_token": token(client, "/panel/phone")}
    for typed in (CALLER, "0813-1888-7766", "62 813 1888 7766"):
        answer = client.post("/panel/phone", data={**form, "number": typed})
        assert answer.status_code == 200 and number in answer.text and "1 laporan ditemukan" in answer.text
        assert "8887766" not in answer.text and "8887766" not in answer.text.replace("-", "").replace(" ", "")
    assert client.post("/panel/phone", data={**form, "number": "pak Budi"}).status_code == 400
    with house.database.reading() as tx:
        rows = tx.execute(select(audit).where(audit.c.action == "phone_searched").order_by(audit.c.id)).all()
    assert [row.detail for row in rows] == [{"found": 1, "readable": True}] * 3 + [
        {"found": 0, "readable": False}
    ]


def test_a_number_does_not_tell_what_was_reported_without_a_name_or_in_the_lane(house: House) -> None:
    named = file_ticket(house, "DPU")
    reached_by(house, named, "sms", CALLER)
    person = rows_of(house, named)[0].person_id
    nameless = file_ticket(house, "DPU", person_id=person, anonymous=True)
    lane = file_ticket(house, "DPU", person_id=person, supervised=True)
    client = client_of(panel_app(house), "admin@kota.test")
    form = {"csrf_token": token(client, "/panel/phone"), "number": CALLER}
    page = client.post("/panel/phone", data=form).text
    assert "1 laporan ditemukan" in page and named in page
    assert nameless not in page and lane not in page


def test_a_number_typed_into_the_search_is_neither_looked_for_nor_shown_again(house: House) -> None:
    file_ticket(house, "DPU", external_number="081318887766")
    client = client_of(panel_app(house), "admin@kota.test")
    for typed in (CALLER, "0813 1888 7766", "081318887766"):
        page = client.get("/panel/", query_string={"q": typed}).text
        assert "8887766" not in page.replace(" ", "") and "tidak dicari di sini" in page


@pytest.mark.parametrize("email", ["dinkes@kota.test", "pimpinan@kota.test"])
def test_who_may_not_search_by_number_is_refused(house: House, email: str) -> None:
    assert client_of(panel_app(house), email).get("/panel/phone").status_code == 403
