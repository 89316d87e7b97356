"""What tests of closed parts share: a photo that hides much, who presses what, what is on the disk."""

import io
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image, ImageDraw
from sqlalchemy import text

import panel
from bot.house import House
from tests.panel_house import PASSWORD, log_in, token

RED = (255, 0, 0)
SECRET = "Rumah Bu Ratmi"
BOX = {"left": "25", "top": "25", "width": "50", "height": "50"}
OFFICER, COORDINATOR, CUSTODIAN = "dinkes@kota.test", "koordinator@kota.local", "penjaga@kota.test"


def photo() -> bytes:
    """A grey picture with a red face in the middle, with all that a camera hides in a file."""
    drawn = Image.new("RGB", (640, 480), (128, 128, 128))
    ImageDraw.Draw(drawn).rectangle((170, 130, 470, 350), fill=RED)
    small = io.BytesIO()
    drawn.resize((64, 48)).save(small, "JPEG")
    exif = Image.Exif()
    exif[0x010E] = SECRET
    exif[0x0201], exif[0x0202] = 8, len(small.getvalue())  # a preview, as cameras put it there
    out = io.BytesIO()
    drawn.save(
        out, "JPEG", quality=95, exif=exif.tobytes() + small.getvalue(), comment=SECRET, xmp=small.getvalue()
    )
    return out.getvalue()


def custodian(app: Flask, house: House) -> FlaskClient:
    panel.add_staff(house, CUSTODIAN, "custodian", None, PASSWORD)
    client = app.test_client()
    log_in(client, CUSTODIAN)
    return client


def press(client: FlaskClient, page: str, **fields: str) -> Any:
    return client.post(page, data={"csrf_token": token(client, "/panel/account"), **fields})


def every_file(house: House) -> dict[str, bytes]:
    folder = house.settings.data_dir / "files"
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def reddest(data: bytes) -> int:
    """How much redder than grey the reddest pixel is."""
    with Image.open(io.BytesIO(data)) as opened:
        pixels = opened.convert("RGB").tobytes()
    return max(pixels[n] - pixels[n + 1] for n in range(0, len(pixels), 3))


def history(house: House, kind: str) -> list[Any]:
    with house.database.reading() as tx:
        return list(tx.execute(text("select * from event where kind = :kind"), {"kind": kind}).mappings())


def audited(house: House, action: str) -> int:
    query = text("select count(*) from audit where action = :action and ticket_id is not null")
    with house.database.reading() as tx:
        return int(tx.scalar(query, {"action": action}) or 0)
