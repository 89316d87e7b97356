"""What citizens send by WhatsApp, and what becomes of our messages, as Twilio tells it."""

import json

import pytest

from bot.channel import (
    OptedOut,
    Receipt,
    Rejected,
    SendError,
    Throttled,
    WindowShut,
)
from handlers.whatsapp import WhatsApp
from tests.twilio_server import SENDER
from tests.whatsapp_case import CITIZEN, HIDDEN, TEXT, channel_at, inbound, read_one, read_receipts


@pytest.fixture
def offline() -> WhatsApp:
    """A channel for what needs no provider."""
    return channel_at("http://127.0.0.1:9")


# what a citizen may send


def test_a_citizen_without_a_number_can_write_and_be_answered(offline: WhatsApp) -> None:
    event = read_one(offline, From=HIDDEN, ExternalUserId=HIDDEN, WaId="")
    assert (event.address, event.also, event.text) == (HIDDEN, (), TEXT["Body"])


def test_number_and_hidden_id_are_one_person(offline: WhatsApp) -> None:
    assert read_one(offline, ExternalUserId=HIDDEN).also == (HIDDEN,)
    assert read_one(offline, From=HIDDEN, ExternalUserId=HIDDEN).also == (CITIZEN,)


def test_a_photo_has_its_caption_and_its_address(offline: WhatsApp) -> None:
    url = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1"
    for count in ("1", "0", "banyak", "-3", ""):
        event = read_one(offline, NumMedia=count, MediaUrl0=url, MediaContentType0="image/jpeg")
        assert (event.kind, event.text) == ("photo", TEXT["Body"])
        assert [(m.reference, m.media_type) for m in event.media] == [(url, "image/jpeg")]
    assert read_one(offline, NumMedia="2").media == ()


@pytest.mark.parametrize("media_type", ["audio/ogg", "audio/amr", "video/mp4", "application/pdf"])
def test_what_an_officer_can_hear_see_or_read_is_kept_for_him(offline: WhatsApp, media_type: str) -> None:
    event = read_one(offline, Body="", NumMedia="1", MediaUrl0="https://x", MediaContentType0=media_type)
    assert event.kind == "recording"
    assert [m.media_type for m in event.media] == [media_type]


@pytest.mark.parametrize("media_type", ["text/vcard", "text/x-vcard", "text/directory; profile=vCard"])
def test_somebody_s_number_is_not_kept(offline: WhatsApp, media_type: str) -> None:
    event = read_one(offline, Body="", MediaUrl0="https://x", MediaContentType0=media_type)
    assert (event.kind, event.media, event.also) == ("contact", (), ())


def test_a_sticker_is_no_photo(offline: WhatsApp) -> None:
    sticker = {"Body": "", "MediaUrl0": "https://x", "MediaContentType0": "image/webp"}
    assert read_one(offline, **sticker, MessageType="image").kind == "photo"
    event = read_one(offline, **sticker, MessageType="sticker")
    assert (event.kind, event.media) == ("other", ())


def test_a_reaction_is_an_emoji_put_to_our_message(offline: WhatsApp) -> None:
    event = read_one(offline, Body="👍", MessageType="reaction", OriginalRepliedMessageSid="SMours")
    assert (event.kind, event.text, event.quoted) == ("reaction", "👍", "SMours")
    taken_back = inbound({**TEXT, "Body": "", "MessageType": "reaction"})
    assert list(offline.read(taken_back)) == []


def test_a_reply_names_our_message(offline: WhatsApp) -> None:
    sid = "SM" + "e" * 32
    event = read_one(offline, OriginalRepliedMessageSid=sid, OriginalRepliedMessageSender=SENDER)
    assert (event.kind, event.quoted) == ("text", sid)
    pressed = read_one(offline, ButtonPayload="yes", ButtonText="Ya", OriginalRepliedMessageSid=sid)
    assert (pressed.kind, pressed.quoted) == ("choice", sid)


def test_a_position_has_its_place_name(offline: WhatsApp) -> None:
    place = {"Latitude": "-6.9904", "Longitude": "110.4229", "Address": "Jl. Pemuda", "Label": "Balai Kota"}
    event = read_one(offline, Body="", **place)
    assert (event.kind, event.latitude, event.longitude) == ("location", -6.9904, 110.4229)
    assert event.text == "Balai Kota, Jl. Pemuda"


