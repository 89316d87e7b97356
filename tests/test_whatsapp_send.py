"""What we send by WhatsApp, as a strict local Twilio takes it."""

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator

import pytest

from bot.channel import (
    Misconfigured,
    Option,
    Payload,
    Rejected,
    Say,
    SendError,
    Throttled,
    WindowShut,
)
from handlers.twilio_api import TwilioApi
from handlers.twilio_forms import STATUS
from handlers.whatsapp import WhatsApp
from handlers.whatsapp_text import units
from tests.twilio_server import AUTH_TOKEN, SENDER, SID, TwilioServer
from tests.whatsapp_case import BASE, CITIZEN, HIDDEN, YES_NO, channel_at


@pytest.fixture
def server() -> Iterator[TwilioServer]:
    with TwilioServer() as running:
        yield running


@pytest.fixture
async def channel(server: TwilioServer) -> AsyncIterator[WhatsApp]:
    made = channel_at(server.url)
    yield made
    await made.close()


@pytest.fixture
def offline() -> WhatsApp:
    """A channel for what needs no provider."""
    return channel_at("http://127.0.0.1:9")


# what we send


async def test_a_message_asks_for_its_receipt(server: TwilioServer, channel: WhatsApp) -> None:
    sid = await channel.send(HIDDEN, Payload("Halo"), 42)
    (message,) = server.sent
    assert (message.sid, message.to, message.form["From"]) == (sid, HIDDEN, SENDER)
    assert message.status_callback == f"{BASE}{STATUS}?message=42"


async def test_a_question_has_buttons_that_are_made_once(server: TwilioServer, channel: WhatsApp) -> None:
    (first,) = channel.render(Say("Apakah sudah selesai?", YES_NO))
    (second,) = channel.render(Say("Kirim laporan ini?", YES_NO))
    for payload in (first, second, first):
        await channel.send(CITIZEN, payload, 1)
    assert [m.text for m in server.sent] == [first.text, second.text, first.text]
    assert all(m.buttons == (("yes", "Ya"), ("no", "Tidak")) for m in server.sent)
    assert len(server.contents) == 1


async def test_the_buttons_are_found_again_after_a_restart(server: TwilioServer, channel: WhatsApp) -> None:
    (payload,) = channel.render(Say("Apakah sudah selesai?", YES_NO))
    await channel.send(CITIZEN, payload, 1)
    made = server.contents[0]
    server.contents += [{**made, "sid": f"HX{n:032}", "friendly_name": f"city {n}"} for n in range(150)]
    restarted = channel_at(server.url)
    await restarted.send(CITIZEN, payload, 2)
    await restarted.close()
    assert len(server.contents) == 151
    assert server.sent[1].form["ContentSid"] == made["sid"]


async def test_a_question_of_several_lines_keeps_them_above_its_buttons(
    server: TwilioServer, channel: WhatsApp
) -> None:
    text = "Laporan Anda:\n\nJalan berlubang\tdi pasar\nKirim sekarang?"
    (payload,) = channel.render(Say(text, YES_NO))
    await channel.send(CITIZEN, payload, 1)
    (message,) = server.sent
    assert message.text == text.replace("\t", " ")
    assert len(message.buttons) == 2
    assert "berlubang" not in json.dumps(server.contents)


async def test_many_questions_at_once_make_one_content(server: TwilioServer, channel: WhatsApp) -> None:
    (payload,) = channel.render(Say("Apakah sudah selesai?", YES_NO))
    server.latency = 0.02
    await asyncio.gather(*(channel.send(CITIZEN, payload, n) for n in range(10)))
    assert len(server.sent) == 10
    assert len(server.contents) == 1


@pytest.mark.parametrize("how", ["answer", "timeout", "drop"])
async def test_without_buttons_the_question_comes_with_numbers(
    server: TwilioServer, channel: WhatsApp, how: str
) -> None:
    for _ in range(2 if how == "drop" else 1):  # a GET that was cut is made once more by itself
        server.fail_next(500, how=how, on="Content")
    (payload,) = channel.render(Say("Apakah sudah selesai?", YES_NO))
    await channel.send(CITIZEN, payload, 1)
    asked = len(server.requests)
    await channel.send(CITIZEN, payload, 2)
    assert [m.text for m in server.sent] == ["Apakah sudah selesai?\n\n1 Ya\n2 Tidak"] * 2
    assert len(server.requests) == asked + 1


async def test_buttons_that_were_deleted_are_asked_with_numbers_then_made_anew(
    server: TwilioServer, channel: WhatsApp
) -> None:
    (payload,) = channel.render(Say("Apakah sudah selesai?", YES_NO))
    await channel.send(CITIZEN, payload, 1)
    server.contents.clear()
    await channel.send(CITIZEN, payload, 2)
    await channel.send(CITIZEN, payload, 3)
    assert [bool(m.buttons) for m in server.sent] == [True, False, True]
    assert "1 Ya\n2 Tidak" in server.sent[1].text


