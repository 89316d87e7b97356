"""What failed for good: staff see it with the reason, send it again, and it keeps its order."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from bot import outbound
from bot.channel import OptedOut, Rejected, Say
from bot.delivery import dead_letters
from bot.house import House
from bot.outbound import MASS, Outcome
from tests.panel_house import client_of, file_ticket, house_on, panel_app, rows_of, send_out, submit
from tests.relay_case import NOW, Town, relaying, town_on, until

BOSS, DPU, DINKES = "koordinator@kota.local", "dpu@kota.test", "dinkes@kota.test"
REASON = "Nomor tujuan tidak dapat menerima pesan."


@pytest.fixture
def town(city_database: str, tmp_path: Path) -> Iterator[Town]:
    with town_on(city_database, tmp_path) as made:
        yield made


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


def message_id(house: House, number: str) -> str:
    _, (first, *_) = rows_of(house, number)
    return str(first.id)


def test_a_failed_message_stands_in_a_queue_with_its_reason_and_is_sent_again_by_a_button(
    app: Flask, house: House
) -> None:
    number = file_ticket(house, "DPU")
    fine = file_ticket(house, "DPU")
    send_out(house, number, "failed", error=REASON)
    send_out(house, fine, "delivered")
    client = client_of(app, DPU)
    queue = client.get("/panel/?queue=undelivered").text
    assert "Gagal kirim" in queue and number in queue and fine not in queue
    page = client.get(f"/panel/tickets/{number}").text
    assert REASON in page and "Kirim lagi" in page
    assert "Kirim lagi" not in client.get(f"/panel/tickets/{fine}").text
    assert submit(client, number, "resend", message=message_id(house, number)).status_code == 302
    _, (row,) = rows_of(house, number)
    assert (row.state, row.tries, row.error) == ("waiting", 0, "")
    page = client.get(f"/panel/tickets/{number}").text
    assert "Pesan yang gagal dikirim lagi" in page and "Kirim lagi" not in page
    assert number not in client.get("/panel/?queue=undelivered").text.partition("<tbody")[2]


def test_a_second_click_is_refused_with_a_sentence(app: Flask, house: House) -> None:
    number = file_ticket(house, "DPU")
    send_out(house, number, "failed")
    client = client_of(app, DPU)
    one = message_id(house, number)
    submit(client, number, "resend", message=one)
    again = submit(client, number, "resend", message=one)
    assert again.status_code == 409 and "sudah dikirim lagi" in again.text


def test_nobody_sends_what_is_not_his_or_of_another_report(app: Flask, house: House) -> None:
    number, other = file_ticket(house, "DPU"), file_ticket(house, "DPU")
    send_out(house, number, "failed")
    one = message_id(house, number)
    stranger, client = client_of(app, DINKES), client_of(app, DPU)
    assert submit(stranger, number, "resend", message=one).status_code == 404
    for wrong in (one, "0", "x", str(2**63)):
        assert submit(client, other, "resend", message=wrong).status_code == 404
    _, (row,) = rows_of(house, number)
    assert row.state == "failed"


def test_who_stopped_and_what_is_not_read_yet_is_seen_on_the_page(app: Flask, house: House) -> None:
    number = file_ticket(house, "DPU")
    client = client_of(app, DPU)
    page = client.get(f"/panel/tickets/{number}").text
    assert "menghentikan pesan" not in page and "belum dibaca" not in page
    send_out(house, number, "held")
    with house.database.transaction() as tx:
        tx.execute(text("update address set opted_out_at = now()"))
    page = client.get(f"/panel/tickets/{number}").text
    assert "warga menghentikan pesan di Telegram" in page
    assert "belum dibaca: 1 pesan menunggu warga menulis" in page


def in_parts(town: Town, *parts: str) -> int:
    """One answer in parts; returns its chat."""
    chat = town.chat("long")
    with town.house.database.transaction() as tx:
        outbound.say(tx, town.house.channels, chat, [Say(one) for one in parts], now=NOW)
        tx.execute(
            text(
                """update message m set say = first.say, part = m.id - first.id
                   from (select say, id from message order by id limit 1) first"""
            )
        )
    return chat.id


async def test_an_answer_in_parts_waits_for_each_part_and_fails_and_comes_again_as_a_whole(
    town: Town,
) -> None:
    in_parts(town, "one", "two", "three")
    town.channel.answers["long"].append(Rejected(sentence=REASON))
    async with relaying(town):
        await until(lambda: set(town.states()) == {"failed"})
        assert town.channel.sent == []
        assert town.row("error") == (REASON,)
        assert dead_letters.resend_all(town.house) == 3
        await until(lambda: len(town.channel.sent) == 3)
    assert town.channel.to("long") == ["one", "two", "three"]


async def test_one_part_brings_the_others_along_and_what_waits_comes_after(town: Town) -> None:
    in_parts(town, "one", "two")
    town.run("update message set state = 'failed'; update conversation set out_due_at = null")
    chat = town.chat("other")
    town.say(chat, "later")
    (second,) = town.row("max(id) over () - 1 as id")
    dead_letters.resend_one(town.house, int(str(second)))
    async with relaying(town):
        await until(lambda: len(town.channel.sent) == 3)
    assert town.channel.to("long") == ["one", "two"]


def test_a_part_is_not_claimed_before_the_hand_over_of_the_one_before_is_known(town: Town) -> None:
    in_parts(town, "one", "two")
    (first,) = town.claim_as(worker=7)
    assert first.payload.text == "one" and town.claim_as(worker=8) == []
    with town.house.database.transaction() as tx:
        outbound.record(tx, 7, [Outcome(first.id, first.conversation_id, "unknown", pause=20)])
    assert town.claim_as(worker=8) == []
    town.let_pass(20)
    assert [one.payload.text for one in town.claim_as(worker=8)] == ["one"], "no receipt came: once more"
    with town.house.database.transaction() as tx:
        outbound.record(tx, 8, [Outcome(first.id, first.conversation_id, "sent", "1")])
    assert [one.payload.text for one in town.claim_as(worker=8)] == ["two"]


def test_what_is_sent_again_to_many_stays_behind_conversations(town: Town) -> None:
    chat = town.chat("mass")
    town.say(chat, "to everybody", priority=MASS)
    town.run(
        "update message set state = 'failed'; update conversation set out_due_at = null, out_priority = 0"
    )
    assert dead_letters.resend_all(town.house) == 1
    with town.house.database.reading() as tx:
        assert tx.scalar(text("select out_priority from conversation")) == MASS


async def test_a_provider_that_says_blocked_ends_the_pushes_there_and_the_report_goes_on(town: Town) -> None:
    chat = town.chat("blocked")
    town.channel.answers["blocked"].append(OptedOut())
    town.say(chat, "news", priority=outbound.PUSH)
    async with relaying(town):
        await until(lambda: town.states() == ["failed"])
        town.say(chat, "more news", priority=outbound.PUSH)
        town.say(chat, "to everybody", priority=MASS)
        await until(lambda: town.states() == ["failed", "cancelled", "cancelled"])
    with town.house.database.reading() as tx:
        assert tx.scalar(text("select opted_out_at from address")) == NOW
    assert town.channel.tried == ["blocked"]
