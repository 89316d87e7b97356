"""Who has a report open right now, and the words staff give it to find it by."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from storage.deskwork import presence, ticket_tag
from storage.models import office, role, staff, staff_role

HERE = timedelta(seconds=40)  # two polls of 15 s may be lost


def came(tx: Connection, ticket_id: int, staff_id: int, now: datetime) -> None:
    """Note that one of the staff has a report open at this moment."""
    row = upsert(presence).values(ticket_id=ticket_id, staff_id=staff_id, at=now)
    key = ["ticket_id", "staff_id"]
    tx.execute(row.on_conflict_do_update(index_elements=key, set_={"at": row.excluded.at}))
    old = presence.c.at < now - timedelta(hours=1)
    tx.execute(delete(presence).where(presence.c.ticket_id == ticket_id, old))


def left(tx: Connection, ticket_id: int, staff_id: int) -> None:
    """Note that one of the staff has closed a report."""
    own = presence.c.ticket_id == ticket_id, presence.c.staff_id == staff_id
    tx.execute(delete(presence).where(*own))


def others(tx: Connection, ticket_id: int, staff_id: int, now: datetime) -> Sequence[str]:
    """Names of the others who have a report open."""
    name = func.coalesce(func.nullif(staff.c.name, ""), staff.c.email)
    here = presence.c.ticket_id == ticket_id, presence.c.at > now - HERE, presence.c.staff_id != staff_id
    query = select(name).join(presence, presence.c.staff_id == staff.c.id).where(*here).order_by(name)
    return tx.scalars(query).all()


def tags(tx: Connection, ticket_id: int) -> Sequence[str]:
    """A report's tags in the order of the alphabet."""
    query = select(ticket_tag.c.tag).where(ticket_tag.c.ticket_id == ticket_id).order_by(ticket_tag.c.tag)
    return tx.scalars(query).all()


def set_tags(tx: Connection, ticket_id: int, wanted: Collection[str]) -> None:
    """Give a report these tags and no others."""
    gone = delete(ticket_tag).where(ticket_tag.c.ticket_id == ticket_id, ticket_tag.c.tag.not_in(wanted))
    tx.execute(gone)
    for tag in wanted:
        tx.execute(upsert(ticket_tag).values(ticket_id=ticket_id, tag=tag).on_conflict_do_nothing())


def officers_under(tx: Connection, path: str) -> Sequence[RowMapping]:
    """Active officers of the offices below a path of the tree: `email, name, office`; empty: of all."""
    name = func.coalesce(func.nullif(staff.c.name, ""), staff.c.email).label("name")
    query = select(staff.c.email, name, office.c.short_name.label("office"))
    query = query.join(office, office.c.id == staff.c.office_id)
    query = query.join(staff_role, staff_role.c.staff_id == staff.c.id)
    query = query.join(role, role.c.id == staff_role.c.role_id)
    here = staff.c.active, role.c.name == "officer", office.c.path.startswith(path, autoescape=True)
    return tx.execute(query.where(*here).order_by(office.c.path, name)).mappings().all()
