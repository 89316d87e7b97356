"""The figures are those that reading every report's whole history would give, whatever happened to it."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from statistics import mean, median
from typing import Any

import pytest
from sqlalchemy import RowMapping, insert, select, text

from bot.house import House
from storage import figures, queries
from storage.models import category, event, office, ticket
from storage.passages import passage
from tests.panel_house import NOW, house_on

SINCE, UNTIL = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
STATUSES = "received forwarded in_progress waiting planned returned answered closed rejected merged".split()
HOW = ["confirmed", "no_answer", "withdrawn"]
BY_STAFF = {"said_by": "staff"}
OFFICER = queries.Reader(0, "", "", frozenset({"officer"}), "/PEMKOT/DINKES/")
EVERYBODY = queries.Reader(0, "", "", frozenset({"coordinator"}), "")
COUNTED = (
    "inflow open overdue stuck acted action_mean action_median answered answer_mean answer_median confirmed "
    "by_staff no_answer withdrawn rejected merged rated stars returned returns"
).split()


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        yield house


def made_up(house: House, chance: random.Random, count: int) -> None:
    """Reports with histories as they may be: back and forth, closed twice, in parts, without an office."""
    with house.database.transaction() as tx:
        offices = [None, *tx.scalars(select(office.c.id).order_by(office.c.id).limit(40))]
        codes = ["", *tx.scalars(select(category.c.code).order_by(category.c.code).limit(4))]
        ids: list[int] = []
        for n in range(count):
            at = UNTIL - timedelta(days=chance.uniform(-20, 800))
            status = chance.choice(["draft", *STATUSES])
            row = {
                "number": f"{n:09}",
                "status": status,
                "closed_how": chance.choice(["confirmed", "no_answer", "withdrawn"])
                if status == "closed"
                else "",
                "category": chance.choice(codes),
                "office_id": chance.choice(offices),
                "channel": chance.choice(["sms", "telegram", ""]),
                "origin": chance.choice(["", "", "phone"]),
                "created_at": at,
                "filed_at": chance.choice([None, at + timedelta(hours=1)]),
                "changed_at": at,
                "due_at": chance.choice([None, at + timedelta(days=chance.uniform(0, 400))]),
                "paused_at": chance.choice([None, None, at]),
                "parent_id": chance.choice(ids) if ids and chance.random() < 0.1 else None,
                "return_count": chance.choice([0, 0, 2]),
                "rating": chance.choice([None, None, 1, 4, 5]),
                "supervised": chance.random() < 0.1,
            }
            ids.append(tx.execute(insert(ticket).values(row).returning(ticket.c.id)).scalar_one())
            for _ in range(chance.randrange(7)):
                moved = {
                    "ticket_id": ids[-1],
                    "at": at + timedelta(days=chance.uniform(-1, 60)),
                    "kind": chance.choice(["status", "status", "note"]),
                    "status": chance.choice(["draft", *STATUSES]),
                    "detail": chance.choice([{}, {}, BY_STAFF, {"said_by": "citizen"}]),
                }
                tx.execute(insert(event).values(moved))


def slowly(house: House, path: str, name: str) -> dict[Any, dict[str, Any]]:
    """The figures by office or of all, each report's history read in full."""
    with house.database.reading() as tx:
        rows = tx.execute(
            select(ticket, office.c.path, office.c.name.label("office"))
            .outerjoin(office, office.c.id == ticket.c.office_id)
            .where(ticket.c.created_at >= SINCE, ticket.c.created_at < UNTIL)
        ).mappings()
        found = [row for row in rows if (row["path"] or "").startswith(path)]
        found = [row for row in found if row["status"] != "draft" and not row["supervised"]]
        wholes = set(tx.scalars(select(ticket.c.parent_id).where(ticket.c.parent_id.is_not(None))))
        moves = (
            tx.execute(select(event).where(event.c.kind == "status").order_by(event.c.id)).mappings().all()
        )
    groups: dict[Any, list[dict[str, Any]]] = {}
    for row in found:
        if row["id"] in wholes if name == "office" else row["parent_id"] is not None:
            continue
        key = "" if name == "all" else row["office"] or ""
        own = [move for move in moves if move["ticket_id"] == row["id"] and move["status"] != "draft"]
        groups.setdefault(key, []).append(one(row, own))
    return {key: summed(cases) for key, cases in groups.items()}


