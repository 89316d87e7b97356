"""DATA SAYA: what we hold of a person, who of the offices looked at it, and how long it stays."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Row, RowMapping, func, select

from bot.talk.deeds import ShowMyData
from bot.visit import Do, Visit
from bot.wording import Line, day
from storage import looks, unlocks
from storage.models import address, ticket

LATEST = 5  # reports that are listed one by one
SHOWN_DIGITS = 3  # of an address: enough to know one's own, too little for anybody else
CHANNELS = {"whatsapp": "WhatsApp", "telegram": "Telegram", "sms": "SMS", "simulator": "Simulator"}

MY_DATA = "We keep these contacts of you: {addresses}.\nYour reports: {count}.\n{reports}"
MY_DATA_BY_SMS = (
    "Your data: {addresses}; {count} reports, opened {times} times by staff. Report: CEK and its number. "
    "To delete: HAPUS DATA"
)
MY_REPORT = "{number}: {status}, {day}. Seen by: {looks}; last {last}."
MY_REPORT_UNSEEN = "{number}: {status}, {day}. Seen by nobody yet."
HOW_LONG = (
    "Kept: contact {contact}; words and photos {texts}.\n"
    "Encrypted raw copies: 30 days. To have it deleted, write HAPUS DATA."
)
UNLOCKED = "{number}: from {day} {office} could see your name and number; opened {times}x."
UNLOCKED_BY_SMS = "Your name and number were opened to staff in {count} reports. Objection? Write PETUGAS."
DAYS_AFTER_CLOSING = "{days} days after closing"
UNTIL_ASKED = "until you ask"


def _show_my_data(visit: Visit, deed: ShowMyData) -> list[Line]:
    """One SMS with the figures; elsewhere the latest reports with who looked, and how long all is kept."""
    own = ticket.c.person_id == visit.found.person_id
    count = visit.tx.scalar(select(func.count()).where(own)) or 0
    by_sms = visit.context == "sms"
    facts = {"addresses": _addresses(visit, 3 if by_sms else 10), "count": count}
    if by_sms:
        opened = looks.by_office(visit.tx, list(visit.tx.scalars(select(ticket.c.id).where(own))))
        seen = Line(MY_DATA_BY_SMS, {**facts, "times": sum(one["times"] for one in opened)})
        return [seen, *_unlocked(visit)]
    rows = visit.tx.execute(select(ticket).where(own).order_by(ticket.c.id.desc()).limit(LATEST)).all()
    kept = visit.house.settings
    how_long = {"contact": _days(kept.retention_contact_days), "texts": _days(kept.retention_text_days)}
    told = Line(MY_DATA, {**facts, "reports": _reports(visit, rows)})
    return [told, *_unlocked(visit), Line(HOW_LONG, how_long)]


def _unlocked(visit: Visit) -> list[Line]:
    """Who of the staff could see the citizen's name and number; by SMS only in how many reports."""
    found = unlocks.of_person(visit.tx, visit.found.person_id, 1_000 if visit.context == "sms" else LATEST)
    if visit.context == "sms":
        reports = {one["number"] for one in found}
        return [Line(UNLOCKED_BY_SMS, {"count": len(reports)})] if found else []
    return [
        Line(
            UNLOCKED,
            {
                "number": one["number"],
                "office": one["office"] or visit.house.city.name,
                "day": day(one["decided_at"], visit.language, visit.house.city.timezone),
                "times": one["opened"],
            },
        )
        for one in found
    ]


def _days(days: int) -> Line:
    return Line(DAYS_AFTER_CLOSING, {"days": days}) if days else Line(UNTIL_ASKED)


def _addresses(visit: Visit, most: int) -> str:
    """The person's addresses by channel and last digits: "WhatsApp ...123, SMS ...456"."""
    own = address.c.person_id == visit.found.person_id
    query = select(address.c.channel, address.c.sealed).where(own, address.c.sealed != b"")
    rows = visit.tx.execute(query.order_by(address.c.id).limit(most))
    return ", ".join(f"{CHANNELS.get(row.channel, row.channel)} {_end(visit, row.sealed)}" for row in rows)


def _end(visit: Visit, sealed: bytes) -> str:
    letters = [letter for letter in visit.house.database.keys.open(sealed) if letter.isalnum()]
    return f"...{''.join(letters[-SHOWN_DIGITS:])}"


def _reports(visit: Visit, rows: Sequence[Row[Any]]) -> str:
    opened: dict[int, list[RowMapping]] = {}
    for one in looks.by_office(visit.tx, [row.id for row in rows]):
        opened.setdefault(one["ticket_id"], []).append(one)
    lines = [_report(visit, row, opened.get(row.id, [])) for row in rows]
    return "\n".join(visit.house.wording.line(line, visit.language, visit.context) for line in lines)


def _report(visit: Visit, row: Row[Any], opened: Sequence[RowMapping]) -> Line:
    zone, city = visit.house.city.timezone, visit.house.city.name
    made = day(row.filed_at or row.created_at, visit.language, zone)
    facts = {"number": row.number, "status": Line(f"status {row.status}"), "day": made}
    if not opened:
        return Line(MY_REPORT_UNSEEN, facts)
    offices = ", ".join(f"{one['office'] or city} {one['times']}x" for one in opened)
    latest: date = max(one["last"] for one in opened)
    last = day(datetime.combine(latest, time(12), zone), visit.language, zone)
    return Line(MY_REPORT, {**facts, "looks": offices, "last": last})


DO: Do = {ShowMyData: _show_my_data}
