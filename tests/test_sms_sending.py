"""SMS 1708 by Kannel: sending and delivery reports. A real Kannel: test_kannel.py."""

import asyncio
import threading
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlencode

import pytest

from bot.channel import (
    Misconfigured,
    Payload,
    Receipt,
    Rejected,
    SendError,
    Unknown,
    Unreachable,
    WebhookRequest,
)
from handlers.sms import Sms
from tests.contract import Failure
from tests.kannel_server import CITIZEN, PASSWORD, KannelServer, sms_to


@pytest.fixture
def server() -> Iterator[KannelServer]:
    server = KannelServer()
    yield server
    server.close()


@pytest.fixture
def sms(server: KannelServer) -> Sms:
    return sms_to(server)


async def test_sendsms_gets_one_receiver_our_number_and_where_to_report(
    server: KannelServer, sms: Sms
) -> None:
    assert await sms.send("0811 1234 567", Payload("Halo “Bu”"), 7) == "kannel:7"
    await sms.close()
    (asked,) = server.asked
    assert {name: asked[name] for name in ("from", "to", "text", "coding", "charset", "dlr-mask")} == {
        "from": "1708",
        "to": CITIZEN,
        "text": 'Halo "Bu"',
        "coding": "0",
        "charset": "UTF-8",
        "dlr-mask": "27",
    }
    assert asked["dlr-url"].startswith(
        "https://lapor.example/webhooks/kannel/dlr?message=7&type=%d&answer=%A&"
    )


async def test_letters_without_a_latin_form_go_out_as_they_are(server: KannelServer, sms: Sms) -> None:
    await sms.send(CITIZEN, Payload("ꦱꦸꦒꦼꦁ 😀"), 7)
    await sms.close()
    assert server.asked[0]["coding"] == "2"
    assert server.sent[0].text == "ꦱꦸꦒꦼꦁ 😀"


@pytest.mark.parametrize("address", ["1708", "TELKOMSEL", "08111234567 08111234568", ""])
async def test_what_is_no_number_is_never_handed_over(server: KannelServer, sms: Sms, address: str) -> None:
    with pytest.raises(Rejected):
        await sms.send(address, Payload("Halo"), 7)
    assert server.asked == []


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Rejected),
        (401, Misconfigured),
        (403, Misconfigured),
        (404, Misconfigured),
        (302, Misconfigured),
        (500, Unknown),
        (502, Unknown),
        (503, Unreachable),
    ],
)
async def test_each_answer_has_its_error(
    server: KannelServer, sms: Sms, status: int, kind: type[SendError]
) -> None:
    server.answer(status)
    with pytest.raises(kind):
        await sms.send(CITIZEN, Payload("Halo"), 7)
    await sms.close()


async def test_a_lost_answer_is_not_repeated_behind_our_back(server: KannelServer, sms: Sms) -> None:
    await sms.send(CITIZEN, Payload("Halo"), 1)
    server.fail("dropped")
    with pytest.raises(Unknown):
        await sms.send(CITIZEN, Payload("Halo"), 2)
    await sms.close()
    assert len(server.asked) == 2


async def test_late_answers_of_many_do_not_wait_for_each_other(server: KannelServer) -> None:
    server.latency, sms = 0.2, sms_to(server, seconds=15)
    ids = await asyncio.gather(*(sms.send(CITIZEN, Payload("Halo"), number) for number in range(20)))
    await sms.close()
    assert len(set(ids)) == len(server.sent) == 20


def causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("kind", ["dropped", "silent", "refused", "unauthorised"])
async def test_no_error_carries_the_password_even_in_what_caused_it(
    server: KannelServer, sms: Sms, kind: Failure
) -> None:
    server.fail(kind)
    with pytest.raises(SendError) as caught:
        await sms.send(CITIZEN, Payload("Halo"), 7)
    await sms.close()
    told = "".join(f"{error} {error!r} {traceback.format_exception(error)}" for error in causes(caught.value))
    assert not [secret for secret in (*sms.secrets, urlencode({"p": PASSWORD})[2:]) if secret in told]


def test_one_channel_serves_one_event_loop_after_another(server: KannelServer, sms: Sms) -> None:
    async def once(number: int) -> str:
        try:
            return await sms.send(CITIZEN, Payload("Halo"), number)
        finally:
            await sms.close()

    assert [asyncio.run(once(number)) for number in (1, 2)] == ["kannel:1", "kannel:2"]


async def test_a_probe_sends_nothing_and_tells_a_wrong_password(server: KannelServer, sms: Sms) -> None:
    assert "takes the password" in await sms.probe()
    await sms.close()
    wrong = sms_to(server, password="lain")
    with pytest.raises(Misconfigured, match="KANNEL_PASSWORD"):
        await wrong.probe()
    await wrong.close()
    assert server.sent == []


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[WebhookRequest]]]:
    """Our web server: its base URL and what was asked of it."""
    asked: list[WebhookRequest] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            asked.append(WebhookRequest("GET", path, query, {}, b""))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as web:
        threading.Thread(target=web.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{web.server_port}", asked
        web.shutdown()


async def test_a_report_comes_back_with_our_message_id(
    server: KannelServer, receiver: tuple[str, list[WebhookRequest]]
) -> None:
    base_url, asked = receiver
    sms = sms_to(server, base_url=base_url)
    await sms.send(CITIZEN, Payload("Halo"), 77)
    await sms.close()
    assert await asyncio.to_thread(server.report, 0, 16, "NACK/0x0000000b/x") == 200
    sms.verify(asked[0])
    (receipt,) = sms.read(asked[0])
    assert isinstance(receipt, Receipt)
    assert (receipt.state, receipt.message_id, receipt.provider_id) == ("failed", 77, "kannel:77")
