"""What machines ask: is the process alive, is the product ready, how much waits."""

import hmac

from flask import Blueprint, Flask, Response, abort, jsonify, request
from sqlalchemy import text

from bot.delivery.room import SENTENCE, room_of
from bot.delivery.spool import Spool
from bot.house import House
from handlers.webhooks.figures import figures
from storage.database import DatabaseAway
from storage.migrate import current, newest

LOOPBACK = {"127.0.0.1", "::1"}
HEARTBEAT_SECONDS = 20


def install(app: Flask, house: House) -> None:
    """Put /healthz, /readyz and /metrics on a Flask app."""
    pages = Blueprint("health", __name__)
    spool, room = Spool(house), room_of(house)

    @pages.get("/healthz")
    def healthz() -> Response:
        """The process lives."""
        return Response("ok\n", content_type="text/plain")

    @pages.get("/readyz")
    def readyz() -> tuple[Response, int]:
        """Database, migrations, a worker and room are there; 503 with reasons otherwise."""
        reasons = reasons_not_ready(house) + ([SENTENCE] if room.is_short() else [])
        return jsonify({"ready": not reasons, "reasons": reasons}), 503 if reasons else 200

    @pages.get("/metrics")
    def metrics() -> Response:
        """Figures for Prometheus; for this machine, or whoever has the token."""
        if not _may_see_metrics(house):
            abort(404)
        return Response(figures(house, spool), content_type="text/plain; version=0.0.4")

    app.register_blueprint(pages)


def reasons_not_ready(house: House) -> list[str]:
    """Why the product cannot serve now, a sentence each; empty when it can."""
    try:
        if current(house.database.engine) != newest():
            return ["the tables are not up to date: run `python app.py migrate`"]
        with house.database.reading() as tx:
            alive = tx.scalar(_HEARTBEAT, {"seconds": HEARTBEAT_SECONDS})
    except (DatabaseAway, OSError):
        return ["the database cannot be reached"]
    except Exception as error:
        return [f"the database does not answer: {type(error).__name__}"]
    return [] if alive else ["no worker has been seen: run `python app.py worker`"]


_HEARTBEAT = text("select count(*) from heartbeat where at > now() - make_interval(secs => :seconds)")


def _may_see_metrics(house: House) -> bool:
    token = house.settings.metrics_token
    if token:
        return hmac.compare_digest(
            request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()
        )
    forwarded = any(name.lower().startswith("x-forwarded") for name, _ in request.headers)
    return request.remote_addr in LOOPBACK and not forwarded
