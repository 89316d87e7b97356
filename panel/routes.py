"""The pages: list of tickets, one ticket with its forms, files."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, RowMapping

from bot import workflow
from bot.care import categorising, desk, lane, rights, searching, takeover, typed
from panel import (
    alike,
    charts,
    closed,
    dues,
    forms,
    incharge,
    language,
    passing,
    pressed,
    proof,
    shown,
    spots,
    stored,
    working,
)
from panel.access import ANYONE, audience, house, in_panel
from panel.witness import takes
from storage import family, looks, queries

READERS = ("administrator", "coordinator", "officer", "inspector")
ACTORS = ("administrator", "coordinator", "officer")
IN_LANE = (*ACTORS, rights.INSPECTOR)  # who acts in the supervised lane, too: the use-case knows on what
CUSTODIAN, SUPERVISOR = "custodian", "supervisor"
PAGE = 30
LAST_PAGE = 10_000
NUMBER = re.compile(r"[0-9]{1,12}")
OWN_FORMS = ("answered", "forwarded", "returned")  # statuses with a form of their own

pages = Blueprint("panel", __name__, url_prefix="/panel", template_folder="templates", static_folder="static")


@pages.url_value_preprocessor
def only_numbers(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """What cannot be a ticket's number is no page, on every address that has one in it."""
    if values and "number" in values and not NUMBER.fullmatch(str(values["number"])):
        abort(404)


@dataclass(frozen=True, slots=True)
class Refused:
    """A form that was not carried out: which, why, and what had been typed."""

    form: str = ""
    why: str = ""
    typed: dict[str, str] = field(default_factory=dict)


@pages.get("/")
@audience(*READERS, CUSTODIAN, SUPERVISOR)
def tickets() -> ResponseReturnValue:
    """A queue's page; the filter is the URL, so that a colleague sees the same."""
    if not g.reader.roles & set(READERS):  # every login leads here; these two have pages of their own
        own = "privacy.queue" if CUSTODIAN in g.reader.roles else "panel.figures"
        return redirect(url_for(own))
    now = house().clock.now().astimezone(house().city.timezone)
    queue = request.args.get("queue", "open")
    queue = queue if queue in queries.QUEUES else "open"
    search = forms.tidy(request.args.get("q", ""))[:200]
    was_phone = searching.is_phone(search)
    search = "" if was_phone else search
    origin = typed.known_origin(request.args.get("origin", ""))
    page = min(max(request.args.get("page", 1, int), 1), LAST_PAGE)
    with house().database.reading() as tx:
        counts = queries.queue_counts(tx, g.reader, now)
        looked = searching.meant(tx, search) if search else None
        rows = queries.ticket_list(
            tx,
            g.reader,
            queue=queue,
            now=now,
            search=looked.query if looked else "",
            origin=origin,
            limit=PAGE + 1,  # one more tells whether there is a next page
            offset=(page - 1) * PAGE,
        )
        many = working.bulk(tx, g.reader)
    return render_template(
        "panel/tickets.html",
        rows=rows[:PAGE],
        more=len(rows) > PAGE,
        queues=queries.QUEUES,
        counts=counts,
        queue=queue,
        search=search,
        origin=origin,
        looked=looked,
        was_phone=was_phone,
        page=page,
        **many,
    )


@pages.get("/tickets/<number>")
@audience(*READERS)
def ticket(number: str) -> ResponseReturnValue:
    """One ticket: facts, conversation, history, forms."""
    return ticket_page(number)


@pages.post("/tickets/<number>/move")
@audience(*IN_LANE)
@takes("office")
def move(number: str) -> ResponseReturnValue:
    """Change a ticket's status."""
    status = request.form.get("status", "")
    return _move(number, "move", status, f"Status menjadi {workflow.NAMES.get(status, '')}.")


@pages.get("/files/<int:file_id>")
@audience(*READERS)
def file(file_id: int) -> Response:
    """A photo or file of a ticket within the reader's scope."""
    if file_id >= 2**63:
        abort(404)
    with house().database.transaction() as tx:
        row = family.one_file(tx, g.reader, file_id)
        if row is None or row["state"] != "stored":
            abort(404)
        looks.note_file(tx, row["ticket_id"], g.reader.staff_id, _today())
    try:
        data = stored.open_file(house(), row["path"])
    except FileNotFoundError:
        abort(404)
    return stored.answer_with(data, row["media_type"], file_id, row["path"])


@pages.get("/<path:rest>")
@audience(ANYONE)
def nothing(rest: str) -> ResponseReturnValue:
    """What is no page."""
    abort(404)


