"""Writes down what was refused: a role that may not, an id of another office, a role slipped into a form."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request
from sqlalchemy import Connection, select

from bot.house import House
from panel.access import SAFE, in_panel
from storage import audit
from storage.models import ticket

# Names under which a form could try to change who somebody is or what he may; few forms take one of them.
POWERS = frozenset(
    "role roles role_id office office_id staff staff_id user_id email head active supervised".split()
)
View = TypeVar("View", bound=Callable[..., Any])


def takes(*names: str) -> Callable[[View], View]:
    """Declare which of POWERS a form does take; goes directly above the function, under `audience`."""

    def declare(view: View) -> View:
        view.takes = frozenset(names)  # type: ignore[attr-defined]
        return view

    return declare


def install(app: Flask, house: House) -> None:
    """Watch the answers of the panel; what is written never changes an answer."""

    @app.after_request
    def watch(response: Response) -> Response:
        reader = g.get("reader") or g.get("known_reader")
        if in_panel() and reader and (found := list(_refused(response))):
            with house.database.transaction() as tx:
                for action, detail in found:
                    about = _ticket(tx)
                    if about:  # the row itself names the report, to who may know of it
                        detail.pop("id_number", None)
                    audit.note(tx, reader.staff_id, action, house.clock.now(), about, **detail)
        return response


def _refused(response: Response) -> list[tuple[str, dict[str, Any]]]:
    where = {"endpoint": request.endpoint or "", "method": request.method}
    found: list[tuple[str, dict[str, Any]]] = []
    ids = {name: one for name, one in (request.view_args or {}).items() if name not in ("rest", "filename")}
    if response.status_code == 403:
        found.append(("role_refused", where))
    if response.status_code == 404 and ids:
        found.append(("outside_scope", {**where, **{f"id_{name}": _plain(one) for name, one in ids.items()}}))
    # A form that was refused for its size cannot be read.
    if response.status_code != 413 and (slipped := _slipped()):
        found.append(("power_in_form", {**where, "fields": slipped}))
    return found


def _slipped() -> list[str]:
    """Fields of POWERS that this form does not take."""
    if (
        request.method in SAFE
        or request.blueprint == "security"
        or (not request.view_args and not request.endpoint)
    ):
        return []
    view = current_app.view_functions.get(request.endpoint or "")
    return sorted(POWERS & set(request.form) - getattr(view, "takes", frozenset()))


def _plain(one: Any) -> str:
    """An id as it was asked for; what is no number is somebody's typing, and only its length is kept."""
    text = str(one)
    return text if text.isdigit() and text.isascii() and len(text) <= 10 else f"({len(text)} huruf)"


def _ticket(tx: Connection) -> int | None:
    """The report that an address names, if there is one."""
    number = str((request.view_args or {}).get("number", ""))
    if not number.isdigit():
        return None
    found: int | None = tx.scalar(select(ticket.c.id).where(ticket.c.number == number))
    return found
