"""What Telegram's citizens get, and what becomes of it when the Bot API refuses."""

import asyncio
import warnings
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.channel import (
    Inbound,
    Misconfigured,
    OptedOut,
    Option,
    Payload,
    Rejected,
    Say,
    SendError,
    Throttled,
    Unknown,
    Unreachable,
)
from handlers.telegram import LOCATION_BUTTON, Telegram
from handlers.telegram_text import units
from tests.telegram_server import TOKEN, TelegramServer
from tests.test_telegram import BASE, CHAT

HELLO = Payload("Halo.")


@pytest.fixture
def server() -> Iterator[TelegramServer]:
    with TelegramServer() as server:
        server.know(CHAT)
        yield server


@pytest.fixture
async def channel(server: TelegramServer) -> AsyncIterator[Telegram]:
    channel = Telegram(TOKEN, api_url=server.url, timeout_seconds=0.5)
    yield channel
    await channel.close()


async def tell(channel: Telegram, say: Say) -> None:
    for payload in channel.render(say):
        await channel.send(str(CHAT), payload, 1)


# drawing


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("😀" * 2048, 1),
        ("😀" * 2048 + "a", 2),
        ("a" + "😀" * 2048, 2),
        ("a" * 4095 + "😀", 2),
        ("a" * 4096, 1),
        ("a" * 9000, 3),
        ("\n".join(["baris " * 100] * 20), 4),
    ],
)
async def test_texts_around_the_limit_are_all_taken_and_lose_nothing(
    channel: Telegram, server: TelegramServer, text: str, parts: int
) -> None:
    await tell(channel, Say(text))
    assert len(server.sent) == parts
    assert "".join("".join(m.text for m in server.sent).split()) == "".join(text.split())
    assert all(units(m.text) <= 4096 for m in server.sent)


def test_a_long_text_is_cut_at_the_end_of_a_line(channel: Telegram) -> None:
    lines = [f"baris {number} " + "x" * 90 for number in range(60)]
    parts = [payload.text for payload in channel.render(Say("\n".join(lines)))]
    assert "\n".join(parts).split("\n") == lines


async def test_buttons_stand_under_the_last_part(channel: Telegram, server: TelegramServer) -> None:
    await tell(channel, Say("a " * 3000, (Option("ya", "Ya"), Option("belum", "Belum"))))
    assert [m.button_data for m in server.sent] == [[], ["ya", "belum"]]


async def test_a_button_for_the_position_is_offered(channel: Telegram, server: TelegramServer) -> None:
    await tell(channel, Say("Di mana?", asks_location=True))
    assert server.sent[0].reply_markup
    (button,) = server.sent[0].reply_markup["keyboard"][0]
    assert (button["text"], button["request_location"]) == (LOCATION_BUTTON, True)


async def test_options_come_before_the_position(channel: Telegram, server: TelegramServer) -> None:
    await tell(channel, Say("Di mana?", (Option("a", "Sini"),), asks_location=True))
    assert server.sent[0].button_data == ["a"]
    assert server.sent[0].reply_markup and "keyboard" not in server.sent[0].reply_markup


async def test_too_many_options_are_numbers(channel: Telegram, server: TelegramServer) -> None:
    await tell(channel, Say("Pilih.", tuple(Option(str(n), f"Layanan {n}") for n in range(1, 102))))
    assert server.sent[0].text.endswith("101. Layanan 101")


@pytest.mark.parametrize(
    "say",
    [
        Say(""),
        Say(" \n"),
        Say("Pilih.", (Option("x" * 65, "Ya"),)),
        Say("Pilih.", (Option("é" * 33, "Ya"),)),
        Say("Pilih.", (Option("", "Ya"),)),
        Say("Pilih.", (Option("ya", " "),)),
    ],
)
def test_what_telegram_would_refuse_is_refused_before_it_is_queued(channel: Telegram, say: Say) -> None:
    with pytest.raises(Rejected):
        channel.render(say)


async def test_a_torn_character_does_not_stop_an_answer(channel: Telegram, server: TelegramServer) -> None:
    await tell(channel, Say("Jalan \ud83d rusak\x00."))
    assert server.sent[0].text == "Jalan \ufffd rusak\ufffd."


