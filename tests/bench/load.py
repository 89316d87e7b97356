"""Citizens who write at full speed: `python -m tests.bench.load`, told what to do by JSON on stdin.

Each connection is kept alive and plays one citizen after the other: a story, the choice to send it, and a
question about it; by WhatsApp and by Telegram in turn. Prints a JSON object with all
times in milliseconds, and the processor seconds of this process.
"""

import asyncio
import itertools
import json
import sys
import time
from typing import Any

from bot.cities.city import read_city
from tests.drill_case import Post, telegram, whatsapp
from tests.house import SEMARANG

# Neighbours seldom tell the same: other troubles in other places, so that few are asked about twins.
TROUBLES = (
    "jalan berlubang besar",
    "lampu jalan padam sudah seminggu",
    "sampah menumpuk belum diangkut",
    "saluran air mampet dan bau",
    "pohon hampir tumbang ke kabel",
    "air ledeng tidak mengalir sejak kemarin",
    "parkir liar menutup trotoar",
)
PLACES = sorted(place.name for place in read_city(SEMARANG).places.values() if place.level == "kelurahan")


def turns(connection: int, n: int) -> tuple[str, str, str]:
    """What the n-th citizen of a connection writes: the story, that it be sent, and how it stands."""
    return story(connection, n), "1", "CEK"


def story(connection: int, n: int) -> str:
    """What the n-th citizen of a connection has to tell."""
    place = PLACES[(n * 31 + connection * 7) % len(PLACES)]
    return f"{TROUBLES[(n + connection) % len(TROUBLES)]} di Kelurahan {place}, tolong diperbaiki"


async def citizens(connection: int, set_: dict[str, Any], end: float, took: list[float]) -> int:
    """Play citizens on one connection until the end; returns how many requests failed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", set_["port"])
    failed = 0
    pause = set_["connections"] / set_["rate"] if set_["rate"] else 0.0
    for n in itertools.count(set_["first"]):
        for words in turns(connection, n):
            await asyncio.sleep(pause)
            if time.monotonic() > end:
                writer.close()
                return failed
            what = _said(connection, n, words, set_["base_url"])
            begun = time.monotonic()
            status = await _post(reader, writer, what)
            took.append((time.monotonic() - begun) * 1000)
            failed += not 200 <= status < 300
    raise AssertionError


def chat_of(connection: int, n: int) -> int:
    """The Telegram chat of the n-th citizen of a connection."""
    return 10_000_000 + connection * 100_000 + n


def _said(connection: int, n: int, words: str, base_url: str) -> Post:
    if n % 2:
        return telegram(chat_of(connection, n), words)
    return whatsapp(base_url, f"+62811{connection:03}{n:05}", words)


async def _post(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, what: Post) -> int:
    """One request on a connection that stays; returns the status."""
    lines = [f"POST {what.path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(what.body)}"]
    lines += [f"{name}: {value}" for name, value in what.headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode() + what.body)
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    status = int(head.split(" ", 2)[1])
    if "content-length: " in head:
        await reader.readexactly(int(head.split("content-length: ")[1].split("\r\n")[0]))
    return status


async def main(set_: dict[str, Any]) -> dict[str, Any]:
    """All connections at once, for so many seconds."""
    took: list[float] = []
    begun = time.process_time()
    end = time.monotonic() + set_["seconds"]
    failed = await asyncio.gather(*(citizens(n, set_, end, took) for n in range(set_["connections"])))
    return {"took": took, "failed": sum(failed), "processor": time.process_time() - begun}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.load(sys.stdin)))))
