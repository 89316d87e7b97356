"""Commands about understanding: an officer's word on a category, and learning from those words."""

import click

from bot.care import categorising
from handlers.commands.acting import acting
from handlers.commands.opening import Opened


@click.command("category")
@click.argument("number")
@click.argument("code")
@click.option("--as", "email", required=True, help="Who says so.")
@click.pass_obj
def category_command(opened: Opened, number: str, code: str, email: str) -> None:
    """Set a ticket's category, or confirm the one it has."""
    with acting(opened, email) as (house, by):
        changed = categorising.set_category(house, by, number, code)
    click.echo(f"{number}: {code}" + ("" if changed else " (benar)"))


@click.command("learn")
@click.pass_obj
def learn_command(opened: Opened) -> None:
    """Learn categories from the reports whose category an officer has set or confirmed."""
    with opened() as house:
        try:
            lesson = categorising.learn_from_officers(house)
        except categorising.NotLearnt as refusal:
            raise click.ClickException(str(refusal)) from None
        file = categorising.own_table(house)
    click.echo(f"Belajar dari {lesson.reports} laporan yang kategorinya diperiksa petugas.")
    click.echo(f"Tebakan pertama yang benar: {lesson.before:.0%} sebelum, {lesson.after:.0%} sesudah belajar")
    click.echo("(diukur silang pada laporan yang tidak ikut dipelajari).")
    click.echo(f"{file} ditulis; dipakai web dan worker setelah dijalankan ulang.")


COMMANDS = (category_command, learn_command)
