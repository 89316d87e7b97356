"""A small town's house with offices, staff and tickets, for the panel's tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Connection, insert, select

import panel
from bot import numbers
from bot.channel import Payload
from bot.house import House, files_url
from bot.settings import Settings
from bot.wording import Wording
from panel import staff as panel_staff
from storage.database import open_database
from storage.files import Files
from storage.keys import Keys, keys_for
from storage.models import (
    address,
    attachment,
    conversation,
    event,
    message,
    office,
    person,
    ticket,
)
from tests.house import city, fill, understanding

SEMARANG = Path(__file__).parents[1] / "city" / "semarang"
NOW = datetime(2026, 11, 23, 7, 5, tzinfo=UTC)  # Monday, 14.05 WIB
PASSWORD = "kata-sandi-uji"
# Passes, KiB and lanes of argon2: tests log in by the hundred. What the product takes: test_commands.py.
LEAST = (1, 8, 1)
OPTIONS = ("argon2__rounds", "argon2__memory_cost", "argon2__parallelism")
CITIZEN_NAME = "Sri Wahyuningsih"
CITIZEN_NUMBER = "6281229990001"
STAFF = {
    "admin@kota.test": ("administrator", ""),
    "koordinator@kota.local": ("coordinator", ""),
    "dinkes@kota.test": ("officer", "DINKES"),
    "puskesmas@kota.test": ("officer", "PKM-MANGKANG"),
    "dpu@kota.test": ("officer", "DPU"),
    "pimpinan@kota.test": ("supervisor", ""),
}


class StandingClock:
    """A clock that stands still at NOW until a test moves it."""

    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> datetime:
        return self.moment


@contextmanager
def cheap_passwords() -> Iterator[None]:
    """Accounts made meanwhile have the cheapest hashes."""
    with pytest.MonkeyPatch.context() as cheaper:
        cheaper.setattr(panel_staff, "PasswordHasher", partial(PasswordHasher, *LEAST))
        yield


@contextmanager
def house_on(url: str, folder: Path, **settings: Any) -> Iterator[House]:
    """A house with the city's offices, on an empty database or a copy; no channel has credentials."""
    chosen = Settings(_env_file=None, data_dir=folder, **settings)
    database = open_database(url, keys_for("", folder))
    fill(database)
    with cheap_passwords():
        yield House(chosen, database, city(), understanding(), Wording(SEMARANG), StandingClock(), {})
    database.engine.dispose()


