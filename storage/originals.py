"""What was blacked out in a report: files and texts of its whole family, and where their originals are."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, text


def family(tx: Connection, row: Any) -> list[int]:
    """A report with its whole and its parts, all locked: they show the same words and photos."""
    return list(tx.scalars(_LOCKED_FAMILY, {"id": row["parent_id"] or row["id"]}))


def family_ids(tx: Connection, row: Any) -> list[int]:
    """As `family`, only read."""
    return list(tx.scalars(_FAMILY, {"id": row["parent_id"] or row["id"]}))


# The whole first, as everybody locks them.
_FAMILY = text("select id from ticket where id = :id or parent_id = :id order by parent_id nulls first, id")
_LOCKED_FAMILY = text(f"{_FAMILY.text} for update")


# --- files --------------------------------------------------------------------------------------------------
def equal_files(tx: Connection, family_ids: Sequence[int], path: str) -> list[int]:
    """The attachments of these reports that share a file: the same photo, sent again."""
    return list(tx.scalars(_EQUAL, {"family": list(family_ids), "path": path}))


_EQUAL = text(
    """select id from attachment
       where path = :path and state = 'stored' and ticket_id = any(:family) order by id for update"""
)


def replace_file(
    tx: Connection, family_ids: Sequence[int], ids: Sequence[int], old: str, new: str, size: int
) -> None:
    """Let attachments, and what waits to be sent with their photo, have another file; the old one goes."""
    values = {"family": list(family_ids), "ids": list(ids), "old": old, "new": new, "size": size}
    tx.execute(_REPLACE, values)
    tx.execute(_REPLACE_SENT, values)
    leave(tx, [old])


_REPLACE = text("update attachment set path = :new, size = :size where id = any(:ids)")
# A picture is [path, link]: see bot/channel.Payload.
_REPLACE_SENT = text(
    """update message set payload = jsonb_set(payload, '{photo,0}', to_jsonb(cast(:new as text)))
       where ticket_id = any(:family) and payload #>> '{photo,0}' = :old"""
)


def set_apart(tx: Connection, attachment_id: int, path: str, staff_id: int, now: datetime) -> None:
    """Note where a file's original lies; a second blacking leaves the first original as it is."""
    tx.execute(_APART, {"id": attachment_id, "path": path, "staff": staff_id, "now": now})


_APART = text(
    """insert into original_file (attachment_id, path, staff_id, at) values (:id, :path, :staff, :now)
       on conflict (attachment_id) do update set staff_id = excluded.staff_id, at = excluded.at"""
)


def original_path(tx: Connection, attachment_id: int) -> str | None:
    """Where the sealed original of an attachment lies; None when it was never blacked out."""
    path: str | None = tx.scalar(_PATH, {"id": attachment_id})
    return path


_PATH = text("select path from original_file where attachment_id = :id")


def no_longer_apart(tx: Connection, ids: Sequence[int]) -> None:
    """Forget the originals of attachments that show them again; the sealed files are to go."""
    leave(tx, tx.scalars(_NOT_APART, {"ids": list(ids)}).all())


_NOT_APART = text("delete from original_file where attachment_id = any(:ids) returning path")


def leave(tx: Connection, paths: Sequence[str]) -> None:
    """Note files that are to be deleted unless a row still has them."""
    tx.execute(_LEAVE, {"paths": list(paths)})


_LEAVE = text(
    """insert into leftover_file (path) select distinct unnest(cast(:paths as text[]))
       on conflict do nothing"""
)


def blacked_out(tx: Connection, ticket_ids: Sequence[int]) -> list[RowMapping]:
    """The blacked-out files of reports: `id, media_type, created_at, at` and who did it last, by e-mail."""
    return list(tx.execute(_FILES, {"tickets": list(ticket_ids)}).mappings())


_FILES = text(
    """select a.id, a.media_type, a.created_at, o.at, s.email as staff_email
       from original_file o join attachment a on a.id = o.attachment_id join staff s on s.id = o.staff_id
       where a.ticket_id = any(:tickets) order by a.id"""
)


# --- words --------------------------------------------------------------------------------------------------
def texts(tx: Connection, family_ids: Sequence[int]) -> list[RowMapping]:
    """Every text of reports with what is known of its marks: `kind, row_id, fields, sealed`; rows locked."""
    return [row for query in _TEXTS for row in tx.execute(query, {"family": list(family_ids)}).mappings()]


_TEXTS = tuple(
    text(
        f"""select '{kind}' as kind, r.id as row_id, {fields} as fields, m.sealed
            from {kind} r left join masked_text m on m.kind = '{kind}' and m.row_id = r.id
            where r.{column} = any(:family) order by r.id for update of r"""  # noqa: S608 - our own words
    )
    for kind, column, fields in (
        ("ticket", "id", "jsonb_build_object('text', r.text, 'place', r.place)"),
        ("message", "ticket_id", "jsonb_build_object('text', r.text, 'payload', r.payload)"),
        ("event", "ticket_id", "jsonb_build_object('note', r.note)"),
    )
)


def write_text(tx: Connection, kind: str, row_id: int, fields: Any) -> None:
    """Write the fields of a text as `texts` gave them, changed."""
    payload = fields.get("payload")
    plain = {**fields, "payload": json.dumps(payload)} if payload else fields
    tx.execute(_WRITE[kind], {"id": row_id, **plain})


_WRITE = {
    "ticket": text(
        "update ticket set text = :text, place = :place, version = version + 1 where id = :id",
    ),
    "message": text("update message set text = :text, payload = cast(:payload as jsonb) where id = :id"),
    "event": text("update event set note = :note where id = :id"),
}


def keep_words(tx: Connection, kind: str, row_id: int, sealed: bytes | None, now: datetime) -> None:
    """Keep what the marks of a text stand for, sealed; None forgets it."""
    values = {"kind": kind, "row": row_id, "sealed": sealed, "now": now}
    tx.execute(_FORGET if sealed is None else _KEEP, values)


_KEEP = text(
    """insert into masked_text (kind, row_id, sealed, at) values (:kind, :row, :sealed, :now)
       on conflict (kind, row_id) do update set sealed = excluded.sealed, at = excluded.at"""
)
_FORGET = text("delete from masked_text where kind = :kind and row_id = :row")


def masked(tx: Connection, ticket_ids: Sequence[int]) -> int:
    """How many texts of reports have words taken out."""
    return int(tx.scalar(_MASKED, {"tickets": list(ticket_ids)}) or 0)


_MASKED = text(
    """select count(*) from masked_text m
       where m.kind = 'ticket' and m.row_id = any(:tickets)
          or m.kind = 'message' and m.row_id in (select id from message where ticket_id = any(:tickets))
          or m.kind = 'event' and m.row_id in (select id from event where ticket_id = any(:tickets))"""
)


def drafts(tx: Connection, family_ids: Sequence[int]) -> list[RowMapping]:
    """What staff are typing about reports: `staff_id, ticket_id, kind, text`."""
    return list(tx.execute(_DRAFTS, {"family": list(family_ids)}).mappings())


_DRAFTS = text(
    """select staff_id, ticket_id, kind, text from reply_draft
       where ticket_id = any(:family) for update"""
)


def write_draft(tx: Connection, row: RowMapping, words: str) -> None:
    """Change what somebody was typing."""
    tx.execute(_WRITE_DRAFT, {**row, "text": words})


_WRITE_DRAFT = text(
    """update reply_draft set text = :text
       where staff_id = :staff_id and ticket_id = :ticket_id and kind = :kind"""
)
