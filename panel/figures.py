"""The page of whoever sees figures alone: how many reports are in which queue, and not one of their words.

What is in the supervised lane is not counted: it might be about whoever reads the figures.
"""

from dataclasses import replace

from flask import g, render_template

from panel.access import audience, house
from panel.routes import SUPERVISOR, pages
from storage import queries


@pages.get("/figures")
@audience(SUPERVISOR, "administrator", "coordinator")
def figures() -> str:
    """How many reports each queue holds: of the own office and below, without an office of the city."""
    with house().database.reading() as tx:
        counts = queries.queue_counts(tx, _counted_as(g.reader), house().clock.now())
    return render_template("panel/figures.html", queues=queries.QUEUES, counts=counts)


def _counted_as(by: queries.Reader) -> queries.Reader:
    """Whose reports are counted for a reader; nothing but figures leaves this page."""
    return replace(by, roles=frozenset({"officer" if by.path else "coordinator"}))
