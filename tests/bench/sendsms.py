"""A gateway that takes everything: `python -m tests.bench.sendsms SECONDS`, prints its port.

Answers each request so many seconds after it came, as one that is somewhere else does, and spends as little
of the machine as Python can, so that what is measured is the worker.
"""

import asyncio
import sys

ANSWER = b"HTTP/1.1 202 Accepted\r\nContent-Length: 11\r\n\r\n0: Accepted"
END = b"\r\n\r\n"


class Taker(asyncio.Protocol):
    """One kept-alive connection, one request at a time."""

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._heard += data
        if self._heard.endswith(END):
            self._heard = b""
            asyncio.get_running_loop().call_later(self._latency, self._transport.write, ANSWER)


async def main(latency: float) -> None:
    """Serve until killed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Taker(latency), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
