"""A file's address that leads inside: by its name, by a redirect, and by a name that answers anew."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from bot.channel import Rejected, Unreachable
from handlers.public_addresses import is_public
from handlers.whatsapp import WhatsApp
from tests.twilio_server import TwilioServer
from tests.whatsapp_case import channel_at

OFFICIAL = "https://api.twilio.com"
FILE = f"{OFFICIAL}/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1"
PUBLIC = "93.184.216.34"
INSIDE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "::1",
    "fe80::1",
    "fd00::1",
    "::ffff:127.0.0.1",
    "64:ff9b::10.0.0.1",
    "2002:7f00:1::1",
]


class Names:
    """A name server in miniature: each look-up of a name gets the next answer, the last one again."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.answers: list[str] = []
        self.asked: list[str] = []
        self.connected: list[str] = []
        patch.setattr(socket, "getaddrinfo", self._look_up)
        patch.setattr("aiohttp.connector.aiohappyeyeballs.start_connection", self._connect)

    def _look_up(self, host: str, port: Any, *_: Any, **__: Any) -> list[Any]:
        self.asked.append(host)
        address = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        where = (address, int(port or 0)) + ((0, 0) if ":" in address else ())
        return [(family, socket.SOCK_STREAM, 6, "", where)]

    async def _connect(self, addr_infos: Any, **_: Any) -> socket.socket:
        """No test reaches out: who would connect is written down and told that nobody is there."""
        self.connected += [info[4][0] for info in addr_infos]
        raise ConnectionRefusedError


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    return Names(monkeypatch)


@pytest.fixture
def server() -> Iterator[TwilioServer]:
    with TwilioServer() as running:
        yield running


async def fetch(channel: WhatsApp, url: str) -> None:
    try:
        await channel.fetch(url)
    finally:
        await channel.close()


@pytest.mark.parametrize("address", INSIDE)
async def test_a_name_that_leads_inside_is_refused_before_any_connection(names: Names, address: str) -> None:
    names.answers = [address]
    with pytest.raises(Rejected):
        await fetch(channel_at(OFFICIAL), FILE)
    assert names.asked == ["api.twilio.com"]
    assert names.connected == []


async def test_a_name_that_answers_anew_is_connected_to_where_it_was_checked(names: Names) -> None:
    names.answers = [PUBLIC, "127.0.0.1"]
    with pytest.raises(Unreachable):
        await fetch(channel_at(OFFICIAL), FILE)
    assert set(names.connected) == {PUBLIC}
    names.answers = ["127.0.0.1"]
    with pytest.raises(Rejected):
        await fetch(channel_at(OFFICIAL), FILE)
    assert set(names.connected) == {PUBLIC}


async def test_a_redirect_to_a_name_that_leads_inside_is_refused(
    server: TwilioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.add_media(b"x", "image/png")
    server.media_redirect = "https://mms.twiliocdn.com/AC1/x?Signature=a"
    look_up = socket.getaddrinfo

    def inside(host: Any, *rest: Any, **more: Any) -> Any:
        return look_up("127.0.0.1" if host == "mms.twiliocdn.com" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", inside)
    with pytest.raises(Rejected, match="inside"):
        await fetch(channel_at(server.url), url)


def test_addresses_of_the_internet_are_public() -> None:
    for address in (PUBLIC, "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"):
        assert is_public(address), address
