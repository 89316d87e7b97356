"""What becomes of a provider's request: taken once, kept when it cannot be handled, refused when forged."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot import flow, inbound, jobs
from bot.channel import Inbound, MediaReference
from handlers.telegram import SECRET_HEADER
from tests.phones import TELEGRAM_SECRET, SmsPhone, TelegramPhone, WhatsAppPhone
from tests.streets import NOW, Town, open_town

HOLE = "jalan berlubang besar di depan pasar, Kelurahan Sekayu"
TABLES = (
    "person",
    "address",
    "conversation",
    "ticket",
    "event",
    "message",
    "attachment",
    "seen",
    "raw_event",
)


@pytest.fixture(scope="module")
def shared_town(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with open_town(shared_database, folder) as made:
        yield made


@pytest.fixture
def town(shared_town: Town) -> Town:
    shared_town.clock.moment = NOW
    return shared_town


def rows(town: Town) -> dict[str, int]:
    return {table: town.count(table) for table in TABLES}


def messages(town: Town, address: str, channel: str) -> list[str]:
    """What this citizen said, as staff read it."""
    lookup = town.house.database.keys.index(channel, address)
    with town.house.database.reading() as tx:
        query = text(
            """select m.text from message m join conversation c on c.id = m.conversation_id
               join address a on a.id = c.address_id
               where a.lookup = :lookup and a.channel = :channel and m.direction = 'in' order by m.id"""
        )
        return list(tx.scalars(query, {"lookup": lookup, "channel": channel}))


# --- repeats ----------
@pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=1), timedelta(days=30)])
def test_a_repeat_changes_nothing(town: Town, later: timedelta) -> None:
    whatsapp, telegram, sms = WhatsAppPhone(town), TelegramPhone(town), SmsPhone(town)
    form, update = whatsapp.form(Body=HOLE), {"update_id": 90_000_000 + town.count("seen")}
    update |= telegram.message(text=HOLE)

    def send() -> list[int]:
        return [whatsapp.post(form), telegram.post(update), sms.get(HOLE, f"id-{sms.address}")]

    assert send() == [204, 200, 200]
    assert [len(phone.got()) for phone in (whatsapp, telegram, sms)] == [1, 1, 1]
    before = rows(town)
    town.clock.moment += later
    for _ in range(3):
        assert send() == [204, 200, 200]
    assert rows(town) == before
    assert not whatsapp.got() and not telegram.got() and not sms.got()


def test_one_and_one_are_two_answers(town: Town) -> None:
    sms = SmsPhone(town)
    sms.writes("1")
    sms.writes("1")
    assert messages(town, sms.address, "sms") == ["1", "1"]


@pytest.mark.parametrize(
    ("seconds", "answered", "count"), [(0, False, 1), (119, False, 1), (121, False, 2), (60, True, 2)]
)
def test_an_sms_that_the_operator_sends_again_is_one_message(
    town: Town, seconds: int, answered: bool, count: int
) -> None:
    sms = SmsPhone(town)
    sms.writes(HOLE)
    if answered:
        assert sms.got()
    town.clock.moment += timedelta(seconds=seconds)
    sms.writes(HOLE)
    assert messages(town, sms.address, "sms") == [HOLE] * count


def test_two_first_messages_at_once_make_one_person(town: Town) -> None:
    before = rows(town)
    address = TelegramPhone(town).address
    events = [Inbound("telegram", "1", f"{address}-{n}", address, text="halo") for n in range(8)]
    workers = [threading.Thread(target=inbound.receive, args=(town.house, event)) for event in events]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    after = rows(town)
    grown = {
        table: after[table] - before[table] for table in ("person", "address", "conversation", "message")
    }
    assert grown == {"person": 1, "address": 1, "conversation": 1, "message": 16}


# --- what cannot be handled ----------
def raw_of(town: Town, provider_id: str) -> Any:
    return town.one("select * from raw_event where provider_id = :id", id=provider_id)


def test_an_event_that_breaks_the_brain_is_kept_and_goes_through_later(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    sms = SmsPhone(town)
    with monkeypatch.context() as broken:
        broken.setattr(flow, "turn", lambda *_: 1 / 0)
        assert sms.get(HOLE, "breaks-once") == 200
    assert raw_of(town, "breaks-once").state == "failed"
    assert messages(town, sms.address, "sms") == [] and sms.got() == []
    assert sms.get(HOLE, "breaks-once") == 200
    assert messages(town, sms.address, "sms") == []
    jobs.retry_failed(town.house)
    assert raw_of(town, "breaks-once").state == "ok"
    assert messages(town, sms.address, "sms") == [HOLE] and len(sms.got()) == 1
    assert not inbound.replay(town.house, raw_of(town, "breaks-once").id, most=5)
    assert messages(town, sms.address, "sms") == [HOLE]


def test_an_event_that_always_breaks_is_set_aside_and_others_go_on(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    sms, other = SmsPhone(town), SmsPhone(town)
    turn = flow.turn

    def breaks_on_one(state: Any, heard: Any, *rest: Any) -> Any:
        if "pecah" in heard.text:
            raise RuntimeError(heard.text)
        return turn(state, heard, *rest)

    with monkeypatch.context() as broken:
        broken.setattr(flow, "turn", breaks_on_one)
        assert sms.get("gelas pecah di jalan raya", "breaks-always") == 200
        for _ in range(4):
            jobs.retry_failed(town.house)
            assert raw_of(town, "breaks-always").state == "failed"
        jobs.retry_failed(town.house)
        assert raw_of(town, "breaks-always").state == "quarantined"
        other.writes(HOLE)
        assert len(other.got()) == 1
    assert raw_of(town, "breaks-always").error == "RuntimeError"  # never the citizen's words
    assert inbound.replay(town.house, raw_of(town, "breaks-always").id, most=5)
    assert len(sms.got()) == 1


# --- odd text ----------
ODD = {
    "NUL": "jalan rusak\x00 parah",
    "surrogate": "jalan rusak \ud83d parah",
    "bidi": "jalan \u202erusak\u202c parah",
    "long": "jalan rusak " * 800,
    "control": "jalan\x07 rusak\x1b[31m parah",
    "full-width": "jalan rusak \uff14\uff15 meter",
    "combining": "jalan rusak " + "e\u0301" * 300,
    "only spaces": " \t\n ",
    "braces": "jalan rusak {number} %s {0.__class__}",
    "emoji": "jalan rusak 👨\u200d👩\u200d👧 😡",
}


@pytest.mark.parametrize("name", ODD)
def test_odd_text_is_kept_on_every_channel(town: Town, name: str) -> None:
    words = ODD[name]
    whatsapp, telegram, sms = WhatsAppPhone(town), TelegramPhone(town), SmsPhone(town)
    sendable = words.encode("utf-8", "replace").decode()
    assert whatsapp.post(whatsapp.form(Body=sendable, ProfileName=sendable[:50])) == 204
    assert telegram.post(telegram.message(text=words[:4096])) == 200
    assert sms.get(sendable) == 200
    for phone, channel in ((whatsapp, "whatsapp"), (telegram, "telegram"), (sms, "sms")):
        (kept,) = messages(town, phone.address, channel)
        assert name == "only spaces" or kept.startswith("jalan")
        assert not set(kept) & set("\x00\x07\x1b\u202e\u202c")
        assert len(kept) >= min(len(words.strip()) // 2, 4000)
        assert phone.got()
    failed = town.one("select count(*) from raw_event where state = 'failed'")
    assert failed[0] == 0


def test_what_a_channel_let_through_breaks_nothing(town: Town) -> None:
    odd = "a\x00\ud800b"
    event = Inbound(
        "telegram",
        "1",
        f"odd\x00{town.count('seen')}",
        "4242",
        kind="photo",
        text=odd,
        name=odd,
        group=odd,
        reference=odd,
        media=(MediaReference(odd, odd, odd),),
    )
    assert inbound.receive(town.house, event) == "taken"
    assert inbound.receive(town.house, event) == "repeat"
    pressed = replace(event, provider_id="odd-press", kind="choice", choice=odd, media=())
    assert inbound.receive(town.house, pressed) == "taken"


# --- forged and junk ----------
def test_a_forged_request_leaves_no_row(town: Town) -> None:
    before = rows(town)
    whatsapp, telegram, sms = WhatsAppPhone(town), TelegramPhone(town), SmsPhone(town)
    assert whatsapp.post(whatsapp.form(Body=HOLE), token="f" * 32) == 403
    assert town.client.post("/webhooks/twilio", data=whatsapp.form(Body=HOLE)).status_code == 403
    assert telegram.post(telegram.message(text=HOLE), secret="wrong") == 403
    assert town.client.post("/webhooks/telegram", json=telegram.message(text=HOLE)).status_code == 403
    assert sms.get(HOLE, secret="wrong") == 403
    dlr = {"message": "1", "type": "1", "secret": "wrong"}
    assert town.client.get("/webhooks/kannel/dlr", query_string=dlr).status_code == 403
    assert town.client.post("/webhooks/twilio/status?message=1", data={}).status_code == 403
    assert rows(town) == before


def test_junk_of_a_genuine_provider_is_kept_raw_and_acknowledged(town: Town) -> None:
    before = rows(town)
    headers = {SECRET_HEADER: TELEGRAM_SECRET}
    asked = town.client.post("/webhooks/telegram", data=b"\xff{not json", headers=headers)
    assert asked.status_code == 200
    assert SmsPhone(town, "").get(HOLE) == 200
    whatsapp = WhatsAppPhone(town)
    assert whatsapp.post({**whatsapp.form(Body=HOLE), "MessageSid": "", "SmsSid": ""}) == 204
    grown = {table: count - before[table] for table, count in rows(town).items() if count != before[table]}
    assert grown == {"raw_event": 3}
    assert town.one("select count(*) from raw_event where state = 'junk'")[0] == 3


# --- the database is away ----------
def test_what_comes_while_the_database_is_away_is_played_back_once_and_in_order(
    postgres_url: str, city_database: str, tmp_path: Any
) -> None:
    server, url = make_url(postgres_url), city_database
    with open_town(url, tmp_path) as town:
        sms, telegram = SmsPhone(town), TelegramPhone(town)
        telegram.writes("halo")
        _lock_out(server, url, "false")
        town.house.database.engine.dispose()
        assert [sms.get(words, f"id-{words}") for words in ("satu dua", "tiga empat", "satu dua")] == [
            200
        ] * 3
        assert telegram.post(telegram.message(text="lima enam")) == 200
        assert len(list((tmp_path / "spool").glob("*.event"))) == 4
        _lock_out(server, url, "true")
        for _ in range(100):
            if not list((tmp_path / "spool").glob("*.event")):
                break
            threading.Event().wait(0.1)
        assert messages(town, sms.address, "sms") == ["satu dua", "tiga empat"]
        assert messages(town, telegram.address, "telegram") == ["halo", "lima enam"]
        assert town.one("select count(*) from seen")[0] == 4


def _lock_out(server: Any, url: str, allowed: str) -> None:
    """Let nobody connect to the database, and end the connections there are."""
    name = make_url(url).database
    with psycopg.connect(
        server.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
    ) as connection:
        connection.execute(f'alter database "{name}" allow_connections {allowed}'.encode())
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,)
        )
