"""What becomes of a citizen's file on its way to the officer: kept, or refused and told once."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from procrastinate import PsycopgConnector

import bot.jobs  # noqa: F401 - the tasks of the queue
from bot.house import files_url
from bot.queue import put, queue
from handlers.telegram_api import DOWNLOAD_BYTES
from storage.database import plain_url
from storage.files import Files
from tests import gestures
from tests.phones import Phone, SimulatorPhone, TelegramPhone, WhatsAppPhone
from tests.streets import Town, open_town
from tests.test_media import PDF, PHOTO, PHOTOS, ftyp, ogg

HOLE = "jalan berlubang besar di depan pasar, Kelurahan Sekayu"
PROGRAM = b"MZ\x90\0" + b"\0" * 100
WRONG_KIND = "Jenis berkas ini tidak dapat disimpan. Mohon kirim foto, pesan suara, video, atau PDF."
ATTACHED: dict[str, tuple[bytes, str, dict[str, Any]]] = {
    "voice": (ogg(), "audio/ogg", {"duration": 3, "mime_type": "audio/ogg"}),
    "video": (ftyp(b"isom", b"mp41"), "video/mp4", {"duration": 3, "width": 9, "height": 9}),
    "video_note": (ftyp(b"isom", b"mp42"), "video/mp4", {"duration": 3, "length": 9}),
    "document": (PDF, "application/pdf", {"file_name": "surat.pdf"}),
    "audio": (b"ID3\x04" + b"\0" * 60, "audio/mpeg", {"duration": 3}),
}


@pytest.fixture(scope="module")
def town(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with open_town(shared_database, folder) as made:
        yield made


def run_jobs(town: Town) -> None:
    """Run the queue's jobs as a worker does, until none is left."""
    asyncio.run(_work_off(town))


async def _work_off(town: Town) -> None:
    url = plain_url(town.house.database.engine.url.render_as_string(hide_password=False))
    with queue.replace_connector(PsycopgConnector(conninfo=url, min_size=1, max_size=2)):
        async with queue.open_async():
            await queue.run_worker_async(
                wait=False, install_signal_handlers=False, additional_context={"house": town.house}
            )
    for channel in town.house.channels.values():
        await channel.close()


def attachments(town: Town, phone: Phone) -> list[Any]:
    """This citizen's files as they are stored."""
    channels = {WhatsAppPhone: "whatsapp", TelegramPhone: "telegram", SimulatorPhone: "simulator"}
    lookup = town.house.database.keys.index(channels[type(phone)], phone.address)
    with town.house.database.reading() as tx:
        rows = tx.exec_driver_sql(
            """select f.id, f.state, f.media_type, f.path, f.reason, f.ticket_id
               from attachment f join message m on m.id = f.message_id
               join conversation c on c.id = m.conversation_id join address a on a.id = c.address_id
               where a.lookup = %(lookup)s order by f.id""",
            {"lookup": lookup},
        )
        return list(rows)


def by_telegram(phone: TelegramPhone, kind: str, data: bytes, **more: Any) -> None:
    file = phone.town.telegram.add_file(data, size=more.pop("size", None))
    assert phone.post(phone.message(**{kind: {**file, **more}})) == 200


def by_whatsapp(phone: WhatsAppPhone, data: bytes, media_type: str) -> None:
    url = phone.town.twilio.add_media(data, media_type)
    assert phone.post(phone.form(NumMedia="1", MediaUrl0=url, MediaContentType0=media_type)) == 204


def texts(phone: Phone) -> list[str]:
    return [got.text for got in phone.got()]


# --- kept ----------
@pytest.mark.parametrize("kind", ATTACHED)
def test_what_telegram_brings_reaches_the_officer(town: Town, kind: str) -> None:
    data, media_type, fields = ATTACHED[kind]
    phone = TelegramPhone(town)
    phone.writes(HOLE)
    by_telegram(phone, kind, data, **fields)
    phone.got()
    run_jobs(town)
    (kept,) = attachments(town, phone)
    assert (kept.state, kept.media_type) == ("stored", media_type) and kept.ticket_id
    assert Files(files_url(town.house)).open(kept.path) == data
    assert texts(phone) == []


@pytest.mark.parametrize("kind", ATTACHED)
def test_what_whatsapp_brings_reaches_the_officer(town: Town, kind: str) -> None:
    data, media_type, _ = ATTACHED[kind]
    phone = WhatsAppPhone(town)
    phone.writes(HOLE)
    by_whatsapp(phone, data, media_type)
    phone.got()
    run_jobs(town)
    (kept,) = attachments(town, phone)
    assert (kept.state, kept.media_type) == ("stored", media_type) and kept.ticket_id
    assert texts(phone) == []


@pytest.mark.parametrize("look", ["whatsapp", "telegram"])
@pytest.mark.parametrize("what", gestures.FILES)
def test_what_the_simulator_sends_is_kept_like_any_other(town: Town, look: str, what: str) -> None:
    phone = town.phone(f"simulator/{look}")
    gestures.sends(phone, what)
    phone.got()
    run_jobs(town)
    (kept,) = attachments(town, phone)
    assert (kept.state, kept.media_type) == ("stored", gestures.FILES[what][1]) and kept.ticket_id


