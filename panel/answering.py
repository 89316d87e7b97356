"""The answer form: the officer's words, photos of what was done, a question about a photo seen before."""

from collections.abc import Sequence

from flask import abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.care import desk, holding, proofs, proving
from bot.care.proofs import Alike, Repeated
from bot.workflow import NotAllowed
from panel import drafting, forms, replies
from panel.access import audience, house
from panel.routes import IN_LANE, NUMBER, Refused, pages, ticket_page
from storage import queries

FORM = "answer"
ASKS_PHOTO = "Pekerjaan yang selesai perlu foto bukti: pilih foto, atau isi alasan tanpa foto."
PICK_AGAIN = "Pilih lagi fotonya; bila memang benar, centang kotak di bawah fotonya."


@pages.post("/tickets/<number>/answer")
@audience(*IN_LANE)
def answer(number: str) -> ResponseReturnValue:
    """Send an answer, with photos, into the chat that filed the ticket."""
    if not NUMBER.fullmatch(number):
        abort(404)
    typed = {**forms.read(request.form), "no_photo": forms.tidy(request.form.get("no_photo", ""))[:500]}
    typed |= drafting.read_marks()
    typed["done"] = "yes" if request.form.get("done") == "yes" else ""
    try:
        _send(number, typed)
    except desk.NotFound:
        abort(404)
    except Repeated as found:
        seen = {**typed, "alike": " ".join(_may_open(found.alike)), "repeated": "yes"}
        return ticket_page(number, Refused(FORM, f"{found} {PICK_AGAIN}", seen)), 409
    except NotAllowed as refused:
        return ticket_page(number, Refused(FORM, str(refused), typed)), 409
    drafting.sent(number, FORM)
    flash("Jawaban disimpan dan menunggu dikirim ke pelapor.")
    return redirect(url_for("panel.ticket", number=number))


def _send(number: str, typed: dict[str, str]) -> None:
    forms.check("answered", typed)
    uploads = _uploads()
    words = _words(number, typed["note"])
    lacks = typed["done"] and not uploads and _asks_photo(number)
    if lacks and not typed["no_photo"]:
        raise NotAllowed(ASKS_PHOTO)
    proving.answer(
        house(),
        g.reader,
        number,
        words,
        uploads,
        no_photo=typed["no_photo"] if lacks else "",
        knowingly=request.form.get("knowingly") == "yes",
        how={"version": typed["version"], "wait": holding.ANSWER_SECONDS},
    )


def _words(number: str, typed: str) -> str:
    """What was typed, with templates and variables put in; raises NotAllowed for what nobody knows."""
    with house().database.transaction() as tx:
        return replies.worded(tx, house(), g.reader, drafting.own_row(tx, number), typed)


def _uploads() -> list[bytes]:
    """The photos that were chosen; a field without one is no file."""
    chosen = [one for one in request.files.getlist("photos") if one.filename]
    return [one.stream.read(proving.LARGEST_BYTES + 1) for one in chosen[: proofs.MOST + 1]]


def _asks_photo(number: str) -> bool:
    with house().database.reading() as tx:
        row = queries.one_ticket(tx, g.reader, number)
    return row is not None and proofs.wanted(house(), row)


def _may_open(found: Sequence[Alike]) -> list[str]:
    with house().database.reading() as tx:
        return [one.number for one in found if not one.own and queries.one_ticket(tx, g.reader, one.number)]
