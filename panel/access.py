"""Who may open what: every panel page declares its audience; what declares none is refused."""

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from flask_wtf import CSRFProtect

from bot.house import House
from panel.attempts import Attempts
from storage import queries

ANYONE = "anyone"  # also those who are not logged in
LIBRARY_PAGES: dict[str, tuple[str, ...]] = {
    "panel.static": (ANYONE,),
    "security.login": (ANYONE,),
    "security.logout": (ANYONE,),
    "security.verify": (),  # nobody: we ask for no second login
    "security.static": (),
}
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
BODY_BYTES = 256 * 1024  # the longest form is an answer of some thousand characters
# Photos may come with an answer, from who is logged in: three of at most 10 MB.
LARGE_BODIES = {"panel.answer": 3 * 10_000_000 + BODY_BYTES}
LONGEST_SESSION_SECONDS = 12 * 3600
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # not "no-referrer": on https Flask-WTF compares the referrer
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}

_log = logging.getLogger(__name__)
_csrf = CSRFProtect()
View = TypeVar("View", bound=Callable[..., Any])


def audience(*roles: str) -> Callable[[View], View]:
    """Declare who may open a page: names of roles, or ANYONE. Goes directly above the function."""

    def declare(view: View) -> View:
        view.audience = frozenset(roles)  # type: ignore[attr-defined]
        return view

    return declare


def declared(app: Flask, endpoint: str) -> frozenset[str] | None:
    """The audience that an endpoint declares, None when it declares none."""
    found: frozenset[str] | None = getattr(app.view_functions.get(endpoint), "audience", None)
    return found


def house() -> House:
    """The running product behind this request."""
    found: House = current_app.extensions["kentongan"]
    return found


def in_panel() -> bool:
    """Whether this request is the panel's."""
    return request.path == "/panel" or request.path.startswith("/panel/")


def install(app: Flask) -> None:
    """Guard everything under /panel/ of an app; call it when all of the panel's routes are there."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # webhooks carry signatures; the gate asks for tokens here
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # a token lives as long as its session
    _csrf.init_app(app)
    app.extensions["kentongan_attempts"] = Attempts()
    for endpoint, who in LIBRARY_PAGES.items():
        # A partial, because a method of the library takes no attribute.
        app.view_functions[endpoint] = audience(*who)(partial(app.view_functions[endpoint]))
    app.before_request(_gate)
    app.after_request(_give_back)
    app.after_request(_headers)


def _gate() -> ResponseReturnValue | None:
    """Stop what may not pass. A request that no route takes goes on to its error page."""
    if not in_panel():
        return None
    known = "_user_id" in session
    request.max_content_length = LARGE_BODIES.get(request.endpoint or "", BODY_BYTES) if known else BODY_BYTES
    if request.method not in SAFE:
        _check_form()
    if request.routing_exception is not None:
        return None
    who = declared(current_app, request.endpoint or "")
    if who is None:
        abort(403)
    return None if ANYONE in who else _check_reader(who)


def _check_form() -> None:
    """Refuse a form without this session's token, and the sixth wrong password within a minute."""
    if request.is_json:
        abort(415)
    _csrf.protect()
    if request.endpoint == "security.login":
        attempts: Attempts = current_app.extensions["kentongan_attempts"]
        if not attempts.take(request.remote_addr or "", request.form.get("email", "")):
            abort(429)


def _check_reader(who: frozenset[str]) -> ResponseReturnValue | None:
    by = _reader()
    if by is None:
        wanted = request.full_path.rstrip("?") if request.method in SAFE else url_for("panel.tickets")
        return redirect(url_for("security.login", next=wanted))
    g.reader = by
    if not by.roles & who:
        _log.warning("panel: role refused", extra={"staff_id": by.staff_id, "endpoint": request.endpoint})
        abort(403)
    return None


def _reader() -> queries.Reader | None:
    """Who is logged in by a session of at most 12 hours; None for nobody and for any other way in."""
    age = time.time() - session.get("since", 0)
    if "_user_id" not in session or not 0 <= age <= LONGEST_SESSION_SECONDS:
        return None
    if not current_user.is_authenticated:
        return None
    email = current_user.email
    # Give the connection back before the page takes its own: two a request could use up the pool.
    current_app.extensions["security"].datastore.db.session.remove()
    with house().database.reading() as tx:
        return queries.reader(tx, email)


def _give_back(response: Response) -> Response:
    """A right password does not count as an attempt."""
    if request.endpoint == "security.login" and request.method == "POST" and response.status_code == 302:
        attempts: Attempts = current_app.extensions["kentongan_attempts"]
        attempts.give_back(request.remote_addr or "", request.form.get("email", ""))
    return response


def _headers(response: Response) -> Response:
    if not in_panel():
        return response
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "panel.static":
        response.headers["Cache-Control"] = "no-store"
    if house().settings.base_url.startswith("https:"):
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response
