"""Files of citizens: from Twilio only, and without giving the password away."""

from collections.abc import AsyncIterator, Iterator
from urllib.parse import quote

import pytest

from bot.channel import (
    Misconfigured,
    Rejected,
    Unreachable,
)
from handlers import twilio_media
from handlers.whatsapp import WhatsApp
from tests.twilio_server import TwilioServer
from tests.whatsapp_case import channel_at


@pytest.fixture
def server() -> Iterator[TwilioServer]:
    with TwilioServer() as running:
        yield running


@pytest.fixture
async def channel(server: TwilioServer) -> AsyncIterator[WhatsApp]:
    made = channel_at(server.url)
    yield made
    await made.close()


# files


async def test_a_photo_is_fetched_without_giving_the_password_away(
    server: TwilioServer, channel: WhatsApp
) -> None:
    photo = await channel.fetch(server.add_media(b"\xff\xd8jpeg", "image/jpeg; q=1"))
    assert (photo.data, photo.media_type) == (b"\xff\xd8jpeg", "image/jpeg")
    assert server.leaks == []


async def test_the_password_is_needed_for_the_first_address(server: TwilioServer) -> None:
    stranger = channel_at(server.url, token="wrong")
    with pytest.raises(Misconfigured):
        await stranger.fetch(server.add_media(b"x", "image/png"))


ELSEWHERE = [
    "https://169.254.169.254/latest/meta-data",
    "https://10.0.0.1/",
    "https://[::1]/",
    "http://127.0.0.1:1/",
    "http://localhost/",
    "http://api.twilio.com/2010-04-01/x",
    "https://api.twilio.com:8443/",
    "https://api.twilio.com.evil.example/",
    "https://eviltwilio.com/",
    "https://user:pass@api.twilio.com/",
    "https://evil.example/?api.twilio.com",
    "file:///etc/passwd",
    "https://[broken",
    "nonsense",
    "",
]


@pytest.mark.parametrize("url", [*ELSEWHERE, "https://mms.twiliocdn.com/AC1/x?Signature=a"])
async def test_nothing_is_fetched_from_elsewhere(server: TwilioServer, channel: WhatsApp, url: str) -> None:
    with pytest.raises(Rejected):
        await channel.fetch(url)
    assert server.requests == []


@pytest.mark.parametrize("url", [url for url in ELSEWHERE if url.startswith("http")])
async def test_no_redirect_leads_elsewhere(server: TwilioServer, channel: WhatsApp, url: str) -> None:
    server.media_redirect = quote(url, safe=":/?[]@")
    with pytest.raises(Rejected):
        await channel.fetch(server.add_media(b"x", "image/png"))


async def test_twilio_s_content_network_is_only_for_redirects() -> None:
    cdn = "https://mms.twiliocdn.com/AC1/x?Signature=a"
    twilio_media.check_address(cdn, "https://api.twilio.com", redirected=True)
    with pytest.raises(Rejected):
        twilio_media.check_address(cdn, "https://api.twilio.com", redirected=False)


async def test_a_file_that_is_too_large_is_refused(
    server: TwilioServer, channel: WhatsApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio_media, "MEDIA_BYTES", 1000)
    assert len((await channel.fetch(server.add_media(b"x" * 1000, "image/png"))).data) == 1000
    with pytest.raises(Rejected, match="large"):
        await channel.fetch(server.add_media(b"x" * 1001, "image/png"))


async def test_a_file_that_cannot_be_had_now_can_be_tried_again(
    server: TwilioServer, channel: WhatsApp
) -> None:
    url = server.add_media(b"x", "image/png")
    for how, times in (("answer", 1), ("drop", 2)):  # a GET that was cut is made once more by itself
        for _ in range(times):
            server.fail_next(503, how=how, on="Media")
        with pytest.raises(Unreachable):
            await channel.fetch(url)
    with pytest.raises(Rejected):
        await channel.fetch(url + "gone")
    server.stop_listening()
    with pytest.raises(Unreachable):
        await channel.fetch(url)
