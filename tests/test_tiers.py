"""The tier of a report: who changes it, what date follows, what the citizen and the history are told."""

import dataclasses
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from bot import tickets
from bot.care import desk, tiering
from bot.deadlines import Limit
from bot.house import House
from bot.workflow import NotAllowed
from storage import queries
from tests.panel_house import (
    NOW,
    StandingClock,
    client_of,
    file_ticket,
    house_on,
    panel_app,
    rows_of,
    submit,
    token,
)

BOSS, DPU = "koordinator@kota.local", "dpu@kota.test"
REASON = "Perlu alat berat."


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    """Semarang with light, medium and heavy complaints: 3, 10 and 30 working days."""
    with house_on(city_database, data_dir) as house:
        days = {"light": 3, "medium": 10, "heavy": 30}
        tiers = {("complaint", tier, "resolve"): Limit(days=n) for tier, n in days.items()}
        clocks = dataclasses.replace(house.city.clocks, rows={**house.city.clocks.rows, **tiers})
        yield dataclasses.replace(house, city=dataclasses.replace(house.city, clocks=clocks))


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


def filed(house: House, tier: str = "medium", **known: Any) -> str:
    """A report of DPU that was really filed, now."""
    number = file_ticket(house, "DPU", status="draft", category="jalan", tier=tier, due_at=None, **known)
    with house.database.transaction() as tx:
        tickets.file(tx, house.city, rows_of(house, number)[0].id, house.clock.now())
    return number


def boss(house: House, app: Flask) -> queries.Reader:
    client_of(app, BOSS)
    with house.database.reading() as tx:
        return desk.staff_reader(tx, BOSS)


def day(house: House, number: str) -> str:
    due: datetime = rows_of(house, number)[0].due_at
    return due.astimezone(house.city.timezone).strftime("%Y-%m-%d")


def later(house: House, days: int) -> None:
    assert isinstance(house.clock, StandingClock)
    house.clock.moment += timedelta(days=days)


def test_the_coordinator_weighs_a_report_and_the_citizen_is_told_the_date_once(
    app: Flask, house: House
) -> None:
    number = filed(house)
    assert day(house, number) == "2026-12-07"
    client = client_of(app, BOSS)
    page = client.get(f"/panel/tickets/{number}").text
    assert "Sekarang: <strong>sedang</strong>." in page and '<option value="heavy">berat</option>' in page
    assert '<option value="medium">' not in page
    refused = submit(client, number, "tier", tier="heavy", note=" ")
    assert refused.status_code == 409 and "Isi alasan" in refused.text
    later(house, 3)
    moved = submit(client, number, "tier", tier="heavy", note=REASON)
    assert moved.status_code == 302 and day(house, number) == "2027-01-08", "30 days from its filing"
    _, said = rows_of(house, number)
    assert [one.text.splitlines() for one in said] == [
        ["Laporan Anda ditimbang lagi. Target barunya Jum, 8 Jan 2027.", "Keberatan? Balas di sini.", number]
    ]
    page = client.get(f"/panel/tickets/{number}").text
    assert "Pelapor diberi tahu batas waktu baru." in page
    assert "Tingkat menjadi berat" in page and REASON in page and REASON not in said[0].text
    again = submit(client, number, "tier", tier="heavy", note=REASON)
    assert again.status_code == 409 and len(rows_of(house, number)[1]) == 1


def test_a_stricter_tier_makes_nobody_late(app: Flask, house: House) -> None:
    number, by = filed(house, "heavy"), boss(house, app)
    later(house, 14)  # Monday 7 December: three days from filing are long over
    tiering.set_tier(house, by, number, "light", REASON)
    assert day(house, number) == "2026-12-08", "the end of the next working day"


def test_what_is_late_stays_late(app: Flask, house: House) -> None:
    number, by = filed(house), boss(house, app)
    later(house, 21)
    assert not tiering.set_tier(house, by, number, "light", REASON), "nothing to tell"
    assert day(house, number) == "2026-12-07" and rows_of(house, number)[1] == []


def test_a_pause_is_kept_through_another_tier(app: Flask, house: House) -> None:
    number, by = filed(house), boss(house, app)
    later(house, 1)
    desk.move(house, by, number, "waiting", {"note": "Di sisi mana?"})
    later(house, 7)
    assert not tiering.set_tier(house, by, number, "light", REASON), "no date is told while it stands still"
    with house.database.transaction() as tx:
        row = rows_of(house, number)[0]
        tickets.add(tx, house.city, row.id, house.clock.now(), "sisi kiri")
    # Three days from Monday the 23rd are the 26th; asked on the 24th, two are left on Tuesday the 1st.
    assert day(house, number) == "2026-12-03"


def test_after_a_belum_its_date_stays(app: Flask, house: House) -> None:
    number, by = filed(house), boss(house, app)
    with house.database.transaction() as tx:
        row = tickets.lock(tx, rows_of(house, number)[0].id)
        tickets.object_to(tx, house.city, row, house.clock.now(), "belum")
    assert day(house, number) == "2026-11-30", "the office's five days, anew"
    assert not tiering.set_tier(house, by, number, "heavy", REASON)
    assert (day(house, number), rows_of(house, number)[0].tier) == ("2026-11-30", "heavy")


def test_only_tiers_of_the_citys_clocks_and_only_while_it_is_worked_on(app: Flask, house: House) -> None:
    by, number = boss(house, app), filed(house)
    question = filed(house, "", kind="information")
    with pytest.raises(NotAllowed, match="tidak ada"):
        tiering.set_tier(house, by, question, "heavy", REASON)
    assert "Tingkat yang benar" not in client_of(app, BOSS).get(f"/panel/tickets/{question}").text
    with pytest.raises(NotAllowed, match="ringan, sedang, berat"):
        tiering.set_tier(house, by, number, "urgent", REASON)
    desk.answer(house, by, number, "Sudah.")
    with pytest.raises(NotAllowed, match="dijawab"):
        tiering.set_tier(house, by, number, "heavy", REASON)
    assert rows_of(house, number)[0].tier == "medium"


def test_an_officer_may_not_and_a_stranger_sees_no_report(app: Flask, house: House) -> None:
    number, officer = filed(house), client_of(app, DPU)
    assert "Tingkat yang benar" not in officer.get(f"/panel/tickets/{number}").text
    form = {"csrf_token": token(officer, "/panel/"), "tier": "light", "note": REASON}
    refused = officer.post(f"/panel/tickets/{number}/tier", data=form)
    assert refused.status_code == 409 and "Hanya koordinator" in refused.text
    stranger = client_of(app, "dinkes@kota.test")
    form["csrf_token"] = token(stranger, "/panel/")
    assert stranger.post(f"/panel/tickets/{number}/tier", data=form).status_code == 404
    with house.database.reading() as tx:
        reader = desk.staff_reader(tx, DPU)
    with pytest.raises(NotAllowed, match="Hanya koordinator"):
        tiering.set_tier(house, reader, number, "light", REASON)
    manager = client_of(app, BOSS)
    form = {"tier": "light", "note": REASON}
    assert manager.post(f"/panel/tickets/{number}/tier", data=form).status_code == 400, "no token"
    form["csrf_token"] = token(manager, "/panel/")
    assert manager.post("/panel/tickets/999999999/tier", data=form).status_code == 404
    assert rows_of(house, number)[0].tier == "medium" and NOW == house.clock.now()
