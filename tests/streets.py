"""A town to walk through: the product on real adapters, local providers, and phones that write to it by HTTP.

with open_town(url, folder) as town:
    phone = town.phone("whatsapp")
    phone.writes("jalan berlubang besar di Kelurahan Sekayu")
    phone.got()                     # what the provider's server took for this phone since the last look
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, text

from bot.delivery import claims
from bot.house import House
from bot.relay import Relay
from handlers import webhooks
from handlers.webhooks import media
from handlers.webhooks import simulator as simulator_page
from storage import queries
from storage.models import office, role, staff, staff_role
from tests.house import SetClock, make_house
from tests.kannel_server import PASSWORD, SECRET, USER, KannelServer
from tests.phones import TELEGRAM_SECRET, Phone, SimulatorPhone, SmsPhone, TelegramPhone, WhatsAppPhone
from tests.telegram_server import TOKEN, TelegramServer
from tests.twilio_server import AUTH_TOKEN, SENDER, SID, TwilioServer

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # Monday, 09.00 WIB
QUIET_SECONDS = 10.0
STAFF = (("koordinator@kota.test", "coordinator", None), ("dpu@kota.test", "officer", "DPU"))


@dataclass
class Town:
    """The running product with its providers; `client` is anybody who calls it by HTTP."""

    house: House
    client: FlaskClient
    clock: SetClock
    twilio: TwilioServer
    telegram: TelegramServer
    kannel: KannelServer

    def phone(self, kind: str, address: str = "") -> Phone:
        """A new citizen's phone: whatsapp, telegram, sms or simulator/<look>."""
        if kind.startswith("simulator/"):
            return SimulatorPhone(self, kind.partition("/")[2])
        made: dict[str, type[Any]] = {"whatsapp": WhatsAppPhone, "telegram": TelegramPhone, "sms": SmsPhone}
        return cast(Phone, made[kind](self, address) if address else made[kind](self))

    def deliver(self) -> None:
        """Run the real relay until nothing waits."""
        asyncio.run(_relay_till_quiet(self.house))

    def staff(self, email: str) -> queries.Reader:
        """One of STAFF."""
        with self.house.database.reading() as tx:
            found = queries.reader(tx, email)
        assert found
        return found

    def one(self, query: str, **values: Any) -> Any:
        """The first row of a query."""
        with self.house.database.reading() as tx:
            return tx.execute(text(query), values).first()

    def all(self, query: str, **values: Any) -> Any:
        """All rows of a query."""
        with self.house.database.reading() as tx:
            return tx.execute(text(query), values).all()

    def age_reports(self) -> None:
        """Let what was reported so far lie two months back: it is not taken for what is reported now."""
        with self.house.database.transaction() as tx:
            tx.execute(text("update ticket set created_at = created_at - interval '60 days'"))

    def count(self, table: str) -> int:
        """How many rows a table has."""
        return int(self.one(f"select count(*) from {table}")[0])


async def _relay_till_quiet(house: House) -> None:
    if not _waits(house):
        return
    relay = Relay(house)
    running = asyncio.create_task(relay.run())
    try:
        async with asyncio.timeout(QUIET_SECONDS):
            while await asyncio.to_thread(_waits, house):
                await asyncio.sleep(0.008)
    finally:
        relay.stop()
        await running
        for channel in house.channels.values():
            await channel.close()


def _waits(house: House) -> bool:
    with house.database.reading() as tx:
        query = text("select exists (select from message where direction = 'out' and state = any(:states))")
        return bool(tx.scalar(query, {"states": ["waiting", "sending"]}))


@contextmanager
def open_town(url: str, folder: Path, *, hire: bool = True, **chosen: Any) -> Iterator[Town]:
    """The product on an empty database, with every channel at a local provider, and STAFF if `hire`.

    Citizens here read a message in no time: the second that Telegram wants between two messages of a chat is
    proved in tests/test_pace.py.
    """
    clock = SetClock(NOW)
    kannel = KannelServer()
    with TwilioServer() as twilio, TelegramServer() as telegram, patch.object(claims, "SPACED", ()):
        settings = {
            "twilio_account_sid": SID,
            "twilio_auth_token": AUTH_TOKEN,
            "twilio_api_url": twilio.url,
            "twilio_whatsapp_from": SENDER,
            "telegram_bot_token": TOKEN,
            "telegram_mode": "webhook",
            "telegram_webhook_secret": TELEGRAM_SECRET,
            "telegram_api_url": telegram.url,
            "kannel_sendsms_url": kannel.url,
            "kannel_username": USER,
            "kannel_password": PASSWORD,
            "kannel_callback_secret": SECRET,
        }
        house = make_house(url, folder, clock=clock, **{**settings, **chosen})
        if hire:
            _hire(house)
        app = Flask("streets", static_folder=None)
        door = webhooks.install(app, house)
        media.install(app, house)
        simulator_page.install(app, house)
        yield Town(house, app.test_client(), clock, twilio, telegram, kannel)
        door.close()
        house.database.engine.dispose()
    kannel.close()


def _hire(house: House) -> None:
    with house.database.transaction() as tx:
        for email, name, code in STAFF:
            desk = tx.scalar(office.select().with_only_columns(office.c.id).where(office.c.code == code))
            row = {"email": email, "fs_uniquifier": email, "office_id": desk}
            hired = tx.scalar(insert(staff).values(row).returning(staff.c.id))
            tx.execute(text("insert into role (name) values (:name) on conflict do nothing"), {"name": name})
            is_a = tx.scalar(role.select().with_only_columns(role.c.id).where(role.c.name == name))
            tx.execute(insert(staff_role).values(staff_id=hired, role_id=is_a))
