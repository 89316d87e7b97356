"""What Prometheus reads: what waits, how old it is, what failed; without a database what lies here."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from bot.channel import Inbound
from bot.delivery.spool import Spool
from handlers.webhooks import health
from tests.streets import Town, open_town

STORY = "jalan berlubang besar di depan pasar, Kelurahan Sekayu"


@pytest.fixture
def town(city_database: str, tmp_path: Path) -> Iterator[Town]:
    with open_town(city_database, tmp_path) as made:
        health.install(made.client.application, made.house)
        yield made


def figures(town: Town) -> dict[str, float]:
    lines = town.client.get("/metrics").text.splitlines()
    return {name: float(value) for name, value in (one.rsplit(" ", 1) for one in lines if one[0] != "#")}


def test_what_waits_and_what_was_handed_over_is_counted(town: Town) -> None:
    phone = town.phone("whatsapp")
    phone.writes(STORY)
    told = figures(town)
    assert told['kentongan_messages{state="waiting"}'] == 1
    assert told["kentongan_database_up"] == 1
    assert told['kentongan_table_bytes{table="seen"}'] > 0 < told['kentongan_table_bytes{table="raw_event"}']
    assert phone.got()
    assert 'kentongan_messages{state="waiting"}' not in figures(town)
    text = town.client.get("/metrics").text
    assert "Sekayu" not in text and phone.address.rpartition(":")[2] not in text


def test_reports_past_their_date_are_counted(town: Town) -> None:
    before = figures(town)["kentongan_overdue_tickets"]
    town.phone("sms").writes(STORY)
    with town.house.database.transaction() as tx:
        tx.exec_driver_sql("update ticket set due_at = '2026-01-01+00'")
    assert figures(town)["kentongan_overdue_tickets"] == before + 1


def test_without_a_database_the_spool_is_still_told(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.webhooks.Door.play_back_once", lambda _door: None)
    Spool(town.house).keep(Inbound("sms", "1708", "x1", "+6281200000000", text="halo"))
    town.house.database.engine.dispose()
    monkeypatch.setattr(town.house.database.engine.dialect, "connect", _refuse)
    told = figures(town)
    assert (told["kentongan_database_up"], told["kentongan_spool_events"]) == (0, 1)
    assert told["kentongan_spool_bytes"] > 0 and told["kentongan_spool_oldest_seconds"] >= 0


def _refuse(*_arguments: object, **_named: object) -> None:
    raise psycopg.OperationalError("refused")
