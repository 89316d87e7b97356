"""What an officer writes to a citizen waits ten seconds, can be taken back, and is a draft while he types."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.care import unsaying
from bot.house import House
from tests.panel_house import client_of, file_ticket, house_on, panel_app, rows_of, submit

WORDS = "Besok pagi kami ke sana."


@pytest.fixture
def house(city_database: str, tmp_path: Path) -> Iterator[House]:
    with house_on(city_database, tmp_path) as made:
        yield made


_LEFT = """select extract(epoch from m.due_at - now()), extract(epoch from c.out_due_at - now())
           from message m join conversation c on c.id = m.conversation_id where m.direction = 'out'"""


def wait_is_over(house: House) -> None:
    """Let ten seconds pass for what waits: the time is the database's."""
    with house.database.transaction() as tx:
        passed = "update message set due_at = due_at - interval '11 seconds' where due_at is not null"
        tx.execute(text(passed))


def test_words_wait_ten_seconds_and_are_a_draft_again_when_taken_back(house: House) -> None:
    number = file_ticket(house, "DINKES")
    client = client_of(panel_app(house), "dinkes@kota.test")
    assert submit(client, number, "draft", kind="talk", note=WORDS).status_code == 200
    assert WORDS in client.get(f"/panel/tickets/{number}").text
    assert submit(client, number, "say", note=WORDS).status_code == 302
    [row] = rows_of(house, number)[1]
    assert row.state == "waiting" and WORDS in row.text
    with house.database.reading() as tx:
        left, chat = tx.execute(text(_LEFT)).one()
    assert 5 < left <= unsaying.SECONDS and 5 < chat <= unsaying.SECONDS
    page = client.get(f"/panel/tickets/{number}").text
    assert "Pesan dikirim dalam" in page
    assert 'name="note" rows="3" required' in page and f">{WORDS}</textarea>" not in page
    assert submit(client, number, "unsay").status_code == 302
    [row] = rows_of(house, number)[1]
    assert (row.state, row.due_at) == ("cancelled", None)
    page = client.get(f"/panel/tickets/{number}").text
    assert f">{WORDS}</textarea>" in page and "Pesan dikirim dalam" not in page


def test_what_is_on_its_way_or_a_colleagues_is_not_taken_back(house: House) -> None:
    number = file_ticket(house, "DINKES")
    app = panel_app(house)
    officer, boss = client_of(app, "dinkes@kota.test"), client_of(app, "koordinator@kota.local")
    submit(officer, number, "say", note=WORDS)
    refused = submit(boss, number, "unsay")
    assert refused.status_code == 409 and unsaying.TOO_LATE in refused.text
    wait_is_over(house)
    refused = submit(officer, number, "unsay")
    assert refused.status_code == 409 and unsaying.TOO_LATE in refused.text
    assert [row.state for row in rows_of(house, number)[1]] == ["waiting"]


def test_an_answer_that_waits_is_not_taken_for_words(house: House) -> None:
    number = file_ticket(house, "DINKES", status="in_progress")
    officer = client_of(panel_app(house), "dinkes@kota.test")
    submit(officer, number, "answer", note="Sudah ditangani.")
    page = officer.get(f"/panel/tickets/{number}").text
    assert "Jawaban dikirim dalam" in page and "Pesan dikirim dalam" not in page
    assert submit(officer, number, "unsay").status_code == 409
    assert [row.state for row in rows_of(house, number)[1]] == ["waiting"]
