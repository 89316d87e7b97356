"""How a command acts for a member of staff."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from bot.care import desk
from bot.house import House
from bot.people import requests
from bot.workflow import NotAllowed
from handlers.commands.opening import Opened
from storage.queries import Reader


@contextmanager
def acting(opened: Opened, email: str) -> Iterator[tuple[House, Reader]]:
    """The product and who acts; a refusal ends the command with its one sentence.

    Args:
        opened: gives the product.
        email: whose rights hold in the block.

    Raises:
        click.ClickException: nobody has this address, or what the block tried is refused.
    """
    with opened() as house:
        try:
            with house.database.reading() as tx:
                by = desk.staff_reader(tx, email)
            yield house, by
        except (desk.NotFound, requests.NoRequest, NotAllowed) as refusal:
            raise click.ClickException(str(refusal)) from None
