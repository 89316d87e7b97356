"""Phones of citizens: each writes by the HTTP request that its provider would make, and reads what came."""

import itertools
import re
import secrets
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any, Protocol

from flask.testing import FlaskClient

from handlers.telegram import SECRET_HEADER
from tests.kannel_server import SECRET, KannelServer
from tests.telegram_server import JPEG, TelegramServer
from tests.twilio_server import AUTH_TOKEN, SENDER, SID, TwilioServer, sign

BASE = "http://127.0.0.1:1708"
TELEGRAM_SECRET = "rahasia-telegram"
_numbers = itertools.count(1)


class Town(Protocol):
    """What a phone needs of the town."""

    client: FlaskClient
    twilio: TwilioServer
    telegram: TelegramServer
    kannel: KannelServer

    def deliver(self) -> None: ...


@dataclass(frozen=True)
class Got:
    """A message as the citizen sees it; `labels` are its choices, as buttons or as numbered lines."""

    text: str
    labels: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()  # of the buttons; empty when the choices are numbers to type
    message: str = ""  # the provider's id of it, to answer this very message


class Phone(Protocol):
    """What a citizen does with a phone; every call is one HTTP request that must be acknowledged."""

    address: str

    def writes(self, words: str) -> None: ...

    def sends_photo(self, caption: str = "", album: str = "") -> None: ...

    def shares(self, latitude: float, longitude: float) -> None: ...

    def presses(self, shown: Got, label: str) -> None: ...

    def got(self) -> list[Got]: ...

    def arrived(self) -> list[Got]: ...  # what has come since the last look, as far as it was sent


def _with_choices(words: str) -> Got:
    """The choices that are drawn as numbered lines at the end, or as one line of two or three, apart."""
    lines = words.split("\n")
    if in_a_line := re.fullmatch(r"1 ([A-Z].*?) 2 ([A-Z].*?)(?: 3 ([A-Z].*))?", lines[-1]):
        return Got("\n".join(lines[:-1]).rstrip(), tuple(filter(None, in_a_line.groups())))
    start = next((index for index in range(len(lines)) if _are_choices(lines[index:])), len(lines))
    labels = tuple(line.partition(" ")[2] for line in lines[start:])
    return Got("\n".join(lines[:start]).rstrip(), labels)


def _are_choices(lines: list[str]) -> bool:
    numbers = [re.fullmatch(r"(\d) [A-Z&].*", line) for line in lines]
    return len(lines) > 1 and all(found and int(found[1]) == n for n, found in enumerate(numbers, 1))


@dataclass
class WhatsAppPhone:
    """Twilio posts signed forms for it."""

    town: Town
    address: str = field(default_factory=lambda: f"whatsapp:+62812{next(_numbers):08}")
    seen: int = 0

    def form(self, **fields: str) -> dict[str, str]:
        """A genuine form of Twilio's."""
        sid = f"SM{secrets.token_hex(16)}"
        form = {"MessageSid": sid, "SmsSid": sid, "AccountSid": SID, "From": self.address, "To": SENDER}
        return {
            **form,
            "ApiVersion": "2010-04-01",
            "Body": "",
            "NumMedia": "0",
            "ProfileName": "Siti",
            **fields,
        }

    def post(self, form: dict[str, str], token: str = AUTH_TOKEN) -> int:
        """The status of the answer."""
        headers = sign(f"{BASE}/webhooks/twilio", form, token)
        return self.town.client.post("/webhooks/twilio", data=form, headers=headers).status_code

    def _send(self, **fields: str) -> None:
        assert self.post(self.form(**fields)) == 204

    def writes(self, words: str) -> None:
        self._send(Body=words)

    def sends_photo(self, caption: str = "", album: str = "") -> None:
        url = self.town.twilio.add_media(JPEG, "image/jpeg")
        self._send(Body=caption, NumMedia="1", MediaUrl0=url, MediaContentType0="image/jpeg")

    def shares(self, latitude: float, longitude: float) -> None:
        self._send(Latitude=str(latitude), Longitude=str(longitude), Label="Toko Budi")

    def presses(self, shown: Got, label: str) -> None:
        place = shown.labels.index(label)
        under = next((one for one in self.town.twilio.sent if one.sid == shown.message), None)
        if not shown.ids or not under:
            self._send(Body=str(place + 1))
            return
        id_ = shown.ids[place]
        tapped = {"ListId": id_, "ListTitle": label} if under.opener else {"ButtonPayload": id_}
        self._send(Body=label, OriginalRepliedMessageSid=under.sid, **tapped)

    def got(self) -> list[Got]:
        self.town.deliver()
        return self.arrived()

    def arrived(self) -> list[Got]:
        mine = [one for one in self.town.twilio.sent if one.to == self.address]
        new, self.seen = mine[self.seen :], len(mine)
        return [_got(one.text, one.buttons, one.sid) for one in new]


def _got(words: str, buttons: tuple[tuple[str, str], ...], message: str) -> Got:
    """A message with what can be tapped under it, or with its numbered lines."""
    if not buttons:
        return replace(_with_choices(words), message=message)
    return Got(words, tuple(label for _, label in buttons), tuple(id_ for id_, _ in buttons), message)


