"""One's own account: the password, the second factor, and where one is logged in."""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error
from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import RowMapping, select

from panel import passkeys, sessions
from panel.access import STAFF, audience, house
from panel.staff import (
    SHORTEST_PASSWORD,
    WITH_FACTOR,
    BadStaff,
    check_password,
    end_sessions,
    note,
    set_password,
)
from storage import logins
from storage.models import staff

pages = Blueprint("account", __name__, url_prefix="/panel")


@pages.get("/account")
@audience(*STAFF)
def page() -> str:
    """What protects the account, and its open sessions."""
    return _page()


@pages.post("/account/password")
@audience(*STAFF)
def change_password() -> ResponseReturnValue:
    """Change one's own password; all sessions end, and one logs in with the new one."""
    given = {name: request.form.get(name, "") for name in ("password", "new", "again")}
    try:
        _check(given)
    except BadStaff as bad:
        return _page(str(bad)), 409
    with house().database.transaction() as tx:
        set_password(tx, g.reader.staff_id, given["new"])
        note(tx, house(), g.reader.staff_id, "password_changed", g.reader.staff_id)
    return _out("Kata sandi diganti. Masuk dengan kata sandi baru.")


@pages.post("/account/leave")
@audience(*STAFF)
def leave_everywhere() -> ResponseReturnValue:
    """End every session, this one too."""
    with house().database.transaction() as tx:
        count = end_sessions(tx, g.reader.staff_id)
        note(tx, house(), g.reader.staff_id, "logout_everywhere", g.reader.staff_id, sessions=str(count))
    return _out("Anda sudah keluar dari semua perangkat.")


def _out(words: str) -> ResponseReturnValue:
    session.clear()
    flash(words)
    return redirect(url_for("security.login"))


def _check(given: dict[str, str]) -> None:
    """Raise BadStaff unless the old password is right and the new one can be used."""
    try:
        PasswordHasher().verify(_own()["password"] or "", unicodedata.normalize("NFKD", given["password"]))
    except Argon2Error:
        raise BadStaff("Kata sandi sekarang salah.") from None
    check_password(house(), given["new"])
    if given["new"] != given["again"]:
        raise BadStaff("Kedua kata sandi baru tidak sama.")


def _own() -> RowMapping:
    with house().database.reading() as tx:
        return tx.execute(select(staff).where(staff.c.id == g.reader.staff_id)).mappings().one()


def _page(why: str = "") -> str:
    keys = house().database.keys
    with house().database.reading() as tx:
        rows = logins.of_staff(tx, g.reader.staff_id, sessions.now())
        keys_kept = passkeys.of_staff(tx, g.reader.staff_id)
    row = _own()
    return render_template(
        "panel/account.html",
        rows=rows,
        is_this=lambda lookup: sessions.is_this(keys, lookup),
        factor=bool(row["tf_primary_method"]),
        codes=len(row["mf_recovery_codes"] or []),
        passkeys=keys_kept,
        passkey_site=passkeys.elsewhere(),
        must=bool(g.reader.roles & WITH_FACTOR) and not house().settings.is_local,
        should=bool(g.reader.roles & WITH_FACTOR),
        shortest=SHORTEST_PASSWORD,
        why=why,
    )
