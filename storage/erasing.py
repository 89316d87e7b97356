"""Takes people out of rows: their words, files and addresses. What statistics and the record need stays."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

BY_REQUEST = "[dihapus atas permintaan pelapor]"
BY_AGE = "[dihapus setelah masa simpan]"
MARKS = [BY_REQUEST, BY_AGE]  # what stands where words were


def reports(tx: Connection, ticket_ids: Sequence[int], mark: str) -> None:
    """Empty reports of what their citizens wrote; the place is known by its kelurahan from here on.

    Number, category, office, times, statuses and rating stay, and so do the lines of history and the words
    of staff in them.
    """
    values = {"ids": list(ticket_ids), "mark": mark}
    tx.execute(_TICKETS, values)
    tx.execute(_HISTORY, values)
    tx.execute(_HISTORY_ELSEWHERE, values)
    tx.execute(_FILES_OF_TICKETS, values)
    tx.execute(_DRAFTS, values)
    _originals(tx)


# A report's parts hold the same words, and photos of the same place.
_FAMILY = "select id from ticket where id = any(:ids) or parent_id = any(:ids)"
# What staff were typing may repeat what they read.
_DRAFTS = text(f"delete from reply_draft where ticket_id in ({_FAMILY})")  # noqa: S608 - our own words
_TICKETS = text(
    """update ticket t
       set text = :mark, place = coalesce((select p.name from place p where p.code = t.place_code), ''),
           latitude = null, longitude = null, pin = null, pin_tries = 0, hidden = null, version = version + 1
       where id = any(:ids) or parent_id = any(:ids)"""
)
_HISTORY = text(
    f"""update event set note = '' where staff_id is null and note <> ''
         and ticket_id in ({_FAMILY})"""  # noqa: S608 - our own words
)
# What its citizen wrote while it was joined with another report stands in that one's history.
_HISTORY_ELSEWHERE = text(
    """with said as (
           select t.number, t.merged_into_id as ticket_id from ticket t where t.id = any(:ids)
           union
           select t.number, o.id from ticket t
           join event j on j.ticket_id = t.id and j.kind = 'joined'
           join ticket was on was.id = (j.detail ->> 'into_id')::bigint
           join ticket o on o.id in (was.id, was.merged_into_id)
           where t.id = any(:ids))
       update event e set note = '' from said
       where e.ticket_id = said.ticket_id and e.detail ->> 'of' = said.number
         and e.staff_id is null and e.note <> ''"""
)
# A refused row that still has a path is a file to be deleted: see `paths_to_delete`.
_FILES_OF_TICKETS = text(
    f"""update attachment set state = 'refused', reason = :mark, name = '', reference = ''
        where ticket_id in ({_FAMILY}) and reason <> :mark"""  # noqa: S608 - our own words
)


def messages(tx: Connection, mark: str, *, chats: Sequence[int] = (), tickets: Sequence[int] = ()) -> None:
    """Empty all messages of chats, or about reports, of words and files; what was not sent yet never is.

    The words of both sides go, for the bot repeats what it heard.
    """
    values = {"chats": list(chats), "tickets": list(tickets), "mark": mark, "marks": MARKS}
    tx.execute(_FILES_OF_MESSAGES, values)
    tx.execute(_MESSAGES, values)
    _originals(tx)


_WHICH = "(m.conversation_id = any(:chats) or m.ticket_id = any(:tickets)) and m.text <> all(:marks)"
_EMPTY = """text = :mark, payload = null, reference = '', grouped = '', provider_id = '', error = '',
            state = case when m.state in ('waiting', 'held', 'sending', 'unknown')
                         then 'cancelled' else m.state end"""
_MESSAGES = text(f"update message m set {_EMPTY} where {_WHICH}")  # noqa: S608 - our own words
_FILES_OF_MESSAGES = text(
    f"""update attachment a set state = 'refused', reason = :mark, name = '', reference = ''
        from message m where m.id = a.message_id and {_WHICH}"""  # noqa: S608 - our own words
)


def lone_messages(tx: Connection, ids: Sequence[int], mark: str) -> None:
    """Empty messages that belong to no report."""
    values = {"ids": list(ids), "mark": mark}
    tx.execute(_FILES_OF_LONE, values)
    tx.execute(_LONE, values)
    _originals(tx)


_LONE = text(f"update message m set {_EMPTY} where m.id = any(:ids)")  # noqa: S608 - our own words
_FILES_OF_LONE = text(
    """update attachment set state = 'refused', reason = :mark, name = '', reference = ''
       where message_id = any(:ids)"""
)


def _originals(tx: Connection) -> None:
    """With what was emptied go the originals of what had been blacked out in it."""
    tx.execute(_ORIGINAL_FILES)
    tx.execute(_MASKED_WORDS, {"marks": MARKS})


_ORIGINAL_FILES = text(
    """with gone as (
           delete from original_file o using attachment a
           where a.id = o.attachment_id and a.state = 'refused' returning o.path)
       insert into leftover_file (path) select path from gone on conflict do nothing"""
)
# Few rows, each found by its key in the other table.
_MASKED_WORDS = text(
    """delete from masked_text m
       where case m.kind
           when 'ticket' then not exists (
               select from ticket t where t.id = m.row_id and t.text <> all(:marks))
           when 'message' then not exists (
               select from message s where s.id = m.row_id and s.text <> all(:marks))
           else not exists (
               select from event e join ticket t on t.id = e.ticket_id
               where e.id = m.row_id and e.note <> '' and t.text <> all(:marks)) end"""
)


def chat_states(tx: Connection, chats: Sequence[int]) -> None:
    """Forget what chats were in the middle of, and what they follow."""
    tx.execute(_STATES, {"chats": list(chats)})
    tx.execute(_FOLLOWS, {"chats": list(chats)})


_STATES = text(
    "update conversation set state = '{}', taken_by = null, taken_at = null where id = any(:chats)"
)
_FOLLOWS = text("delete from follower where conversation_id = any(:chats)")


def address(tx: Connection, address_id: int) -> None:
    """Forget an address: its chats are left with a row that finds nobody. The caller has locked the chats.

    A chat is moved away from its address, not the address emptied, so that a message which waits for the
    chat's lock at this moment no longer finds the chat and begins a new one.
    """
    values = {"id": address_id}
    tx.execute(_LEAVE_ADDRESS, values)
    tx.execute(text("delete from address where id = :id"), values)


def leave_address(tx: Connection, address_id: int) -> None:
    """Move the chats of an address to a row that finds nobody; the address itself stays."""
    tx.execute(_LEAVE_ADDRESS, {"id": address_id})


_LEAVE_ADDRESS = text(
    """with nobody as (
           insert into address (person_id, channel, lookup, sealed)
           select person_id, channel, sha256(convert_to(cast(gen_random_uuid() as text), 'UTF8')), ''
           from address where id = :id returning id)
       update conversation c set address_id = nobody.id from nobody where c.address_id = :id"""
)


def paths_to_delete(tx: Connection, limit: int) -> list[str]:
    """Paths of files whose rows were emptied and that no other row holds (equal files share one path)."""
    return list(tx.scalars(_PATHS, {"limit": limit}))


_PATHS = text(
    """select path from (
           select path from attachment where state = 'refused' and path <> ''
           union select path from leftover_file) gone
       where not exists (select from attachment a where a.path = gone.path and a.state <> 'refused')
         and not exists (select from original_file o where o.path = gone.path)
       order by path limit :limit"""
)


def forget_paths(tx: Connection, deleted: Sequence[str]) -> None:
    """Forget paths of files that were deleted, and those of emptied rows whose file another row needs."""
    tx.execute(_FORGET, {"paths": list(deleted)})
    tx.execute(_FORGET_LEFTOVERS, {"paths": list(deleted)})


_FORGET = text(
    """update attachment gone set path = ''
       where state = 'refused' and path <> '' and (path = any(:paths) or exists (
           select from attachment a where a.path = gone.path and a.state <> 'refused'))"""
)
_FORGET_LEFTOVERS = text(
    """delete from leftover_file gone where path = any(:paths) or exists (
           select from attachment a where a.path = gone.path and a.state <> 'refused')"""
)
