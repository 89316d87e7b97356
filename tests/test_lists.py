"""Four to ten choices on WhatsApp: a list to tap where Twilio gives us one, numbers to type everywhere."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channel import Limits, Option, Payload, Say
from handlers import simulator, twilio_content
from handlers.telegram import LIMITS as TELEGRAM
from handlers.twilio_content import LIST_BUTTON, ROW_LABEL, ROWS, drawings
from handlers.whatsapp import WhatsApp
from tests.contract_case import FUZZ
from tests.twilio_rules import Refusal, check_content, fill
from tests.twilio_server import TwilioServer
from tests.whatsapp_case import CITIZEN, YES_NO, channel_at

SEND = tuple(
    Option(f"send={id_}", label)
    for id_, label in (
        ("send", "Kirim"),
        ("anonymous", "Kirim tanpa nama"),
        ("change", "Ubah"),
        ("cancel", "Batal"),
    )
)
SERVICES = tuple(Option(f"category=c{n}", f"Layanan {n}") for n in range(1, 11))


@pytest.fixture
def server() -> Iterator[TwilioServer]:
    with TwilioServer() as running:
        yield running


@pytest.fixture
async def channel(server: TwilioServer) -> AsyncIterator[WhatsApp]:
    made = channel_at(server.url)
    yield made
    await made.close()


async def ask(channel: WhatsApp, text: str, options: tuple[Option, ...]) -> None:
    (payload,) = channel.render(Say(text, options))
    await channel.send(CITIZEN, payload, 1)


# --- as a list ----------
@pytest.mark.parametrize("options", [SEND, SERVICES])
async def test_four_to_ten_choices_are_a_list(
    server: TwilioServer, channel: WhatsApp, options: tuple[Option, ...]
) -> None:
    await ask(channel, "Laporan Anda: jalan rusak\nSudah benar?", options)
    (message,) = server.sent
    assert message.text == "Laporan Anda: jalan rusak\nSudah benar?"
    assert message.buttons == tuple((option.id, option.label) for option in options)
    assert 0 < len(message.opener) <= 20


async def test_one_list_serves_all_labels_and_languages(server: TwilioServer, channel: WhatsApp) -> None:
    for place in range(30):
        named = tuple(Option(f"place={place}-{n}", f"Kelurahan {place} {n}") for n in range(4))
        await ask(channel, f"Yang mana? {place}", named)
    assert len(server.sent) == 30 and len({message.buttons for message in server.sent}) == 30
    assert len(server.contents) == 1
    kept = json.dumps(server.contents)
    assert "Kelurahan" not in kept and "Yang mana" not in kept


async def test_sets_of_buttons_end_and_further_ones_are_lists(
    server: TwilioServer, channel: WhatsApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio_content, "MOST_SETS", 3)
    for place in range(8):
        here = Option(f"place={place}", f"Kelurahan {place}")
        await ask(channel, "Yang mana?", (here, Option("place=other", "Lainnya")))
    assert [bool(message.opener) for message in server.sent] == [False] * 3 + [True] * 5
    assert [message.buttons[0][1] for message in server.sent] == [f"Kelurahan {n}" for n in range(8)]
    assert len(server.contents) == 4


async def test_a_list_is_found_again_after_a_restart(server: TwilioServer, channel: WhatsApp) -> None:
    await ask(channel, "Layanan apa?", SERVICES)
    restarted = channel_at(server.url)
    await ask(restarted, "Layanan apa?", SERVICES[::-1])
    await restarted.close()
    assert len(server.contents) == 1 and server.sent[1].buttons[0][1] == "Layanan 10"


# --- as numbers ----------
@pytest.mark.parametrize("how", ["answer", "timeout"])
async def test_without_a_list_the_choices_come_with_numbers(
    server: TwilioServer, channel: WhatsApp, how: str
) -> None:
    server.fail_next(500, how=how, on="Content")
    for _ in range(2):
        await ask(channel, "Sudah benar?", SEND)
    assert [m.text for m in server.sent] == [
        "Sudah benar?\n\n1 Kirim\n2 Kirim tanpa nama\n3 Ubah\n4 Batal"
    ] * 2


async def test_a_list_that_was_deleted_is_asked_with_numbers_then_made_anew(
    server: TwilioServer, channel: WhatsApp
) -> None:
    await ask(channel, "Sudah benar?", SEND)
    server.contents.clear()
    for _ in range(2):
        await ask(channel, "Sudah benar?", SEND)
    assert [bool(m.opener) for m in server.sent] == [True, False, True]
    assert "4 Batal" in server.sent[1].text


@pytest.mark.parametrize(
    "options",
    [
        (*SERVICES, Option("0", "Lainnya")),  # eleven
        (*SEND, Option("x", "Dinas Pekerjaan Umum Kota")),  # 25 characters
        (*SEND, Option("x", "Kirim")),  # a label twice
        (*SEND, Option("send=send", "Lagi")),  # an id twice
        (*SEND, Option("x", " ")),
        (*SEND, Option("", "Lagi")),
        (*SEND, Option("x" * 201, "Lagi")),
        (*SEND, Option("x", "La\ngi")),
    ],
)
def test_what_no_list_can_hold_is_numbered(options: tuple[Option, ...]) -> None:
    assert drawings("Pilih.", options) == []
    (payload,) = channel_at("http://127.0.0.1:9").render(Say("Pilih.", options))
    assert payload.options == () and payload.text.startswith("Pilih.\n\n1 ")


LABELS = st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=12)


@FUZZ
@given(labels=LABELS, text=st.text(min_size=1, max_size=1200))
def test_whatever_is_drawn_is_taken_by_twilio(labels: list[str], text: str) -> None:
    options = [Option(f"o={n}", label) for n, label in enumerate(labels)]
    for drawing in drawings(text, options):
        samples = dict.fromkeys(drawing.variables, "Contoh")
        kept = {"types": drawing.types, "variables": samples, "language": "id", "friendly_name": drawing.name}
        parts = fill(kept, json.dumps(drawing.variables))
        shown = [row["item"] for row in parts.get("items", ())]
        shown = shown or [action["title"] for action in parts["actions"]]
        assert shown == [label.strip() for label in labels]


# --- limits ----------
def test_every_channel_says_what_its_lists_hold() -> None:
    def lists(limits: Limits) -> tuple[int, int, int, int]:
        return limits.options, limits.label, limits.rows, limits.row_label

    assert lists(WhatsApp.limits) == (3, 20, 10, 24)
    assert lists(simulator.LOOKS["whatsapp"].limits) == lists(WhatsApp.limits)
    assert TELEGRAM.rows == simulator.LOOKS["sms"].limits.rows == 0


# --- the stand-in ----------
def content(items: list[dict[str, str]], **more: Any) -> dict[str, Any]:
    picker = {"body": "Pilih.", "button": LIST_BUTTON, "items": items, **more}
    return {"friendly_name": "a", "language": "id", "variables": {}, "types": {"twilio/list-picker": picker}}


def rows(count: int, **more: str) -> list[dict[str, str]]:
    return [{"item": f"Baris {n}", "id": str(n), "description": "-", **more} for n in range(count)]


@pytest.mark.parametrize(
    "refused",
    [
        content([]),
        content(rows(ROWS + 1)),
        content(rows(2, id="1")),
        content(rows(2, item="a" * (ROW_LABEL + 1))),
        content(rows(2, item=" ")),
        content(rows(2, id="")),
        content(rows(2, id="a" * 201)),
        content(rows(2, description="")),
        content(rows(2, description="a" * 73)),
        content(rows(2, price="3")),
        content(rows(2), button=""),
        content(rows(2), button="a" * 21),
        content(rows(2), body=""),
        content(rows(2), body="a" * 1025),
        content(rows(2), body="{{1}}"),  # without a sample
        {**content(rows(2)), "language": "Indonesia"},
        {**content(rows(2)), "types": {"twilio/carousel": {}}},
    ],
)
def test_the_stand_in_refuses_what_twilio_refuses(refused: dict[str, Any]) -> None:
    check_content(content(rows(ROWS)))
    with pytest.raises(Refusal):
        check_content(refused)


@pytest.mark.parametrize("values", [{"l": "a" * 25}, {"l": "a\nb"}, {"l": ""}, {"l": "a     b"}, {"l": 3}])
def test_the_stand_in_refuses_variables_that_do_not_fit(values: dict[str, Any]) -> None:
    kept = {**content(rows(1, item="{{l}}")), "variables": {"l": "Contoh"}}
    check_content(kept)
    assert fill(kept, json.dumps({"l": "Sekayu"}))["items"][0]["item"] == "Sekayu"
    with pytest.raises(Refusal):
        fill(kept, json.dumps(values))


async def test_buttons_stay_buttons(server: TwilioServer, channel: WhatsApp) -> None:
    await channel.send(CITIZEN, Payload("Sudah baik?", YES_NO), 1)
    assert server.sent[0].buttons and not server.sent[0].opener
