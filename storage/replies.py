"""Reply templates, and what staff have typed and not sent."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, exists, select
from sqlalchemy.dialects.postgresql import insert as upsert

from storage.deskwork import reply_draft, reply_template

Kept = Mapping[str, RowMapping]  # drafts by kind: answer, note, talk


def templates(tx: Connection, category: str, status: str) -> Sequence[RowMapping]:
    """Active templates for a category and a status, the particular ones before those for everything."""
    fits = reply_template.c.category.in_(("", category)), reply_template.c.status.in_(("", status))
    narrow = (reply_template.c.category.desc(), reply_template.c.status.desc(), reply_template.c.code)
    query = select(reply_template).where(reply_template.c.active, *fits).order_by(*narrow)
    return tx.execute(query).mappings().all()


def template(tx: Connection, code: str) -> RowMapping | None:
    """An active template by what is typed for it; None when there is none."""
    query = select(reply_template).where(reply_template.c.active, reply_template.c.code == code)
    return tx.execute(query).mappings().one_or_none()


def begin(tx: Connection, starters: Iterable[Mapping[str, str]], now: datetime) -> None:
    """Put the starters in when there has never been a template; those of administrators stay as they are."""
    if tx.scalar(select(exists().where(reply_template.c.id.is_not(None)))):
        return
    for one in starters:
        row = upsert(reply_template).values(**one, changed_at=now)
        tx.execute(row.on_conflict_do_nothing(index_elements=["code"]))


def keep(tx: Connection, staff_id: int, ticket_id: int, kind: str, words: str, now: datetime) -> None:
    """Keep what somebody is typing, in place of what he had typed before; nothing typed keeps nothing."""
    if not words.strip():
        drop(tx, staff_id, ticket_id, kind)
        return
    row = upsert(reply_draft).values(
        staff_id=staff_id, ticket_id=ticket_id, kind=kind, text=words, saved_at=now
    )
    newer = {"text": row.excluded.text, "saved_at": row.excluded.saved_at}
    tx.execute(row.on_conflict_do_update(index_elements=["staff_id", "ticket_id", "kind"], set_=newer))


def drop(tx: Connection, staff_id: int, ticket_id: int, kind: str) -> None:
    """Forget what somebody had typed: it is sent, or he emptied it."""
    own = reply_draft.c.staff_id == staff_id, reply_draft.c.ticket_id == ticket_id
    tx.execute(delete(reply_draft).where(*own, reply_draft.c.kind == kind))


def drafts(tx: Connection, staff_id: int, ticket_id: int) -> Kept:
    """What somebody has typed for a report and not sent."""
    own = reply_draft.c.staff_id == staff_id, reply_draft.c.ticket_id == ticket_id
    return {row["kind"]: row for row in tx.execute(select(reply_draft).where(*own)).mappings()}
