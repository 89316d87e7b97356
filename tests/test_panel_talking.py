"""The ticket's page: write to the citizen, take the chat over, give it back; who may, and what is seen."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from bot import tickets
from bot.house import House
from storage.models import conversation, message, staff, ticket
from tests.panel_house import client_of, file_ticket, house_on, panel_app, send_out, submit

DINKES, DPU, BOSS = "dinkes@kota.test", "dpu@kota.test", "koordinator@kota.local"


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


def holder(house: House, number: str) -> str | None:
    """Whose chat it is."""
    with house.database.reading() as tx:
        query = (
            select(staff.c.email)
            .join(conversation, conversation.c.taken_by == staff.c.id)
            .join(ticket, ticket.c.conversation_id == conversation.c.id)
        )
        return tx.scalar(query.where(ticket.c.number == number))


def outbox(house: House, number: str) -> list[str]:
    with house.database.reading() as tx:
        query = (
            select(message.c.text)
            .join(ticket, ticket.c.id == message.c.ticket_id)
            .where(ticket.c.number == number, message.c.direction == "out")
            .order_by(message.c.id)
        )
        return [str(words) for words in tx.scalars(query)]


def test_an_officer_takes_over_writes_and_gives_back(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    client = client_of(app, DINKES)
    page = client.get(f"/panel/tickets/{number}").text
    assert "Ambil alih percakapan" in page and "Kembalikan ke bot" not in page
    assert submit(client, number, "take").status_code == 302
    page = client.get(f"/panel/tickets/{number}").text
    assert holder(house, number) == DINKES and "Anda memegang percakapan ini" in page
    assert "Percakapan diambil alih petugas" in page and "Ambil alih" not in page
    assert submit(client, number, "say", note="Kami <b>segera</b> ke sana.").status_code == 302
    assert outbox(house, number)[-1] == "Petugas: Kami <b>segera</b> ke sana."
    page = client.get(f"/panel/tickets/{number}").text
    assert "Kami &lt;b&gt;segera&lt;/b&gt; ke sana." in page and "diterima" in page
    assert submit(client, number, "handback").status_code == 302
    assert holder(house, number) is None
    assert "Percakapan dikembalikan ke bot" in client.get(f"/panel/tickets/{number}").text


def test_a_second_officer_sees_who_has_it_and_takes_it_by_a_button_of_its_own(
    app: Flask, house: House
) -> None:
    number = file_ticket(house, "DINKES")
    first, second = client_of(app, DINKES), client_of(app, BOSS)
    submit(first, number, "take")
    refused = submit(second, number, "take")
    assert refused.status_code == 409 and f"dipegang {DINKES}" in refused.text
    page = second.get(f"/panel/tickets/{number}").text
    assert f"Ambil alih dari {DINKES}" in page and "Kirim pesan" not in page
    assert submit(second, number, "take", from_colleague="yes").status_code == 302
    assert holder(house, number) == BOSS


def test_what_was_typed_is_kept_when_it_cannot_be_sent(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    submit(client_of(app, DINKES), number, "take")
    refused = submit(client_of(app, BOSS), number, "say", note="Sudah kami catat.")
    assert refused.status_code == 409 and "Sudah kami catat." in refused.text
    assert "Sudah kami catat." not in " ".join(outbox(house, number))


def test_another_office_cannot_even_see_that_it_is_there(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    client = client_of(app, DPU)
    own = file_ticket(house, "DPU")
    for action in ("take", "say", "handback"):
        form = {"csrf_token": _token(client, own), "note": "Halo"}
        assert client.post(f"/panel/tickets/{number}/{action}", data=form).status_code == 404
        assert client.post(f"/panel/tickets/{own}/{action}", data={"note": "Halo"}).status_code == 400
    assert holder(house, number) is None and outbox(house, number) == []


def _token(client: object, number: str) -> str:
    page: str = client.get(f"/panel/tickets/{number}").text  # type: ignore[attr-defined]
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


def test_the_queue_of_those_who_ask_for_an_officer(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    client = client_of(app, DINKES)
    assert number not in client.get("/panel/?queue=human").text
    with house.database.transaction() as tx:
        row = tx.execute(select(ticket.c.id).where(ticket.c.number == number)).one()
        tickets.append(tx, row.id, house.clock.now(), "human")
    page = client.get("/panel/?queue=human").text
    assert number in page and 'Minta petugas <span class="count">1</span>' in page
    send_out(house, number, "sent", author="staff")
    assert number not in client.get("/panel/?queue=human").text
