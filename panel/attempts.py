"""How often somebody may try a password or a code: counted in the database, for all processes together.

Five a minute for an account from browsers that never were in it, twenty for a network address; who goes on
waits longer and longer, up to a quarter of an hour. A browser that was in the account has a count of its
own, so that strangers who try its password do not keep its owner out.
Source: https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies
"""

import secrets
from datetime import timedelta

from flask import Response, current_app, g, request, session
from itsdangerous import BadSignature, URLSafeTimedSerializer

from bot.house import House
from panel import sessions
from storage import logins
from storage.logins import Brake

PER_ACCOUNT = 5
PER_ADDRESS = 20
KNOWN_FOR = timedelta(days=180)
COOKIE = "kentongan-known"
# Where a secret is tried: what names the account whose secret it is.
TRIED = {
    "security.login": "form",
    "security.two_factor_token_validation": "pending",
    "security.mf_recovery": "pending",
    "security.wan_signin_response": "address",
    "security.verify": "session",
    "account.change_password": "session",
}


def take(house: House) -> timedelta:
    """Count the try that this request is; how long to wait when there were too many, else zero."""
    g.brakes = _brakes(house)
    with house.database.transaction() as tx:
        return logins.take(tx, g.brakes, sessions.now())


def give_back(house: House, response: Response) -> None:
    """What was right is no try; every such form answers with a redirect, and a wrong one with itself."""
    # A passkey that opened nothing is answered with a redirect too.
    if response.status_code == 302 and not g.get("wrong") and (brakes := g.pop("brakes", None)):
        with house.database.transaction() as tx:
            logins.give_back(tx, brakes)


def remember(house: House, response: Response) -> None:
    """Let a browser in which somebody has just logged in be known for his."""
    if account := g.pop("logged_in", ""):
        sealed = _signer().dumps([_account(house, account).hex(), secrets.token_urlsafe(12)])
        response.set_cookie(
            _cookie(),
            sealed,
            max_age=KNOWN_FOR,
            httponly=True,
            samesite="Lax",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )


def _brakes(house: House) -> list[Brake]:
    index = house.database.keys.index
    address = Brake(index("try-address", request.remote_addr or ""), PER_ADDRESS)
    who = TRIED[request.endpoint or ""]
    if who == "address":
        return [address]
    if who != "form":
        name = session.get("tf_user_id" if who == "pending" else "_user_id", "")
        return [Brake(index("try-second", name), PER_ACCOUNT), address]
    account = _account(house, request.form.get("email", ""))
    if known := _known_as(account):
        return [Brake(index("try-known", known), PER_ACCOUNT)]
    return [Brake(account, PER_ACCOUNT), address]


def _account(house: House, typed: str) -> bytes:
    """What was typed as account, known or not."""
    return house.database.keys.index("try-account", typed.strip().lower()[:254])


def _known_as(account: bytes) -> str:
    """The mark of this browser when it was in this very account, else empty."""
    try:
        kept = _signer().loads(request.cookies.get(_cookie(), ""), max_age=int(KNOWN_FOR.total_seconds()))
    except BadSignature:
        return ""
    return str(kept[1]) if kept[0] == account.hex() else ""


def _cookie() -> str:
    return f"__Host-{COOKIE}" if current_app.config["SESSION_COOKIE_SECURE"] else COOKIE


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="known-browser")
