"""Passkeys by the library's own ceremonies: each knows its owner by finger, face or PIN, so it counts as two.

A passkey opens the panel alone, or stands as the second factor after the password. What the library leaves
open is closed here: whose site it is comes from PUBLIC_URL and never from Host, a challenge is good once and
in the browser it was made for, and a disabled or invited account is refused.
Source: https://flask-security.readthedocs.io/en/stable/webauthn.html
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, flash, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user  # type: ignore[import-untyped]
from flask_security import UserMixin, WebauthnUtil, wan_deleted, wan_registered
from flask_security.webauthn import (
    WebAuthnDeleteForm,
    WebAuthnRegisterForm,
    WebAuthnRegisterResponseForm,
    WebAuthnSigninResponseForm,
    WebAuthnTfPlugin,
)
from sqlalchemy import Connection, RowMapping, select
from sqlalchemy.exc import SQLAlchemyError
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from bot.house import House
from panel import sessions
from panel.access import house as this_house
from panel.staff import Staff
from storage import audit, logins
from storage.database import DatabaseAway
from storage.deskwork import passkey

CHALLENGE, PROBLEM = "passkey_challenge", "passkey_problem"
NOT_IN = "Passkey ini tidak dapat dipakai untuk masuk. Coba lagi, atau masuk dengan kata sandi."
NOT_KEPT = "Passkey tidak dapat didaftarkan. Coba lagi."
LAST_ONE = "Untuk peran Anda pengaman kedua wajib, dan ini yang terakhir. Pasang yang lain dahulu."
LATE = "Waktunya habis. Coba lagi."
SETTINGS = {
    "SECURITY_WEBAUTHN": True,
    "SECURITY_WAN_ALLOW_AS_FIRST_FACTOR": True,
    "SECURITY_WAN_ALLOW_AS_MULTI_FACTOR": True,
    "SECURITY_WAN_ALLOW_USER_HINTS": False,  # a stranger would learn who has an account
    "SECURITY_WAN_ALLOW_AS_VERIFY": None,  # before an account is changed, the password is asked for
    "SECURITY_WAN_REGISTER_WITHIN": timedelta(minutes=5),
    "SECURITY_WAN_SIGNIN_WITHIN": timedelta(minutes=5),
    "SECURITY_WAN_REGISTER_TIMEOUT": 240_000,  # milliseconds: time to look for the telephone
    "SECURITY_WAN_SIGNIN_TIMEOUT": 240_000,
    "SECURITY_WAN_REGISTER_TEMPLATE": "panel/passkey_new.html",
    "SECURITY_WAN_SIGNIN_TEMPLATE": "panel/passkey_in.html",
    "SECURITY_WAN_POST_REGISTER_VIEW": "/panel/account",
    "SECURITY_TWO_FACTOR_IMPLEMENTATIONS": {
        "code": "flask_security.twofactor.CodeTfPlugin",
        "webauthn": "panel.passkeys.AsSecondFactor",
    },
    "SECURITY_MSG_WEBAUTHN_NAME_REQUIRED": ("Beri nama, misalnya Ponsel kantor.", "error"),
    "SECURITY_MSG_WEBAUTHN_NAME_INUSE": ("Nama %(name)s sudah dipakai.", "error"),
    "SECURITY_MSG_WEBAUTHN_NAME_DISALLOWED_CHARACTERS": (
        "Nama hanya berisi huruf, angka dan spasi.",
        "error",
    ),
    "SECURITY_MSG_INVALID_INPUT_LENGTH": ("Paling banyak %(length)s huruf.", "error"),
}
SIGN_IN = frozenset({"security.wan_signin", "security.wan_signin_response"})


def site_of(base_url: str) -> tuple[str, str]:
    """The name that passkeys are bound to, and the origin they are used from.

    A browser takes no number for a name: on this machine it is "localhost".
    Source: https://www.w3.org/TR/webauthn-3/#rp-id
    """
    parts = urlsplit(base_url)
    name = parts.hostname or ""
    if name in ("127.0.0.1", "::1"):
        name = "localhost"
    port = f":{parts.port}" if parts.port else ""
    return name, f"{parts.scheme}://{name}{port}"


def settings(house: House) -> dict[str, Any]:
    """What the library is configured with."""
    return SETTINGS | {"SECURITY_WAN_RP_NAME": f"Kentongan {house.city.name}"}


def install(app: Flask) -> None:
    """Write changes down; call it when the library is on the app."""
    wan_registered.connect(_registered, app)
    wan_deleted.connect(_removed, app)
    app.context_processor(lambda: {"passkey_problem": lambda: session.pop(PROBLEM, "")})


def before_ceremony() -> ResponseReturnValue | None:
    """Make the library see our own name in place of Host; the list of passkeys is on the account page."""
    if not (request.endpoint or "").startswith("security.wan_"):
        return None
    request.host = site_of(this_house().settings.base_url)[0]
    listing = request.endpoint in ("security.wan_register", "security.wan_delete")
    return redirect(url_for("account.page")) if listing and request.method == "GET" else None


class AsSecondFactor(WebAuthnTfPlugin):
    """Any passkey may follow the password: each one also verifies its owner."""

    def get_setup_methods(self, user: UserMixin) -> list[tuple[str, str]]:
        """The one method, when this member of staff has a passkey."""
        return [("webauthn", "passkey")] if user.webauthn else []


class Ceremony(WebauthnUtil):
    """What is asked of the browser, of all passkeys alike."""

    def origin(self) -> str:
        """Where the browser must have been, by the settings."""
        return site_of(this_house().settings.base_url)[1]

    def generate_challenge(self, nbytes: int | None = None) -> str:
        """A challenge that only this browser can answer."""
        session[CHALLENGE] = str(super().generate_challenge(nbytes))
        return str(session[CHALLENGE])

    def authenticator_selection(self, user: UserMixin, usage: str) -> AuthenticatorSelectionCriteria:
        """One that knows its owner, and is found without a name being typed."""
        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        )

    def user_verification(self, user: UserMixin | None, usage: list[str]) -> UserVerificationRequirement:
        """Always: without it a stolen key would be enough."""
        return UserVerificationRequirement.REQUIRED


class NewForm(WebAuthnRegisterForm):
    """The name of a new passkey."""

    def validate(self, **extra: Any) -> bool:
        """Whether it can have this name."""
        self.usage.data = "first"
        return bool(super().validate(**extra))


class NewAnswer(WebAuthnRegisterResponseForm):
    """What the browser made."""

    def validate(self, **extra: Any) -> bool:
        """Whether it is a passkey of this site, made for this very question."""
        good = _is_asked(self.challenge) and _survives(super().validate, extra)
        self.extensions = ""  # would be kept as the browser sent it, and nobody reads it
        if not good:
            session[PROBLEM] = NOT_KEPT
        return good


class InAnswer(WebAuthnSigninResponseForm):
    """What the browser signed, to get in."""

    def validate(self, **extra: Any) -> bool:
        """Whether it opens an account that may be opened, and at a second step the one of the first."""
        pending = session.get("tf_user_id") if self.is_secondary else None
        self.is_secondary = False  # there is one kind of passkey, which serves as both
        good = _is_asked(self.challenge) and _survives(super().validate, extra) and self._may(pending)
        if good:
            g.by_passkey = True
        else:
            _refuse(self.user)
        return good

    def _may(self, pending: str | None) -> bool:
        """The library would let a disabled account in, and anybody's passkey end another's login."""
        user: Any = self.user
        found = user is not None and user.active and bool(user.password)
        return found and pending in (None, user.fs_uniquifier)


class OldForm(WebAuthnDeleteForm):
    """The name of a passkey that goes."""

    def validate(self, **extra: Any) -> bool:
        """Whether it is one's own and one may be without it."""
        if not super().validate(**extra):
            return False
        if len(current_user.webauthn) > 1 or current_user.tf_primary_method:
            return True
        if current_user.check_tf_required_setup():
            session[PROBLEM] = LAST_ONE
            return False
        return True


