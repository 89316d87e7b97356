"""Who is in the invented month: citizens with simulated phones, and staff who share one password."""

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Connection, Row, insert, select, text

from bot import inbound
from bot.channel import Inbound, MediaReference, Payload
from bot.house import House
from bot.talk.twin_question import NEW
from storage import queries
from storage.models import office, role, staff, staff_role

CHANNEL = "simulator"
ACCOUNT = "demo-"
DOMAIN = "contoh.kentongan.local"
MOST = 5_000  # citizens; so many addresses are looked for when all is taken out again
MOST_QUESTIONS = 7
# Who the newcomer may log in as: beside these every office that has something to do gets an officer.
ROLES = ("coordinator", "administrator", "inspector", "supervisor", "custodian")
NAMES = {
    "coordinator": "koordinator",
    "administrator": "admin",
    "inspector": "pengawas",
    "supervisor": "pimpinan",
    "custodian": "pemegang-identitas",
}


def address_of(n: int) -> str:
    """The address of the n-th citizen: no telephone has one like it."""
    return f"demo-{n:04}"


def account_of(look: str) -> str:
    """What a chat's account is called while the month passes: a running worker leaves such chats alone."""
    return f"{ACCOUNT}{look}"


def lookups(house: House, count: int = MOST) -> list[bytes]:
    """The keyed hashes of the first addresses, or of all that such a citizen can have."""
    return [house.database.keys.index(CHANNEL, address_of(n)) for n in range(count)]


@dataclass
class Citizen:
    """One citizen at a simulated phone.

    Attributes:
        look: whose phone it is: "whatsapp", "telegram" or "sms".
        number: of the report, empty as long as there is none.
    """

    house: House
    n: int
    look: str
    name: str
    number: str = ""
    said: int = field(default=0, init=False)

    def writes(self, words: str, *, choice: str = "", photo: MediaReference | None = None) -> None:
        """Send a message; it goes the way that every message of a citizen goes."""
        self.said += 1
        event = Inbound(
            CHANNEL,
            account_of(self.look),
            f"demo-{uuid.uuid4().hex}",
            address_of(self.n),
            kind="photo" if photo else "choice" if choice else "text",
            text=words,
            choice=choice,
            media=(photo,) if photo else (),
            name=self.name if self.look != "sms" else "",
            reference=f"{self.n}-{self.said}" if self.look != "sms" else "",
            raw=words,
        )
        inbound.receive(self.house, event)

    def files(self, send: str, *, follows: bool = False, stops: bool = False) -> None:
        """Answer what is asked until the report is sent.

        Args:
            send: "send" or "anonymous".
            follows: follow a report of the same thing, where one is offered.
            stops: leave it unfinished instead of sending it.
        """
        for _ in range(MOST_QUESTIONS):
            asked = self._asked().options
            choices = [option.id for option in asked]
            twin = [one for one in choices if one.startswith("twin=")]
            last = [one for one in choices if one == f"send={send}"]
            if not choices or (last and stops):
                break
            if twin:
                chosen = twin[0] if follows else f"twin={NEW}"
            else:
                chosen = last[0] if last else choices[0]
            label = next(option.label for option in asked if option.id == chosen)
            self.writes(label if self.look == "whatsapp" else "", choice=chosen)  # Telegram sends no words
            if last:
                break
        with self.house.database.reading() as tx:
            self.number = tx.scalar(_NUMBER, self._whose()) or ""

    def _asked(self) -> Payload:
        with self.house.database.reading() as tx:
            payload = tx.scalar(_LAST, self._whose())
        return Payload.from_json(payload) if payload else Payload("")

    def _whose(self) -> dict[str, Any]:
        return {"lookup": self.house.database.keys.index(CHANNEL, address_of(self.n))}


_CHAT = "join address a on a.id = c.address_id where a.channel = 'simulator' and a.lookup = :lookup"
_LAST = text(
    f"""select m.payload from message m join conversation c on c.id = m.conversation_id {_CHAT}
        and m.direction = 'out' order by m.id desc limit 1"""  # noqa: S608 - our own words
)
_NUMBER = text(
    f"""select t.number from ticket t join conversation c on c.id = t.conversation_id {_CHAT}
        order by t.id desc limit 1"""  # noqa: S608 - our own words
)


class Staff:
    """Everybody who works in the invented month; an officer is hired where the first report arrives."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.password = secrets.token_urlsafe(9)
        self._hash = PasswordHasher().hash(self.password)
        self._officers: dict[str, queries.Reader] = {}
        self.by_role = {name: self._hired(name, NAMES[name], None) for name in ROLES}

    @property
    def coordinator(self) -> queries.Reader:
        """Who passes reports on."""
        return self.by_role["coordinator"]

    @property
    def emails(self) -> list[str]:
        """Addresses to log in with: one a role, then the officers."""
        hired = (*self.by_role.values(), *self._officers.values())
        return [one.email for one in hired]

    def officer(self, code: str) -> queries.Reader:
        """The officer of an office, by the office's code."""
        if code not in self._officers:
            self._officers[code] = self._hired("officer", code.lower(), code)
        return self._officers[code]

    def _hired(self, role_name: str, name: str, code: str | None) -> queries.Reader:
        email = f"{name}@{DOMAIN}"
        with self.house.database.transaction() as tx:
            _hire(tx, email, role_name, code, self._hash, self.house.clock.now())
            found = queries.reader(tx, email)
        if found is None:
            raise LookupError(f"{email} was not hired.")
        return found


def _hire(tx: Connection, email: str, role_name: str, code: str | None, password: str, now: datetime) -> None:
    name = email.partition("@")[0].upper() if code else role_name
    values = {
        "email": email,
        "name": f"Petugas {name} (contoh)" if code else f"{NAMES[role_name].capitalize()} (contoh)",
        "password": password,
        "fs_uniquifier": uuid.uuid4().hex,
        "head": bool(code),
        "created_at": now,
        "office_id": tx.scalar(select(office.c.id).where(office.c.code == code)) if code else None,
    }
    if role_name == "inspector":
        values["office_id"] = tx.scalar(_INSPECTORATE)
    made = tx.execute(insert(staff).values(values).returning(staff.c.id)).scalar_one()
    role_id = tx.scalar(select(role.c.id).where(role.c.name == role_name))
    tx.execute(insert(staff_role).values(staff_id=made, role_id=role_id))


# Inspectors work in an office; where the city has no inspectorate, in the first one it has.
_INSPECTORATE = text(
    """select id from office where active
       order by name ilike '%inspektorat%' desc, kind = 'opd' desc, id limit 1"""
)


def row_of(house: House, number: str) -> Row[Any] | None:
    """How a report stands: status, code of its office, due_at; None when there is none of that number."""
    with house.database.reading() as tx:
        return tx.execute(_ROW, {"number": number}).one_or_none()


_ROW = text(
    """select t.status, o.code as office, t.due_at, t.supervised from ticket t
       left join office o on o.id = t.office_id where t.number = :number"""
)