async def test_a_question_is_not_asked_twice_when_its_answer_is_lost(
    server: TwilioServer, channel: WhatsApp
) -> None:
    (payload,) = channel.render(Say("Apakah sudah selesai?", YES_NO))
    server.fail_next(how="drop", on="Messages")
    with pytest.raises(SendError) as caught:
        await channel.send(CITIZEN, payload, 1)
    assert type(caught.value).__name__ == "Unknown"
    assert len([r for r in server.requests if "Messages" in r]) == 1


def test_long_labels_and_long_texts_become_numbered_lines(offline: WhatsApp) -> None:
    long_label = (Option("a", "Dinas Pekerjaan Umum Kota"), Option("b", "Air"))
    (payload,) = offline.render(Say("Pilih.", long_label))
    assert payload == Payload("Pilih.\n\n1 Dinas Pekerjaan Umum Kota\n2 Air")
    first, last = offline.render(Say("kata " * 318 + "akhir.", YES_NO))
    assert "Ya" not in first.text
    assert last.text.endswith("1 Ya\n2 Tidak")
    assert all(units(part.text) <= 1600 for part in (first, last))


def test_a_long_text_is_cut_between_lines_and_never_inside_an_emoji(offline: WhatsApp) -> None:
    first, second = offline.render(Say("a" * 1000 + "\n" + "b" * 900))
    assert (first.text, second.text) == ("a" * 1000, "b" * 900)
    first, second = offline.render(Say("a " + "b" * 1700))  # no tiny first message
    assert (len(first.text), len(second.text)) == (1600, 102)
    parts = offline.render(Say("x" + "😡" * 1600))
    assert "".join(part.text for part in parts) == "x" + "😡" * 1600
    assert offline.render(Say("  ")) == []


async def test_an_approved_template_goes_out_by_its_id(server: TwilioServer, channel: WhatsApp) -> None:
    (question,) = channel.render(Say("Ada jawaban.", YES_NO))
    await channel.send(CITIZEN, question, 1)
    sid = server.contents[0]["sid"]
    template = Payload("Ada jawaban 123.", extra={"content_sid": sid, "content_variables": {"1": "123"}})
    await channel.send(CITIZEN, template, 2)
    assert server.sent[1].text == "123"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((400, 63016), WindowShut),
        ((400, 63007), Misconfigured),
        ((429, 20429), Throttled),
        ((400, 63018), Throttled),
        ((401, 20003), Misconfigured),
        ((403, 20403), Misconfigured),
        ((404, 20404), Misconfigured),
        ((400, 21614), Rejected),
        ((400, 12345), Rejected),
    ],
)
async def test_a_refusal_has_its_own_error(
    server: TwilioServer, channel: WhatsApp, answer: tuple[int, int], kind: type[SendError]
) -> None:
    server.fail_next(*answer)
    with pytest.raises(kind) as caught:
        await channel.send(CITIZEN, Payload("Halo"), 1)
    assert CITIZEN not in str(caught.value) + caught.value.sentence
    assert answer != (400, 12345) or "12345" in caught.value.sentence


async def test_an_account_that_is_suspended_is_told(server: TwilioServer, channel: WhatsApp) -> None:
    assert SENDER.removeprefix("whatsapp:") in await channel.probe()
    server.account_status = "suspended"
    with pytest.raises(Misconfigured, match="suspended"):
        await channel.probe()


def test_the_stand_in_calls_back_like_twilio(server: TwilioServer) -> None:
    """The stand-in's own promise: a product that waits for receipts gets them, signed."""
    got: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as product:
        product.settimeout(10)
        base = f"http://127.0.0.1:{product.getsockname()[1]}"

        def answer() -> None:
            for _ in range(2):
                connection, _address = product.accept()
                with connection:
                    received = b""
                    while b"MessageStatus=" not in received:
                        received += connection.recv(65536)
                    got.append(received)
                    connection.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        server.callbacks = True
        _send_now(WhatsApp(TwilioApi(SID, AUTH_TOKEN, server.url), SENDER, base))
        thread.join(10)
    assert [b"MessageStatus=sent" in got[0], b"MessageStatus=delivered" in got[1]] == [True, True]
    assert all(b"POST /webhooks/twilio/status?message=7 " in request for request in got)


def _send_now(channel: WhatsApp) -> None:
    async def once() -> None:
        await channel.send(CITIZEN, Payload("Halo"), 7)
        await channel.close()

    asyncio.run(once())


async def test_hundreds_at_once_do_not_wait_for_each_other(server: TwilioServer) -> None:
    server.latency = 1.0
    channel = channel_at(server.url, seconds=20)
    await asyncio.gather(*(channel.send(CITIZEN, Payload(f"Halo {n}"), n) for n in range(150)))
    await channel.close()
    assert len(server.sent) == 150
    assert server.busiest > 100


def test_one_channel_serves_one_loop_after_another(server: TwilioServer) -> None:
    channel = channel_at(server.url)
    for _ in range(2):
        _send_now(channel)
    assert [message.text for message in server.sent] == ["Halo", "Halo"]
