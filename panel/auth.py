"""Login and logout by Flask-Security, set up for our tables, our addresses and our language."""

from datetime import timedelta
from typing import Any

from flask import Flask, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import user_logged_out  # type: ignore[import-untyped]
from flask_security import (
    MailUtil,
    Security,
    SQLAlchemySessionUserDatastore,
    tf_code_confirmed,
    tf_disabled,
    tf_profile_changed,
    user_authenticated,
    user_failed_authn,
)
from flask_security.mail_util import EmailValidateException
from sqlalchemy import or_, select

from bot.house import House
from panel import passkeys, second_factor, sessions
from panel.access import house as this_house
from panel.staff import BadStaff, Passkey, Role, Staff, staff_session, tidy_email
from storage import audit
from storage.logins import IDLE
from storage.models import staff

WRONG_CODE = "Kode salah atau sudah dipakai. Tunggu kode berikutnya."
WRONG = "Alamat email atau kata sandi salah."
LOGIN = {
    "SECURITY_URL_PREFIX": "/panel",
    "SECURITY_POST_LOGIN_VIEW": "/panel/",
    "SECURITY_POST_LOGOUT_VIEW": "/panel/login",
    "SECURITY_LOGIN_USER_TEMPLATE": "panel/login.html",
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],  # so that the command line can hash without a web app
    "SECURITY_PASSWORD_SALT": "unused",  # asked for at the start, used for double hashes only
    "SECURITY_API_ENABLED_METHODS": ["session"],
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_FLASH_MESSAGES": False,
    "SECURITY_DEFAULT_REMEMBER_ME": False,
    "SECURITY_MSG_GENERIC_AUTHN_FAILED": (WRONG, "error"),
    "SECURITY_MSG_INVALID_PASSWORD": ("Kata sandi salah.", "error"),
    "SECURITY_MSG_TWO_FACTOR_INVALID_TOKEN": (WRONG_CODE, "error"),
    "SECURITY_MSG_INVALID_RECOVERY_CODE": ("Kode cadangan salah atau sudah dipakai.", "error"),
    "SECURITY_VERIFY_TEMPLATE": "panel/verify.html",
    "SECURITY_POST_VERIFY_VIEW": "/panel/account",
    # A second factor is changed only by who has just typed the password.
    "SECURITY_FRESHNESS": timedelta(minutes=15),
    "SECURITY_FRESHNESS_GRACE_PERIOD": timedelta(minutes=15),
}


class AnyAddress(MailUtil):
    """Takes any a@b: the library's own check refuses *.local and *.test, which towns do use inside."""

    def normalize(self, email: str) -> str:
        """The address as it is stored; raises EmailValidateException."""
        try:
            return tidy_email(email)
        except BadStaff as bad:
            raise EmailValidateException(str(bad)) from None

    def validate(self, email: str) -> str:
        """The same: whether mail arrives is not asked."""
        return self.normalize(email)


class Accounts(SQLAlchemySessionUserDatastore):
    """The library's store, for our tables."""

    def create_webauthn(self, *about: Any, **values: Any) -> None:
        """Keep a passkey of one of the staff."""
        super().create_webauthn(*about, create_datetime=sessions.now(), **values)


def install(app: Flask, house: House) -> None:
    """Put /panel/login and /panel/logout on an app, and the session cookie's rules."""
    _set_cookie_rules(app, house)
    app.config.update(LOGIN | second_factor.settings(house) | passkeys.settings(house))
    people = staff_session(house.database.engine)
    sessions.install(app, house)
    security = Security(
        app,
        Accounts(people, Staff, Role, Passkey),
        mail_util_cls=AnyAddress,
        totp_cls=second_factor.codes_of(house),
        mf_recovery_codes_util_cls=second_factor.kept_codes_of(house),
        webauthn_util_cls=passkeys.Ceremony,
        **passkeys.FORMS,
    )
    passkeys.install(app)
    security.want_json(lambda _: False)

    @app.teardown_appcontext
    def give_back(_: BaseException | None) -> None:
        people.remove()

    user_authenticated.connect(_fresh_session, app)
    user_logged_out.connect(_ended, app)
    user_failed_authn.connect(_failed, app)
    for changed in (tf_code_confirmed, tf_profile_changed, tf_disabled):
        changed.connect(_factor_changed, app)


