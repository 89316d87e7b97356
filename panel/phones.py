"""The page that finds reports by their reporter's telephone number; each try is a row of the audit log.

The number is sent in a form, never in an address, which browsers and proxies keep, and no page shows it.
"""

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from bot.people.phone_numbers import address_on, e164
from panel.access import audience, house
from panel.routes import pages
from storage import audit
from storage.phones import reports_of

ALLOWED = ("administrator", "coordinator")
CHANNELS = ("sms", "whatsapp")  # where an address is a number
NO_NUMBER = "Itu bukan nomor telepon. Tulis misalnya 0812 dan seterusnya, atau +62."


@pages.get("/phone")
@audience(*ALLOWED)
def phone() -> str:
    """The form."""
    return render_template("panel/phone.html", rows=None, fault="")


@pages.post("/phone")
@audience(*ALLOWED)
def by_phone() -> ResponseReturnValue:
    """Reports of a number, without the number."""
    number = e164(request.form.get("number", "").strip()[:40])
    now = house().clock.now()
    with house().database.transaction() as tx:
        keys = house().database.keys
        lookups = [keys.index(one, address_on(one, number)) for one in CHANNELS] if number else []
        rows = reports_of(tx, g.reader, lookups, now) if lookups else []
        audit.note(tx, g.reader.staff_id, "phone_searched", now, found=len(rows), readable=bool(number))
    if not number:
        return render_template("panel/phone.html", rows=None, fault=NO_NUMBER), 400
    return render_template("panel/phone.html", rows=rows, fault="")
