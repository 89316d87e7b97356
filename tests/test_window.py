"""WhatsApp's window: outside it an answer waits behind a template that asks for one word."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.care import desk
from bot.channel import Receipt
from bot.delivery import receipts, second_way
from bot.settings import BadSettings, Settings
from handlers.twilio_errors import from_code
from handlers.whatsapp import WhatsApp
from tests.people import code_of
from tests.streets import STAFF, Town, open_town
from tests.twilio_server import AUTH_TOKEN, SENDER, SID

TEMPLATE, OTHER = "HX" + "a" * 32, "HX" + "b" * 32


def answer_after(town: Town, hours: float, *answers: str) -> Any:
    """A citizen files by WhatsApp; officers answer so many hours later. Returns the citizen's phone."""
    words = "Ada kabar tentang laporan Anda. Tekan Baca untuk membukanya."
    template = {"body": words, "actions": [{"type": "QUICK_REPLY", "title": "Baca", "id": "read"}]}
    types = {"twilio/quick-reply": template}
    town.twilio.contents.append({"sid": TEMPLATE, "language": "id", "variables": {}, "types": types})
    phone = town.phone("whatsapp")
    phone.writes("jalan berlubang besar di Jrakah")
    phone.writes("1")
    town.deliver()
    town.twilio.sent.clear()
    town.clock.moment += timedelta(hours=hours)
    number = town.one("select number from ticket")[0]
    for words in answers:
        desk.answer(town.house, town.staff(STAFF[0][0]), number, words)
        town.deliver()
    return phone


def state_of(town: Town, words: str) -> str:
    query = "select state from message where direction = 'out' and text like :like"
    return str(town.one(query, like=f"%{words}%")[0])


def test_after_a_day_a_template_goes_and_answers_wait_for_the_citizen(
    city_database: str, data_dir: Path
) -> None:
    with open_town(city_database, data_dir, twilio_status_template_sid=TEMPLATE) as town:
        phone = answer_after(town, 25, "Sudah ditambal.", "Foto menyusul.")
        assert [one.form.get("ContentSid") for one in town.twilio.sent] == [TEMPLATE]
        assert state_of(town, "Sudah ditambal.") == state_of(town, "Foto menyusul.") == "held"

        phone.writes("ya")
        town.deliver()
        first, second, *_ = town.twilio.sent[1:]
        assert "Sudah ditambal." in first.text and "Foto menyusul." in second.text
        assert state_of(town, "Sudah ditambal.") == "sent"


def test_the_button_of_the_template_brings_the_answer_and_nothing_else(
    city_database: str, data_dir: Path
) -> None:
    with open_town(city_database, data_dir, twilio_status_template_sid=TEMPLATE) as town:
        phone = answer_after(town, 25, "Sudah ditambal.")
        (knock,) = phone.got()[-1:]
        phone.presses(knock, "Baca")
        town.deliver()
        assert ["Sudah ditambal." in one.text for one in town.twilio.sent[1:]] == [True]


def test_a_second_silence_is_knocked_at_again(city_database: str, data_dir: Path) -> None:
    with open_town(city_database, data_dir, twilio_status_template_sid=TEMPLATE) as town:
        phone = answer_after(town, 25, "Sudah ditambal.")
        phone.writes("ya")
        town.deliver()
        town.twilio.sent.clear()
        town.clock.moment += timedelta(hours=25)
        number = town.one("select number from ticket")[0]
        desk.answer(town.house, town.staff(STAFF[0][0]), number, "Diperiksa ulang.")
        town.deliver()
        assert [one.form.get("ContentSid") for one in town.twilio.sent] == [TEMPLATE]


def test_without_a_template_the_answer_waits_all_the_same(city_database: str, data_dir: Path) -> None:
    with open_town(city_database, data_dir) as town:
        answer_after(town, 25, "Sudah ditambal.")
        assert town.twilio.sent == []
        assert state_of(town, "Sudah ditambal.") == "held"


def test_within_a_day_nothing_is_held(city_database: str, data_dir: Path) -> None:
    with open_town(city_database, data_dir, twilio_status_template_sid=TEMPLATE) as town:
        answer_after(town, 23, "Sudah ditambal.")
        assert state_of(town, "Sudah ditambal.") == "sent"


def whatsapp(template: str) -> WhatsApp:
    made = WhatsApp.from_settings(
        Settings(
            _env_file=None,
            twilio_account_sid=SID,
            twilio_auth_token=AUTH_TOKEN,
            twilio_whatsapp_from=SENDER,
            twilio_status_template_sid=template,
        )
    )
    assert made
    return made


def test_each_language_may_have_its_template() -> None:
    channel = whatsapp(f"id={TEMPLATE}, en={OTHER}")
    chosen = [channel.knock(language) for language in ("id", "en", "su")]
    assert [one.extra["content_sid"] for one in chosen if one] == [TEMPLATE, OTHER, TEMPLATE]


