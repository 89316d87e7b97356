"""R7: photo, voice, text and pin of one citizen within 300 ms, over two web processes and four workers."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.drill_case import Post, Stage, free_port, post, staged, telegram, wait_until, whatsapp
from tests.drills.ledger import UNSENT, figure

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]
TIMES, APART = 40, 0.09  # seconds from one part to the next: four within 300 ms
STORY = "saluran air mampet di Kelurahan Sekayu"
PHOTO = b"\xff\xd8\xff\xe0" + b"a photo" * 20 + b"\xff\xd9"
VOICE = b"OggS" + b"\0" * 24 + b"OpusHead"
KINDS = ["photo", "recording", "text", "location"]


@pytest.fixture
def stage(city_database: str, data_dir: Path) -> Iterator[Stage]:
    with staged(city_database, data_dir) as made:
        yield made


def by_telegram(stage: Stage, n: int) -> list[Post]:
    """What a citizen sends, in order; each is an update of its own."""
    chat = 7000 + n
    stage.bot.know(chat)
    photo = stage.bot.add_file(PHOTO) | {"width": 1280, "height": 960}
    voice = stage.bot.add_file(VOICE, path=f"voice/{chat}.oga") | {"duration": 3, "mime_type": "audio/ogg"}
    return [
        telegram(chat, photo=[photo]),
        telegram(chat, voice=voice),
        telegram(chat, STORY),
        telegram(chat, location={"latitude": -6.9825, "longitude": 110.4093}),
    ]


def by_whatsapp(stage: Stage, n: int) -> list[Post]:
    """The same as Twilio tells it."""

    def one(words: str = "", **fields: str) -> Post:
        return whatsapp(stage.base_url, f"+62819{n:08}", words, **fields)

    photo, voice = stage.twilio.add_media(PHOTO, "image/jpeg"), stage.twilio.add_media(VOICE, "audio/ogg")
    return [
        one(NumMedia="1", MediaUrl0=photo, MediaContentType0="image/jpeg", MessageType="image"),
        one(NumMedia="1", MediaUrl0=voice, MediaContentType0="audio/ogg", MessageType="audio"),
        one(STORY),
        one(Latitude="-6.9825", Longitude="110.4093", MessageType="location"),
    ]


def in_turn(ports: list[int], sent: list[Post]) -> None:
    """As Telegram does, which keeps the order of a chat: each when the one before was acknowledged."""
    for n, what in enumerate(sent):
        assert post(ports[n % 2], what) == 200


def at_their_moments(ports: list[int], sent: list[Post]) -> None:
    """As Twilio does: four connections, 90 ms apart, whatever became of the others."""

    def one(n: int, what: Post) -> int:
        time.sleep(max(begun + n * APART - time.monotonic(), 0.0))
        return post(ports[n % 2], what)

    begun = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(one, range(4), sent)) == {204}


def kept(stage: Stage) -> dict[int, Any]:
    """By chat: its channel, its reports, and the kinds of what was said, in the order in which it is kept."""
    rows = stage.rows(
        """select c.id, c.channel, count(distinct m.ticket_id), array_agg(m.kind order by m.id),
                  (select array_agg(status) from ticket t where t.conversation_id = c.id)
           from conversation c join message m on m.conversation_id = c.id and m.direction = 'in'
           group by c.id, c.channel"""
    )
    return {row[0]: row[1:] for row in rows}


def test_four_parts_at_once_become_one_draft_in_their_order(stage: Stage) -> None:
    ports = [stage.port, free_port()]
    for port in ports:
        stage.web(port)
    with stage.forking_workers() as fork:
        for _ in range(4):
            fork()
        for n in range(TIMES):
            in_turn(ports[:: 1 - 2 * (n % 2)], by_telegram(stage, n))
            at_their_moments(ports[:: 1 - 2 * (n % 2)], by_whatsapp(stage, n))
        wait_until(lambda: not stage.rows("select 1 from attachment where state = 'waiting'"), 60)
        wait_until(lambda: not stage.rows(UNSENT), 120)
    found = kept(stage)
    assert len(found) == 2 * TIMES
    assert {tuple(statuses) for *_, statuses in found.values()} == {("draft",)}
    assert {reports for _, reports, *_ in found.values()} == {1}
    assert all(sorted(kinds) == sorted(KINDS) for _, _, kinds, _ in found.values())
    ordered = Counter(channel for channel, _, kinds, _ in found.values() if kinds == KINDS)
    figure("R7", f"{TIMES} citizens by each channel, one draft, four parts each; in order: {dict(ordered)}")
    assert ordered["telegram"] == TIMES
