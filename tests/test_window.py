"""WhatsApp's window: outside it an answer waits behind a template that asks for one word."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.care import desk
from bot.settings import BadSettings, Settings
from handlers.whatsapp import WhatsApp
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
