"""The command `demo`: fills an empty installation with an invented month, and takes it out again."""

from dataclasses import replace

import click

from bot.demo import filling, removing
from bot.demo.people import account_of
from bot.house import House
from bot.outbound import channel_key
from bot.workflow import NotAllowed
from handlers.commands.opening import Opened
from handlers.simulator import CHANNEL, LOOKS, Phone

REPORTS = 300
SHOWN = 9  # of the staff: one a role, and some offices


@click.command()
@click.option("--remove", is_flag=True, help="Take out everything of it, and nothing else.")
@click.option("--yes", is_flag=True, help="Also where PUBLIC_URL is not local.")
@click.option("--reports", default=REPORTS, type=click.IntRange(1, 1_000), hidden=True)
@click.pass_obj
def demo(opened: Opened, remove: bool, yes: bool, reports: int) -> None:
    """Fill an empty installation with a month of invented reports, conversations and staff."""
    with opened() as house:
        if not (house.settings.is_local or yes):
            raise click.ClickException(f"{house.settings.base_url} is not local; add --yes if you mean it.")
        try:
            if remove:
                _remove(house)
            else:
                _fill(house, reports)
        except NotAllowed as refusal:
            raise click.ClickException(str(refusal)) from None


def _fill(house: House, reports: int) -> None:
    folder = house.settings.data_dir / "simulator"
    phones = {look: Phone(look, folder) for look in LOOKS}
    # No other channel is there: whatever is written in this month, no provider can be asked to send it.
    alone = replace(
        house, channels={channel_key(CHANNEL, account_of(look)): one for look, one in phones.items()}
    )
    filled = filling.fill(alone, phones["whatsapp"].keep_file, reports)
    click.echo(f"{filled.reports} laporan contoh. Masuk: {house.settings.base_url}/panel/")
    for email in filled.emails[:SHOWN]:
        click.echo(f"  {email}")
    click.echo(f"Kata sandi semuanya: {filled.password}  (hanya ditampilkan sekali)")
    click.echo("Hapus: python app.py demo --remove")


def _remove(house: House) -> None:
    gone = removing.remove(house)
    click.echo(f"{gone.reports} laporan dan {gone.staff} petugas contoh dihapus.")
    if gone.kept:
        click.echo(f"{gone.kept} petugas contoh dinonaktifkan: nama mereka ada di laporan lain.")


COMMANDS = (demo,)