def _set_cookie_rules(app: Flask, house: House) -> None:
    safe = house.settings.base_url.startswith("https:")
    app.config.update(
        SECRET_KEY=house.settings.secret_key,
        # With the prefix a browser takes the cookie only over https and from this very host.
        SESSION_COOKIE_NAME="__Host-kentongan" if safe else "kentongan",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=safe,
        PERMANENT_SESSION_LIFETIME=IDLE,
    )


def keep_order(app: Flask) -> None:
    """Watch the way between password and code; call it when the gate is there, which goes first."""
    app.before_request(_check_pending)
    app.before_request(passkeys.before_ceremony)


def _check_pending() -> ResponseReturnValue | None:
    """Keep who is between password and code on that way, and who is logged in off it."""
    if request.endpoint not in BETWEEN:
        return None
    if "known_reader" in g:
        # The library takes a visit without a started change for an attack and logs out.
        setup = request.endpoint not in passkeys.SIGN_IN and "tf_totp_secret" in session
        begun = request.endpoint == "security.two_factor_setup" or setup
        return None if begun else redirect(url_for("account.page"))
    # A cookie from before the second factor was set up could set up another one.
    if session.get("tf_state") in ("setup_from_login", "validating_profile") and _has_factor():
        session.clear()
        return redirect(url_for("security.login"))
    return None


BETWEEN = {
    "security.two_factor_setup",
    "security.two_factor_token_validation",
    "security.mf_recovery",
    "security.tf_select",
    *passkeys.SIGN_IN,
}


def _has_factor() -> bool:
    pending = select(staff.c.id).where(
        staff.c.fs_uniquifier == session.get("tf_user_id", ""),
        or_(staff.c.tf_primary_method.is_not(None), passkeys.has_one(staff.c.id)),
    )
    with this_house().database.reading() as tx:
        return tx.scalar(pending) is not None


def _fresh_session(_: Flask, user: Staff, **__: Any) -> None:
    """Nothing of the session before the login lives on, its form token neither."""
    kept = {
        name: session[name]
        for name in ("_user_id", "_id", "_fresh", "fs_paa", sessions.TOKEN)
        if name in session
    }
    session.clear()
    session.update(kept)
    session.permanent = True  # the cookie ends after IDLE without a request, as the row does
    g.pop("csrf_token", None)
    g.logged_in = user.email
    sessions.begin(this_house(), user.id)
    _note(user.id, "login", agent=sessions.agent_words(), **passkeys.how())


def _ended(_: Flask, user: Staff, **__: Any) -> None:
    """A cookie copied before the logout opens nothing: the row it names has ended."""
    house = this_house()
    with house.database.transaction() as tx:
        sessions.end_this(tx, house.database.keys)
    session.pop(sessions.TOKEN, None)
    if reader := g.get("known_reader"):
        _note(reader.staff_id, "logout")


def _failed(_: Flask, user: Staff, auth_type: str, tfa: bool, **__: Any) -> None:
    """A wrong password or second factor of somebody we know; who types an unknown address leaves no row."""
    if auth_type != "passkey":  # noted by passkeys.py, with those that the library does not tell of
        _note(user.id, "second_factor_failed" if tfa else "login_failed", by=auth_type)


def _factor_changed(_: Flask, user: Staff, **about: Any) -> None:
    _note(user.id, "second_factor_changed", method=about.get("method") or "none")


def _note(staff_id: int, action: str, **detail: Any) -> None:
    house = this_house()
    with house.database.transaction() as tx:
        audit.note(tx, staff_id, action, house.clock.now(), **detail)
