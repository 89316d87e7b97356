"""Links to proof photos: signed, ending, and nothing in them but a row's number that only we can read out.

Who has the link may look, as who has the picture may; after its time it leads nowhere.
"""

import hashlib
import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta

from bot.settings import Settings

DAYS = 30  # how long a link leads somewhere; WhatsApp may fetch late, a citizen may look later
SIGNATURE_BYTES = 12  # 96 bits that nobody guesses, and the link still leaves room in an SMS
_FIELDS = struct.Struct(">QI")  # the row's id, the second it ends


def photo_link(settings: Settings, attachment_id: int, now: datetime) -> str:
    """Where a proof photo can be fetched for 30 days from `now`, without logging in."""
    fields = _FIELDS.pack(attachment_id, int((now + timedelta(days=DAYS)).timestamp()))
    token = urlsafe_b64encode(fields + _signature(settings, fields)).decode()
    return f"{settings.base_url}/media/{token}"


def photo_of(settings: Settings, token: str, now: datetime) -> int | None:
    """The attachment a link leads to; None when it is not ours, was changed, or has ended."""
    try:
        given = urlsafe_b64decode(token.encode("ascii"))
    except ValueError:
        return None
    fields, signature = given[: _FIELDS.size], given[_FIELDS.size :]
    if len(fields) != _FIELDS.size or not hmac.compare_digest(signature, _signature(settings, fields)):
        return None
    attachment_id, ends = _FIELDS.unpack(fields)
    return int(attachment_id) if now.timestamp() < ends and attachment_id < 2**63 else None


def _signature(settings: Settings, fields: bytes) -> bytes:
    key = hashlib.sha256(b"media links\0" + settings.secret_key.encode()).digest()
    return hmac.new(key, fields, hashlib.sha256).digest()[:SIGNATURE_BYTES]
