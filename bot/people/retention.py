"""How long each kind of data stays, what would go today, and letting it go, in small batches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, TextClause, text

from bot.house import House
from bot.settings import Settings
from storage import erasing
from storage.files import Files
from storage.models import FINISHED
from storage.partitions import KEEP_DAYS

BATCH = 200  # rows a transaction: nobody waits long for a lock
FILES_AT_ONCE = 100
LOOKS_DAYS = 730
NOTICES_DAYS = 30


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of data.

    `due` gives keys of rows whose time is over (bound: `before`, `limit`, and what VALUES holds), `erase`
    lets them go; `days` is how long they stay, 0 for ever. A kind without `erase` is dropped elsewhere.
    """

    name: str
    days: Callable[[Settings], int]
    due: TextClause
    erase: Callable[[Connection, Sequence[Any]], None] | None


@dataclass(frozen=True, slots=True)
class Over:
    """What is over its time: the kind's name, the days it stays (0: for ever), how many rows."""

    name: str
    days: int
    count: int


def _contacts(tx: Connection, people: Sequence[int]) -> None:
    values = {"people": list(people)}
    chats = list(tx.scalars(_CHATS, values))
    tx.execute(_UNSENT, {"chats": chats})
    erasing.chat_states(tx, chats)
    tx.execute(_NO_CODES, values)
    for address_id in tx.scalars(_ADDRESSES, values).all():
        erasing.address(tx, address_id)
    tx.execute(_NOBODYS, values)


_CHATS = text(
    """select c.id from conversation c join address a on a.id = c.address_id
       where a.person_id = any(:people) order by c.id for update of c"""
)
_ADDRESSES = text("select id from address where person_id = any(:people) and sealed <> '' order by id")
_NO_CODES = text("delete from link_code where person_id = any(:people)")
_NOBODYS = text("update ticket set person_id = null, conversation_id = null where person_id = any(:people)")
_UNSENT = text(
    """update message set state = 'cancelled'
       where conversation_id = any(:chats) and state in ('waiting', 'held', 'unknown')"""
)


def _reports(tx: Connection, ids: Sequence[int]) -> None:
    erasing.messages(tx, erasing.BY_AGE, tickets=ids)
    erasing.reports(tx, ids, erasing.BY_AGE)


def _messages(tx: Connection, ids: Sequence[int]) -> None:
    erasing.lone_messages(tx, ids, erasing.BY_AGE)


def _states(tx: Connection, ids: Sequence[int]) -> None:
    tx.execute(text("update conversation set state = '{}' where id = any(:ids)"), {"ids": list(ids)})


def _codes(tx: Connection, lookups: Sequence[bytes]) -> None:
    tx.execute(text("delete from link_code where lookup = any(:ids)"), {"ids": list(lookups)})


def _looks(tx: Connection, days: Sequence[date]) -> None:
    tx.execute(text("delete from look where day = any(:days)"), {"days": sorted(set(days))})


def _notices(tx: Connection, ids: Sequence[int]) -> None:
    tx.execute(text("delete from notice where id = any(:ids)"), {"ids": list(ids)})


