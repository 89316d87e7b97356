"""Twilio without a channel: who signed a webhook, and the REST API by Twilio's own SDK."""

import asyncio
import json
import logging
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientSession, TCPConnector, encode_basic_auth
from multidict import MultiDict
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, RequestValidator, get_signature_algorithm
from twilio.rest import Client

from bot.channel import Forgery, Misconfigured, Unknown, WebhookRequest
from bot.settings import BadSettings
from handlers.twilio_errors import from_exception

OFFICIAL_API = "https://api.twilio.com"
SIGNATURE = "x-twilio-signature"
SIGNATURE_SETTINGS = "x-twilio-webhooks-signature-settings"
SINGLE = frozenset(
    "AccountSid MessageSid SmsMessageSid SmsSid From To Body NumMedia MessageStatus ErrorCode "
    "WaId ExternalUserId ProfileName ButtonPayload ButtonText ListId ListTitle "
    "Latitude Longitude Address Label".split()
)
"""Parameters that we act on: Twilio sends each once, so a second one was put there by somebody else."""

_quiet = logging.getLogger("kentongan.twilio")
_quiet.setLevel(logging.WARNING)  # the SDK logs every request and all headers at INFO


def check_signature(
    request: WebhookRequest, base_url: str, account_sid: str, auth_token: str, webhook_key: str = ""
) -> None:
    """Return when Twilio made this request for our account.

    The URL is built from our own setting: Host and X-Forwarded-* are the sender's words. The whole form
    goes to the SDK, because Twilio adds fields without notice.

    Args:
        request: the POST as it came.
        base_url: where Twilio calls us, without a slash at the end.
        account_sid: the account whose webhooks we take.
        auth_token: signs webhooks unless the account has a shared key.
        webhook_key: secret of a shared key, which signs what carries the header
            X-Twilio-Webhooks-Signature-Settings. Empty: the auth token is tried there too.

    Raises:
        Forgery: not signed by Twilio, changed on its way, or for another account.

    Source: https://www.twilio.com/docs/usage/webhooks/webhooks-security and
        https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys
    """
    form = MultiDict(request.form)
    settings = request.headers.get(SIGNATURE_SETTINGS, "")
    algorithm = get_signature_algorithm(settings).upper()
    if algorithm not in {HMAC_SHA1, HMAC_SHA256}:
        raise Forgery("signed by an algorithm that Twilio does not use")
    key = webhook_key if settings and webhook_key else auth_token
    url = f"{base_url}{request.path}" + (f"?{request.query}" if request.query else "")
    if not RequestValidator(key).validate(url, form, request.headers.get(SIGNATURE, ""), algorithm):
        raise Forgery("signature missing or wrong")
    _check_form(form, account_sid)


def _check_form(form: MultiDict[str], account_sid: str) -> None:
    # The SDK drops equal repetitions and runs names and values together: it cannot tell these cases apart.
    for name in set(form):
        if len(form.getall(name)) > 1 and (name in SINGLE or name.startswith("Media")):
            raise Forgery("a parameter is there twice")
    if form.get("AccountSid") != account_sid:
        raise Forgery("made for another account")


def check_account_sid(sid: str) -> None:
    """Raise BadSettings unless this looks like the id of an account."""
    if not re.fullmatch(r"AC[0-9a-fA-F]{32}", sid):
        raise BadSettings("TWILIO_ACCOUNT_SID must be AC and 32 hexadecimal digits.")


class Transport(AsyncTwilioHttpClient):  # type: ignore[misc]
    """The SDK's own HTTP client, with a time limit that is kept and with JSON bodies.

    Version 9.13 forgets its `timeout` in the asynchronous client and form-encodes what should be JSON.
    Source: https://github.com/twilio/twilio-python/blob/main/twilio/http/async_http_client.py
    """

    def __init__(self, seconds: float) -> None:
        """Give each request so many seconds in all; the sender decides how many run at once."""
        super().__init__(pool_connections=False, timeout=seconds, logger=_quiet)
        # aiohttp's limit of 100 would let further sends time out in its queue and look like lost answers
        self.session = ClientSession(connector=TCPConnector(limit=0))

    async def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: Any = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Any:
        """Make a request; a call without a time limit gets the client's."""
        if headers and headers.get("Content-Type") == "application/json" and data is not None:
            data = json.dumps(data)
        if auth is not None:  # aiohttp is giving up its `auth` argument
            headers = {**(headers or {}), "Authorization": encode_basic_auth(*auth)}
        limit = timeout or self.timeout
        return await super().request(method, url, params, data, headers, None, limit, allow_redirects)


class TwilioApi:
    """One account at Twilio's REST API: one SDK client for each event loop, made when it is first needed."""

    def __init__(
        self, account_sid: str, auth_token: str, api_url: str = OFFICIAL_API, *, seconds: float = 10
    ) -> None:
        """Remember the account.

        Args:
            account_sid: AC and 32 hexadecimal digits.
            auth_token: its password.
            api_url: base URL of the API, without a slash at the end.
            seconds: how long a request may take in all.
        """
        self.account_sid = account_sid
        self.auth_token = auth_token
        self.api_url = api_url
        self.seconds = seconds
        self._clients: dict[asyncio.AbstractEventLoop, Client] = {}

    @property
    def secrets(self) -> Sequence[str]:
        """What no log line may show: the password, alone and as Basic auth carries it."""
        return self.auth_token, b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()

    @property
    def content_url(self) -> str:
        """Base URL of the Content API: its own host at Twilio, the same host anywhere else.

        Source: https://www.twilio.com/docs/content/content-api-resources
        """
        host = urlsplit(self.api_url).hostname or ""
        if host.startswith("api.") and host.endswith(".twilio.com"):
            return self.api_url.replace("//api.", "//content.", 1)
        return self.api_url

    def client(self) -> Client:
        """The SDK's client for the running event loop."""
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            for gone in [other for other in self._clients if other.is_closed()]:
                self._clients.pop(gone, None)
            client = Client(self.account_sid, self.auth_token, http_client=Transport(self.seconds))
            client.api.base_url = self.api_url
            client.content.base_url = self.content_url
            self._clients[loop] = client
        return self._clients[loop]

    async def create_message(self, fields: Mapping[str, str | list[str]]) -> str:
        """Hand one message over.

        Args:
            fields: arguments of the SDK's `messages.create`.

        Returns:
            The MessageSid.

        Raises:
            SendError: why it did not go out, or Unknown when it may have.
        """
        try:
            message = await self.client().messages.create_async(**fields)
        except Exception as error:  # whatever the SDK meets, the message may have left: a SendError says so
            raise from_exception(error) from None
        if not message.sid:
            raise Unknown("Twilio's answer has no MessageSid")
        return str(message.sid)

    async def account_status(self) -> str:
        """The account's status at Twilio: active, suspended or closed; raises a SendError."""
        try:
            account = await self.client().api.v2010.accounts(self.account_sid).fetch_async()
        except Exception as error:  # as above
            raise from_exception(error) from None
        if account.status != "active":
            raise Misconfigured(
                f"account is {account.status}", sentence=f"Akun Twilio tidak aktif ({account.status})."
            )
        return str(account.status)

    async def close(self) -> None:
        """Close the connections of the running event loop."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.http_client.close()
