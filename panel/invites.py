"""Inviting by a link: whoever is invited chooses the password himself; the link is good once, for 72 hours.

The link carries the account's signed mark, which changes when a password is set: used, and replaced by a
newer one, it opens nothing. Who is invited again has lost something: the second factor is set up anew.
"""

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import Connection, RowMapping, delete, select, update

from bot.house import House
from panel.access import ANYONE, audience, house
from panel.staff import SHORTEST_PASSWORD, BadStaff, check_password, note, put, set_password, tidy_email
from storage.deskwork import passkey
from storage.models import staff

GOOD_FOR = timedelta(hours=72)

pages = Blueprint("invites", __name__, url_prefix="/panel")


def invite(
    house: House,
    email: str,
    role_name: str,
    office_code: str | None,
    *,
    by: int | None = None,
    head: bool = False,
) -> str:
    """Make an account without a password, or let an existing one begin anew; returns the link.

    Args:
        house: the running product.
        email: what the person will log in with.
        role_name: a key of ROLES.
        office_code: the office the person works for; officers and inspectors need one.
        by: who invites; None for the command line.
        head: whether the person leads that office.

    Raises:
        BadStaff: the address, role or office cannot be used, or it is one's own account.
    """
    address = tidy_email(email)
    with house.database.transaction() as tx:
        staff_id = put(tx, address, role_name, office_code or "", head=head)
        if staff_id == by:
            raise BadStaff("Akun sendiri tidak dapat diundang.")
        # Without a password nobody logs in meanwhile, also not with the one that was lost.
        values: dict[str, Any] = {"password": None, "invited_until": house.clock.now() + GOOD_FOR}
        made = update(staff).where(staff.c.id == staff_id).values(values).returning(staff.c.fs_uniquifier)
        mark = str(tx.execute(made).scalar_one())
        note(tx, house, by, "staff_invited", staff_id, role=role_name, office=office_code or "")
    return f"{house.settings.base_url}/panel/invite/{_signer(house).dumps(mark)}"


@pages.get("/invite/<token>")
@audience(ANYONE)
def accept_page(token: str) -> str:
    """The form for one's own password."""
    with house().database.reading() as tx:
        row = _invited(tx, token)
    return _page(row["email"])


@pages.post("/invite/<token>")
@audience(ANYONE)
def accept(token: str) -> ResponseReturnValue:
    """Set the password; the link is used up."""
    password = request.form.get("password", "")
    with house().database.transaction() as tx:
        row = _invited(tx, token, lock=True)
        try:
            check_password(house(), password)
        except BadStaff as bad:
            return _page(row["email"], str(bad)), 409
        if password != request.form.get("again", ""):
            return _page(row["email"], "Kedua kata sandi tidak sama."), 409
        _begin_anew(tx, row, password)
    session.clear()
    g.logged_in = row["email"]  # this browser is known for its owner's from now on
    flash("Kata sandi disimpan. Silakan masuk.")
    return redirect(url_for("security.login"))


def _begin_anew(tx: Connection, row: RowMapping, password: str) -> None:
    set_password(tx, row["id"], password)
    nothing = {"tf_primary_method": None, "tf_totp_secret": None, "mf_recovery_codes": None}
    tx.execute(update(staff).where(staff.c.id == row["id"]).values(nothing))
    tx.execute(delete(passkey).where(passkey.c.staff_id == row["id"]))
    note(tx, house(), row["id"], "invitation_accepted", row["id"])


def _invited(tx: Connection, token: str, *, lock: bool = False) -> RowMapping:
    """Whose invitation this is; a used, replaced or expired one is no page."""
    try:
        mark = str(_signer(house()).loads(token))
    except BadSignature:
        abort(404)
    query = select(staff.c.id, staff.c.email).where(
        staff.c.fs_uniquifier == mark, staff.c.active, staff.c.invited_until > house().clock.now()
    )
    row = tx.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    if row is None:
        abort(404)
    return row


def _signer(house: House) -> URLSafeSerializer:
    return URLSafeSerializer(house.settings.secret_key, salt="invitation")


def _page(email: str, why: str = "") -> str:
    return render_template("panel/invite.html", email=email, why=why, shortest=SHORTEST_PASSWORD)
