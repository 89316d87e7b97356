"""Who is logged in, by our own table: the cookie holds a token, the row its keyed hash, and ended is ended.

A signed cookie alone can be copied and cannot be taken back; a row can.
"""

import secrets
from datetime import UTC, datetime

from flask import Flask, g, request, session
from sqlalchemy import Connection

from bot.house import House
from storage import logins
from storage.keys import Keys
from storage.queries import Reader

TOKEN = "token"  # noqa: S105 - the name under which the session has it
# First the words that others carry too: every browser calls itself Mozilla, and most call themselves Safari.
_BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "Chrom": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "Linux": "Linux",
}


def install(app: Flask, house: House) -> None:
    """Know who asks before anything else does, with one query; before the library looks on its own."""

    @app.before_request
    def recognise() -> None:
        if "_user_id" not in session or request.endpoint == "panel.static":
            return
        found = _reader(house)
        if found is None:
            session.clear()
            return
        g.known_reader = found
        if request.blueprint != "security":
            # The library would ask for the same person again, on every page; only its own pages need it.
            g._login_user = app.extensions["security"].login_manager.anonymous_user()


def now() -> datetime:
    """The machine's time: sessions and tries have nothing to do with business time."""
    return datetime.now(UTC)


def begin(house: House, staff_id: int) -> None:
    """A new session in this browser; the one before it ends."""
    before, token = session.get(TOKEN), secrets.token_urlsafe(32)
    with house.database.transaction() as tx:
        if before:
            logins.end(tx, _lookup(house.database.keys, before), now())
        logins.begin(tx, _lookup(house.database.keys, token), staff_id, agent_words(), now())
    session[TOKEN] = token


def end_this(tx: Connection, keys: Keys) -> None:
    """End the session of this browser."""
    if token := session.get(TOKEN):
        logins.end(tx, _lookup(keys, token), now())


def is_this(keys: Keys, lookup: bytes) -> bool:
    """Whether a row is the session of this browser."""
    return bool(lookup == _lookup(keys, session.get(TOKEN, "")))


def agent_words(agent: str | None = None) -> str:
    """Browser and system in two words, by which the owner knows a session again; nothing finer is kept."""
    told = request.user_agent.string if agent is None else agent
    browser = next((name for sign, name in _BROWSERS.items() if sign in told), "Peramban")
    system = next((name for sign, name in _SYSTEMS.items() if sign in told), "")
    return f"{browser}, {system}" if system else browser


def _reader(house: House) -> Reader | None:
    if TOKEN not in session:
        return None
    lookup = _lookup(house.database.keys, session[TOKEN])
    with house.database.transaction() as tx:
        return logins.reader(tx, lookup, session["_user_id"], now())


def _lookup(keys: Keys, token: str) -> bytes:
    return keys.index("session", token)