def one(row: RowMapping, moves: list[RowMapping]) -> dict[str, Any]:
    """What a report counts for."""
    begun = row["filed_at"] or row["created_at"]
    acted = [move["at"] for move in moves if move["status"] not in ("received", "merged")]
    answered = [move["at"] for move in moves if move["status"] == "answered"]
    closings = [move for move in moves if move["status"] == "closed"]
    still = max([move["at"] for move in moves], default=begun) < NOW - figures.STUCK
    is_open = row["status"] not in ("closed", "rejected", "merged")
    late = is_open and row["status"] != "answered" and row["paused_at"] is None
    return {
        **row,
        "open": is_open,
        "overdue": late and row["due_at"] is not None and row["due_at"] < NOW,
        "stuck": still and row["status"] in ("received", "forwarded", "in_progress", "returned"),
        "to_action": days(begun, min(acted)) if acted else None,
        "to_answer": days(begun, min(answered)) if answered else None,
        "by_staff": bool(closings) and closings[-1]["detail"] == BY_STAFF,
    }


def days(start: datetime, end: datetime) -> float:
    return max((end - start).total_seconds() / 86_400, 0.0)


def summed(cases: list[dict[str, Any]]) -> dict[str, Any]:
    """The figures of some reports."""
    action = [one["to_action"] for one in cases if one["to_action"] is not None]
    answer = [one["to_answer"] for one in cases if one["to_answer"] is not None]
    stars = [one["rating"] for one in cases if one["rating"] is not None]
    ended = [(one["closed_how"], one["by_staff"]) for one in cases if one["status"] == "closed"]
    return {
        "inflow": len(cases),
        **{name: sum(one[name] for one in cases) for name in ("open", "overdue", "stuck")},
        **{"acted": len(action), "action_mean": of(mean, action), "action_median": of(median, action)},
        **{"answered": len(answer), "answer_mean": of(mean, answer), "answer_median": of(median, answer)},
        **{"confirmed": ended.count(("confirmed", False)), "by_staff": ended.count(("confirmed", True))},
        **{how: sum(one[0] == how for one in ended) for how in ("no_answer", "withdrawn")},
        **{status: sum(one["status"] == status for one in cases) for status in ("rejected", "merged")},
        **{"rated": len(stars), "stars": of(mean, stars)},
        "returned": sum(one["return_count"] > 0 for one in cases),
        "returns": sum(one["return_count"] for one in cases),
    }


def of(how: Any, values: list[float]) -> float | None:
    return how(values) if values else None


@pytest.mark.parametrize(("by", "path"), [(EVERYBODY, ""), (OFFICER, "/PEMKOT/DINKES/")])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_figures_are_those_of_the_whole_history(house: House, by: Any, path: str, seed: int) -> None:
    made_up(house, random.Random(seed), 250)
    with house.database.reading() as tx:
        found = figures.of_period(tx, by, SINCE, UNTIL, NOW, "Asia/Jakarta")
    for name in ("all", "office"):
        slow = slowly(house, path, name)
        assert {row["name"] for row in found.by[name]} == set(slow) and slow
        for row in found.by[name]:
            for key in COUNTED:
                counted = None if row[key] is None else float(row[key])
                assert counted == pytest.approx(slow[row["name"]][key]), (name, row["name"], key)


def test_what_a_migration_gathers_from_old_histories_is_what_is_noted_as_they_are_made(house: House) -> None:
    step = import_module("storage.migrations.versions.0009_what_a_history_comes_to")
    made_up(house, random.Random(3), 150)
    with house.database.transaction() as tx:
        noted = tx.execute(select(passage).order_by(passage.c.ticket_id)).all()
        tx.execute(text("delete from passage where ticket_id % 3 > 0"))  # the others were noted meanwhile
        tx.execute(text(step.FILL), {"after": 0, "upto": 10_000_000_000})
        assert tx.execute(select(passage).order_by(passage.c.ticket_id)).all() == noted and noted
