"""Whether what we say in a chat reaches anybody."""

from dataclasses import dataclass

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Reach:
    """A chat's channel, whether its citizen stopped our messages, and how many wait for him to write."""

    channel: str
    stopped: bool
    held: int


def of(tx: Connection, conversation_id: int) -> Reach:
    """How a chat is reached."""
    row = tx.execute(_REACH, {"id": conversation_id}).one()
    return Reach(row.channel, row.stopped, row.held)


_REACH = text(
    """select case c.channel when 'simulator' then c.account else c.channel end as channel,
              a.opted_out_at is not null as stopped,
              (select count(*) from message m where m.conversation_id = c.id and m.state = 'held') as held
       from conversation c join address a on a.id = c.address_id where c.id = :id"""
)
# Which reports have a message to their reporter that failed; spelled as ix_message_failed has it. A
# follower's is not theirs to mend.
UNDELIVERED = """ticket.id in (
    select m.ticket_id from message m
    where m.state = 'failed' and m.ticket_id is not null
      and not exists (select from follower f
                      where f.ticket_id = m.ticket_id and f.conversation_id = m.conversation_id))"""
