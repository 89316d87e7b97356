"""Chat with the product in a terminal: the same use-case and the same drawing as on a phone."""

import asyncio
import secrets
import sys

import click
from sqlalchemy import text

from bot import inbound
from bot.channel import Inbound, Option, Payload
from bot.house import House
from bot.people.secret import revealed
from handlers.commands.opening import Opened, forgive_encoding

LOOKS = ("telegram", "whatsapp", "sms")


@click.command()
@click.option("--channel", type=click.Choice(LOOKS), default="telegram", help="Which phone it is.")
@click.pass_obj
def talk(opened: Opened, channel: str) -> None:
    """Chat as a citizen. Ctrl-D ends it. What you file is a real ticket of this database."""
    with opened() as house:
        if f"simulator/{channel}" not in house.channels:
            raise click.ClickException("talk is for development: PUBLIC_URL must be local.")
        _chat(house, channel)


def _chat(house: House, look: str) -> None:
    address = f"talk-{secrets.token_hex(4)}"
    last = 0
    options: list[Option] = []
    forgive_encoding()
    while True:
        click.echo("> ", nl=False)
        line = sys.stdin.readline()
        if not line:
            click.echo("")
            return
        if not line.strip():
            continue
        pressed = next((one.id for one in options if line.strip() == one.label), "")
        _hear(house, look, address, line.strip(), pressed)
        last, options = _show(house, look, address, last)


def _hear(house: House, look: str, address: str, words: str, pressed: str) -> None:
    inbound.receive(
        house,
        Inbound(
            channel="simulator",
            account=look,
            provider_id=secrets.token_hex(16),
            address=address,
            kind="choice" if pressed else "text",
            text="" if pressed else words,
            choice=pressed,
            raw=words,
        ),
    )


def _show(house: House, look: str, address: str, last: int) -> tuple[int, list[Option]]:
    """Print what was answered since the message `last`, hand it over, and return the choices on offer."""
    with house.database.reading() as tx:
        values = {"lookup": house.database.keys.index("simulator", address), "last": last, "look": look}
        rows = tx.execute(_NEW, values).all()
    options: list[Option] = []
    for row in rows:
        payload = revealed(Payload.from_json(row.payload), house.database.keys)
        asyncio.run(house.channels[f"simulator/{look}"].send(address, payload, row.id))
        click.echo("\n".join(f"  {line}" for line in payload.text.splitlines()))
        options = list(payload.options)
        if options:
            click.echo("  " + "  ".join(f"[{one.label}]" for one in options))
        last = row.id
    return last, options


_NEW = text(
    """select m.id, m.payload from message m join conversation c on c.id = m.conversation_id
       join address a on a.id = c.address_id
       where a.channel = 'simulator' and a.lookup = :lookup and c.account = :look
         and m.direction = 'out' and m.id > :last order by m.id"""
)


COMMANDS = (talk,)
