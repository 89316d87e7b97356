"""The bytes of a picture that is about to be sent."""

from dataclasses import replace

from bot.channel import Payload, Rejected
from bot.house import House, files_url
from storage.files import Files

GONE = "Foto tidak ada lagi di penyimpanan."


def opened(house: House, payload: Payload) -> Payload:
    """The payload with its picture's bytes, as it is when it has none; raises Rejected when they are gone."""
    if payload.photo is None:
        return payload
    try:
        data = Files(files_url(house)).open(payload.photo.path)
    except FileNotFoundError:
        raise Rejected("the picture is not in the store", sentence=GONE) from None
    return replace(payload, photo=replace(payload.photo, data=data))
