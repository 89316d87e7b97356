"""A button that a citizen pressed is read in the words that stood on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from bot.channel import Option, Payload
from bot.house import House
from storage.models import message
from tests.panel_house import NOW, client_of, file_ticket, house_on, panel_app, rows_of, send_out


@pytest.fixture
def house(city_database: str, tmp_path: Path) -> Iterator[House]:
    with house_on(city_database, tmp_path) as made:
        yield made


def pressed(house: House, number: str, words: str) -> None:
    """A message that says nothing but which button it was, as Telegram sends it."""
    found, _ = rows_of(house, number)
    row = {"conversation_id": found.conversation_id, "ticket_id": found.id, "created_at": NOW}
    said = {"direction": "in", "state": "received", "author": "citizen", "kind": "choice", "text": words}
    with house.database.transaction() as tx:
        tx.execute(insert(message).values(**row, **said))


def test_a_pressed_button_is_shown_by_its_label_and_what_nobody_offered_as_it_came(house: House) -> None:
    number = file_ticket(house, "DINKES")
    send_out(house, number, "sent")
    offered = Payload("Sudah benar?", (Option("send=send", "Kirim"), Option("send=edit", "Ubah")))
    with house.database.transaction() as tx:
        tx.execute(message.update().where(message.c.direction == "out").values(payload=offered.to_json()))
    pressed(house, number, "[send=send]")
    pressed(house, number, "[color=red]")
    page = client_of(panel_app(house), "dinkes@kota.test").get(f"/panel/tickets/{number}").text
    assert '<span class="muted">menekan</span> Kirim' in page
    assert "[send=send]" not in page
    assert "[color=red]" in page