@dataclass
class TelegramPhone:
    """Telegram posts updates for it, with the secret."""

    town: Town
    address: str = field(default_factory=lambda: str(700_000 + next(_numbers)))
    seen: int = 0

    def post(self, update: dict[str, Any], secret: str = TELEGRAM_SECRET) -> int:
        """The status of the answer."""
        update = {"update_id": 5000 + next(_numbers), **update}
        asked = self.town.client.post("/webhooks/telegram", json=update, headers={SECRET_HEADER: secret})
        return asked.status_code

    def message(self, **fields: Any) -> dict[str, Any]:
        """An update with a message of this citizen."""
        return {"message": {**self.town.telegram.methods.message(int(self.address)), **fields}}

    def writes(self, words: str) -> None:
        assert self.post(self.message(text=words)) == 200

    def sends_photo(self, caption: str = "", album: str = "") -> None:
        sizes = [{**self.town.telegram.add_file(JPEG), "width": 1280, "height": 960}]
        more = {"caption": caption} if caption else {}
        more |= {"media_group_id": album} if album else {}
        assert self.post(self.message(photo=sizes, **more)) == 200

    def shares(self, latitude: float, longitude: float) -> None:
        assert self.post(self.message(location={"latitude": latitude, "longitude": longitude})) == 200

    def presses(self, shown: Got, label: str) -> None:
        data = shown.ids[shown.labels.index(label)]
        chat = int(self.address)
        under = next(
            one
            for one in self.town.telegram.sent
            if one.chat_id == chat and one.message_id == int(shown.message)
        )
        query = self.town.telegram.methods.query(chat, data, under)
        assert self.post({"callback_query": query}) == 200

    def blocks(self, old: str = "member", new: str = "kicked") -> None:
        """Block the bot, or let it write again."""
        methods = self.town.telegram.methods
        change = methods.membership(int(self.address), old, new)
        (methods.blocked.add if new == "kicked" else methods.blocked.discard)(int(self.address))
        assert self.post({"my_chat_member": change}) == 200

    def got(self) -> list[Got]:
        self.town.deliver()
        return self.arrived()

    def arrived(self) -> list[Got]:
        mine = [one for one in self.town.telegram.sent if one.chat_id == int(self.address)]
        new, self.seen = mine[self.seen :], len(mine)
        return [
            Got(
                one.text,
                tuple(b["text"] for b in one.buttons),
                tuple(b["callback_data"] for b in one.buttons),
                str(one.message_id),
            )
            for one in new
        ]


@dataclass
class SmsPhone:
    """Kannel calls for it, with the secret."""

    town: Town
    address: str = field(default_factory=lambda: f"+62813{next(_numbers):08}")
    seen: int = 0

    def get(self, words: str, provider_id: str = "", secret: str = SECRET) -> int:
        """The status of the answer."""
        asked = {"from": self.address, "to": "1708", "text": words, "secret": secret}
        asked["id"] = provider_id or secrets.token_hex(16)
        return self.town.client.get("/webhooks/kannel", query_string=asked).status_code

    def writes(self, words: str) -> None:
        assert self.get(words) == 200

    def sends_photo(self, caption: str = "", album: str = "") -> None:
        raise AssertionError("an SMS has no photos")

    def shares(self, latitude: float, longitude: float) -> None:
        raise AssertionError("an SMS has no position")

    def presses(self, shown: Got, label: str) -> None:
        self.writes(str(shown.labels.index(label) + 1))

    def got(self) -> list[Got]:
        self.town.deliver()
        return self.arrived()

    def arrived(self) -> list[Got]:
        mine = [one.text for one in self.town.kannel.sent if one.address == self.address]
        new, self.seen = mine[self.seen :], len(mine)
        return [_with_choices(one) for one in new]


class SimulatorPhone:
    """The page's own requests."""

    def __init__(self, town: Town, look: str) -> None:
        self.town, self._path = town, f"/simulator/{look}"
        self._seen: set[int] = set()
        self.address = self._post("new")["address"]

    def _post(self, name: str, **form: Any) -> Any:
        asked = self.town.client.post(
            f"{self._path}/{name}", data=form, base_url=BASE, headers={"Origin": BASE}
        )
        assert asked.status_code == 200, asked.text
        return asked.get_json()

    def _send(self, **form: Any) -> None:
        self._post("send", address=self.address, **form)

    def writes(self, words: str) -> None:
        self._send(text=words)

    def sends_photo(self, caption: str = "", album: str = "") -> None:
        png = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
        self._send(kind="photo", text=caption, photo=(BytesIO(png), "foto.png"))

    def sends_file(self, data: bytes, caption: str = "") -> None:
        """Any file by the page's one button for them."""
        self._send(kind="photo", text=caption, photo=(BytesIO(data), "berkas"))

    def answers(self, shown: Got, words: str) -> None:
        """Write as an answer to one message."""
        self._send(text=words, quoted=shown.message)

    def shares(self, latitude: float, longitude: float) -> None:
        self._send(kind="location", latitude=latitude, longitude=longitude)

    def presses(self, shown: Got, label: str) -> None:
        place = shown.labels.index(label)
        if shown.ids:
            self._send(kind="choice", choice=shown.ids[place], text=label, quoted=shown.message)
        else:
            self.writes(str(place + 1))

    def got(self) -> list[Got]:
        self.town.deliver()
        return self.arrived()

    def arrived(self) -> list[Got]:
        where = {"address": self.address}
        page = self.town.client.get(f"{self._path}/messages.json", query_string=where, base_url=BASE)
        sent = [one for one in page.get_json()["messages"] if one["state"] == "sent"]
        out = [one for one in sent if one["id"] not in self._seen]
        self._seen |= {one["id"] for one in out}
        return [
            _got(one["text"], tuple((o["id"], o["label"]) for o in one["options"]), str(one["id"]))
            for one in out
        ]
