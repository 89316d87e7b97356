"""One step for many reports of the list: what became of each, and taken back in time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from flask import current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import select

from bot.care import assigning, desk, holding, noting, undoing
from bot.workflow import NotAllowed
from panel import forms, passing
from panel.access import audience, house
from panel.routes import ACTORS, NUMBER, pages
from panel.witness import takes
from storage import presence, queries
from storage.models import staff

MOST = 100  # reports in one step
UNDO_SECONDS = 30
NAMES = {"assign": "ditugaskan", "forward": "diteruskan", "tag": "diberi label", "merge": "digabung"}
CHOOSE = "Centang laporan dulu, lalu pilih tindakan."


@dataclass
class Results:
    """What became of each report: done, or not and why; and what takes each back."""

    done: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    back: list[tuple[str, str]] = field(default_factory=list)

    def each(self, numbers: Sequence[str], act: Callable[[str], str | None]) -> None:
        """Do it for each; what is refused stops no other."""
        for number in numbers:
            try:
                before = act(number)
            except (NotAllowed, desk.NotFound) as refused:
                self.refused.append((number, str(refused)))
            else:
                self.done.append(number)
                if before is not None:
                    self.back.append((number, before))


@pages.post("/bulk")
@audience(*ACTORS)
@takes("office")
def bulk() -> ResponseReturnValue:
    """Do one thing with all ticked reports."""
    ticked = list(dict.fromkeys(one for one in request.form.getlist("number") if NUMBER.fullmatch(one)))[
        :MOST
    ]
    action, results = request.form.get("action", ""), Results()
    act = _acts().get(action)
    if not ticked or act is None:
        return _page(action, results, CHOOSE), 409
    results.each(ticked, act)
    return _page(action, results)


@pages.post("/bulk/undo")
@audience(*ACTORS)
def bulk_undo() -> ResponseReturnValue:
    """Take such a step back, each report on its own."""
    try:
        kept = _signer().loads(request.form.get("back", ""), max_age=UNDO_SECONDS)
    except BadSignature:
        return _page("undo", Results(), "Sudah lewat 30 detik: tidak dapat diurungkan lagi."), 409
    if kept["staff"] != g.reader.staff_id:
        return _page("undo", Results(), CHOOSE), 409
    results, before = Results(), dict(kept["rows"])
    results.each(list(before), lambda number: _undo(kept["action"], number, before[number]))
    return _page("undo", results)


def _acts() -> dict[str, Callable[[str], str | None]]:
    """What can be done, by its name; each gives what takes it back, None for nothing."""
    return {"assign": _assign, "forward": _forward, "tag": _tag, "merge": _merge}


def _assign(number: str) -> str | None:
    with house().database.reading() as tx:
        row = queries.one_ticket(tx, g.reader, number)
        had = row and tx.scalar(select(staff.c.email).where(staff.c.id == row["assignee_id"]))
    changed = assigning.assign(house(), g.reader, number, forms.tidy(request.form.get("to", "")))
    return (had or "") if changed else None


def _forward(number: str) -> str | None:
    with house().database.reading() as tx:
        code = passing.code_of(forms.tidy(request.form.get("office", ""))[:200], queries.offices(tx))
    given = {"office": code, "note": "", "wait": holding.FORWARD_SECONDS}
    if not code:
        raise NotAllowed("Pilih instansi tujuan dulu.")
    desk.move(house(), g.reader, number, "forwarded", given)
    with house().database.reading() as tx:
        row = queries.one_ticket(tx, g.reader, number)
        held = row and holding.found(tx, row["id"], g.reader.staff_id)
    return code if held else None


def _tag(number: str) -> str | None:
    with house().database.reading() as tx:
        row = queries.one_ticket(tx, g.reader, number)
        had = set(presence.tags(tx, row["id"])) if row else set()
    words = forms.tidy(request.form.get("tag", ""))[:200].split()
    if not words:
        raise NotAllowed("Tulis labelnya dulu.")
    noting.tag(house(), g.reader, number, words)
    added = {one.lstrip("#").lower() for one in words} - had
    return " ".join(sorted(added)) if added else None


def _merge(number: str) -> None:
    into = request.form.get("into", "").strip()
    if not NUMBER.fullmatch(into) or into == number:
        raise NotAllowed("Tulis nomor laporan lain sebagai tujuan penggabungan.")
    desk.move(house(), g.reader, number, "merged", {"into": into})


def _undo(action: str, number: str, before: str) -> None:
    if action == "assign":
        assigning.assign(house(), g.reader, number, before)
    elif action == "tag":
        noting.tag(house(), g.reader, number, (), before.split())
    else:
        undoing.undo(house(), g.reader, number)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="bulk")


def _page(action: str, results: Results, why: str = "") -> str:
    rows = {"action": action, "staff": g.reader.staff_id, "rows": results.back}
    back = _signer().dumps(rows) if results.back and action != "undo" else ""
    name = NAMES.get(action, "diurungkan")
    return render_template("panel/bulk.html", results=results, name=name, why=why, back=back, action=action)
