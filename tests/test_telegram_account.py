"""The bot's account: polling, the webhook, files and what doctor says."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.channel import Misconfigured, Rejected, SendError, Throttled, Unreachable
from handlers.telegram import Telegram
from handlers.telegram_updates import ALLOWED_UPDATES
from tests.telegram_server import JPEG, TOKEN, TelegramServer
from tests.test_telegram import CHAT, SECRET

BASE_URL = "http://127.0.0.1:1708"
HOOK = BASE_URL + "/webhooks/telegram"


@pytest.fixture
def server() -> Iterator[TelegramServer]:
    with TelegramServer() as server:
        yield server


@pytest.fixture
async def channel(server: TelegramServer) -> AsyncIterator[Telegram]:
    channel = Telegram(TOKEN, api_url=server.url, timeout_seconds=1.0)
    yield channel
    await channel.close()


@pytest.fixture
async def hooked(server: TelegramServer) -> AsyncIterator[Telegram]:
    channel = Telegram(TOKEN, api_url=server.url, secret=SECRET, base_url=BASE_URL, timeout_seconds=1.0)
    yield channel
    await channel.close()


def asked(server: TelegramServer, method: str) -> list[dict[str, str]]:
    return [given for name, given in server.requests if name == method]


# polling


async def test_updates_come_in_order_until_the_offset_confirms_them(
    channel: Telegram, server: TelegramServer
) -> None:
    first, second = server.push_text(CHAT, "satu"), server.push_text(CHAT, "dua")
    updates = await channel.poll(None, 0)
    assert [u["update_id"] for u in updates] == [first, second]
    assert [e.text for u in updates for e in channel.read_update(u)] == ["satu", "dua"]
    # A crash before the commit: the same again, with the same id.
    assert await channel.poll(first, 0) == updates
    assert [u["update_id"] for u in await channel.poll(first + 1, 0)] == [second]
    assert await channel.poll(second + 1, 0) == []
    assert await channel.poll(None, 0) == []


async def test_a_poll_waits_longer_than_the_timeout_of_other_calls(
    channel: Telegram, server: TelegramServer
) -> None:
    waiting = asyncio.create_task(channel.poll(None, 10))
    await asyncio.sleep(1.5)
    server.push_text(CHAT, "satu")
    assert len(await asyncio.wait_for(waiting, 2)) == 1


async def test_what_we_follow_is_said_and_what_we_do_not_stays_away(
    channel: Telegram, server: TelegramServer
) -> None:
    await channel.poll(None, 0)
    server.push_update({"channel_post": {"text": "Halo"}})
    server.push_text(CHAT, "satu")
    assert [set(u) for u in await channel.poll(None, 0)] == [{"update_id", "message"}]
    server.block(CHAT)
    (event,) = channel.read_update((await channel.poll(None, 0))[-1])
    assert event.kind == "blocked"


async def test_another_poller_is_told_in_a_clear_sentence(channel: Telegram, server: TelegramServer) -> None:
    waiting = asyncio.create_task(channel.poll(None, 5))
    await asyncio.sleep(0.2)
    other = Telegram(TOKEN, api_url=server.url)
    await other.poll(None, 0)
    await other.close()
    with pytest.raises(Misconfigured) as caught:
        await waiting
    assert "program lain" in caught.value.sentence


async def test_polling_takes_the_webhook_away_and_keeps_what_waits(
    channel: Telegram, hooked: Telegram, server: TelegramServer
) -> None:
    await hooked.ensure_webhook("http://127.0.0.1:9")
    server.push_text(CHAT, "satu")
    with pytest.raises(Misconfigured):
        await channel.poll(None, 0)
    await channel.start_polling()
    assert len(await channel.poll(None, 0)) == 1
    await channel.start_polling()
    assert len(asked(server, "deletewebhook")) == 1


async def test_a_poll_of_an_absent_server_can_be_tried_again(
    channel: Telegram, server: TelegramServer
) -> None:
    server.stop()
    with pytest.raises(Unreachable):
        await channel.poll(None, 0)
    server.start()
    assert await channel.poll(None, 0) == []


# webhook


async def test_the_webhook_is_set_once_with_its_secret(hooked: Telegram, server: TelegramServer) -> None:
    assert await hooked.ensure_webhook(BASE_URL) is True
    assert await hooked.ensure_webhook(BASE_URL) is False
    (given,) = asked(server, "setwebhook")
    assert (given["url"], given["secret_token"]) == (HOOK, SECRET)
    assert all(kind in given["allowed_updates"] for kind in ALLOWED_UPDATES)


async def test_a_webhook_elsewhere_is_moved_here(hooked: Telegram, server: TelegramServer) -> None:
    await hooked.ensure_webhook("https://lama.example")
    assert await hooked.ensure_webhook(BASE_URL) is True
    assert server.methods.webhook_url == HOOK


async def test_a_webhook_that_we_refuse_gets_the_new_secret(hooked: Telegram, server: TelegramServer) -> None:
    await hooked.ensure_webhook(BASE_URL)
    assert server.methods.webhook
    server.methods.webhook.last_error = "Wrong response from the webhook: 403 Forbidden"
    assert await hooked.ensure_webhook(BASE_URL) is True


async def test_an_address_that_telegram_does_not_take_is_a_wrong_setting(hooked: Telegram) -> None:
    with pytest.raises(Misconfigured) as caught:
        await hooked.ensure_webhook("http://lapor.example")
    assert "https" in caught.value.detail


# what doctor says


async def test_the_probe_names_the_bot(channel: Telegram) -> None:
    assert await channel.probe() == "Bot @kentongan_bot answers; updates are polled."


async def test_the_probe_tells_a_missing_and_a_failing_webhook(
    hooked: Telegram, server: TelegramServer
) -> None:
    with pytest.raises(Misconfigured, match="is not set"):
        await hooked.probe()
    await hooked.ensure_webhook("https://lama.example")
    with pytest.raises(Misconfigured, match="https://lama.example/webhooks/telegram, not " + HOOK):
        await hooked.probe()
    await hooked.ensure_webhook(BASE_URL)
    assert "the webhook is ours" in await hooked.probe()
    assert server.methods.webhook
    server.methods.webhook.last_error = "Connection refused"
    assert "Connection refused" in await hooked.probe()


# files


async def photo(channel: Telegram) -> str:
    (event,) = channel.read_update((await channel.poll(None, 0))[-1])
    return event.media[0].reference


async def test_a_photo_is_fetched_in_its_largest_size(channel: Telegram, server: TelegramServer) -> None:
    server.push_photo(CHAT, JPEG)
    found = await channel.fetch(await photo(channel))
    assert (found.data, found.media_type) == (JPEG, "")
    assert found.name.endswith(".jpg")


async def test_a_path_on_our_own_disk_is_never_read(
    channel: Telegram, server: TelegramServer, tmp_path: Path
) -> None:
    secret = tmp_path / "rahasia.txt"
    secret.write_bytes(b"kunci")
    file = server.add_file(b"foto", path=str(secret))
    assert (await channel.fetch(file["file_id"])).data == b"foto"


@pytest.mark.parametrize("path", ["../getMe", "a/../../b"])
async def test_a_path_out_of_the_files_is_not_followed(
    channel: Telegram, server: TelegramServer, path: str
) -> None:
    file = server.add_file(b"foto", path=path)
    with pytest.raises(Rejected):
        await channel.fetch(file["file_id"])


async def test_a_file_that_is_larger_than_said_is_dropped(channel: Telegram, server: TelegramServer) -> None:
    at_limit = server.add_file(b"x" * 20_000_000)
    above = server.add_file(b"x" * 20_000_001, size=10)
    assert len((await channel.fetch(at_limit["file_id"])).data) == 20_000_000
    with pytest.raises(Rejected):
        await channel.fetch(above["file_id"])


async def test_a_file_that_telegram_does_not_give_is_rejected(
    channel: Telegram, server: TelegramServer
) -> None:
    big = server.add_file(b"x", size=20_000_001)
    gone = server.add_file(b"x", path="photos/gone.jpg")
    del server.methods.paths["photos/gone.jpg"]
    for reference in ("none", "", big["file_id"], gone["file_id"]):
        with pytest.raises(Rejected):
            await channel.fetch(reference)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (401, Misconfigured),
        (403, Rejected),
        (429, Throttled),
        (502, Unreachable),
        ("drop", Unreachable),
        ("timeout", Unreachable),
    ],
)
async def test_a_download_that_fails_has_its_word(
    channel: Telegram, server: TelegramServer, fault: int, expected: type[SendError]
) -> None:
    file = server.add_file(b"foto")
    server.fail_next(fault, method="file")
    with pytest.raises(expected):
        await channel.fetch(file["file_id"])
    assert (await channel.fetch(file["file_id"])).data == b"foto"


async def test_a_file_can_be_asked_for_again_after_a_failure(
    channel: Telegram, server: TelegramServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    file = server.add_file(b"foto")
    server.fail_next(502)
    with pytest.raises(SendError) as caught:
        await channel.fetch(file["file_id"])
    assert caught.value.again
    assert (await channel.fetch(file["file_id"])).data == b"foto"
    assert TOKEN not in caplog.text
