"""The staff panel: pages under /panel/ where officers read and answer tickets."""

from flask import Flask

from bot.house import House
from panel import (
    access,
    answering,
    assigning,
    auth,
    category,
    crisis,
    digest,
    errors,
    figures,
    forwarding,
    handover,
    hidden,
    merging,
    notices,
    nudging,
    privacy,
    room,
    routes,
    secrecy,
    talking,
    undelivered,
    unlocks,
)
from panel.staff import BadStaff, add_staff, first_administrator

__all__ = ["BadStaff", "add_staff", "first_administrator", "install"]
# Their import adds their pages to those of routes.py.
WITH_PAGES = (
    answering,
    assigning,
    category,
    figures,
    forwarding,
    hidden,
    nudging,
    privacy,
    secrecy,
    talking,
    undelivered,
)


def install(app: Flask, house: House) -> None:
    """Put the panel on a Flask app: pages, login, guards, headers and error pages under /panel/.

    Requests outside /panel/ are left alone: neither CSRF nor headers nor error pages change there.

    Args:
        app: the app; its SECRET_KEY and session cookie are set here from the settings.
        house: the running product.
    """
    app.extensions["kentongan"] = house
    auth.install(app, house)
    app.register_blueprint(routes.pages)
    app.register_blueprint(privacy.pages)
    app.register_blueprint(merging.pages)
    app.register_blueprint(crisis.pages)
    app.register_blueprint(handover.pages)
    app.register_blueprint(unlocks.pages)
    app.register_blueprint(notices.pages)
    app.register_blueprint(digest.pages)
    access.install(app)
    room.install(app, house)
    errors.install(app)
