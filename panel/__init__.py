"""The staff panel: pages under /panel/ where officers read and answer tickets."""

from flask import Flask

from bot.house import House
from panel import access, auth, category, errors, hidden, privacy, routes, talking
from panel.staff import BadStaff, add_staff, first_administrator

__all__ = ["BadStaff", "add_staff", "first_administrator", "install"]
WITH_PAGES = (category, hidden, privacy, talking)  # their import adds their pages to those of routes.py


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
    access.install(app)
    errors.install(app)