class _Compiled(BytecodeCache):
    """Templates that are compiled once for all apps of a test process."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_compiled = _Compiled()


def panel_app(house: House) -> Flask:
    """A Flask app with nothing on it but the panel."""
    app = Flask("panel_under_test")
    # Else the first login of everybody writes a dear hash over the cheap one.
    app.config["SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS"] = dict(zip(OPTIONS, LEAST, strict=True))
    app.jinja_env.bytecode_cache = _compiled
    panel.install(app, house)
    return app


def file_ticket(house: House, code: str, **values: Any) -> str:
    """A received ticket of an office with one message of the citizen; returns its number."""
    with house.database.transaction() as tx:
        return _file(tx, house.database.keys, code, values)


def _file(tx: Connection, keys: Keys, code: str, values: dict[str, Any]) -> str:
    number = numbers.draw()
    someone = tx.scalar(insert(person).returning(person.c.id))
    known = {"sealed": keys.seal(CITIZEN_NUMBER), "sealed_name": keys.seal(CITIZEN_NAME)}
    reached = tx.scalar(
        insert(address)
        .values(person_id=someone, channel="telegram", lookup=number.encode(), **known)
        .returning(address.c.id)
    )
    chat = tx.scalar(
        insert(conversation)
        .values(channel=values.get("channel", "telegram"), account="bot", address_id=reached, language="id")
        .returning(conversation.c.id)
    )
    row = {
        "number": number,
        "status": "received",
        "office_id": tx.scalar(select(office.c.id).where(office.c.code == code)),
        "person_id": someone,
        "conversation_id": chat,
        "channel": "telegram",
        "text": "Lampu jalan mati",
        "place": "Tugurejo",
        "created_at": NOW - timedelta(days=3),
        "changed_at": NOW,
        "due_at": datetime(2026, 11, 30, 16, 59, 59, tzinfo=UTC),
        **values,
    }
    made = tx.scalar(insert(ticket).values(row).returning(ticket.c.id))
    tx.execute(insert(event).values(ticket_id=made, at=row["created_at"], kind="status", status="received"))
    said = {"conversation_id": chat, "ticket_id": made, "created_at": row["created_at"]}
    words = {"direction": "in", "state": "received", "author": "citizen", "text": row["text"]}
    tx.execute(insert(message).values(**said, **words))
    return number


def send_out(house: House, number: str, state: str, **values: Any) -> None:
    """A message of ours about a ticket, in a state of delivery."""
    with house.database.transaction() as tx:
        found = tx.execute(select(ticket).where(ticket.c.number == number)).one()
        row = {"text": f"kabar yang {state}", "author": "bot", "created_at": NOW, **values}
        row["payload"] = Payload(row["text"]).to_json()
        chat = {"conversation_id": found.conversation_id, "ticket_id": found.id}
        tx.execute(insert(message).values(direction="out", state=state, **chat, **row))


def attach(
    house: House, number: str, data: bytes, media_type: str, ending: str, state: str = "stored"
) -> int:
    """A stored file of a ticket; returns its id."""
    with house.database.transaction() as tx:
        found = tx.execute(select(ticket).where(ticket.c.number == number)).one()
        said = tx.scalar(select(message.c.id).where(message.c.ticket_id == found.id))
        row = insert(attachment).values(
            message_id=said,
            ticket_id=found.id,
            channel="telegram",
            reference="r",
            media_type=media_type,
            name="<b>foto</b>.html",
            state=state,
            path=Files(files_url(house)).keep(data, ending),
        )
        made = tx.scalar(row.returning(attachment.c.id))
    assert made is not None
    return int(made)


def rows_of(house: House, number: str) -> tuple[Any, list[Any]]:
    """A ticket and its outgoing messages, as they are stored."""
    with house.database.reading() as tx:
        found = tx.execute(select(ticket).where(ticket.c.number == number)).one()
        out = select(message).where(message.c.ticket_id == found.id, message.c.direction == "out")
        return found, list(tx.execute(out.order_by(message.c.id)))


def token(client: FlaskClient, page: str) -> str:
    """The form token on a page."""
    text = client.get(page).text
    return text.partition('name="csrf_token" value="')[2].partition('"')[0]


def own_token(client: FlaskClient) -> str:
    """A form token of this browser's session, without the page that would have shown it.

    Source: https://flask-wtf.readthedocs.io/en/1.2.x/config/ (WTF_CSRF_FIELD_NAME, WTF_CSRF_SECRET_KEY)
    """
    app = client.application
    with client.session_transaction() as session:
        seed = session.setdefault("csrf_token", "0" * 40)
    key = str(app.config.get("WTF_CSRF_SECRET_KEY", app.secret_key))
    return str(URLSafeTimedSerializer(key, salt="wtf-csrf-token").dumps(seed))


def log_in(client: FlaskClient, email: str, password: str = PASSWORD, after: str = "") -> Any:
    """Log in by the form, as a browser does."""
    form = {"email": email, "password": password, "csrf_token": token(client, "/panel/login"), "next": after}
    return client.post("/panel/login", data=form)


def client_of(app: Flask, email: str) -> FlaskClient:
    """A browser in which somebody of STAFF is logged in; the account is made, as an administrator would."""
    panel.add_staff(app.extensions["kentongan"], email, *STAFF[email], PASSWORD)
    client = app.test_client()
    assert log_in(client, email).status_code == 302
    return client


def submit(client: FlaskClient, number: str, action: str, **fields: str) -> Any:
    """Send one of a ticket's forms."""
    form = {"csrf_token": own_token(client), **fields}
    return client.post(f"/panel/tickets/{number}/{action}", data=form)
