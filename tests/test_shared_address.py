"""WhatsApp and SMS by Twilio at one address: everything reaches the channel that it belongs to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kannel_server import SECRET
from tests.streets import Town, open_town
from tests.twilio_server import AUTH_TOKEN, SENDER, SID, SentMessage, sign

BASE = "http://127.0.0.1:1708"
OURS = "+14155550100"
NUMBER = "+6281234567890"
HOLE = "jalan berlubang besar di depan pasar, Kelurahan Sekayu"


@pytest.fixture
def town(city_database: str, data_dir: Path) -> Iterator[Town]:
    with open_town(city_database, data_dir, sms_gateway="twilio", twilio_sms_from=OURS) as made:
        made.twilio.senders = {SENDER, OURS}
        yield made


def post(town: Town, sid: str, sender: str, to: str, body: str, token: str = AUTH_TOKEN) -> int:
    form = {"MessageSid": sid, "AccountSid": SID, "From": sender, "To": to, "Body": body, "NumMedia": "0"}
    headers = sign(f"{BASE}/webhooks/twilio", form, token)
    return town.client.post("/webhooks/twilio", data=form, headers=headers).status_code


def report(town: Town, message: SentMessage, status: str) -> int:
    """Twilio calls the message's status address."""
    form = town.twilio.status_form(message, status)
    headers = sign(message.status_callback, form, AUTH_TOKEN)
    path = message.status_callback.removeprefix(BASE)
    return town.client.post(path, data=form, headers=headers).status_code


def chats(town: Town) -> list[tuple[str, str, int]]:
    """Channel, our account and how many messages came in, of every conversation."""
    with town.house.database.reading() as tx:
        rows = tx.exec_driver_sql(
            """select c.channel, c.account, count(m.id) filter (where m.direction = 'in')
               from conversation c join message m on m.conversation_id = c.id
               group by c.id order by c.channel"""
        )
        return [(row[0], row[1], row[2]) for row in rows]


def test_one_number_on_both_channels_is_answered_where_it_wrote(town: Town) -> None:
    assert post(town, "SM" + "1" * 32, NUMBER, OURS, HOLE) == 204
    assert post(town, "SM" + "2" * 32, f"whatsapp:{NUMBER}", SENDER, HOLE) == 204
    assert chats(town) == [("sms", OURS, 1), ("whatsapp", SENDER, 1)]
    assert town.count("raw_event") == 2
    town.deliver()
    assert {(message.form["From"], message.to) for message in town.twilio.sent} == {
        (OURS, NUMBER),
        (SENDER, f"whatsapp:{NUMBER}"),
    }


def test_a_repeat_of_an_sms_changes_nothing(town: Town) -> None:
    for _ in range(3):
        assert post(town, "SM" + "1" * 32, NUMBER, OURS, HOLE) == 204
    assert chats(town) == [("sms", OURS, 1)]


def test_each_receipt_moves_its_own_message(town: Town) -> None:
    post(town, "SM" + "1" * 32, NUMBER, OURS, HOLE)
    post(town, "SM" + "2" * 32, f"whatsapp:{NUMBER}", SENDER, HOLE)
    town.deliver()
    by_sms = [message for message in town.twilio.sent if message.to == NUMBER]
    for message in by_sms:
        assert report(town, message, "delivered") == 204
    with town.house.database.reading() as tx:
        states = tx.exec_driver_sql(
            """select c.channel, m.state from message m join conversation c on c.id = m.conversation_id
               where m.direction = 'out'"""
        )
        assert {(row[0], row[1]) for row in states} == {("sms", "delivered"), ("whatsapp", "sent")}


def test_stop_by_sms_is_heard_although_twilio_refuses_the_answer(town: Town) -> None:
    post(town, "SM" + "1" * 32, NUMBER, OURS, HOLE)
    town.deliver()
    town.twilio.opted_out = {NUMBER}  # Twilio's own list: it blocks us before we hear of it
    before = len(town.twilio.sent)
    assert post(town, "SM" + "2" * 32, NUMBER, OURS, "STOP") == 204
    town.deliver()
    assert len(town.twilio.sent) == before
    assert town.one("select opted_out_at is not null from address where channel = 'sms'")[0]


def test_a_forged_request_reaches_neither(town: Town) -> None:
    assert post(town, "SM" + "1" * 32, NUMBER, OURS, HOLE, token="lain") == 403
    assert post(town, "SM" + "2" * 32, f"whatsapp:{NUMBER}", SENDER, HOLE, token="lain") == 403
    assert town.count("raw_event") == 0


def test_what_kannel_would_send_is_refused_while_twilio_carries(town: Town) -> None:
    asked = {"from": NUMBER, "to": "1708", "id": "1", "text": HOLE, "secret": SECRET}
    assert town.client.get("/webhooks/kannel", query_string=asked).status_code == 403
    assert town.count("raw_event") == 0


def test_what_nobody_can_read_is_kept_once(town: Town) -> None:
    assert post(town, "", NUMBER, OURS, HOLE) == 204
    assert town.one("select count(*), min(state) from raw_event") == (1, "junk")
