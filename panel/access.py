"""Who may open what: every panel page declares its audience; what declares none is refused."""

import logging
import math
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from werkzeug.exceptions import TooManyRequests

from bot.house import House
from panel import attempts
from storage.queries import Reader

ANYONE = "anyone"  # also those who are not logged in
STAFF = ("administrator", "coordinator", "officer", "inspector", "supervisor", "custodian")
LIBRARY_PAGES: dict[str, tuple[str, ...]] = {
    "panel.static": (ANYONE,),
    "security.login": (ANYONE,),
    "security.logout": (ANYONE,),
    "security.verify": STAFF,  # the password once more, before a second factor is changed
    "security.static": (),
    # Between password and code nobody is logged in yet; the library knows the state by the session.
    "security.two_factor_setup": (ANYONE,),
    "security.two_factor_token_validation": (ANYONE,),
    "security.mf_recovery": (ANYONE,),
    "security.tf_select": (ANYONE,),
    "security.two_factor_setup_validate": STAFF,
    "security.wan_signin": (ANYONE,),
    "security.wan_signin_response": (ANYONE,),
    "security.wan_register": STAFF,
    "security.wan_register_response": STAFF,
    "security.wan_delete": STAFF,
    "security.mf_recovery_codes": STAFF,
    "security.two_factor_rescue": (),  # sends mail; who lost everything is invited anew
}
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
BODY_BYTES = 256 * 1024  # the longest form is an answer of some thousand characters
# Photos may come with an answer or a typed-in report, from who is logged in: three of at most 10 MB.
LARGE_BODIES = dict.fromkeys(("panel.answer", "typing_in.save"), 3 * 10_000_000 + BODY_BYTES)
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
    known = "known_reader" in g
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
    """Refuse a form without this session's token, and a secret that was tried too often."""
    if request.is_json:
        abort(415)
    _csrf.protect()
    if request.endpoint in attempts.TRIED and (wait := attempts.take(house())):
        raise TooManyRequests(retry_after=math.ceil(wait.total_seconds()))


def _check_reader(who: frozenset[str]) -> ResponseReturnValue | None:
    by: Reader | None = g.get("known_reader")
    if by is None:
        wanted = request.full_path.rstrip("?") if request.method in SAFE else url_for("panel.tickets")
        return redirect(url_for("security.login", next=wanted))
    g.reader = by
    if not by.roles & who:
        _log.warning("panel: role refused", extra={"staff_id": by.staff_id, "endpoint": request.endpoint})
        abort(403)
    return None


def _give_back(response: Response) -> Response:
    attempts.give_back(house(), response)
    attempts.remember(house(), response)
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
