"""Which citizens wait for a person: the condition behind the queue of those who asked for an officer."""

from sqlalchemy import Boolean, ColumnElement, literal_column

# Asked for, and nothing from staff since; or written in a chat taken over, and not answered.
# The two lists are short and read once; only the tickets in them are looked at more closely.
_WAITS = """
    (ticket.id in (select ticket_id from event where kind = 'human')
     and exists (select from event e
             where e.ticket_id = ticket.id and e.kind = 'human'
               and not exists (select from message m
                               where m.ticket_id = ticket.id and m.author = 'staff' and m.created_at >= e.at))
     or ticket.conversation_id in (select id from conversation where taken_by is not null)
     and exists (select from conversation c join event e on e.ticket_id = ticket.id
                where c.id = ticket.conversation_id and c.taken_by is not null
                  and e.kind = 'taken' and e.at = c.taken_at
                  and exists (select from message m
                              where m.ticket_id = ticket.id and m.direction = 'in'
                                and m.created_at >= c.taken_at
                                and m.id > (select coalesce(max(s.id), 0) from message s
                                            where s.ticket_id = ticket.id and s.author = 'staff'))))"""


def waits_for_officer() -> ColumnElement[bool]:
    """The condition on `ticket` that its citizen waits for a word of staff."""
    return literal_column(_WAITS, Boolean)
