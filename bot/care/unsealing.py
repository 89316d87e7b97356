"""The use-case "an officer opens the personal numbers of a report": only by a click that is written down."""

from bot import tickets
from bot.care import desk, rights
from bot.house import House
from storage import queries


def open_numbers(house: House, by: queries.Reader, number: str) -> list[str]:
    """The personal numbers of a report, opened for one of the staff; that he looked is written down.

    Args:
        house: the running product.
        by: who opens them.
        number: the report's.

    Returns:
        One line each, like "NIK 3374...".

    Raises:
        NotFound: no such report in the reader's scope, he only reads it, or nothing is kept there.
        BadKeys: DATA_KEYS does not fit.
    """
    with house.database.transaction() as tx:
        row = queries.one_ticket(tx, by, number, lock=True)
        if row is None or not row["hidden"] or not rights.actors(by, row):
            raise desk.NotFound(number)
        opened = house.database.keys.open(row["hidden"]).splitlines()
        tickets.append(tx, row["id"], house.clock.now(), "hidden", staff_id=by.staff_id)
    return opened
