"""Reports one by one, as staff take them out for planning: read in portions, so that memory does not grow."""

from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, select

from storage.models import category, event, office, ticket

A_PORTION = 1_000
# Not the reporter, nor the chat, nor anything sealed.
KEPT = """
    id number status closed_how kind tier channel origin text place place_code latitude longitude anonymous
    confidential created_at filed_at due_at paused_at planned_year return_count objections rating
    external_number
""".split()


def portion(tx: Connection, tickets: Select[Any], after: int) -> list[RowMapping]:
    """The next A_PORTION reports of a selection by their ids, with categories, office and first answer.

    Args:
        tx: a reading transaction.
        tickets: a selection within the reader's scope: `queries.selection`.
        after: the id of the last report that was read, 0 for none.
    """
    answered = select(func.min(event.c.at)).where(
        event.c.ticket_id == ticket.c.id, event.c.kind == "status", event.c.status == "answered"
    )
    query = tickets.with_only_columns(
        *(ticket.c[name] for name in KEPT),
        office.c.name.label("office_name"),
        category.c.name.label("category_name"),
        category.c.national,
        answered.scalar_subquery().label("answered_at"),
    ).outerjoin(category, category.c.code == ticket.c.category)
    return list(
        tx.execute(query.where(ticket.c.id > after).order_by(ticket.c.id).limit(A_PORTION)).mappings()
    )