@pytest.mark.parametrize("channel", ["whatsapp", "telegram"])
def test_stickers_and_other_people_s_numbers_are_not_kept_and_begin_nothing(town: Town, channel: str) -> None:
    phone = town.phone(channel)
    before = town.count("ticket")
    for what in ("stiker", "kontak"):
        gestures.sends(phone, what)
        assert len(texts(phone)) == 1
    assert attachments(town, phone) == [] and town.count("ticket") == before


def test_a_photo_sent_as_a_file_is_a_photo_like_any_other(town: Town) -> None:
    phone = TelegramPhone(town)
    by_telegram(phone, "document", PHOTO, mime_type="image/jpeg", file_name="IMG_1.jpg")
    assert texts(phone)[0] == "Foto Anda sudah disimpan."
    run_jobs(town)
    (kept,) = attachments(town, phone)
    assert (kept.state, kept.media_type) == ("stored", "image/jpeg")
    assert Files(files_url(town.house)).open(kept.path) != PHOTO  # drawn anew: what hid in it is gone


def test_a_sharp_picture_in_webp_is_kept_as_a_photo(town: Town) -> None:
    phone = WhatsAppPhone(town)
    by_whatsapp(phone, PHOTOS["WEBP"], "image/webp")
    phone.got()
    run_jobs(town)
    assert [(one.state, one.media_type) for one in attachments(town, phone)] == [("stored", "image/jpeg")]


# --- refused ----------
def test_a_photo_in_the_iphone_s_own_form_is_told_how_to_send_it(town: Town) -> None:
    phone = TelegramPhone(town)
    phone.writes("selamat pagi")
    by_telegram(phone, "document", ftyp(b"heic", b"mif1", b"heic"), mime_type="image/heic")
    phone.got()
    run_jobs(town)
    assert texts(phone) == ["Foto HEIC tidak dapat dibuka di sini. Mohon kirim sebagai foto biasa."]


def test_a_file_that_is_not_kept_is_told_once_and_staff_read_why(town: Town) -> None:
    phone = TelegramPhone(town)
    phone.writes(HOLE)
    by_telegram(phone, "document", PROGRAM, mime_type="application/pdf", file_name="surat.pdf")
    phone.got()
    run_jobs(town)
    assert texts(phone) == [WRONG_KIND]
    (refused,) = attachments(town, phone)
    assert (refused.state, refused.reason) == ("refused", "Jenis berkas ini tidak dapat disimpan.")
    with town.house.database.transaction() as tx:
        put(tx, "fetch_media", attachment_id=refused.id)  # as a worker that died would leave it
    run_jobs(town)
    assert texts(phone) == []
    assert attachments(town, phone) == [refused]


def test_of_many_files_at_once_one_refusal_is_told(town: Town) -> None:
    phone = WhatsAppPhone(town)
    phone.writes(HOLE)
    for _ in range(3):
        by_whatsapp(phone, PROGRAM, "application/pdf")
    by_whatsapp(phone, PHOTO, "image/jpeg")
    phone.got()
    run_jobs(town)
    assert texts(phone) == [WRONG_KIND]
    assert [one.state for one in attachments(town, phone)] == ["refused"] * 3 + ["stored"]


def test_another_refusal_later_is_told_again(town: Town) -> None:
    phone = WhatsAppPhone(town)
    for _ in range(2):
        by_whatsapp(phone, PROGRAM, "application/pdf")
        phone.got()
        run_jobs(town)
        assert texts(phone) == [WRONG_KIND]
        town.clock.moment = town.clock.moment.replace(minute=town.clock.moment.minute + 5)


def test_a_file_that_telegram_does_not_hand_out_is_told(town: Town) -> None:
    phone = TelegramPhone(town)
    phone.writes(HOLE)
    by_telegram(phone, "video", b"x", duration=3, width=9, height=9, size=DOWNLOAD_BYTES + 1)
    phone.got()
    run_jobs(town)
    (said,) = texts(phone)
    assert "terlalu besar" in said
    assert "terlalu besar" in attachments(town, phone)[0].reason


def test_who_chose_english_is_told_in_english(town: Town) -> None:
    phone = TelegramPhone(town)
    phone.writes("ENGLISH")
    by_telegram(phone, "document", PROGRAM)
    phone.got()
    run_jobs(town)
    assert texts(phone) == [
        "This kind of file cannot be kept. Please send a photo, voice message, video or PDF."
    ]


def test_a_damaged_photo_is_told(town: Town) -> None:
    phone = WhatsAppPhone(town)
    phone.writes(HOLE)
    by_whatsapp(phone, PHOTO[:400], "image/jpeg")
    phone.got()
    run_jobs(town)
    assert texts(phone) == ["Foto ini rusak dan tidak dapat dibuka. Mohon kirim ulang."]
