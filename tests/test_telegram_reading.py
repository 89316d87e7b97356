"""What Telegram's citizens send, as the product reads it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channel import Forgery, Inbound, MediaReference, Unreadable
from handlers.telegram import Telegram
from tests.contract_case import FUZZ, mutated, read_safely, storable
from tests.telegram_server import TOKEN
from tests.test_telegram import CHAT, GENUINE, MESSAGE, PRESS, SECRET, SIZES, signed

POINT = {"latitude": -6.98, "longitude": 110.42}


def read(kind: str = "message", **fields: Any) -> list[Inbound]:
    update = {"update_id": 1, kind: {**MESSAGE, **fields}}
    # Through JSON, as every update comes.
    return list(Telegram(TOKEN).read_update(json.loads(json.dumps(update))))


def only(kind: str = "message", **fields: Any) -> Inbound:
    (event,) = read(kind, **fields)
    return event


def test_an_album_s_photos_belong_together_and_one_has_the_caption() -> None:
    first = only(photo=SIZES, caption="Lubang", media_group_id="77")
    second = only(photo=SIZES[:1], media_group_id="77")
    assert (first.group, second.group) == ("77", "77")
    assert (first.text, second.text) == ("Lubang", "")
    assert second.media == (MediaReference("AgAC90"),)


def test_a_photo_sent_as_a_file_is_a_photo() -> None:
    picture = {"file_id": "d", "file_unique_id": "d", "mime_type": "image/png", "file_name": "lubang.png"}
    event = only(document=picture, caption="Ini")
    assert (event.kind, event.text) == ("photo", "Ini")
    assert event.media == (MediaReference("d", "image/png", "lubang.png"),)


def test_an_edit_says_which_message_it_corrects() -> None:
    event = only("edited_message", message_id=5, text="Jalan Pandanaran", edit_date=MESSAGE["date"] + 60)
    assert (event.kind, event.reference, event.text) == ("edit", "5", "Jalan Pandanaran")
    assert event.sent_at and event.sent_at.timestamp() == MESSAGE["date"] + 60


def test_a_corrected_caption_is_an_edit_with_its_photo() -> None:
    event = only("edited_message", photo=SIZES, caption="Baru", edit_date=1)
    assert (event.kind, event.text, len(event.media)) == ("edit", "Baru", 1)


def test_only_the_first_point_of_a_live_location_counts() -> None:
    live = {**POINT, "live_period": 900}
    event = only(location=live)
    assert (event.kind, event.latitude, event.longitude) == ("location", -6.98, 110.42)
    assert read("edited_message", location={**live, "latitude": -7.0}, edit_date=1) == []


def test_a_venue_is_a_location_with_its_name() -> None:
    venue = {"location": POINT, "title": "Kelurahan Sekayu", "address": "Jl. Pemuda 1"}
    event = only(venue=venue, location=POINT)
    assert (event.kind, event.latitude) == ("location", -6.98)
    assert event.text == "Kelurahan Sekayu, Jl. Pemuda 1"


FILE = {"file_id": "f", "file_unique_id": "f"}
RECORDED: dict[str, tuple[dict[str, Any], MediaReference]] = {
    "voice": ({"duration": 3, "mime_type": "audio/ogg"}, MediaReference("f", "audio/ogg")),
    "audio": (
        {"duration": 3, "mime_type": "audio/mpeg", "file_name": "bukti.mp3", "title": "Bukti"},
        MediaReference("f", "audio/mpeg", "bukti.mp3"),
    ),
    "video": (
        {"duration": 3, "width": 9, "height": 9, "mime_type": "video/mp4"},
        MediaReference("f", "video/mp4"),
    ),
    "video_note": ({"duration": 3, "length": 9}, MediaReference("f")),
    "document": (
        {"mime_type": "application/pdf", "file_name": "surat.pdf"},
        MediaReference("f", "application/pdf", "surat.pdf"),
    ),
}


@pytest.mark.parametrize("kind", sorted(RECORDED))
def test_what_an_officer_can_hear_see_or_read_is_kept_for_him(kind: str) -> None:
    fields, media = RECORDED[kind]
    sent: dict[str, Any] = {kind: {**FILE, **fields}, "caption": "Ini buktinya"}
    event = only(**sent)
    assert (event.kind, event.text, event.media) == ("recording", "Ini buktinya", (media,))


def test_a_moving_picture_is_kept_as_the_file_that_it_also_is() -> None:
    moving = {**FILE, "duration": 3, "width": 9, "height": 9}
    event = only(animation=moving, document={**FILE, "mime_type": "video/mp4"})
    assert (event.kind, event.media) == ("recording", (MediaReference("f", "video/mp4"),))


@pytest.mark.parametrize("written", ["+6281234567890", "6281234567890", "081234567890"])
def test_a_citizen_may_give_his_own_number(written: str) -> None:
    event = only(contact={"phone_number": written, "first_name": "Budi", "user_id": CHAT})
    assert (event.kind, event.text, event.also) == ("contact", "", ("+6281234567890",))


@pytest.mark.parametrize(
    "more", [{}, {"user_id": CHAT + 1}, {"user_id": CHAT, "phone_number": "TELKOMSEL"}, {"user_id": "x"}]
)
def test_another_person_s_number_is_nobody_s_address(more: dict[str, Any]) -> None:
    event = only(contact={"phone_number": "+6281234567890", "first_name": "Budi", **more})
    assert (event.kind, event.also, event.media) == ("contact", (), ())
    assert "contact" in event.raw


OTHERS: dict[str, Any] = {
    "animation": {**FILE, "duration": 3, "width": 9, "height": 9},
    "sticker": {**FILE, "width": 9, "height": 9, "is_animated": False, "is_video": False, "type": "regular"},
    "dice": {"emoji": "🎲", "value": 3},
    "kind_of_tomorrow": {"of": "Bot API 11"},
}


@pytest.mark.parametrize("kind", sorted(OTHERS))
def test_what_cannot_be_used_is_told_apart_so_that_it_gets_an_answer(kind: str) -> None:
    event = only(**{kind: OTHERS[kind]})
    assert (event.kind, event.text, event.media, event.address) == ("other", "", (), str(CHAT))
    assert kind in event.raw


@pytest.mark.parametrize(
    "notice",
    [
        {"pinned_message": {**MESSAGE, "text": "a"}},
        {"message_auto_delete_timer_changed": {"message_auto_delete_time": 60}},
        {"write_access_allowed": {}},
    ],
)
def test_telegram_s_own_notices_are_no_messages(notice: dict[str, Any]) -> None:
    assert read(**notice) == []


@pytest.mark.parametrize("chat_id", [-100, 100])
@pytest.mark.parametrize("type_", ["group", "supergroup", "channel"])
def test_groups_and_channels_are_not_answered(type_: str, chat_id: int) -> None:
    chat = {"id": chat_id, "type": type_, "title": "Warga"}
    assert read(chat=chat, text="Halo") == []
    press = {**PRESS, "message": {**MESSAGE, "chat": chat}}
    assert list(Telegram(TOKEN).read_update({"update_id": 1, "callback_query": press})) == []


@pytest.mark.parametrize("kind", ["channel_post", "inline_query", "message_reaction_count", "poll"])
def test_updates_that_are_not_asked_for_are_nothing(kind: str) -> None:
    assert list(Telegram(TOKEN).read_update({"update_id": 1, kind: {}})) == []


def test_a_press_on_a_message_too_old_to_show_still_counts() -> None:
    old = {"message_id": 3, "date": 0, "chat": MESSAGE["chat"]}
    (event,) = Telegram(TOKEN).read_update({"update_id": 9, "callback_query": {**PRESS, "message": old}})
    assert (event.kind, event.choice, event.settle) == ("choice", "send", PRESS["id"])


def test_a_pressed_button_names_the_message_it_stands_under() -> None:
    (event,) = Telegram(TOKEN).read_update({"update_id": 9, "callback_query": PRESS})
    assert (event.kind, event.quoted) == ("choice", "7")


OURS = {**MESSAGE, "message_id": 3, "from": {"id": 1708, "is_bot": True, "first_name": "Kentongan"}}


def test_an_answer_names_our_message_and_not_the_citizen_s_own() -> None:
    assert only(text="sudah", reply_to_message={**OURS, "text": "Apakah sudah baik?"}).quoted == "3"
    assert only(text="sudah", reply_to_message={**MESSAGE, "message_id": 3, "text": "a"}).quoted == ""


def react(new: list[Any], old: list[Any] | None = None, **fields: Any) -> list[Inbound]:
    change = {"message_id": 3, "date": MESSAGE["date"], "chat": MESSAGE["chat"], "user": MESSAGE["from"]}
    change |= {"old_reaction": old or [], "new_reaction": new, **fields}
    return list(Telegram(TOKEN).read_update({"update_id": 9, "message_reaction": change}))


def emoji(sign: str) -> dict[str, str]:
    return {"type": "emoji", "emoji": sign}


def test_a_thumb_put_to_a_message_is_told() -> None:
    (event,) = react([emoji("👍")])
    assert (event.kind, event.text, event.quoted, event.address) == ("reaction", "👍", "3", str(CHAT))
    assert event.sent_at and event.raw
    (changed,) = react([emoji("👎")], [emoji("👍")])
    assert changed.text == "👎"


def test_a_thumb_that_is_taken_back_or_is_no_emoji_says_nothing() -> None:
    assert react([], [emoji("👍")]) == []
    assert react([emoji("👍")], [emoji("👍")]) == []
    assert react([{"type": "custom_emoji", "custom_emoji_id": "5"}]) == []
    group = {"id": -5, "type": "supergroup", "title": "Warga"}
    assert react([emoji("👍")], chat=group) == []


def test_text_that_no_database_holds_is_mended() -> None:
    sender: dict[str, Any] = {"from": {"id": CHAT, "is_bot": False, "first_name": "\udc00"}}
    event = only(text="a\x00b\ud83dc😀", **sender)
    assert event.text == "a\ufffdb\ufffdc😀"
    assert event.name == "\ufffd"
    assert event.raw.isascii() and "\x00" not in event.raw


@pytest.mark.parametrize("number", [None, "1", 1.5, True, -1, 2**63])
def test_an_update_without_a_usable_id_is_unreadable(number: object) -> None:
    with pytest.raises(Unreadable):
        Telegram(TOKEN).read_update({"update_id": number, "message": {**MESSAGE, "text": "a"}})


@pytest.mark.parametrize(
    "point", [{"latitude": 91, "longitude": 0}, {"latitude": float("nan"), "longitude": 0}]
)
def test_a_place_that_is_nowhere_is_unreadable(point: dict[str, float]) -> None:
    with pytest.raises(Unreadable):
        read(location=point)


def test_the_raw_words_lead_to_the_same_event_again() -> None:
    event = only(text="Jalan rusak")
    assert list(Telegram(TOKEN).read_update(json.loads(event.raw))) == [event]


def test_a_webhook_call_and_a_poll_read_the_same() -> None:
    channel = Telegram(TOKEN, secret=SECRET)
    for exchange in GENUINE.values():
        update = json.loads(exchange.request.body)
        assert list(channel.read(exchange.request)) == list(channel.read_update(update))


@pytest.mark.parametrize("secret", [None, "", SECRET])
def test_while_polling_every_webhook_call_is_a_forgery(secret: str | None) -> None:
    with pytest.raises(Forgery):
        Telegram(TOKEN).verify(signed(b"{}", secret))


@FUZZ
@given(draw=st.data(), name=st.sampled_from(sorted(GENUINE)))
def test_any_update_with_something_odd_in_it_breaks_nothing(draw: st.DataObject, name: str) -> None:
    update = mutated(json.loads(GENUINE[name].request.body), draw)
    channel = Telegram(TOKEN, secret=SECRET)
    storable(read_safely(channel, signed(json.dumps(update).encode())))
