"""Whether the city ended where the ledger says: one sentence for everything that does not agree."""

from collections import Counter
from collections.abc import Iterator

from tests.month.ledger import working_days_after
from tests.month.simulation import Month, counted


def differences(month: Month) -> list[str]:
    """Everything that does not add up; empty when all does."""
    checks = (_lives, _histories, _promises, _answers, _messages, _notices, _sums)
    return [sentence for check in checks for sentence in check(month)]


def _lives(month: Month) -> Iterator[str]:
    rows = month.town.all("select number, status, closed_how from ticket")
    found = {row.number: (row.status, row.closed_how) for row in rows}
    for citizen in month.citizens:
        life = citizen.life
        if found[life.number] != (life.status, life.how):
            yield f"{life.number} ({citizen.channel}, {citizen.temper}) is {found[life.number]}, not {life}"


def _histories(month: Month) -> Iterator[str]:
    rows = month.town.all(
        """select t.number, array_agg(e.status order by e.id) as went from event e
           join ticket t on t.id = e.ticket_id where e.kind = 'status' group by 1"""
    )
    went = {row.number: [one for one in row.went if one not in ("draft", "received")] for row in rows}
    for life in (citizen.life for citizen in month.citizens):
        if went[life.number] != life.told:
            yield f"{life.number} went through {went[life.number]}, not {life.told}"


def _promises(month: Month) -> Iterator[str]:
    """What was promised at filing holds as long as nobody asked, objected or waited for money."""
    rows = {row.number: row.due_at for row in month.town.all("select number, due_at from ticket")}
    for life in (citizen.life for citizen in month.citizens):
        wanted = working_days_after(life.filed_at, life.promised_days)
        moved = life.objections or {"waiting", "planned"} & set(life.told)
        if not moved and rows[life.number] != wanted:
            yield f"{life.number} is due {rows[life.number]}, not {wanted}"


def _answers(month: Month) -> Iterator[str]:
    """Each answer reached its phone once; the last one may wait behind WhatsApp's window."""
    town = month.town
    sent = [(one.to, one.text) for one in town.twilio.sent]
    sent += [(str(one.chat_id), one.text) for one in town.telegram.sent]
    sent += [(one.address, one.text) for one in town.kannel.sent]
    came = Counter((address, mark) for address, words in sent for mark in _marks(words))
    for citizen in month.citizens:
        for marks in citizen.life.rounds:
            waits = citizen.life.unread and marks is citizen.life.rounds[-1]
            for mark in marks:
                times = came[citizen.phone.address, mark]
                if times != (0 if waits else 1):
                    yield f"answer {mark} ({citizen.channel}, {citizen.temper}) came {times} times"


def _marks(words: str) -> list[str]:
    return [part.partition("]")[0].join("[]") for part in words.split("[")[1:]]


def _messages(month: Month) -> Iterator[str]:
    rows = month.town.all(
        """select state, count(*) from message where direction = 'out'
           and state not in ('sent', 'delivered', 'read', 'held') group by 1"""
    )
    yield from (f"{count} messages are {state}" for state, count in rows)
    came = month.town.one("select count(*) from message where direction = 'in'")[0]
    if came != month.wrote:
        yield f"citizens wrote {month.wrote} messages, {came} were kept"


def _notices(month: Month) -> Iterator[str]:
    """Nothing is late unseen: the coordinator was told of each, and its citizen of the Ombudsman once."""
    rows = month.town.all(
        """select t.number, exists (select from notice n join staff s on s.id = n.staff_id
                                    where n.ticket_id = t.id and s.email like 'koordinator@%') as seen,
                  (select count(*) from message m
                   where m.ticket_id = t.id and m.text like '%Ombudsman%') as told
           from ticket t where t.parent_id is null and t.paused_at is null and t.due_at < :now
             and t.status in ('received', 'forwarded', 'in_progress', 'returned')""",
        now=month.now,
    )
    yield from (f"{row.number} is late and the coordinator knows nothing" for row in rows if not row.seen)
    yield from (f"{row.number}: told of the Ombudsman {row.told} times" for row in rows if row.told > 1)


def _sums(month: Month) -> Iterator[str]:
    counts = counted(month.town)
    if sum(counts.values()) != month.tickets:
        yield f"{month.tickets} reports were filed, {counts} are there"
