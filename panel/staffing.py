"""Who works here, for administrators: invite, change role or office, disable, enable."""

from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import RowMapping

from panel import forms
from panel.access import audience, house
from panel.invites import GOOD_FOR, invite
from panel.staff import IN_AN_OFFICE, ROLES, BadStaff, change_staff, disable_staff
from panel.witness import takes
from storage import administering, queries

ADMINISTRATOR = "administrator"
LARGEST_ID = 2**63 - 1
HOLDS = "Masih memegang {0} laporan terbuka: serah terimakan dulu."

pages = Blueprint("staffing", __name__, url_prefix="/panel/admin/staff")


@pages.get("")
@audience(ADMINISTRATOR)
def listed() -> str:
    """Everybody, and the form that invites."""
    return _page()


@pages.post("")
@audience(ADMINISTRATOR)
@takes("email", "role", "office", "head")
def add() -> ResponseReturnValue:
    """Invite somebody; the link is shown once, to be handed over."""
    typed = _read()
    try:
        known = {one["email"] for one in _staff() if one["joined"] and one["active"]}
        if typed["email"].lower() in known:
            raise BadStaff("Alamat ini sudah punya akun; ubah di daftar di bawah.")
        link = invite(
            house(), typed["email"], typed["role"], typed["office"], by=g.reader.staff_id, head=typed["head"]
        )
    except BadStaff as bad:
        return _page(why=str(bad), typed=typed), 409
    return _page(link=link, invited=typed["email"])


@pages.get("/<int:staff_id>")
@audience(ADMINISTRATOR)
def one(staff_id: int) -> str:
    """One of the staff with the forms that change him."""
    return _one(_known(staff_id))


@pages.post("/<int:staff_id>/change")
@audience(ADMINISTRATOR)
@takes("role", "office", "head")
def change(staff_id: int) -> ResponseReturnValue:
    """Give another role or office; who was disabled works here again."""
    row, typed = _known(staff_id), _read()
    try:
        change_staff(
            house(), g.reader.staff_id, row["email"], typed["role"], typed["office"], head=typed["head"]
        )
    except BadStaff as bad:
        return _one(row, str(bad)), 409
    flash(f"{row['email']} disimpan. Yang bersangkutan masuk lagi dengan akun yang sama.")
    return redirect(url_for("staffing.listed"))


@pages.post("/<int:staff_id>/disable")
@audience(ADMINISTRATOR)
def disable(staff_id: int) -> ResponseReturnValue:
    """End an account that holds nothing."""
    row = _known(staff_id)
    try:
        if row["tickets"]:
            raise BadStaff(HOLDS.format(row["tickets"]))
        disable_staff(house(), g.reader.staff_id, row["email"])
    except BadStaff as bad:
        return _one(row, str(bad)), 409
    flash(f"Akun {row['email']} dinonaktifkan; semua sesinya berakhir.")
    return redirect(url_for("staffing.listed"))


@pages.post("/<int:staff_id>/invite")
@audience(ADMINISTRATOR)
def again(staff_id: int) -> ResponseReturnValue:
    """A new link for who lost the first one or the password; the old password is worthless at once."""
    row = _known(staff_id)
    try:
        role = next(iter(row["roles"]), "")
        made = invite(house(), row["email"], role, row["office_code"], by=g.reader.staff_id, head=row["head"])
    except BadStaff as bad:
        return _one(row, str(bad)), 409
    return _page(link=made, invited=row["email"])


def _read() -> dict[str, Any]:
    given = {name: forms.tidy(request.form.get(name, "")) for name in ("email", "role", "office")}
    return {**given, "head": request.form.get("head") == "yes"}


def _staff() -> list[RowMapping]:
    with house().database.reading() as tx:
        return list(administering.staff(tx))


def _known(staff_id: int) -> RowMapping:
    found = next((one for one in _staff() if one["id"] == staff_id), None)
    if found is None:
        abort(404)
    return found


def _page(why: str = "", link: str = "", invited: str = "", typed: dict[str, Any] | None = None) -> str:
    with house().database.reading() as tx:
        people, offices = administering.staff(tx), queries.offices(tx)
    return render_template(
        "panel/staffing.html",
        people=people,
        offices=offices,
        roles=ROLES,
        why=why,
        link=link,
        invited=invited,
        typed=typed or {},
        hours=int(GOOD_FOR.total_seconds() // 3600),
        now=house().clock.now(),
    )


def _one(row: RowMapping, why: str = "") -> str:
    with house().database.reading() as tx:
        offices = queries.offices(tx)
    return render_template(
        "panel/staff_member.html",
        one=row,
        offices=offices,
        roles=ROLES,
        needs_office=sorted(IN_AN_OFFICE),
        why=why,
        own=row["id"] == g.reader.staff_id,
    )