# sending


async def failed(channel: Telegram, address: str = str(CHAT)) -> SendError:
    with pytest.raises(SendError) as caught:
        await channel.send(address, HELLO, 1)
    return caught.value


async def test_the_id_is_that_of_the_message_in_its_chat(channel: Telegram, server: TelegramServer) -> None:
    assert await channel.send(str(CHAT), HELLO, 1) == str(server.sent[0].message_id)


async def test_a_flood_says_how_long_to_wait(channel: Telegram, server: TelegramServer) -> None:
    server.fail_next(429, retry_after=17)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        error = await failed(channel)
    assert isinstance(error, Throttled) and error.after == 17


async def test_a_flood_without_a_time_waits_all_the_same(channel: Telegram, server: TelegramServer) -> None:
    server.fail_next(429)
    error = await failed(channel)
    assert isinstance(error, Throttled) and error.after and error.after > 0


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (400, Rejected),
        (401, Misconfigured),
        (403, OptedOut),
        (404, Misconfigured),
        (409, Misconfigured),
        (413, Rejected),
        (500, Unreachable),
        (502, Unreachable),
        (503, Unreachable),
        (504, Unknown),
        ("timeout", Unknown),
        ("drop", Unknown),
        ("unreadable", Unknown),
        ("not_ok", Rejected),
        ("proxy_403", Unreachable),
        ("no_result", Unknown),
    ],
)
async def test_every_refusal_has_its_word(
    channel: Telegram, server: TelegramServer, fault: int, expected: type[SendError]
) -> None:
    server.fail_next(fault)
    assert type(await failed(channel)) is expected


@pytest.mark.parametrize("address", ["", "@kanal", "-100123", "42 ", "x"])
async def test_only_private_chats_are_written_to(
    channel: Telegram, server: TelegramServer, address: str
) -> None:
    assert isinstance(await failed(channel, address), Rejected)
    assert not server.requests


async def test_a_citizen_who_blocked_us_is_opted_out_until_he_unblocks(
    channel: Telegram, server: TelegramServer
) -> None:
    server.block(CHAT)
    assert isinstance(await failed(channel), OptedOut)
    server.unblock(CHAT)
    assert await channel.send(str(CHAT), HELLO, 1)


async def test_many_chats_are_written_to_at_once(channel: Telegram, server: TelegramServer) -> None:
    server.latency = 0.2
    chats = range(1000, 1050)
    for chat in chats:
        server.know(chat)
    async with asyncio.timeout(2):
        await asyncio.gather(*(channel.send(str(chat), HELLO, 1) for chat in chats))
    assert sorted(m.chat_id for m in server.sent) == list(chats)


def test_one_channel_serves_one_loop_after_another(server: TelegramServer) -> None:
    channel = Telegram(TOKEN, api_url=server.url)
    for _ in range(3):
        asyncio.run(channel.send(str(CHAT), HELLO, 1))
    assert len(server.sent) == 3


def test_one_channel_serves_several_loops_at_once(server: TelegramServer) -> None:
    channel = Telegram(TOKEN, api_url=server.url)
    server.latency = 0.05

    async def ten() -> None:
        for _ in range(10):
            await channel.send(str(CHAT), HELLO, 1)
        await channel.close()

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda _: asyncio.run(ten()), range(3)))
    assert len(server.sent) == 30


# presses


async def test_a_press_is_settled_once_and_a_late_one_is_let_go(
    channel: Telegram, server: TelegramServer
) -> None:
    await tell(channel, Say("Kirim?", (Option("send", "Kirim"),)))
    server.press(CHAT, "send")
    (update,) = await channel.poll(None, 0)
    (event,) = channel.read_update(update)
    assert (event.kind, event.choice) == ("choice", "send")
    await channel.settle(event)
    await channel.settle(event)
    assert server.answered == [event.settle]


async def test_settling_what_is_no_press_asks_nothing(channel: Telegram, server: TelegramServer) -> None:
    await channel.settle(Inbound("telegram", BASE.account, "1", str(CHAT), text="Halo"))
    assert not server.requests
