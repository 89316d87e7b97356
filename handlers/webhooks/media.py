"""Proof photos for those who have their link: the citizen, and the provider that fetches them for him."""

from flask import Blueprint, Flask, Response, abort
from sqlalchemy import text

from bot.delivery.links import photo_of
from bot.house import House, files_url
from storage.files import Files

LONGEST_TOKEN = 64
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Content-Disposition": "inline; filename=foto.jpg",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, max-age=3600",
    "X-Robots-Tag": "noindex, nofollow",
}


def install(app: Flask, house: House) -> None:
    """Put /media/<token> on a Flask app: a proof photo of ours, 404 for anything else."""
    pages = Blueprint("media", __name__)

    @pages.get("/media/<token>")
    def media(token: str) -> Response:
        """The photo, drawn anew when it came in: nothing in it that a browser could run."""
        found = photo_of(house.settings, token, house.clock.now()) if len(token) <= LONGEST_TOKEN else None
        path = _path(house, found) if found is not None else None
        if path is None:
            abort(404)
        try:
            data = Files(files_url(house)).open(path)
        except FileNotFoundError:
            abort(404)
        return Response(data, mimetype="image/jpeg", headers=HEADERS)

    app.register_blueprint(pages)


def _path(house: House, attachment_id: int) -> str | None:
    with house.database.reading() as tx:
        path: str | None = tx.scalar(_PATH, {"id": attachment_id})
    return path


# A photo that a citizen sent is never here, whatever the link says.
_PATH = text("select path from attachment where id = :id and purpose = 'proof' and state = 'stored'")
