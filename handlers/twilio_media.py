"""Fetches what a citizen attached from Twilio, and from nowhere else."""

from urllib.parse import SplitResult, urljoin, urlsplit

import aiohttp
from yarl import URL

from bot.channel import Attachment, Misconfigured, Rejected, SendError, Throttled, Unreachable
from handlers.public_addresses import NotPublic, PublicAddresses
from handlers.twilio_api import TwilioApi

MEDIA_BYTES = 16 * 1024 * 1024
"""Largest file in bytes; WhatsApp's own limit at Twilio is 16 MB.

Source: https://www.twilio.com/docs/whatsapp/guidance-whatsapp-media-messages
"""
REDIRECTS = 3
"""Twilio answers one 307 to a signed address; a storage move may add another. Every step is checked."""
SECONDS = 60

_FOREIGN = "Alamat berkas bukan milik Twilio."


async def download(api: TwilioApi, url: str) -> Attachment:
    """A file from Twilio's media store.

    The account's password goes to the first address only: the signed one that it points to needs none.

    Args:
        api: the account.
        url: MediaUrl of a webhook.

    Raises:
        SendError: Rejected for a foreign address and a file that is gone or too large; Unreachable and
            others say when to try again.

    Source: https://www.twilio.com/docs/messaging/api/media-resource
    """
    try:
        async with _session(api.api_url) as session:
            return await _follow(session, api, url)
    except NotPublic:
        raise Rejected("media address leads inside", sentence=_FOREIGN) from None
    except ValueError:  # an address that is none, here or in a redirect
        raise Rejected("media address is unreadable", sentence=_FOREIGN) from None
    except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
        raise Unreachable(f"media could not be fetched ({type(error).__name__})") from None


def _session(api_url: str) -> aiohttp.ClientSession:
    # Another API than Twilio's own is the operator's, who may have it on this machine.
    host = urlsplit(api_url).hostname or ""
    named = "" if host.endswith(".twilio.com") else host
    connector = aiohttp.TCPConnector(resolver=PublicAddresses(but=named))
    return aiohttp.ClientSession(
        connector=connector, timeout=aiohttp.ClientTimeout(total=SECONDS, connect=10)
    )


async def _follow(session: aiohttp.ClientSession, api: TwilioApi, url: str) -> Attachment:
    headers = {"Authorization": aiohttp.encode_basic_auth(api.account_sid, api.auth_token)}
    for step in range(REDIRECTS + 1):
        check_address(url, api.api_url, redirected=step > 0)
        # encoded: the signature in the address is over its exact bytes
        async with session.get(URL(url, encoded=True), headers=headers, allow_redirects=False) as answer:
            if answer.status not in {301, 302, 303, 307, 308}:
                return await _read(answer)
            url, headers = urljoin(url, answer.headers.get("Location", "")), {}
    raise Rejected("media address redirects too often", sentence="Berkas tidak dapat diambil dari Twilio.")


def check_address(url: str, api_url: str, *, redirected: bool) -> None:
    """Raise Rejected unless the address is Twilio's (or that of the configured API).

    Args:
        url: address to fetch from.
        api_url: TWILIO_API_URL; the very same scheme, host and port are allowed.
        redirected: the address came from a redirect: Twilio's content network is allowed too.
    """
    try:
        parts, home = urlsplit(url), urlsplit(api_url)
        allowed = _origin(parts) == _origin(home) or _is_twilio(parts, redirected)
    except ValueError:  # a port or an IPv6 address that is none
        allowed = False
    if not allowed or parts.username is not None or parts.password is not None:
        raise Rejected("media address is not Twilio's", sentence=_FOREIGN)


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port


def _is_twilio(parts: SplitResult, redirected: bool) -> bool:
    suffixes = (".twilio.com", ".twiliocdn.com") if redirected else (".twilio.com",)
    host = parts.hostname or ""
    return parts.scheme == "https" and parts.port in {None, 443} and host.endswith(suffixes)


async def _read(answer: aiohttp.ClientResponse) -> Attachment:
    if answer.status != 200:
        raise _refusal(answer.status)
    data = bytearray()
    async for chunk in answer.content.iter_chunked(65536):
        data += chunk
        if len(data) > MEDIA_BYTES:
            raise Rejected("media is too large", sentence="Berkas lebih besar dari 16 MB.")
    named = answer.content_disposition
    name = (named.filename or "") if named else ""
    media_type = answer.headers.get("Content-Type", "").partition(";")[0].strip()
    return Attachment(bytes(data), media_type, name)


def _refusal(status: int) -> SendError:
    detail = f"media answered HTTP {status}"
    if status in {401, 403}:
        return Misconfigured(detail, sentence="Twilio menolak kredensial; hubungi pengelola sistem.")
    if status == 429:
        return Throttled(detail)
    if status >= 500:
        return Unreachable(detail)
    return Rejected(detail, sentence="Berkas sudah tidak ada di Twilio.")
