"""What machines ask: is the process alive, is the product ready, how much waits."""

import hmac

from flask import Blueprint, Flask, Response, abort, jsonify, request
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import text

from bot.house import House
from storage.database import DatabaseAway
from storage.migrate import current, newest

LOOPBACK = {"127.0.0.1", "::1"}
HEARTBEAT_SECONDS = 20


def install(app: Flask, house: House) -> None:
    """Put /healthz, /readyz and /metrics on a Flask app."""
    pages = Blueprint("health", __name__)

    @pages.get("/healthz")
    def healthz() -> Response:
        """The process lives."""
        return Response("ok\n", content_type="text/plain")

    @pages.get("/readyz")
    def readyz() -> tuple[Response, int]:
        """Database, migrations and a worker are there; 503 with reasons otherwise."""
        reasons = reasons_not_ready(house)
        return jsonify({"ready": not reasons, "reasons": reasons}), 503 if reasons else 200

    @pages.get("/metrics")
    def metrics() -> Response:
        """Figures for Prometheus; for this machine, or whoever has the token."""
        if not _may_see_metrics(house):
            abort(404)
        return Response(_figures(house), content_type="text/plain; version=0.0.4")

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


def _figures(house: House) -> bytes:
    registry = CollectorRegistry()
    waiting = Gauge("kentongan_messages", "messages by state", ["state"], registry=registry)
    oldest = Gauge("kentongan_oldest_waiting_seconds", "age of the oldest waiting message", registry=registry)
    failed = Gauge("kentongan_raw_events", "events set aside", ["state"], registry=registry)
    with house.database.reading() as tx:
        for row in tx.execute(_WAITING):
            waiting.labels(row.state).set(row.held)
        oldest.set(tx.scalar(_OLDEST) or 0)
        for row in tx.execute(_SET_ASIDE):
            failed.labels(row.state).set(row.held)
    return generate_latest(registry)


_WAITING = text(
    """select state, count(*) as held from message
       where state in ('waiting', 'sending', 'unknown') group by state"""
)
_OLDEST = text(
    """select extract(epoch from now() - min(created_at)) from message
       where state in ('waiting', 'sending', 'unknown')"""
)
_SET_ASIDE = text("select state, count(*) as held from raw_event where state <> 'ok' group by state")