def _move(number: str, form: str, status: str, done: str) -> ResponseReturnValue:
    """Ask the desk; back to the ticket with the good news, or the page again with the text kept."""
    typed = forms.read(request.form) | forms.marks(request.form)
    needed = {name: typed[name] for name in _carried(status) if typed[name]}
    try:
        _number(number)
        forms.check(status, typed)
        desk.move(house(), g.reader, number, status, needed)
    except desk.NotFound:
        abort(404)
    except workflow.NotAllowed as refused:
        return ticket_page(number, Refused(form, str(refused), {**typed, "status": status})), 409
    flash(done)
    return redirect(url_for("panel.ticket", number=number))


def _carried(status: str) -> set[str]:
    """Fields that go with a status: what it needs, and a note always."""
    reached = workflow.STATUSES.get(status)
    return {"note", "version", *(reached.needs if reached else ())}


def _today() -> date:
    """The business day in the city."""
    return house().clock.now().astimezone(house().city.timezone).date()


def _number(number: str) -> str:
    if not NUMBER.fullmatch(number):
        abort(404)
    return number


def ticket_page(number: str, refused: Refused | None = None) -> str:
    """A ticket's page, with a form that was refused; 404 outside the reader's scope."""
    with house().database.transaction() as tx:
        row = queries.one_ticket(tx, g.reader, _number(number))
        if row is None:
            abort(404)
        looks.note_page(tx, [row["parent_id"] or row["id"]], g.reader.staff_id, _today())
        about = _about(tx, row)
        about |= working.about(tx, house(), g.reader, row, about["events"], (refused or Refused()).typed)
    choices = rights.choices(g.reader, row)
    return render_template(
        "panel/ticket.html",
        ticket=row,
        refused=refused or Refused(),
        choices=choices,
        moves=[status for status in choices if status not in OWN_FORMS],
        told=[status for status in choices if "{note}" in workflow.STATUSES[status].push],
        needs={status: workflow.STATUSES[status].needs for status in choices},
        how_closed=shown.HOW_CLOSED,
        longest=workflow.LONGEST,
        may_act=bool(rights.actors(g.reader, row)),
        may_place=bool(g.reader.roles & lane.MAY_PLACE)
        and not row["supervised"]
        and row["status"] != "merged",
        may_release=rights.INSPECTOR in g.reader.roles and row["supervised"],
        next_step=working.next_step(about, choices, row),
        talk=working.talk(about["messages"], about["notes"]),
        category_confirmed=categorising.confirmed(about["events"], row["category"]),
        **about,
    )


def _about(tx: Connection, row: RowMapping) -> dict[str, Any]:
    files: dict[int, list[RowMapping]] = {}
    whole = row["parent_id"] or row["id"]  # what was said is the whole report's
    own = queries.ticket_attachments(tx, row["id"]) if row["parent_id"] else []  # a part's own proofs
    for one in [*queries.ticket_attachments(tx, whole), *own]:
        files.setdefault(one["message_id"], []).append(one)
    messages = queries.ticket_messages(tx, whole)
    return {
        "messages": messages,
        "pressed": pressed.labels(messages),
        "events": queries.ticket_events(tx, row["id"]),
        "files": files,
        "photo": stored.DRAWN_ANEW,
        "alike": () if row["parent_id"] else alike.similar(tx, house(), g.reader, row),
        "people": alike.people(tx, row),
        "holder": takeover.holder(tx, row["conversation_id"]) if row["conversation_id"] else None,
        **incharge.about(tx, house(), g.reader, row),
        **passing.about(tx, house(), g.reader, row),
        **proof.about(tx, house(), g.reader, row),
        **closed.about(tx, g.reader, row),
        **spots.about(house(), row),
        "looks": looks.by_staff(tx, row["id"]) if g.reader.sees_all else [],
    }


@pages.app_context_processor
def words() -> dict[str, Any]:
    """What the panel's templates say things with."""
    if not in_panel():
        return {}
    city, now = house().city, house().clock.now()
    return {
        "city": city,
        "reader": g.get("reader"),
        "channels": language.all_said(shown.CHANNELS),
        "kinds": language.all_said(shown.KINDS),
        "status_names": language.all_said(workflow.NAMES),
        "status_chip": shown.status_chip,
        "state_chip": shown.state_chip,
        "objections_chip": shown.objections_chip,
        "secrecy_chips": shown.secrecy_chips,
        "step_due": dues.step_due,
        "due_chip": lambda row: dues.due_chip(row, now, city),
        "when": lambda moment: shown.when(moment, city.timezone),
        "clock": lambda moment: shown.hour(moment, city.timezone),
        "age": lambda moment: shown.age(moment, now),
        "counted": charts.counted,
        "author": shown.author,
        "side": shown.side,
        "happened": shown.happened,
        "who_did": shown.who_did,
    }