def test_a_template_that_is_no_content_id_stops_the_start() -> None:
    with pytest.raises(BadSettings, match="TWILIO_STATUS_TEMPLATE_SID"):
        whatsapp("welcome")


def late(town: Town, code: int, sid: str = "") -> None:
    """WhatsApp reports what became of the newest answer, after it took it."""
    query = "select id, provider_id from message where direction = 'out' and text like '%ditambal%'"
    found = town.one(query)
    said = Receipt("whatsapp", "failed", found.id, sid or found.provider_id, from_code(code))
    with town.house.database.transaction() as tx:
        assert receipts.note_receipt(tx, town.house, said)


def test_a_window_that_was_shut_after_the_fact_goes_the_same_way_and_only_once(
    city_database: str, data_dir: Path
) -> None:
    with open_town(city_database, data_dir, twilio_status_template_sid=TEMPLATE) as town:
        phone = answer_after(town, 23, "Sudah ditambal.")
        first = town.one("select provider_id from message where text like '%ditambal%'")[0]
        for _ in range(3):  # providers repeat themselves
            late(town, 63016)
            town.deliver()
        assert state_of(town, "Sudah ditambal.") == "held"
        assert [one.form.get("ContentSid") for one in town.twilio.sent[1:]] == [TEMPLATE]
        phone.writes("ya")
        town.deliver()
        assert state_of(town, "Sudah ditambal.") == "sent"
        late(town, 63016, first)  # once more of the first hand-over
        assert state_of(town, "Sudah ditambal.") == "sent"
        late(town, 63016)  # and now of the second: staff see it
        assert state_of(town, "Sudah ditambal.") == "failed"


def test_who_blocked_us_after_the_fact_gets_no_push_and_his_report_goes_on(
    city_database: str, data_dir: Path
) -> None:
    with open_town(city_database, data_dir) as town:
        answer_after(town, 23, "Sudah ditambal.")
        late(town, 63014)
        number = town.one("select number from ticket")[0]
        desk.answer(town.house, town.staff(STAFF[0][0]), number, "Diperiksa ulang.")
        town.deliver()
        assert state_of(town, "Diperiksa ulang.") == "cancelled"
        assert town.one("select status from ticket")[0] == "answered"


def linked(town: Town, phone: Any, kind: str) -> Any:
    """Another phone of the same citizen, connected by the code."""
    other = town.phone(kind)
    other.writes(f"SAMBUNG {code_of([one.text for one in asked(phone, 'SAMBUNG')])}")
    other.got()
    return other


def asked(phone: Any, words: str) -> Any:
    phone.writes(words)
    return phone.got()


@pytest.mark.parametrize("kind", ["telegram", "sms"])
def test_news_that_nobody_opens_goes_by_a_connected_channel_after_three_days_and_once(
    city_database: str, data_dir: Path, kind: str
) -> None:
    with open_town(city_database, data_dir, twilio_status_template_sid=TEMPLATE) as town:
        phone = answer_after(town, 23, "Diterima.")
        other = linked(town, phone, kind)
        town.clock.moment += timedelta(hours=25)
        number = town.one("select number from ticket")[0]
        desk.answer(town.house, town.staff(STAFF[0][0]), number, "Sudah ditambal.")
        town.deliver()
        other.got()
        town.clock.moment += timedelta(days=2, hours=23)
        assert second_way.send(town.house) == 0
        town.clock.moment += timedelta(hours=2)
        assert second_way.send(town.house) == 1
        assert second_way.send(town.house) == 0
        (told,) = [one for one in other.got() if "Sudah ditambal." in one.text]
        assert number in told.text
        name = {"telegram": "Telegram", "sms": "SMS"}[kind]
        query = "select state, error from message where text like '%ditambal%' order by id limit 1"
        assert tuple(town.one(query)) == ("cancelled", f"Dikirim lewat {name}.")
        town.twilio.sent.clear()
        phone.writes("ya")
        town.deliver()
        assert not any("Sudah ditambal." in one.text for one in town.twilio.sent)


@pytest.mark.parametrize("why", ["not connected", "stopped", "switched off"])
def test_without_another_way_the_news_goes_on_waiting(city_database: str, data_dir: Path, why: str) -> None:
    days: dict[str, Any] = {"unread_days": 0} if why == "switched off" else {}
    with open_town(city_database, data_dir, twilio_status_template_sid=TEMPLATE, **days) as town:
        phone = answer_after(town, 23, "Diterima.")
        other = town.phone("telegram")
        other.writes("halo")
        if why != "not connected":
            other = linked(town, phone, "telegram")
        if why == "stopped":
            other.writes("STOP")
        town.clock.moment += timedelta(hours=25)
        number = town.one("select number from ticket")[0]
        desk.answer(town.house, town.staff(STAFF[0][0]), number, "Sudah ditambal.")
        town.deliver()
        town.clock.moment += timedelta(days=9)
        assert second_way.send(town.house) == 0
        assert state_of(town, "Sudah ditambal.") == "held"
