"""What a phone on the simulator's page sends: a form read as the real channel would report it."""

import json
import math
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.channel import Inbound, MediaReference
from bot.delivery.media import PHOTOS
from handlers.simulator import CHANNEL, provider_id_of

LONGEST_TEXT = 4096
ADDRESSES: Mapping[str, re.Pattern[str]] = {
    "whatsapp": re.compile(r"whatsapp:\+6280[0-9]{8}", re.ASCII),
    "telegram": re.compile(r"[1-9][0-9]{8}", re.ASCII),
    "sms": re.compile(r"\+6280[0-9]{8}", re.ASCII),
}
"""Each phone has addresses of its own kind; +6280 is no mobile number, so nobody's number is shown."""
KINDS: Mapping[str, frozenset[str]] = {
    "whatsapp": frozenset({"text", "choice", "photo", "location"}),
    "telegram": frozenset({"text", "choice", "photo", "location", "edit"}),
    "sms": frozenset({"text"}),
}


class BadForm(Exception):
    """The form cannot be a message; the text is one sentence for the person at the page."""


def new_address(phone: str) -> str:
    """The address of a person who never wrote before."""
    if phone == "telegram":
        return str(100_000_000 + secrets.randbelow(900_000_000))
    number = f"+6280{secrets.randbelow(10**8):08}"
    return f"whatsapp:{number}" if phone == "whatsapp" else number


def address_of(phone: str, form: Mapping[str, str]) -> str:
    """The person who writes; raises BadForm when this phone gives no such addresses."""
    address = form.get("address", "")
    if not ADDRESSES[phone].fullmatch(address):
        raise BadForm("Alamat ponsel tidak dikenal; tekan Orang baru.")
    return address


def read(phone: str, form: Mapping[str, str], keep_file: Callable[[], MediaReference]) -> Inbound:
    """The event in a form, with a random id.

    Args:
        phone: "whatsapp", "telegram" or "sms".
        form: `address`, `kind` (text if left out) and what the kind needs: `text`, `choice`, `reference`,
            `latitude` and `longitude`; `quoted` is the id of the message of ours that it answers.
        keep_file: Keeps the uploaded file and gives its reference; called for the kind "photo" only, which
            any file has on the form: what it is, its bytes say.

    Raises:
        BadForm: Something is missing, or this phone cannot send it.
    """
    kind = form.get("kind", "text")
    if kind not in KINDS[phone]:
        raise BadForm("Ponsel ini tidak dapat mengirim itu.")
    provider_id = secrets.token_hex(16)
    bare = Inbound(
        CHANNEL,
        phone,
        provider_id,
        address_of(phone, form),
        text=_text(form),
        reference=provider_id if phone != "sms" else "",
        quoted=_quoted(form),
        name=f"Warga {form['address'][-4:]}" if phone != "sms" else "",
        raw=json.dumps(dict(form), ensure_ascii=False),
    )
    if kind == "photo":
        file = keep_file()
        return replace(bare, kind="photo" if file.media_type in PHOTOS else "recording", media=(file,))
    return READERS[kind](bare, form)


def _quoted(form: Mapping[str, str]) -> str:
    """Our message by the id that the real provider would name; the page knows it by its number."""
    number = form.get("quoted", "")
    return provider_id_of(int(number)) if re.fullmatch(r"[0-9]{1,18}", number, re.ASCII) else ""


def _text(form: Mapping[str, str]) -> str:
    text = form.get("text", "")
    if len(text) > LONGEST_TEXT:
        raise BadForm(f"Pesan lebih panjang dari {LONGEST_TEXT} karakter.")
    return text


def _words(bare: Inbound, form: Mapping[str, str]) -> Inbound:
    if not bare.text.strip():
        raise BadForm("Pesan masih kosong.")
    return bare


def _press(bare: Inbound, form: Mapping[str, str]) -> Inbound:
    """WhatsApp tells the button's label as well, Telegram only its id."""
    choice = form.get("choice", "").replace("\x00", "")
    if not choice:
        raise BadForm("Tombol ini tidak dikenal.")
    return replace(bare, kind="choice", choice=choice, text="" if bare.account == "telegram" else bare.text)


def _point(bare: Inbound, form: Mapping[str, str]) -> Inbound:
    try:
        latitude, longitude = (float(form.get(name, "")) for name in ("latitude", "longitude"))
    except ValueError:
        raise BadForm("Lintang dan bujur harus angka, misalnya -6.9903 dan 110.4229.") from None
    if not (math.isfinite(latitude + longitude) and abs(latitude) <= 90 and abs(longitude) <= 180):
        raise BadForm("Titik ini tidak ada di bumi.")
    return replace(bare, kind="location", text="", latitude=latitude, longitude=longitude)


def _edit(bare: Inbound, form: Mapping[str, str]) -> Inbound:
    changed = form.get("reference", "").replace("\x00", "")
    if not changed:
        raise BadForm("Pesan yang diubah tidak dikenal.")
    return replace(_words(bare, form), kind="edit", reference=changed)


READERS: Mapping[str, Callable[[Inbound, Mapping[str, str]], Inbound]] = {
    "text": _words,
    "choice": _press,
    "location": _point,
    "edit": _edit,
}
