"""Who is logged in where, and how often a wrong password or code was tried; shared by all processes.

Times are the machine's, not business time: a session has nothing to do with a report.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, Update, delete, func, insert, or_, select, text, update

from storage.deskwork import login_attempt, staff_session
from storage.models import office, role, staff, staff_role
from storage.queries import Reader

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)  # a session is written to no more often
SKEW = timedelta(minutes=5)  # what the clocks of two machines, or of one corrected, may differ
KEPT = timedelta(days=7)  # an ended session stays in its owner's list so long
TRIES_KEPT = timedelta(days=1)


# --- sessions -----------------------------------------------------------------------------------------------
def begin(tx: Connection, lookup: bytes, staff_id: int, agent: str, now: datetime) -> None:
    """A new session of one of the staff, known by the keyed hash of its token."""
    row = {"lookup": lookup, "staff_id": staff_id, "agent": agent, "made_at": now, "seen_at": now}
    tx.execute(insert(staff_session).values(row))


def reader(tx: Connection, lookup: bytes, uniquifier: str, now: datetime) -> Reader | None:
    """Who reads by this session, None when it is over: idle, too old, ended, or of a changed account.

    One query; that it was used is written at most once a minute. What is over is ended for good, so that
    a clock set back does not revive it.
    """
    row = tx.execute(_READER, {"lookup": lookup, "uniquifier": uniquifier}).mappings().one_or_none()
    if row is None:
        return None
    if not (-SKEW <= now - row["seen_at"] <= IDLE and now - row["made_at"] <= LONGEST):
        end(tx, lookup, now)
        return None
    if now - row["seen_at"] >= SEEN_EVERY:
        tx.execute(_known(lookup).values(seen_at=now))
    return Reader(row["id"], row["email"], row["name"], frozenset(row["roles"]), row["path"] or "")


_READER = (
    select(
        staff.c.id,
        staff.c.email,
        staff.c.name,
        office.c.path,
        func.array_agg(role.c.name).label("roles"),
        staff_session.c.seen_at,
        staff_session.c.made_at,
    )
    .select_from(staff_session)
    .join(staff, staff.c.id == staff_session.c.staff_id)
    .join(staff_role, staff_role.c.staff_id == staff.c.id)
    .join(role, role.c.id == staff_role.c.role_id)
    .outerjoin(office, office.c.id == staff.c.office_id)
    .where(
        staff_session.c.lookup == text(":lookup"),
        staff_session.c.ended_at.is_(None),
        staff.c.active,
        staff.c.fs_uniquifier == text(":uniquifier"),
    )
    .group_by(staff.c.id, office.c.path, staff_session.c.lookup)
)


def end(tx: Connection, lookup: bytes, now: datetime) -> None:
    """End one session."""
    tx.execute(_known(lookup).where(staff_session.c.ended_at.is_(None)).values(ended_at=now))


def end_all(tx: Connection, staff_id: int, now: datetime) -> int:
    """End all sessions of one of the staff; returns how many."""
    open_ones = (staff_session.c.staff_id == staff_id) & staff_session.c.ended_at.is_(None)
    return tx.execute(update(staff_session).where(open_ones).values(ended_at=now)).rowcount


def of_staff(tx: Connection, staff_id: int, now: datetime) -> Sequence[RowMapping]:
    """The sessions of one of the staff that are open, the last used first."""
    query = select(staff_session).where(
        staff_session.c.staff_id == staff_id,
        staff_session.c.ended_at.is_(None),
        staff_session.c.seen_at >= now - IDLE,
        staff_session.c.made_at >= now - LONGEST,
    )
    return tx.execute(query.order_by(staff_session.c.seen_at.desc())).mappings().all()


def _known(lookup: bytes) -> Update:
    return update(staff_session).where(staff_session.c.lookup == lookup)


# --- tries --------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Brake:
    """One thing that tries are counted by: so many a minute, and fewer the longer it goes on."""

    lookup: bytes
    most: int


FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=15)  # whoever stops trying is let in again after that
COUNTED = timedelta(hours=1)


def take(tx: Connection, brakes: Sequence[Brake], now: datetime) -> timedelta:
    """Count a try, or refuse it: returns how long to wait, zero when the try may be made.

    A try that is refused is not counted, so that nobody can lengthen somebody's wait beyond its limit.
    """
    for brake in sorted(brakes, key=lambda one: one.lookup):  # all processes in the same order
        tx.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _number(brake.lookup)})
    wait = max((_wait(tx, brake, now) for brake in brakes), default=timedelta())
    if not wait:
        tx.execute(insert(login_attempt), [{"lookup": one.lookup, "at": now} for one in brakes])
    return wait


def _wait(tx: Connection, brake: Brake, now: datetime) -> timedelta:
    """The n-th full measure within the hour must be followed by a pause of 1, 2, 4, 8, 15 minutes."""
    tried = (
        select(login_attempt.c.at)
        .where(login_attempt.c.lookup == brake.lookup, login_attempt.c.at > now - COUNTED)
        .order_by(login_attempt.c.at.desc())
    )
    moments: Sequence[datetime] = tx.scalars(tried).all()
    if len(moments) < brake.most:
        return timedelta()
    window = min(FIRST_WAIT * (1 << len(moments) // brake.most - 1), LONGEST_WAIT)
    # Fewer than the measure may lie within the window.
    open_at = moments[brake.most - 1] + window
    return max(open_at - now, timedelta())


def give_back(tx: Connection, brakes: Sequence[Brake]) -> None:
    """Take back the last try: it was right."""
    for brake in brakes:
        last = select(func.max(login_attempt.c.id)).where(login_attempt.c.lookup == brake.lookup)
        tx.execute(delete(login_attempt).where(login_attempt.c.id == last.scalar_subquery()))


def use_once(tx: Connection, lookup: bytes, now: datetime) -> bool:
    """Whether something that may be used once has not been used yet; from now on it has."""
    tx.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _number(lookup)})
    if tx.scalar(select(login_attempt.c.id).where(login_attempt.c.lookup == lookup).limit(1)):
        return False
    tx.execute(insert(login_attempt).values(lookup=lookup, at=now))
    return True


def forget_old(tx: Connection, now: datetime) -> None:
    """Delete tries and sessions that nobody asks for any more; the hourly job calls it."""
    tx.execute(delete(login_attempt).where(login_attempt.c.at < now - TRIES_KEPT))
    over = or_(staff_session.c.ended_at < now - KEPT, staff_session.c.seen_at < now - KEPT)
    tx.execute(delete(staff_session).where(over))


def _number(lookup: bytes) -> int:
    return int.from_bytes(lookup[:8], signed=True)