FORMS: dict[str, Any] = {
    "wan_register_form": NewForm,
    "wan_register_response_form": NewAnswer,
    "wan_signin_response_form": InAnswer,
    "wan_delete_form": OldForm,
}


def has_one(staff_id: Any) -> Any:
    """The condition that a member of staff has a passkey."""
    return select(passkey.c.id).where(passkey.c.staff_id == staff_id).exists()


def of_staff(tx: Connection, staff_id: int) -> Sequence[RowMapping]:
    """The passkeys of one of the staff, the first registered first."""
    query = select(passkey.c.name, passkey.c.create_datetime, passkey.c.lastuse_datetime)
    return tx.execute(query.where(passkey.c.staff_id == staff_id).order_by(passkey.c.id)).mappings().all()


def elsewhere() -> str:
    """Where the panel must be opened for passkeys to work, empty when it is open there."""
    name, origin = site_of(this_house().settings.base_url)
    return "" if request.host.partition(":")[0] == name else f"{origin}/panel/account"


def how() -> dict[str, str]:
    """What the audit row of a login says of it when a passkey opened."""
    return {"by": "passkey"} if g.get("by_passkey") else {}


def _is_asked(challenge: str) -> bool:
    """Whether this browser was asked this, and has not answered yet."""
    if not secrets.compare_digest(session.pop(CHALLENGE, "").encode(), challenge.encode()):
        return False
    house = this_house()
    # The session lies in the browser, who could bring an old one back.
    used = house.database.keys.index("passkey-used", challenge)
    with house.database.transaction() as tx:
        return logins.use_once(tx, used, sessions.now())


def _survives(check: Callable[..., Any], extra: dict[str, Any]) -> bool:
    """Whether something is valid; what cannot even be read is not."""
    try:
        return bool(check(**extra))
    except (SQLAlchemyError, DatabaseAway):
        raise
    except Exception:  # decoders raise whatever they trip over in somebody's bytes
        return False


def _refuse(user: Any) -> None:
    """Say and note that somebody was not let in."""
    g.wrong = True
    session[PROBLEM] = NOT_IN
    if user is not None:
        _note(user.id, "passkey_failed")


def _registered(_: Flask, user: Staff, **__: Any) -> None:
    _note(user.id, "passkey_added")
    flash("Passkey didaftarkan.")


def _removed(_: Flask, user: Staff, **__: Any) -> None:
    _note(user.id, "passkey_removed")
    flash("Passkey dihapus.")


def _note(staff_id: int, action: str) -> None:
    house = this_house()
    with house.database.transaction() as tx:
        audit.note(tx, staff_id, action, house.clock.now())
