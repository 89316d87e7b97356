"""Who is in charge of a ticket, and its tier: what the ticket's page shows and offers."""

from typing import Any

from sqlalchemy import Connection, RowMapping

from bot.care import assignees, assigning, rights, tiering
from bot.house import House
from storage.models import FINISHED
from storage.queries import Reader


def about(tx: Connection, house: House, by: Reader, row: RowMapping) -> dict[str, Any]:
    """What the templates `_assign.html` and `_tier.html` need, under one name."""
    acts = bool(rights.actors(by, row)) and row["status"] not in FINISHED
    gives = acts and assigning.may_assign(tx, by, row)
    weighs = tiering.choices(house.city, row) if by.roles & tiering.MAY_WEIGH else []
    return {
        "incharge": {
            "acts": acts,
            "assignee": assignees.name_of(tx, row["assignee_id"]),
            "mine": row["assignee_id"] == by.staff_id,
            "candidates": assignees.candidates(tx, row) if gives else [],
            "tier": tiering.TIERS.get(row["tier"], ""),
            "tiers": {tier: tiering.TIERS[tier] for tier in weighs},
        }
    }
