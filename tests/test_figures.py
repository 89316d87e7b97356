"""The pages of figures: what is counted for whom, over which period, and that no word of a report shows."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

import panel
from bot.care import desk
from bot.house import House
from panel import periods
from storage import figures
from storage.audit import Sought, listed
from storage.models import event, ticket
from tests.panel_house import NOW, PASSWORD, STAFF, client_of, file_ticket, house_on, log_in, panel_app

DAY = timedelta(days=1)
SINCE, UNTIL = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        for email, (role, office) in STAFF.items():
            panel.add_staff(house, email, role, office, PASSWORD)
        yield house


def happened(house: House, number: str, status: str, days: float, **detail: str) -> None:
    """A move so many days after the report came in."""
    with house.database.transaction() as tx:
        row = tx.execute(select(ticket).where(ticket.c.number == number)).one()
        values = {"at": row.created_at + days * DAY, "kind": "status", "status": status, "detail": detail}
        tx.execute(insert(event).values(ticket_id=row.id, **values))


def counted(house: House, email: str = "koordinator@kota.local", **period: datetime) -> figures.Figures:
    with house.database.reading() as tx:
        by = desk.staff_reader(tx, email)
        since, until = period.get("since", SINCE), period.get("until", UNTIL)
        return figures.of_period(tx, by, since, until, NOW, "Asia/Jakarta")


def of(found: figures.Figures, table: str) -> dict[str, Any]:
    return {row["name"]: row for row in found.by[table]}


def test_days_and_ends_are_those_of_the_history(house: House) -> None:
    ends = [("confirmed", {}), ("confirmed", {"said_by": "staff"}), ("no_answer", {}), ("withdrawn", {})]
    for days, (how, detail) in enumerate(ends, 1):
        rating = 5 - days if how == "confirmed" else None
        number = file_ticket(
            house, "DPU", status="closed", closed_how=how, rating=rating, created_at=NOW - 9 * DAY
        )
        happened(house, number, "in_progress", days / 2)
        happened(house, number, "answered", days)
        happened(house, number, "closed", days + 1, **detail)
    file_ticket(house, "DPU", status="rejected", created_at=NOW - DAY)
    total = counted(house).total
    assert total["inflow"] == 5 and total["answered"] == 4
    assert (float(total["action_mean"]), float(total["answer_mean"])) == (1.25, 2.5)
    assert float(total["answer_median"]) == 2.5
    assert [total[name] for name in ("confirmed", "by_staff", "no_answer", "withdrawn")] == [1, 1, 1, 1]
    assert (total["rejected"], total["open"]) == (1, 0)
    assert (total["rated"], float(total["stars"])) == (2, 3.5)


def test_what_is_late_and_what_does_not_move(house: House) -> None:
    late = {"due_at": NOW - DAY, "created_at": NOW - 20 * DAY}
    file_ticket(house, "DPU", **late)  # late and stuck
    file_ticket(house, "DPU", status="waiting", paused_at=NOW - DAY, **late)
    moving = file_ticket(house, "DPU", created_at=NOW - 20 * DAY)
    happened(house, moving, "in_progress", 19)
    file_ticket(house, "DPU", status="draft", **late)
    bounced = file_ticket(house, "DPU", status="returned", return_count=3, created_at=NOW - DAY)
    assert bounced
    total = counted(house).total
    assert [total[name] for name in ("inflow", "open", "overdue", "stuck")] == [4, 4, 1, 1]
    assert (total["returned"], total["returns"]) == (1, 3)


def test_a_report_in_parts_counts_once_and_each_part_at_its_office(house: House) -> None:
    number = file_ticket(house, "DPU", category="jalan")
    with house.database.reading() as tx:
        whole = tx.scalar(select(ticket.c.id).where(ticket.c.number == number))
    file_ticket(house, "DINKES", parent_id=whole, category="jalan")
    file_ticket(house, "DPU", parent_id=whole, category="jalan")
    found = counted(house)
    assert found.total["inflow"] == 1
    assert [row["inflow"] for row in found.by["office"]] == [1, 1]
    assert [row["inflow"] for row in found.by["category"]] == [1]
    assert len(found.by["national"]) == 1 and found.by["national"][0]["name"]


def test_channel_origin_and_month_stand_beside_each_other(house: House) -> None:
    file_ticket(house, "DPU", channel="sms")
    file_ticket(
        house, "DPU", channel="", origin="phone", created_at=datetime(2026, 10, 31, 17, 30, tzinfo=UTC)
    )
    found = counted(house, since=datetime(2026, 10, 1, tzinfo=UTC))
    assert {name: row["inflow"] for name, row in of(found, "channel").items()} == {"sms": 1, "": 1}
    assert set(of(found, "origin")) == {"", "phone"}
    assert list(of(found, "month")) == ["2026-11"]  # half past midnight of the first, in the city


def test_everybody_is_counted_what_is_his(house: House) -> None:
    for code in ("DPU", "DINKES", "PKM-MANGKANG"):
        file_ticket(house, code)
    file_ticket(house, "DPU", supervised=True)
    seen = {email: counted(house, email).total["inflow"] for email in STAFF}
    assert seen == {
        "admin@kota.test": 3,
        "koordinator@kota.local": 3,
        "dinkes@kota.test": 2,
        "puskesmas@kota.test": 1,
        "dpu@kota.test": 1,
        "pimpinan@kota.test": 3,
    }


@pytest.mark.parametrize("page", ["/panel/figures", "/panel/wall", "/panel/figures.csv"])
def test_no_word_of_a_report_is_on_a_page_of_figures(house: House, page: str) -> None:
    number = file_ticket(house, "DPU", text="Lampu kedip ungu", place="Gang Mawar 7", created_at=NOW - DAY)
    lane = file_ticket(house, "DINKES", supervised=True, created_at=NOW - DAY)
    answer = client_of(panel_app(house), "pimpinan@kota.test").get(page)
    assert answer.status_code == 200 and "Pekerjaan Umum" in answer.text
    for word in (number, lane, "ungu", "Mawar", "Kesehatan"):
        assert word not in answer.text, word


def test_the_wall_loads_itself_anew_and_tells_what_is_late_per_office(house: House) -> None:
    file_ticket(house, "DPU", due_at=NOW - DAY, created_at=NOW - 20 * DAY)
    file_ticket(house, "DPU", created_at=NOW)
    client = client_of(panel_app(house), "pimpinan@kota.test")
    answer = client.get("/panel/wall")
    page = answer.text
    assert answer.headers["Refresh"] == "60"
    assert "Refresh" not in client.get("/panel/wall?refresh=off").headers
    for name, figure in (
        ("Masuk hari ini", 1),
        ("Terbuka", 2),
        ("Lewat batas", 1),
        ("Tidak bergerak 7 hari", 1),
    ):
        assert f"<dt>{name}</dt><dd>{figure}</dd>" in page, name


def test_the_slowest_office_leads_its_table(house: House) -> None:
    for code, days in (("DPU", 5), ("DINKES", 2)):
        for _ in range(3):
            happened(
                house, file_ticket(house, code, status="answered", created_at=NOW - 9 * DAY), "answered", days
            )
    page = client_of(panel_app(house), "koordinator@kota.local").get("/panel/figures").text
    slow = page.partition("Instansi paling lambat")[2].partition("</section>")[0]
    assert 0 < slow.index("Pekerjaan Umum") < slow.index("Kesehatan")


def test_the_pack_of_a_year_is_a_sheet_and_is_noted(house: House) -> None:
    file_ticket(house, "DPU", created_at=datetime(2025, 5, 1, tzinfo=UTC))
    client = client_of(panel_app(house), "koordinator@kota.local")
    page = client.get("/panel/figures?period=year&year=2025").text
    assert "<dt>Masuk</dt><dd>1</dd>" in page and "1 Jan 2025 - 31 Des 2025" in page
    sheet = client.get("/panel/figures.csv?period=year&year=2025")
    assert sheet.data.decode("utf-8-sig").splitlines()[1].startswith('"Semua","",1.0')
    assert client.get("/panel/figures.xlsx").data[:2] == b"PK"
    with house.database.reading() as tx:
        assert len(listed(tx, desk.staff_reader(tx, "admin@kota.test"), Sought(action="export"))) == 2


@pytest.mark.parametrize("role", ["inspector", "custodian"])
def test_who_has_no_use_for_figures_is_refused(house: House, role: str) -> None:
    panel.add_staff(house, "lain@kota.test", role, "INSPEKTORAT", PASSWORD)
    client = panel_app(house).test_client()
    log_in(client, "lain@kota.test")
    for page in ("/panel/figures", "/panel/wall", "/panel/figures.csv"):
        assert client.get(page).status_code == 403, page


TODAY = datetime(2026, 1, 31).date()  # noqa: DTZ001


@pytest.mark.parametrize(
    ("given", "first", "last"),
    [
        ({}, "2026-01-01", "2026-01-31"),
        ({"period": "last_month"}, "2025-12-01", "2025-12-31"),
        ({"period": "year", "year": "2024"}, "2024-01-01", "2024-12-31"),
        ({"period": "between", "from": "2026-01-05", "to": "2026-01-05"}, "2026-01-05", "2026-01-05"),
        ({"period": "curang"}, "2026-01-01", "2026-01-31"),
    ],
)
def test_a_period_is_read_from_the_address(given: dict[str, str], first: str, last: str) -> None:
    found = periods.of(given, TODAY)
    assert (found.first.isoformat(), found.last.isoformat(), found.fault) == (first, last, "")


@pytest.mark.parametrize(
    "given",
    [
        {"period": "year", "year": "99999999999"},
        {"period": "year", "year": "٢٠٢٦"},
        {"period": "between", "from": "2026-02-01", "to": "2026-01-01"},
        {"period": "between", "from": "x", "to": "9999-12-31"},
        {"period": "between", "from": "9999-01-01", "to": "9999-12-31"},
        {"period": "between", "from": "0001-01-01", "to": "0001-01-02"},
    ],
)
def test_what_is_no_period_is_said_and_this_month_shown(house: House, given: dict[str, str]) -> None:
    found = periods.of(given, TODAY)
    assert found.fault and found.first.isoformat() == "2026-01-01"
    answer = client_of(panel_app(house), "admin@kota.test").get("/panel/figures", query_string=given)
    assert answer.status_code == 200 and 'role="alert"' in answer.text
