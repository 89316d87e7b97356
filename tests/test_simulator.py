"""The simulator's phones draw what the real channels draw."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channel import Channel, Forgery, Option, Rejected, Say, Unreadable, WebhookRequest
from bot.settings import Settings
from handlers.simulator import FILE_BYTES, Phone, phones
from handlers.sms import Sms
from handlers.sms_gateways import Kannel
from handlers.telegram import Telegram
from handlers.twilio_api import TwilioApi
from handlers.whatsapp import WhatsApp
from tests.simulator_case import LOOKS, photo

NOWHERE = "http://127.0.0.1:1"
PUBLIC = "https://lapor.example.go.id"  # pictures go by WhatsApp only where Twilio can fetch them


def real(look: str) -> Channel:
    """The real channel, with made-up credentials; drawing needs no provider."""
    if look == "whatsapp":
        return WhatsApp(TwilioApi("AC" + "0" * 32, "token", NOWHERE), "whatsapp:+14155550100", PUBLIC)
    if look == "telegram":
        return Telegram("1:" + "a" * 35, api_url=NOWHERE)
    return Sms(
        Kannel(url=NOWHERE, username="u", password="p", secret="s", sender="1708", base_url=NOWHERE), "1708"
    )


def drawn(channel: Channel, say: Say) -> Any:
    try:
        return list(channel.render(say))
    except Rejected as error:
        return f"rejected: {error.detail}"


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("count", [0, 2, 3, 4, 9, 12, 101])
@pytest.mark.parametrize("text", ["Di mana tempatnya?", "“Kutip” … ya 🙏", "{a} " * 60, "kata " * 1200])
def test_a_phone_draws_exactly_what_the_real_channel_draws(look: str, count: int, text: str) -> None:
    options = tuple(Option(f"o{n}", f"Pilihan {n}") for n in range(count))
    say = Say(text, options, asks_location=count == 0)
    assert drawn(Phone(look, Path("unused")), say) == drawn(real(look), say)


@pytest.mark.parametrize("look", LOOKS)
@given(text=st.text(), labels=st.lists(st.text(max_size=25), max_size=4), place=st.booleans())
def test_any_say_is_drawn_alike(look: str, text: str, labels: list[str], place: bool) -> None:
    say = Say(text, tuple(Option(f"o{n}", label) for n, label in enumerate(labels)), asks_location=place)
    assert drawn(Phone(look, Path("unused")), say) == drawn(real(look), say)


@pytest.mark.parametrize("look", LOOKS)
def test_a_phone_has_the_limits_of_the_real_channel(look: str) -> None:
    assert Phone(look, Path("unused")).limits == real(look).limits


def test_sms_phone_files_at_once_in_its_own_wording() -> None:
    limits = Phone("sms", Path("unused")).limits
    assert (limits.files_at_once, limits.context, limits.resend_seconds) == (True, "sms", 120)


def test_the_house_holds_three_phones_on_this_machine_and_none_elsewhere(tmp_path: Path) -> None:
    local = Settings(_env_file=None, data_dir=tmp_path)
    public = Settings(_env_file=None, data_dir=tmp_path, public_url="https://lapor.example")
    held = phones(local)
    assert set(held) == {"simulator/whatsapp", "simulator/telegram", "simulator/sms"}
    assert all(key == f"{phone.name}/{phone.account}" for key, phone in held.items())
    assert phones(public) == {}


async def test_a_message_is_sent_at_once_and_no_webhook_exists() -> None:
    phone = Phone("sms", Path("unused"))
    (payload,) = phone.render(Say("Halo."))
    assert await phone.send("+628000000001", payload, 17) == "sim:17"
    request = WebhookRequest("POST", "/webhooks/simulator", "", {}, b"")
    with pytest.raises(Forgery):
        phone.verify(request)
    with pytest.raises(Unreadable):
        phone.read(request)


async def test_only_what_was_uploaded_is_fetched(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(photo())
    phone = Phone("whatsapp", tmp_path / "simulator")
    kept = phone.keep_file(photo())
    name = kept.reference
    assert await phone.fetch(name) == phone.file(name)
    assert phone.file(name).data == photo() and kept.media_type == "image/jpeg"
    for trick in ("../keys", str(tmp_path / "keys"), f"{name}/../../keys", "", ".", "0" * 32, name + "\n"):
        with pytest.raises(Rejected):
            await phone.fetch(trick)


@pytest.mark.parametrize(
    "data", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"MZ\x90", photo() + b"0" * FILE_BYTES]
)
def test_what_is_no_photo_or_too_large_is_not_kept(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(Rejected):
        Phone("whatsapp", tmp_path).keep_file(data)
    assert not list(tmp_path.iterdir())