@pytest.mark.parametrize("latitude", ["", "utara", "nan", "inf", "-91", "1e400", "٣"])
def test_a_position_that_is_none_is_still_a_message(offline: WhatsApp, latitude: str) -> None:
    event = read_one(offline, Latitude=latitude, Longitude="181")
    assert (event.kind, event.latitude, event.longitude) == ("text", None, None)


def test_a_button_without_a_payload_is_its_words(offline: WhatsApp) -> None:
    event = read_one(offline, Body="", ButtonText="Tidak")
    assert (event.kind, event.choice, event.text) == ("text", "", "Tidak")


def test_a_line_of_a_list_is_a_choice(offline: WhatsApp) -> None:
    event = read_one(offline, Body="", ListId="c3", ListTitle="Air bersih")
    assert (event.kind, event.choice, event.text) == ("choice", "c3", "Air bersih")


@pytest.mark.parametrize("reply", ["list_reply", "button_reply"])
def test_a_choice_in_meta_s_own_form_is_one_too(offline: WhatsApp, reply: str) -> None:
    data = json.dumps({"type": reply, reply: {"id": "c3", "title": "Air bersih", "description": "No. 3"}})
    event = read_one(offline, Body="Air bersih", MessageType="interactive", InteractiveData=data)
    assert (event.kind, event.choice, event.text) == ("choice", "c3", "Air bersih")


@pytest.mark.parametrize(
    "data", ["", "{", "[]", "null", "3", '{"list_reply": 3}', '{"list_reply": {"id": ""}}', "[" * 9999]
)
def test_a_choice_that_is_told_by_its_words_only_is_words(offline: WhatsApp, data: str) -> None:
    event = read_one(offline, Body="Air bersih", MessageType="interactive", InteractiveData=data)
    assert (event.kind, event.choice, event.text) == ("text", "", "Air bersih")


def test_the_provider_s_own_words_are_kept(offline: WhatsApp) -> None:
    assert json.loads(read_one(offline, NewField="x").raw) == {**TEXT, "NewField": "x"}


# what became of ours


@pytest.mark.parametrize(
    ("word", "state"),
    [("sent", "sent"), ("delivered", "delivered"), ("read", "read"), ("undelivered", "failed")],
)
def test_a_receipt_names_both_ids(offline: WhatsApp, word: str, state: str) -> None:
    (receipt,) = read_receipts(offline, MessageStatus=word)
    assert isinstance(receipt, Receipt)
    assert (receipt.state, receipt.message_id, receipt.provider_id) == (state, 17, "SM" + "d" * 32)
    assert (receipt.error is not None) == (state == "failed")


@pytest.mark.parametrize("word", ["queued", "accepted", "scheduled", "sending", "", "teleported"])
def test_what_happens_inside_twilio_is_no_receipt(offline: WhatsApp, word: str) -> None:
    assert read_receipts(offline, MessageStatus=word) == []


@pytest.mark.parametrize("query", ["", "message=", "message=x", "message=-1", "message=" + "9" * 30])
def test_a_receipt_without_our_id_still_has_twilio_s(offline: WhatsApp, query: str) -> None:
    (receipt,) = read_receipts(offline, query)
    assert isinstance(receipt, Receipt)
    assert (receipt.message_id, receipt.provider_id) == (None, "SM" + "d" * 32)


@pytest.mark.parametrize(
    ("code", "kind", "word"),
    [
        ("63016", WindowShut, "24 jam"),
        ("63018", Throttled, "kecepatan"),
        ("63003", Rejected, "tidak terdaftar"),
        ("63024", Rejected, "tidak terdaftar"),
        ("63014", OptedOut, "memblokir"),
        ("63033", OptedOut, "memblokir"),
        ("21610", OptedOut, "memblokir"),
        ("63049", Rejected, "Meta"),
        ("99999", Rejected, "99999"),
        ("", Rejected, "tanpa kode"),
        ("x" * 99, Rejected, "tanpa kode"),
    ],
)
def test_an_officer_reads_why_it_did_not_arrive(
    offline: WhatsApp, code: str, kind: type[SendError], word: str
) -> None:
    for failed in ("failed", "undelivered"):
        (receipt,) = read_receipts(offline, MessageStatus=failed, ErrorCode=code)
        assert isinstance(receipt, Receipt)
        assert type(receipt.error) is kind or isinstance(receipt.error, kind)
        assert receipt.error is not None and word in receipt.error.sentence
