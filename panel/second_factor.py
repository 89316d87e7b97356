"""The second factor by the library's own ceremonies: codes of an app, and codes to keep for a lost phone.

Administrators, coordinators and custodians must have one as soon as others than this machine can reach the
panel; everybody else may. The secrets lie in the database as ciphertext of DATA_KEYS.
Source: https://flask-security.readthedocs.io/en/stable/two_factor_configurations.html
"""

import io
from typing import Any

import qrcode
from flask import Flask
from flask_security import MfRecoveryCodesUtil, Totp
from markupsafe import Markup
from qrcode.image.svg import SvgPathImage

from bot.house import House
from panel import sessions
from storage import logins

AUTHENTICATOR = "authenticator"
VALID_SECONDS = 30  # before and after: a phone's clock may be off by so much
SETTINGS = {
    "SECURITY_TWO_FACTOR": True,
    "SECURITY_TWO_FACTOR_ENABLED_METHODS": [AUTHENTICATOR],
    "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": VALID_SECONDS,
    "SECURITY_TWO_FACTOR_ALWAYS_VALIDATE": True,
    "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
    "SECURITY_TWO_FACTOR_RESCUE_MAIL": "nobody@localhost",
    "SECURITY_TWO_FACTOR_ERROR_VIEW": "/panel/login",
    "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "/panel/mf-recovery-codes",
    "SECURITY_TWO_FACTOR_SETUP_TEMPLATE": "panel/factor_setup.html",
    "SECURITY_TWO_FACTOR_VERIFY_CODE_TEMPLATE": "panel/factor_code.html",
    "SECURITY_TWO_FACTOR_SELECT_TEMPLATE": "panel/factor_select.html",
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": 8,
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES_TEMPLATE": "panel/factor_recovery_codes.html",
    "SECURITY_MULTI_FACTOR_RECOVERY_TEMPLATE": "panel/factor_recovery.html",
    "SECURITY_TOTP_ISSUER": "Kentongan",
}


def settings(house: House) -> dict[str, Any]:
    """What the library is configured with."""
    return SETTINGS | {"SECURITY_TOTP_SECRETS": {"1": house.database.keys.totp}}


def codes_of(house: House) -> type[Totp]:
    """The library's codes, drawn so that our content policy lets them be seen, and each good for once."""

    class Codes(Totp):
        def generate_qrcode(self, username: str, totp: str) -> str:
            """The code to scan, as SVG in the page: no data: address, no inline style."""
            page = io.BytesIO()
            image = qrcode.make(self.get_totp_uri(username, totp), image_factory=SvgPathImage, border=2)
            image.save(page)
            # Drawn by the library from an address it has escaped into dots: nothing of it is markup.
            return Markup(page.getvalue().decode().partition("?>")[2])  # noqa: S704

        def verify_totp(self, token: str, totp_secret: str, user: Any, window: int = 0) -> bool:
            """Whether the code is right now and was not used before: who looks over a shoulder is late."""
            if not super().verify_totp(token, totp_secret, user, window):
                return False
            used = house.database.keys.index("totp-used", f"{user.id}:{token.strip()}:{totp_secret}")
            with house.database.transaction() as tx:
                return logins.use_once(tx, used, sessions.now())

    return Codes


def kept_codes_of(house: House) -> type[MfRecoveryCodesUtil]:
    """The library's codes for a lost phone, as ciphertext of our keys."""

    class KeptCodes(MfRecoveryCodesUtil):
        def __init__(self, app: Flask) -> None:
            super().__init__(app)
            self.cryptor = house.database.keys.box

    return KeptCodes
