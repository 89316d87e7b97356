"""The staff panel: pages under /panel/ where officers read and answer tickets."""

from flask import Flask

from bot.house import House
from panel import (
    access,
    account,
    administration,
    answering,
    assigning,
    audits,
    auth,
    bulk,
    category,
    channel_status,
    crisis,
    digest,
    drafting,
    errors,
    export,
    figures,
    forwarding,
    handover,
    hidden,
    invites,
    language,
    maps,
    merging,
    notices,
    noting,
    nudging,
    originals,
    phones,
    privacy,
    quarantine,
    redacting,
    room,
    routes,
    secrecy,
    staffing,
    talking,
    template_pages,
    typing_in,
    undelivered,
    unlocks,
    witness,
)
from panel.invites import invite
from panel.staff import BadStaff, add_staff, first_administrator

__all__ = ["BadStaff", "add_staff", "first_administrator", "install", "invite"]
# Their import adds their pages to those of routes.py.
WITH_PAGES = (
    answering,
    assigning,
    bulk,
    category,
    drafting,
    export,
    figures,
    forwarding,
    hidden,
    maps,
    noting,
    nudging,
    originals,
    phones,
    privacy,
    redacting,
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
    language.install(app)
    app.register_blueprint(routes.pages)
    app.register_blueprint(privacy.pages)
    app.register_blueprint(merging.pages)
    app.register_blueprint(crisis.pages)
    app.register_blueprint(handover.pages)
    app.register_blueprint(unlocks.pages)
    app.register_blueprint(notices.pages)
    app.register_blueprint(typing_in.pages)
    for one in (administration, staffing, template_pages, channel_status, quarantine):
        app.register_blueprint(one.pages)
    app.register_blueprint(digest.pages)
    app.register_blueprint(account.pages)
    app.register_blueprint(invites.pages)
    app.register_blueprint(audits.pages)
    witness.install(app, house)
    access.install(app)
    auth.keep_order(app)
    room.install(app, house)
    errors.install(app)
