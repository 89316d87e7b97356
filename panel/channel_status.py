"""How each channel is, for administrators: last words in and out, what waits, where the provider calls us."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, render_template
from sqlalchemy import RowMapping

from bot.channel import Channel
from bot.doctor import BEAT_SECONDS
from bot.house import House
from panel import charts
from panel.access import audience, house
from panel.shown import CHANNELS, Chip
from storage import administering

DAY = timedelta(days=1)
WORKS, STANDS = Chip("pengirim bekerja", "check", "good"), Chip("pengirim tidak bekerja", "alert", "bad")
# Where a provider calls, and what the address is for; a secret is never part of it here.
CALLS = {
    "whatsapp": (("/webhooks/twilio", "pesan masuk"), ("/webhooks/twilio/status", "laporan kirim")),
    "telegram": (("/webhooks/telegram", "diatur sendiri saat mulai"),),
    "sms/kannel": (("/webhooks/kannel", "sms-service get-url"), ("/webhooks/kannel/dlr", "dlr-url")),
    "sms/twilio": (("/webhooks/twilio", "pesan masuk"), ("/webhooks/twilio/status", "laporan kirim")),
}
SETTINGS = {
    "whatsapp": ("TWILIO_WHATSAPP_FROM",),
    "telegram": ("TELEGRAM_BOT_TOKEN",),
    "sms": ("KANNEL_SENDSMS_URL", "TWILIO_SMS_FROM"),
}

pages = Blueprint("channel_status", __name__, url_prefix="/panel/admin/channels")


@dataclass(frozen=True, slots=True)
class Status:
    """One channel as an administrator sees it."""

    name: str
    sign: Chip
    settings: tuple[str, ...]  # what switches it on
    calls: tuple[tuple[str, str], ...]  # addresses to enter at the provider, and what for
    window: Chip | None  # of a channel whose window closes: whether a template opens it
    row: RowMapping | None


@pages.get("")
@audience("administrator")
def page() -> str:
    """All channels, and whether a worker lives."""
    running = house()
    now = running.clock.now()
    with running.database.reading() as tx:
        rows = administering.channels(tx, now, now - DAY)
        beat = administering.worker_seconds(tx)
        aside = administering.aside_counts(tx)
    alive = beat is not None and beat < BEAT_SECONDS
    return render_template(
        "panel/channel_status.html",
        channels=[_status(running, name, rows.get(name)) for name in ("whatsapp", "telegram", "sms")],
        simulator=rows.get("simulator"),
        worker=WORKS if alive else STANDS,
        alive=alive,
        aside=aside,
        looked_at=charts.number(administering.LOOKED_AT),
    )


def _status(running: House, name: str, row: RowMapping | None) -> Status:
    channel = running.channels.get(name)
    return Status(
        name=CHANNELS[name],
        sign=_sign(channel, row),
        settings=SETTINGS[name],
        calls=_calls(running, name) if channel else (),
        window=_window(channel),
        row=row,
    )


def _sign(channel: Channel | None, row: RowMapping | None) -> Chip:
    if channel is None:
        return Chip("belum dipasang", "pause", "off")
    if row is not None and row["failed"]:
        return Chip(f"{row['failed']} gagal dalam 24 jam", "alert", "bad")
    return Chip("terpasang", "check", "good")


def _window(channel: Channel | None) -> Chip | None:
    if channel is None or not channel.limits.session_hours:
        return None
    if channel.knock("id"):
        return Chip("template pembuka dipasang", "check", "good")
    return Chip("template pembuka belum ada (TWILIO_STATUS_TEMPLATE_SID)", "alert", "warn")


def _calls(running: House, name: str) -> tuple[tuple[str, str], ...]:
    if name == "telegram" and running.settings.telegram_mode == "polling":
        return ()
    key = f"sms/{running.settings.sms_gateway}" if name == "sms" else name
    return tuple((running.settings.base_url + path, what) for path, what in CALLS[key])
