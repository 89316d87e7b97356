"""Years of a city in its tables: reports, messages, history, raw events, laid by insert-select.

The city files one report every 95 seconds, 1,000,000 in three years, however many are laid: what grows is
the past, as in a city that grows old. A third of the last three weeks is open, of what is older hardly any.
"""

import time
from typing import Any

import psycopg

SECONDS_A_REPORT = 94.608
OLD_CITIZENS = 40  # how many of those laid can be played: their address is known
EMPTIED = "truncate person, ticket, seen, raw_event, term restart identity cascade"
DISTRICT = "33.74.01"  # here lie no reports of the categories that the played citizens tell of


def lay(connection: psycopg.Connection[Any], tickets: int, messages: int, lookups: list[bytes]) -> None:
    """Empty the tables and lay a city of that many reports and messages.

    Args:
        connection: one that commits each statement.
        tickets: how many.
        messages: how many in all; five a report are usual.
        lookups: keyed hashes of the addresses of citizens who shall be known, at most OLD_CITIZENS.
    """
    connection.execute(EMPTIED)
    if not tickets:
        connection.execute("vacuum analyze")
        return
    values: dict[str, Any] = {
        "tickets": tickets,
        "people": max(tickets // 10, OLD_CITIZENS),
        "apart": SECONDS_A_REPORT,
    }
    values |= {"each": max(messages // tickets, 1), "district": f"{DISTRICT}.%", "told": TOLD}
    _make_days(connection)
    kept = _without_checks(connection)
    for name, statement in FILL:
        begun = time.monotonic()
        connection.execute(statement.encode(), values)
        print(f"  {name}: {time.monotonic() - begun:.0f} s", flush=True)
    for statement in kept:
        connection.execute(statement.encode())
    for n, lookup in enumerate(lookups[:OLD_CITIZENS], 1):
        connection.execute("update address set lookup = %s where id = %s", (lookup, n))
    connection.execute("vacuum analyze")


def _make_days(connection: psycopg.Connection[Any]) -> None:
    """The partitions that raw events of the kept days lie in."""
    rows = connection.execute(
        """select to_char(day, 'YYYYMMDD'), day::text, (day + interval '1 day')::text
           from generate_series(date_trunc('day', now(), 'UTC') - interval '30 days', now(), '1 day') day
           where to_regclass('raw_event_' || to_char(day, 'YYYYMMDD')) is null"""
    ).fetchall()
    for name, first, last in rows:
        days = f"for values from ('{first}') to ('{last}')"
        connection.execute(f"create table raw_event_{name} partition of raw_event {days}".encode())


def _without_checks(connection: psycopg.Connection[Any]) -> list[str]:
    """Take the foreign keys of `message` away; returns the statements that bring them back."""
    rows = connection.execute(
        """select conname, pg_get_constraintdef(oid) from pg_constraint
           where conrelid = 'message'::regclass and contype = 'f'"""
    ).fetchall()
    for name, _ in rows:
        connection.execute(f"alter table message drop constraint {name}".encode())
    return [f"alter table message add constraint {name} {rule}" for name, rule in rows]


TOLD = (
    "jalan berlubang besar dan dalam|lampu jalan padam gelap sekali|sampah menumpuk bau sekali|"
    "saluran air mampet|pohon tumbang menutup jalan|air tidak mengalir sejak kemarin|"
    "parkir liar di atas trotoar|pelayanan antre lama|banjir setiap hujan besar|"
    "kabel menggantung rendah|jembatan rusak dan licin"
)
AT = "now() - make_interval(secs => (%(tickets)s - n) * %(apart)s)"
OPEN = f"(n %% 10 < 3 and {AT} > now() - interval '22 days' or n %% 300 = 0)"
_CHATS = "from generate_series(1, %(people)s) n"
FILL = (
    ("person", f"insert into person (language) select '' {_CHATS}"),
    (
        "address",
        f"""insert into address (person_id, channel, lookup, sealed, sealed_name)
            select n, 'whatsapp', sha256(n::text::bytea), sha256(n::text::bytea) || sha256('a'),
                   sha256(n::text::bytea) {_CHATS}""",
    ),
    (
        "conversation",
        f"""insert into conversation (channel, account, address_id, state, last_in_at)
            select 'whatsapp', 'whatsapp:+6281170800001', n, '{{"last": "12345678"}}', now() {_CHATS}""",
    ),
    (
        "ticket",
        f"""with office_list as (select array_agg(id order by id) as ids from office),
                 place_list as (select array_agg(code order by code) as codes,
                                       array_agg(name order by code) as names
                                from place where level = 'kelurahan'),
                 many as (select string_to_array(%(told)s, '|') as told)
            insert into ticket (number, status, closed_how, category, office_id, person_id, conversation_id,
                                channel, text, place, place_code, created_at, filed_at, changed_at, due_at,
                                rating, anonymous)
            select lpad((n::bigint * 7919 %% 1000000007)::text, 9, '0'),
                   case when {OPEN} then (array['received', 'forwarded', 'in_progress', 'answered'])[1+n%%4]
                        else 'closed' end,
                   case when {OPEN} then '' else (array['confirmed', 'no_answer', 'withdrawn'])[1+n%%3] end,
                   case when p.code like %(district)s then 'kependudukan'
                        else (array['jalan', 'drainase_banjir', 'penerangan_jalan', 'parkir', 'air_bersih',
                                    'sampah_lingkungan', 'pohon_taman'])[1 + n / 11 %% 7] end,
                   o.ids[1 + n / 3 %% array_length(o.ids, 1)], 1 + n * 31 %% %(people)s,
                   1 + n * 31 %% %(people)s, 'whatsapp',
                   told[1 + n / 11 %% array_length(told, 1)] || ' di Kelurahan ' || p.name
                       || ', dekat rumah nomor ' || n %% 997 || ' ' || left(md5((n %% 20011)::text), 6),
                   'Jalan ' || left(md5((n %% 4999)::text), 7) || ', Kelurahan ' || p.name, p.code,
                   {AT}, {AT}, {AT} + interval '6 days' * (n %% 9) / 8, {AT} + interval '14 days',
                   case when n %% 7 = 0 then 1 + n %% 5 end, n %% 50 = 0
            from generate_series(1, %(tickets)s) n, office_list o, many,
                 lateral (select codes[i] as code, names[i] as name
                          from place_list, lateral (select 1 + n * 31 %% array_length(codes, 1) as i) at) p
            order by n""",
    ),
    (
        "event",
        """insert into event (ticket_id, at, kind, status, office_id)
           select t.id, t.created_at + s.days * interval '1 day', 'status', s.status, t.office_id
           from ticket t cross join (values (0, 'draft'), (0, 'received'), (1, 'forwarded'),
                                   (2, 'in_progress'), (5, 'answered'), (6, 'closed')) s (days, status)
           where t.status = 'closed' or s.days < 2 order by t.id, s.days""",
    ),
    (
        "message",
        """insert into message (conversation_id, ticket_id, direction, state, author, text, payload, say,
                                provider_id, created_at, sent_at, delivered_at, read_at)
           select t.conversation_id, t.id, case when k %% 2 = 0 then 'out' else 'in' end,
                  case when k %% 2 = 0 then 'read' else 'received' end,
                  case when k %% 2 = 0 then 'bot' else 'citizen' end, words,
                  case when k %% 2 = 0 then jsonb_build_object('text', words) end,
                  case when k %% 2 = 0 then decode(md5(words), 'hex') end,
                  case when k %% 2 = 0 then 'SM' || md5(words) else '' end, t.created_at,
                  case when k %% 2 = 0 then t.created_at end, case when k %% 2 = 0 then t.created_at end,
                  case when k %% 2 = 0 then t.created_at end
           from ticket t cross join generate_series(1, %(each)s) k,
                lateral (select 'Pesan ' || k || ' tentang laporan ' || t.number || ': ' || t.text as words) w
           order by t.id, k""",
    ),
    (
        "seen",
        """insert into seen (channel, account, provider_id, at)
           select 'whatsapp', 'whatsapp:+6281170800001', 'SM' || md5(id::text), created_at from message
           where direction = 'in' and created_at > now() - interval '400 days'""",
    ),
    (
        "raw event",
        """insert into raw_event (channel, account, provider_id, sealed, at)
           select 'whatsapp', 'whatsapp:+6281170800001', 'SM' || md5(id::text),
                  decode(repeat(md5(id::text), 38), 'hex'), created_at from message
           where direction = 'in' and created_at > now() - interval '30 days'""",
    ),
    (
        "attachment",
        """insert into attachment (message_id, ticket_id, channel, reference, media_type, state, path, size)
           select m.id, m.ticket_id, 'whatsapp', 'https://api.example/' || m.id, 'image/jpeg', 'stored',
                  'a/' || md5(m.id::text) || '.jpg', 120000
           from message m where m.direction = 'in' and m.id %% 15 = 0""",
    ),
    (
        "follower",
        """insert into follower (ticket_id, conversation_id)
           select id, 1 + (id * 17 %% %(people)s) from ticket where id %% 10 = 0 on conflict do nothing""",
    ),
)
