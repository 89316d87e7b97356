"""The first page of administration, the offices, and what the city's files say."""

from flask import Blueprint, render_template

from bot.cities.city import check_city
from bot.cities.files import Reader
from bot.cities.tables import read_tables
from panel.access import audience, house
from storage import administering

pages = Blueprint("administration", __name__, url_prefix="/panel/admin")


@pages.get("")
@audience("administrator")
def start() -> str:
    """What can be looked after here, with what needs looking after."""
    with house().database.reading() as tx:
        people, aside = administering.staff(tx), administering.aside_counts(tx)
    return render_template("panel/administration.html", people=people, aside=aside)


@pages.get("/offices")
@audience("administrator", "coordinator")
def offices() -> str:
    """The tree of offices with their people and open reports; it comes from the city's files."""
    with house().database.reading() as tx:
        rows = administering.offices(tx)
    return render_template("panel/offices.html", rows=rows, folder=house().city.folder)


@pages.get("/city")
@audience("administrator", "coordinator")
def city_files() -> str:
    """Known answers and the calendar with file and line, and the faults of the files as they are now."""
    folder = house().city.folder
    tables = read_tables(folder)
    running = {one.question: one.answer for one in house().city.answers}
    return render_template(
        "panel/city_files.html",
        folder=folder,
        answers=tables.answers,
        is_running=lambda one: running.get(one.question) == one.answer,
        days=Reader(folder).rows("calendar.csv", ("date", "name", "working")),
        faults=check_city(folder),
    )
