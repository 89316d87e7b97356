"""What the three phones on the simulator's page send and show."""

import io

import pytest
from flask.testing import FlaskClient

from bot.house import House
from handlers.simulator import FILE_BYTES
from tests.simulator_case import HERE, LOOKS, OURS, PEOPLE, client, house, lines, photo, post, sent, shown

__all__ = ["client", "house"]


@pytest.mark.parametrize("look", LOOKS)
def test_a_text_is_answered(client: FlaskClient, look: str) -> None:
    sent(client, look, text="Jalan berlubang di depan Pasar Karangayu")
    first, *answers = shown(client, look)["messages"]
    assert (first["direction"], first["text"]) == ("in", "Jalan berlubang di depan Pasar Karangayu")
    assert answers and all(one["direction"] == "out" and one["state"] == "waiting" for one in answers)


def test_the_page_asks_only_for_what_is_new_and_learns_how_the_old_stands(
    client: FlaskClient, house: House
) -> None:
    sent(client, "sms", text="Jalan berlubang di depan Pasar Karangayu")
    *_, last = shown(client, "sms")["messages"]
    with house.database.transaction() as tx:
        tx.exec_driver_sql("update message set state = 'failed', error = 'Mati.' where direction = 'out'")
    again = shown(client, "sms", after=last["id"])
    assert again == {"messages": [], "states": {str(last["id"]): ["failed", "Mati."]}}


def test_each_phone_shows_its_own_person_only(client: FlaskClient) -> None:
    sent(client, "telegram", text="Lampu jalan mati di Bugangan")
    assert shown(client, "whatsapp")["messages"] == []
    assert shown(client, "telegram", address="100000002")["messages"] == []


@pytest.mark.parametrize("look", LOOKS)
def test_the_same_message_twice_is_one(client: FlaskClient, look: str) -> None:
    first = sent(client, look, text="Jalan berlubang di depan Pasar Karangayu")
    before = shown(client, look)
    status, again = post(client, look, "resend", provider_id=first["provider_id"])
    assert (status, again) == (200, first | {"became": "repeat"})
    assert shown(client, look) == before


def test_only_the_own_message_is_sent_twice(client: FlaskClient) -> None:
    first = sent(client, "sms", text="Jalan berlubang di depan Pasar Karangayu")
    stranger = {"address": "+628000000002", "provider_id": first["provider_id"]}
    assert post(client, "sms", "resend", **stranger)[0] == 404
    assert post(client, "sms", "resend", provider_id="0" * 32)[0] == 404


def test_a_new_person_has_an_address_that_this_phone_takes(client: FlaskClient) -> None:
    made = {look: post(client, look, "new")[1]["address"] for look in LOOKS}
    assert len(set(made.values())) == 3
    for look, address in made.items():
        assert post(client, look, "new")[1]["address"] != address
        sent(client, look, address=address, text="Lampu jalan mati di Bugangan")
        for other in {*LOOKS} - {look}:
            assert post(client, other, "send", address=address, text="Halo")[0] == 400


def test_words_come_back_as_they_were_written(client: FlaskClient) -> None:
    words = "<script>alert('a')</script> & \"jalan\" rusak\ndi </article> Bugangan"
    sent(client, "whatsapp", text=words.replace("\n", "\r\n"))
    assert lines(client, "whatsapp", "in")[0]["text"] == words
    raw = client.get(
        "/simulator/whatsapp/messages.json", query_string={"address": PEOPLE["whatsapp"]}, base_url=HERE
    )
    assert raw.mimetype == "application/json" and raw.headers["X-Content-Type-Options"] == "nosniff"


def test_sms_is_measured(client: FlaskClient) -> None:
    sent(client, "sms", text="{Lampu} jalan mati di Bugangan")
    sent(client, "sms", text="kata " * 40 + "akhir")
    (braces, long), answers = lines(client, "sms", "in"), lines(client, "sms", "out")
    assert braces["sms"] == {"parts": 1, "septets": 32, "characters": 30}
    assert long["sms"]["parts"] == 2 and long["sms"]["characters"] == 205
    assert answers and all(one["sms"]["parts"] == 1 and one["sms"]["septets"] <= 160 for one in answers)
    assert not any(one["options"] for one in answers)


