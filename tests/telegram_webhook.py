"""Delivers updates to a webhook as Telegram does: in order per chat, again until a 2xx.

Source: https://github.com/tdlib/telegram-bot-api (WebhookActor): the first retry comes at once, then the
pause doubles; an update that fails holds back its chat only; callback queries run in a queue of their own;
a JSON answer that names a method is executed.
"""

import asyncio
import json
from typing import Any, Protocol

import aiohttp

ANSWER_SECONDS = 60


class Bot(Protocol):
    """What the caller needs of the bot's state."""

    updates: list[dict[str, Any]]

    async def call(self, method: str, given: dict[str, str]) -> Any: ...


class WebhookCaller:
    """One webhook, from setWebhook until it is changed."""

    def __init__(self, url: str, secret: str, retry_seconds: float, bot: Bot) -> None:
        self._url, self._retry_seconds, self._bot = url, retry_seconds, bot
        self._headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS))
        self._queues: dict[str, asyncio.Queue[dict[str, Any]]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self.last_error = ""

    def put(self, update: dict[str, Any]) -> None:
        """Deliver this one after the earlier ones of its chat."""
        name = _queue(update)
        if name not in self._queues:
            self._queues[name] = asyncio.Queue()
            self._tasks.append(asyncio.create_task(self._work(self._queues[name])))
        self._queues[name].put_nowait(update)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()

    async def _work(self, queue: asyncio.Queue[dict[str, Any]]) -> None:
        while True:
            update = await queue.get()
            pause = 0.0
            while not await self._deliver(update):
                await asyncio.sleep(pause)
                pause = min(max(pause * 2, self._retry_seconds), self._retry_seconds * 60)
            self._bot.updates[:] = [u for u in self._bot.updates if u is not update]

    async def _deliver(self, update: dict[str, Any]) -> bool:
        try:
            async with self._session.post(
                self._url, json=update, headers=self._headers, allow_redirects=False
            ) as answer:
                body = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            self.last_error = "Connection refused" if isinstance(error, OSError) else "Connection timed out"
            return False
        if not 200 <= answer.status < 300:
            self.last_error = f"Wrong response from the webhook: {answer.status} {answer.reason}"
            return False
        await self._execute(body)
        return True

    async def _execute(self, body: bytes) -> None:
        try:
            order = json.loads(body)
        except ValueError:
            return
        if isinstance(order, dict) and "method" in order:
            given = {k: v if isinstance(v, str) else json.dumps(v) for k, v in order.items() if k != "method"}
            await self._bot.call(str(order["method"]).lower(), given)


def _queue(update: dict[str, Any]) -> str:
    """The queue an update waits in: its chat's, or the presses' of its chat."""
    for kind, event in update.items():
        if isinstance(event, dict):
            message = event.get("message") if kind == "callback_query" else event
            chat = (message or {}).get("chat") or event.get("from") or {}
            return f"{'press' if kind == 'callback_query' else 'chat'} {chat.get('id')}"
    return "other"
