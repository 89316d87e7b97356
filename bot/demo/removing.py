"""Takes the invented month out again: everything of it and nothing else, in one transaction."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from bot.demo import apart
from bot.demo.people import CHANNEL, DOMAIN, lookups
from bot.house import House, files_url
from bot.workflow import NotAllowed
from storage.database import DatabaseBusy
from storage.files import Files

TRIES = 3  # of the one transaction: a deadlock with the life beside it costs a try


@dataclass(frozen=True, slots=True)
class Removed:
    """What went: reports and staff; `kept` are disabled staff whose name stands in other reports."""

    reports: int
    staff: int
    kept: int


def remove(house: House) -> Removed:
    """Delete the invented citizens, their reports, chats and files, and the staff.

    History and audit log are only appended, their triggers see to it; for this one transaction, which touches
    rows of the invented month alone, the tables' owner switches them off.

    Raises:
        NotAllowed: a report of somebody else was joined with an invented one.
        DatabaseBusy: others were in the way three times.
    """
    with apart.alone(house):
        for _ in range(TRIES - 1):
            with suppress(DatabaseBusy):
                return _remove(house)
        return _remove(house)


def _remove(house: House) -> Removed:
    with house.database.transaction() as tx:
        given = _what_is_ours(tx, house)  # the rows before the tables, as whoever writes a history takes them
        tx.execute(text("lock table event, audit in share row exclusive mode"))
        for table, trigger in _TRIGGERS.items():
            tx.execute(text(f"alter table {table} disable trigger {trigger}"))
        paths = [*tx.execute(_FILES, given)]
        for statement in _STATEMENTS:
            tx.execute(statement, given)
        gone, kept = _let_staff_go(tx, given["staff"])
        for table, trigger in _TRIGGERS.items():
            tx.execute(text(f"alter table {table} enable trigger {trigger}"))
        needed = set(tx.scalars(text("select path from attachment where path <> ''")))
    _delete_files(house, paths, needed)
    return Removed(len(given["tickets"]), gone, kept)


_TRIGGERS = {"event": "event_is_only_appended", "audit": "audit_is_only_appended"}


def _what_is_ours(tx: Connection, house: House) -> dict[str, Any]:
    given: dict[str, Any] = {"channel": CHANNEL, "lookups": lookups(house), "domain": f"%@{DOMAIN}"}
    for name, query in _OURS.items():
        given[name] = list(tx.scalars(text(query), given))
    joined = list(tx.scalars(_JOINED, given))
    if joined:
        raise NotAllowed(f"Laporan {', '.join(joined)} digabung ke laporan contoh; pisahkan dulu.")
    return given


# Each may use what those before it found.
_OURS = {
    "staff": "select id from staff where email like :domain",
    "addresses": "select id from address where channel = :channel and lookup = any(:lookups)",
    "persons": "select distinct person_id from address where id = any(:addresses)",
    "chats": "select id from conversation where address_id = any(:addresses) order by id for update",
    "tickets": """with whole as (select id from ticket where conversation_id = any(:chats))
                  select t.id from ticket t
                  where t.id in (select id from whole) or t.parent_id in (select id from whole)
                  order by t.id for update""",
    "messages": "select id from message where conversation_id = any(:chats)",
    "files": "select id from attachment where message_id = any(:messages) or ticket_id = any(:tickets)",
}
_JOINED = text(
    """select number from ticket where id <> all(:tickets)
       and (merged_into_id = any(:tickets) or parent_id = any(:tickets))"""
)
_FILES = text("select path, reference from attachment where id = any(:files)")
_STATEMENTS = tuple(
    text(statement)
    for statement in (
        """delete from procrastinate_jobs
           where status = 'todo' and ((args ->> 'attachment_id')::bigint = any(:files)
                                      or (args ->> 'ticket_id')::bigint = any(:tickets))""",
        """with gone as (delete from original_file where attachment_id = any(:files) returning path)
           insert into leftover_file (path) select path from gone on conflict do nothing""",
        """delete from masked_text where kind = 'message' and row_id = any(:messages)
           or kind = 'ticket' and row_id = any(:tickets)
           or kind = 'event' and row_id in (select id from event where ticket_id = any(:tickets))""",
        "delete from attachment where id = any(:files)",
        "delete from message where id = any(:messages)",
        # What somebody else was told about an invented report stays in his chat.
        "update message set ticket_id = null where ticket_id = any(:tickets)",
        "delete from event where ticket_id = any(:tickets)",
        "delete from notice where ticket_id = any(:tickets) or staff_id = any(:staff)",
        "delete from unlock where ticket_id = any(:tickets)",
        """delete from audit where ticket_id = any(:tickets)
           or (staff_id = any(:staff) and ticket_id is null)""",
        "delete from follower where ticket_id = any(:tickets) or conversation_id = any(:chats)",
        "delete from look where ticket_id = any(:tickets) or staff_id = any(:staff)",
        "delete from presence where ticket_id = any(:tickets) or staff_id = any(:staff)",
        "delete from reply_draft where ticket_id = any(:tickets) or staff_id = any(:staff)",
        "delete from ticket_tag where ticket_id = any(:tickets)",
        "update ticket set merged_into_id = null, parent_id = null where id = any(:tickets)",
        "delete from ticket where id = any(:tickets)",
        "delete from staff_chat where conversation_id = any(:chats) or staff_id = any(:staff)",
        "delete from privacy_request where conversation_id = any(:chats)",
        "delete from link_code where person_id = any(:persons) or staff_id = any(:staff)",
        "delete from conversation where id = any(:chats)",
        "delete from address where id = any(:addresses)",
        """delete from person p where id = any(:persons)
           and not exists (select from address where person_id = p.id)
           and not exists (select from ticket where person_id = p.id)
           and not exists (select from privacy_request where person_id = p.id)""",
        "delete from seen where channel = :channel and provider_id like 'demo-%'",
        "delete from raw_event where channel = :channel and provider_id like 'demo-%'",
        "delete from staff_session where staff_id = any(:staff)",
        "delete from passkey where staff_id = any(:staff)",
        # Only words of reports that are left may help a search; the hourly pass gathers them anew.
        "delete from term where not exists (select from ticket)",
    )
)


def _let_staff_go(tx: Connection, staff: list[int]) -> tuple[int, int]:
    """Delete staff; who did something to somebody else's report is only disabled: how many of each."""
    gone = 0
    for staff_id in staff:
        try:
            with tx.begin_nested():
                tx.execute(text("delete from staff_role where staff_id = :id"), {"id": staff_id})
                tx.execute(text("delete from staff where id = :id"), {"id": staff_id})
                gone += 1
        except IntegrityError:
            tx.execute(_DISABLE, {"id": staff_id})
    return gone, len(staff) - gone


_DISABLE = text("update staff set active = false, password = null, invited_until = null where id = :id")


def _delete_files(house: House, paths: list[Any], needed: set[str]) -> None:
    files = Files(files_url(house))
    for row in paths:
        if row.path and row.path not in needed:
            files.delete(row.path)
        (house.settings.data_dir / "simulator" / row.reference).unlink(missing_ok=True)
