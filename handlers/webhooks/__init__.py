"""What providers call. The only Flask among the handlers: everything behind it is free of any framework."""

import errno
import logging
import os
import threading
import time
from collections.abc import Sequence

from flask import Blueprint, Flask, Response, request

from bot import inbound
from bot.channel import Channel, Forgery, Inbound, Receipt, Unreadable, WebhookRequest
from bot.delivery import arriving, reconciling
from bot.delivery.bounds import LARGEST_BODY, too_large
from bot.delivery.room import room_of, spool_room
from bot.delivery.spool import Spool
from bot.house import House
from handlers.loop import LoopThread
from storage.database import DatabaseAway, DatabaseBusy

log = logging.getLogger(__name__)
PLAY_SECONDS = 1.0
AWAY_SECONDS = 3.0  # how long no request asks the database again; `play_back` asks for all of them meanwhile
ASKING_SECONDS = 20.0  # longer than a connection that gets no answer: see storage.patience
ELSEWHERE = "x-another-machine"
"""Set by our proxy where another machine may have the database when we have not: docs/deploy/nginx.conf."""
LEFT = "event left to another machine"
UNREADABLE = "webhook not understood, and no database to keep it raw"
NOT_KEPT = "event not kept: neither database nor spool, or no room"
ROUTES = (
    ("/webhooks/twilio", ("POST",), ("whatsapp", "sms")),
    ("/webhooks/twilio/status", ("POST",), ("whatsapp", "sms")),
    ("/webhooks/telegram", ("POST",), ("telegram",)),
    ("/webhooks/kannel", ("GET", "POST"), ("sms",)),
    ("/webhooks/kannel/dlr", ("GET",), ("sms",)),
)
"""Address, methods, and the channels that share it: each reads what is its own and nothing else."""


def install(app: Flask, house: House) -> "Door":
    """Put the webhooks of all channels on a Flask app; what it returns can be closed."""
    door = Door(house)
    pages = Blueprint("webhooks", __name__)
    for path, methods, names in ROUTES:
        pages.add_url_rule(
            path, endpoint=path.replace("/", "_"), view_func=door.view(names), methods=list(methods)
        )
    app.register_blueprint(pages)
    threading.Thread(target=door.play_back, name="spool", daemon=True).start()
    return door


class Door:
    """Takes requests of providers: verify, read, keep, acknowledge."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._spool = Spool(house)
        self._room, self._spool_room = room_of(house), spool_room(house)
        self._loop = LoopThread()
        self._closed = threading.Event()
        self._away_until = 0.0

    def view(self, names: Sequence[str]):  # type: ignore[no-untyped-def]  # Flask's own type is not public
        """The view of the channels at one address; a channel without credentials does not exist."""

        def answer() -> Response:
            here = [self._house.channels[name] for name in names if name in self._house.channels]
            return self._answer(here) if here else Response(status=404)

        return answer

    def _answer(self, here: Sequence[Channel]) -> Response:
        request.max_content_length = LARGEST_BODY
        asked = wrap()
        if refused := too_large(asked.query, asked.body, asked.headers.get("content-type", "")):
            log.warning("webhook refused: larger than any genuine one", extra={"channel": here[0].name})
            return Response(status=refused)
        genuine = [channel for channel in here if _made_by_provider(channel, asked)]
        if not genuine:
            log.warning("webhook refused: not from the provider", extra={"channel": here[0].name})
            return Response(status=403)
        elsewhere = ELSEWHERE in asked.headers
        for channel in genuine:
            try:
                self._take_all(channel, self._read(channel, asked), elsewhere=elsewhere)
            except DatabaseAway:
                log.info(LEFT if elsewhere else UNREADABLE, extra={"channel": channel.name})
                return _later()
            except OSError:
                log.error(NOT_KEPT, extra={"channel": channel.name})
                return _later()
        said = genuine[0].acknowledge()
        return Response(said.body, said.status, content_type=said.media_type)

    def _read(self, channel: Channel, asked: WebhookRequest) -> Sequence[Inbound | Receipt]:
        try:
            return channel.read(asked)
        except Unreadable as error:
            log.warning("webhook not understood, kept raw", extra={"channel": channel.name})
            raw = f"{asked.query}\n{asked.body.decode('utf-8', 'replace')}"
            inbound.keep_junk(self._house, channel.name, raw, str(error))
            return ()

    def _take_all(self, channel: Channel, events: Sequence[Inbound | Receipt], *, elsewhere: bool) -> None:
        for event in events:
            self._take(event, elsewhere=elsewhere)
            if isinstance(event, Inbound) and event.settle:
                self._loop.start(channel.settle(event))

    def _take(self, event: Inbound | Receipt, *, elsewhere: bool) -> None:
        """Into the database; into the spool when it is away, or when this chat's last word waits there.

        With too little room for the database no message goes into it: the spool may lie on another disk. A
        receipt needs no row of its own, and no order. What another machine may take at once is not kept here,
        where later words would overtake it.

        Raises:
            DatabaseAway: it is left to another machine.
            OSError: it cannot be kept here.
        """
        waits = isinstance(event, Inbound) and (self._room.is_short() or self._spool.holds(event))
        away = time.monotonic() < self._away_until
        if not away and not waits:
            try:
                arriving.take(self._house, event)
                return
            except DatabaseAway as error:
                away = True
                if not isinstance(error, DatabaseBusy):
                    self._away_until = time.monotonic() + AWAY_SECONDS
        if away and elsewhere:
            raise DatabaseAway("another machine may have it")
        self._keep(event)

    def _keep(self, event: Inbound | Receipt) -> None:
        if self._spool_room.is_short():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._spool.keep(event)

    def play_back(self) -> None:
        """Play the spool back whenever there is something in it; then ask what did not even reach it."""
        reconciling.ask_for_it(self._house)
        while True:
            try:
                self.play_back_once()
            except FileNotFoundError:
                log.error("the data folder is gone; web has to be started anew")
                return
            except Exception:
                log.exception("spool could not be played back")
            if self._closed.wait(PLAY_SECONDS):
                return

    def close(self) -> None:
        """End the threads behind it; a web process needs this never, one with many doors does."""
        self._closed.set()
        self._loop.close()

    def play_back_once(self) -> None:
        """Play back what waits, if there is room for it and the database answers."""
        if time.monotonic() < self._away_until and not self._answers():
            return
        if not self._room.is_short() and self._spool.play():
            reconciling.ask_for_it(self._house)

    def _answers(self) -> bool:
        """Ask the database in place of all requests, so that none of them waits for its time-out."""
        self._away_until = time.monotonic() + ASKING_SECONDS
        try:
            with self._house.database.reading():
                self._away_until = 0.0
        except DatabaseAway:
            self._away_until = time.monotonic() + AWAY_SECONDS
        return not self._away_until


def _later() -> Response:
    return Response(status=503, headers={"Retry-After": "5"})


def _made_by_provider(channel: Channel, asked: WebhookRequest) -> bool:
    try:
        channel.verify(asked)
    except Forgery:
        return False
    return True


def wrap() -> WebhookRequest:
    """The request that is being answered, without its framework."""
    return WebhookRequest(
        method=request.method,
        path=request.path,
        query=request.query_string.decode("latin-1"),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.get_data(cache=False, parse_form_data=False),
    )
