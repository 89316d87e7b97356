"""With too little room on the disk the panel can be read, and nothing be changed."""

from flask import Flask, request
from werkzeug.exceptions import HTTPException

from bot.delivery.room import room_of
from bot.house import House
from panel.access import SAFE, in_panel

SESSIONS = {"security.login", "security.logout"}  # whoever is to read must get in


class NoRoom(HTTPException):
    """The form was not taken."""

    code = 507
    description = "There is too little room on the disk."


def install(app: Flask, house: House) -> None:
    """Refuse forms while the disk is nearly full; after the guards, so that strangers learn nothing."""
    room = room_of(house)

    @app.before_request
    def _refuse() -> None:
        changes = request.method not in SAFE and request.endpoint not in SESSIONS
        if changes and in_panel() and room.is_short():
            raise NoRoom
