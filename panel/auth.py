"""Login and logout by Flask-Security, set up for our tables, our addresses and our language."""

import time
from datetime import timedelta
from typing import Any

from flask import Flask, g, session
from flask_login import user_logged_out  # type: ignore[import-untyped]
from flask_security import MailUtil, Security, SQLAlchemySessionUserDatastore, user_authenticated
from flask_security.mail_util import EmailValidateException

from bot.house import House
from panel.access import house as this_house
from panel.staff import BadStaff, Role, Staff, end_sessions, staff_session, tidy_email

IDLE = timedelta(minutes=30)
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


def install(app: Flask, house: House) -> None:
    """Put /panel/login and /panel/logout on an app, and the session cookie's rules."""
    _set_cookie_rules(app, house)
    app.config.update(LOGIN)
    people = staff_session(house.database.engine)
    Security(app, SQLAlchemySessionUserDatastore(people, Staff, Role), mail_util_cls=AnyAddress)

    @app.teardown_appcontext
    def give_back(_: BaseException | None) -> None:
        people.remove()

    user_authenticated.connect(_fresh_session, app)
    user_logged_out.connect(_ended, app)


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


def _fresh_session(_: Flask, user: Staff, **__: Any) -> None:
    """Nothing of the session before the login lives on, its form token neither."""
    kept = {name: session[name] for name in ("_user_id", "_id", "_fresh", "fs_paa") if name in session}
    session.clear()
    session.update(kept, since=int(time.time()))
    session.permanent = True  # ends after IDLE without a request
    g.pop("csrf_token", None)


def _ended(_: Flask, user: Staff, **__: Any) -> None:
    """A cookie copied before the logout opens nothing: the name it carries is changed."""
    end_sessions(this_house(), user.id)
