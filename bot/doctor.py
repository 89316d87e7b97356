"""Says what works and what does not, and what to do about it."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import text

from bot.channel import Misconfigured, SendError, Throttled, Unknown, Unreachable
from bot.house import House
from storage.migrate import current, newest


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: `ok` is True, False, or None for what is switched off."""

    name: str
    ok: bool | None
    sentence: str

    def __str__(self) -> str:
        mark = {True: "ok", False: "FAULT", None: "off"}[self.ok]
        return f"{mark:<5}  {self.name}: {self.sentence}"


def database(house: House) -> Iterator[Finding]:
    """Whether the database answers, is up to date, and has a worker looking after it."""
    try:
        with house.database.reading() as tx:
            version = tx.scalar(text("show server_version"))
        fresh = current(house.database.engine) == newest()
    except Exception as error:
        reason = type(error.__cause__ or error).__name__
        yield Finding("database", False, f"does not answer ({reason}); see DATABASE_URL.")
        return
    yield Finding("database", True, f"PostgreSQL {version} answers.")
    yield Finding("tables", fresh, "up to date." if fresh else "not up to date: run `python app.py migrate`.")
    if fresh:
        yield from _work(house)


def _work(house: House) -> Iterator[Finding]:
    with house.database.reading() as tx:
        beat = tx.scalar(text("select extract(epoch from now() - max(at)) from heartbeat"))
        unsent = tx.scalar(_UNSENT)
        aside = tx.scalar(_ASIDE)
        machines = tx.scalars(_MACHINES, {"seconds": BEAT_SECONDS}).all()
    alive = beat is not None and beat < BEAT_SECONDS
    seen = "never" if beat is None else f"{beat:.0f} s ago"
    yield Finding("worker", alive, f"last seen {seen}." + ("" if alive else " Run `python app.py worker`."))
    yield Finding("outbox", not unsent, f"{unsent} messages wait longer than five minutes.")
    yield Finding("inbox", not aside, f"{aside} events set aside" + _AFTER[bool(aside)])
    if len(machines) > 1 and not house.settings.files_url:
        yield Finding("files", False, f"{' and '.join(machines)} keep photos apart: set FILES_URL for all.")


BEAT_SECONDS = 20  # a worker writes every 5 s
_AFTER = {True: "; mend the cause, then run `python app.py replay`.", False: "."}
_MACHINES = text(  # a worker writes "worker <machine> <process>"
    """select distinct split_part(name, ' ', 2) from heartbeat
       where at > now() - make_interval(secs => :seconds) order by 1"""
)
_ASIDE = text("select count(*) from raw_event where state in ('failed', 'quarantined')")
_UNSENT = text(
    """select count(*) from message
       where state in ('waiting', 'sending', 'unknown') and created_at < now() - interval '5 minutes'"""
)


async def channels(house: House, known: tuple[str, ...]) -> list[Finding]:
    """Whether each channel's provider accepts us; a channel without credentials is off, not broken."""
    findings = []
    for name in known:
        channel = house.channels.get(name)
        if channel is None:
            findings.append(Finding(name, None, "no credentials in the settings."))
            continue
        try:
            findings.append(Finding(name, True, await channel.probe()))
        except SendError as error:
            findings.append(Finding(name, False, _why(error)))
        finally:
            await channel.close()
    return findings


def _why(error: SendError) -> str:
    """An engineer's sentence; that of the error is an officer's."""
    words = next((words for kind, words in _KINDS if isinstance(error, kind)), "refuses us")
    return f"the provider {words}" + (f" ({error.detail})." if error.detail else ".")


_KINDS: tuple[tuple[type[SendError], str], ...] = (
    (Misconfigured, "does not take our settings"),
    (Unreachable, "cannot be reached"),
    (Throttled, "asks us to wait"),
    (Unknown, "did not answer in time"),
)
