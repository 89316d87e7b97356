"""Reply templates, for administrators: made, changed, switched off; an unknown variable is refused here."""

import re
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, RowMapping, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot import workflow
from panel import forms, replies
from panel.access import audience, house
from storage import audit
from storage import replies as stored
from storage.deskwork import reply_template

CODE = re.compile(r"[\w-]{1,40}")
LONGEST = 2000  # characters
LARGEST_ID = 2**63 - 1

pages = Blueprint("template_pages", __name__, url_prefix="/panel/admin/templates")


class _Bad(Exception):
    """It cannot be kept like this; the text is one Indonesian sentence."""


@pages.get("")
@audience("administrator")
def listed() -> str:
    """All templates, and the form for a new one or the one named by ?edit."""
    chosen = request.args.get("edit", 0, int)
    return _page(chosen if 0 < chosen <= LARGEST_ID else 0)


@pages.post("")
@audience("administrator")
def save() -> ResponseReturnValue:
    """Keep a new template, or a changed one."""
    typed = {name: forms.tidy(request.form.get(name, "")) for name in ("code", "category", "status", "text")}
    typed["code"] = typed["code"].removeprefix("::").lower()
    template_id = request.form.get("id", 0, int)
    try:
        _check(typed)
        with house().database.transaction() as tx:
            _keep(tx, template_id, typed)
    except _Bad as bad:
        return _page(template_id, str(bad), typed), 409
    except IntegrityError:
        return _page(template_id, f"Kode ::{typed['code']} sudah dipakai.", typed), 409
    flash(f"Template ::{typed['code']} disimpan.")
    return redirect(url_for("template_pages.listed"))


@pages.post("/<int:template_id>/switch")
@audience("administrator")
def switch(template_id: int) -> ResponseReturnValue:
    """Switch a template off, or on again."""
    if template_id > LARGEST_ID:
        abort(404)
    with house().database.transaction() as tx:
        one = update(reply_template).where(reply_template.c.id == template_id)
        changed = one.values(active=~reply_template.c.active).returning(reply_template)
        row = tx.execute(changed).one_or_none()
        if row is None:
            abort(404)
        _note(tx, row.code)
    flash(f"Template ::{row.code} {'dipakai lagi' if row.active else 'tidak dipakai lagi'}.")
    return redirect(url_for("template_pages.listed"))


def _check(typed: dict[str, str]) -> None:
    if not CODE.fullmatch(typed["code"]):
        raise _Bad("Kode: 1 sampai 40 huruf, angka, _ atau -, tanpa spasi.")
    if not 1 <= len(typed["text"]) <= LONGEST:
        raise _Bad(f"Isi template 1 sampai {LONGEST} huruf.")
    if typed["category"] and typed["category"] not in house().city.categories:
        raise _Bad("Kategori ini tidak dikenal.")
    if typed["status"] and typed["status"] not in workflow.NAMES:
        raise _Bad("Status ini tidak dikenal.")
    for name in replies.VARIABLE.findall(typed["text"]):
        if name not in replies.VARIABLES:
            usable = ", ".join(f"{{{one}}}" for one in replies.VARIABLES)
            raise _Bad(f"{{{name}}} tidak dikenal. Yang dapat dipakai: {usable}.")


def _keep(tx: Connection, template_id: int, typed: dict[str, str]) -> None:
    row: dict[str, Any] = {**typed, "staff_id": g.reader.staff_id, "changed_at": house().clock.now()}
    if not template_id:
        tx.execute(insert(reply_template).values(row))
    elif (
        not 0 < template_id <= LARGEST_ID
        or not tx.execute(
            update(reply_template).where(reply_template.c.id == template_id).values(row)
        ).rowcount
    ):
        abort(404)
    _note(tx, typed["code"])


def _note(tx: Connection, code: str) -> None:
    audit.note(tx, g.reader.staff_id, "settings", house().clock.now(), what="template", code=code)


def _rows(tx: Connection) -> list[RowMapping]:
    query = select(reply_template).order_by(reply_template.c.active.desc(), reply_template.c.code)
    return list(tx.execute(query).mappings())


def _page(template_id: int = 0, why: str = "", typed: dict[str, str] | None = None) -> str:
    with house().database.transaction() as tx:
        stored.begin(tx, replies.starters(), house().clock.now())
        rows = _rows(tx)
    chosen = next((one for one in rows if one["id"] == template_id), None)
    return render_template(
        "panel/templates_admin.html",
        rows=rows,
        chosen=chosen,
        typed=typed or chosen or {},
        why=why,
        statuses=workflow.NAMES,
        variables=replies.VARIABLES,
        longest=LONGEST,
    )
