"""The files citizens sent, as they leave the panel: nothing that a browser could run."""

from flask import Response

from bot.house import House, files_url
from storage.files import Files

DRAWN_ANEW = "image/jpeg"  # bot/delivery/media.py keeps every photo as a JPEG of its own making
NOTHING_RUNS = "default-src 'none'; frame-ancestors 'none'; sandbox"


def open_file(house: House, path: str) -> bytes:
    """The bytes of a stored file; raises FileNotFoundError."""
    return Files(files_url(house)).open(path)


def answer_with(data: bytes, media_type: str, file_id: int, path: str) -> Response:
    """A photo to be shown; anything else to be saved, under a name of ours."""
    photo = media_type == DRAWN_ANEW
    ending = path.rpartition(".")[2]
    response = Response(data, mimetype=DRAWN_ANEW if photo else "application/octet-stream")
    response.headers["Content-Security-Policy"] = NOTHING_RUNS
    response.headers["Content-Disposition"] = (
        f"{'inline' if photo else 'attachment'}; filename=lampiran-{file_id}.{ending}"
    )
    return response