# Nobody is forgotten who wrote lately, has or follows a report that is open or was changed lately, or asked
# us to delete.
_PEOPLE_OVER = text(
    """select p.id from person p
       where exists (select from address a where a.person_id = p.id and a.sealed <> '')
         and not exists (select from ticket t where t.person_id = p.id
                           and (t.status <> all(:finished) or t.changed_at >= :before))
         and not exists (select from conversation c join address a on a.id = c.address_id
                         where a.person_id = p.id and coalesce(c.last_in_at, c.created_at) >= :before)
         and not exists (select from address a join conversation c on c.address_id = a.id
                           join follower f on f.conversation_id = c.id join ticket t on t.id = f.ticket_id
                         where a.person_id = p.id
                           and (t.status <> all(:finished) or t.changed_at >= :before))
         and not exists (select from privacy_request r where r.person_id = p.id and r.state = 'open')
       order by p.id limit :limit"""
)
# A report that was joined with another stays as long as that one.
_REPORTS_OVER = text(
    """select t.id from ticket t left join ticket o on o.id = t.merged_into_id
       where t.status = any(:finished) and t.changed_at < :before and t.parent_id is null
         and (o.id is null or (o.status = any(:finished) and o.changed_at < :before))
         and (t.text <> all(:marks)
              or exists (select from message m where m.ticket_id = t.id and m.text <> all(:marks)))
       order by t.id limit :limit"""
)
_MESSAGES_OVER = text(
    """select id from message
       where ticket_id is null and created_at < :before and text <> all(:marks) order by id limit :limit"""
)
_STATES_OVER = text(
    """select id from conversation
       where state <> '{}' and coalesce(last_in_at, created_at) < :before order by id limit :limit"""
)
_CODES_OVER = text("select lookup from link_code where expires_at < :before limit :limit")
_LOOKS_OVER = text("select day from look where day < cast(:before as date) limit :limit")
_NOTICES_OVER = text("select id from notice where read_at < :before order by id limit :limit")
_RAW_OVER = text("select id from raw_event where at < :before limit :limit")

KINDS = (
    Kind("contacts (address, name)", lambda kept: kept.retention_contact_days, _PEOPLE_OVER, _contacts),
    Kind("reports' words and files", lambda kept: kept.retention_text_days, _REPORTS_OVER, _reports),
    Kind("messages outside reports", lambda kept: kept.retention_text_days, _MESSAGES_OVER, _messages),
    Kind("unfinished conversations", lambda kept: kept.retention_text_days, _STATES_OVER, _states),
    Kind("link codes that ended", lambda kept: 1, _CODES_OVER, _codes),
    Kind("looks of staff", lambda kept: LOOKS_DAYS, _LOOKS_OVER, _looks),
    Kind("notices that were read", lambda kept: NOTICES_DAYS, _NOTICES_OVER, _notices),
    Kind("raw payloads (dropped hourly)", lambda kept: KEEP_DAYS, _RAW_OVER, None),
)
VALUES = {"finished": list(FINISHED), "marks": erasing.MARKS}


def preview(house: House, now: datetime) -> list[Over]:
    """What would go at an instant; nothing is changed."""
    with house.database.reading() as tx:
        return [_over(tx, house, kind, now) for kind in KINDS]


def _over(tx: Connection, house: House, kind: Kind, now: datetime) -> Over:
    days = kind.days(house.settings)
    return Over(kind.name, days, len(_due(tx, kind, days, now, None)) if days else 0)


def let_go(house: House, now: datetime, *, batch: int = BATCH) -> list[Over]:
    """Let everything go whose time is over, `batch` rows a transaction; returns how many of each kind.

    A second run changes nothing. Files are deleted by `delete_files` afterwards.
    """
    return [Over(kind.name, kind.days(house.settings), _let_go(house, kind, now, batch)) for kind in KINDS]


def _let_go(house: House, kind: Kind, now: datetime, batch: int) -> int:
    days, gone = kind.days(house.settings), 0
    while kind.erase and days:
        with house.database.transaction() as tx:
            keys = _due(tx, kind, days, now, batch)
            if keys:
                kind.erase(tx, keys)
        gone += len(keys)
        if len(keys) < batch:
            break
    return gone


def _due(tx: Connection, kind: Kind, days: int, now: datetime, limit: int | None) -> Sequence[Any]:
    return tx.scalars(kind.due, {"before": now - timedelta(days=days), "limit": limit, **VALUES}).all()


def delete_files(house: House, files: Files) -> int:
    """Delete the files whose rows were emptied; returns how many. A second run changes nothing."""
    deleted = 0
    while True:
        with house.database.transaction() as tx:
            paths = erasing.paths_to_delete(tx, FILES_AT_ONCE)
        for path in paths:
            files.delete(path)
        with house.database.transaction() as tx:
            erasing.forget_paths(tx, paths)
        deleted += len(paths)
        if len(paths) < FILES_AT_ONCE:
            return deleted