def test_a_button_is_offered_and_pressed(client: FlaskClient) -> None:
    sent(client, "telegram", text="Jalan berlubang di depan Pasar Karangayu")
    offered = lines(client, "telegram", "out")[-1]["options"]
    assert [option["id"] for option in offered] and all(option["label"] for option in offered)
    answers = len(lines(client, "telegram", "out"))
    sent(client, "telegram", kind="choice", choice=offered[0]["id"], text=offered[0]["label"])
    assert lines(client, "telegram", "in")[-1]["kind"] == "choice"
    assert len(lines(client, "telegram", "out")) > answers


def test_a_place_is_sent_as_a_point(client: FlaskClient) -> None:
    sent(client, "whatsapp", kind="location", latitude="-6.9903", longitude="110.4229")
    (point,) = lines(client, "whatsapp", "in")
    assert point["kind"] == "location" and "-6.99030, 110.42290" in point["text"]
    for latitude, longitude in (("91", "0"), ("0", "181"), ("nan", "0"), ("inf", "0"), ("", "0"), ("x", "y")):
        nowhere = {"kind": "location", "latitude": latitude, "longitude": longitude}
        assert post(client, "whatsapp", "send", **nowhere)[0] == 400


def test_telegram_corrects_a_text_it_has_sent(client: FlaskClient) -> None:
    first = sent(client, "telegram", text="Jalan berlubang di Bugangan")
    sent(
        client,
        "telegram",
        kind="edit",
        text="Jalan berlubang besar di Bugangan",
        reference=first["reference"],
    )
    old, new = lines(client, "telegram", "in")
    assert (new["kind"], new["reference"]) == ("edit", old["reference"])


@pytest.mark.parametrize(
    ("look", "fields"),
    [
        ("sms", {"kind": "photo"}),
        ("sms", {"kind": "location", "latitude": "0", "longitude": "0"}),
        ("whatsapp", {"kind": "edit", "text": "a", "reference": "1"}),
        ("telegram", {"kind": "edit", "text": "a"}),
        ("telegram", {"kind": "blocked"}),
        ("telegram", {"kind": "choice"}),
        ("whatsapp", {"kind": "photo"}),
        ("sms", {"text": " \r\n "}),
        ("sms", {"text": "a" * 5000}),
    ],
)
def test_what_a_phone_cannot_send_is_refused_in_words(
    client: FlaskClient, look: str, fields: dict[str, str]
) -> None:
    status, answer = post(client, look, "send", **fields)
    assert status == 400 and answer["error"].endswith(".")
    assert shown(client, look)["messages"] == []


async def test_a_photo_is_kept_shown_and_can_be_fetched(client: FlaskClient, house: House) -> None:
    upload = (io.BytesIO(photo()), "../../jalan.jpg")
    sent(client, "whatsapp", kind="photo", text="ini fotonya", photo=upload)
    (message,) = lines(client, "whatsapp", "in")
    (reference,) = message["photos"]
    thumbnail = client.get(f"/simulator/whatsapp/photo/{reference}", base_url=HERE)
    assert (thumbnail.data, thumbnail.mimetype) == (photo(), "image/jpeg")
    assert (await house.channels["simulator/whatsapp"].fetch(reference)).data == photo()
    assert [path.name for path in (house.settings.data_dir / "simulator").iterdir()] == [reference]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"#!/bin/sh\n", 400),
        (photo(kind="GIF"), 400),
        (photo() + b"0" * FILE_BYTES, 400),
        (photo() + b"0" * (FILE_BYTES + 100_000), 413),
    ],
)
def test_a_file_that_is_no_small_photo_is_refused(
    client: FlaskClient, house: House, data: bytes, status: int
) -> None:
    upload = (io.BytesIO(data), "jalan.jpg")
    got, answer = post(client, "telegram", "send", kind="photo", photo=upload)
    assert got == status and answer["error"].startswith(("Foto", "Berkas"))
    assert not (house.settings.data_dir / "simulator").exists()


def test_a_photo_of_another_name_is_not_shown(client: FlaskClient) -> None:
    for name in ("0" * 32, "..%2Fkeys", "keys"):
        assert client.get(f"/simulator/sms/photo/{name}", base_url=HERE).status_code == 404


def test_there_is_no_fourth_phone(client: FlaskClient) -> None:
    assert client.get("/simulator/fax/messages.json?address=1", base_url=HERE).status_code == 404
    assert client.post("/simulator/fax/new", base_url=HERE, headers=OURS).status_code == 404
