"""Proof photos from the officer to the citizen: what is sent where, who sees it, and what is noticed."""

import asyncio
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import text

from bot import jobs
from bot.care import desk, proving
from bot.care.desk import NotFound
from bot.care.export import ticket_rows
from bot.care.proofs import Repeated
from bot.delivery.links import photo_link, photo_of
from bot.delivery.look_hash import ALIKE, distance, look_hash
from bot.workflow import NotAllowed
from panel.staff import add_staff
from tests import phones
from tests.phones import Phone, SimulatorPhone
from tests.photos import jpeg, scene, used_again
from tests.streets import Town, open_town

BOSS, DPU = "koordinator@kota.test", "dpu@kota.test"
PUBLIC = "https://lapor.example.go.id"


@pytest.fixture(scope="module")
def town(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town that providers can reach from outside."""
    changed = pytest.MonkeyPatch()
    changed.setattr(phones, "BASE", PUBLIC)  # Twilio signs the address that it calls
    with open_town(shared_database, tmp_path_factory.mktemp("proofs"), public_url=PUBLIC) as made:
        add_staff(made.house, "pimpinan@kota.test", "supervisor", None, "rahasia-sekali")
        yield made
    changed.undo()


def reported(town: Town, kind: str, then: str = "1") -> tuple[Phone, str]:
    town.age_reports()
    phone = town.phone(kind)
    phone.writes("LAPOR jalan berlubang besar di Kelurahan Sekayu depan masjid")
    if kind != "sms":
        phone.writes(then)
    phone.got()
    return phone, town.one("select number from ticket order by id desc limit 1").number


def answers(town: Town, number: str, *photos: bytes, **more: Any) -> None:
    proving.answer(town.house, town.staff(DPU), number, "Sudah kami tambal.", photos, **more)


def kept(town: Town, number: str) -> list[Any]:
    query = """select a.*, m.author, m.text as said from attachment a join ticket t on t.id = a.ticket_id
               join message m on m.id = a.message_id
               where t.number = :n and purpose = 'proof' order by a.id"""
    return list(town.all(query, n=number))


def notices(town: Town, number: str) -> list[tuple[str, str, str]]:
    query = """select s.email, n.kind, n.note from notice n join staff s on s.id = n.staff_id
               join ticket t on t.id = n.ticket_id where t.number = :n order by n.id"""
    return [tuple(row) for row in town.all(query, n=number)]


# --- to the citizen ----------
def test_on_telegram_the_picture_follows_the_answer(town: Town) -> None:
    phone, number = reported(town, "telegram")
    answers(town, number, jpeg(scene(1)), jpeg(scene(2)))
    said = phone.got()
    assert [one.text for one in said[1:]] == [f"Foto hasil pekerjaan, laporan {number}."] * 2
    assert "Sudah kami tambal." in said[0].text and said[0].labels == ("Ya", "Belum")
    sent = [one.photo for one in town.telegram.sent if one.photo][-2:]
    assert [
        distance(_look(data), _look(jpeg(scene(n)))) <= 1 for data, n in zip(sent, (1, 2), strict=True)
    ] == [
        True,
        True,
    ]
    rows = kept(town, number)
    assert len(rows) == 2 and all(row.author == "staff" and row.look_hash for row in rows)
    phone.writes("ya")
    assert town.one("select status from ticket where number = :n", n=number).status == "closed"


def _look(data: bytes) -> int:
    found = look_hash(Image.open(io.BytesIO(data)))
    assert found is not None
    return found


def test_whatsapp_fetches_the_picture_by_a_link_that_ends(town: Town) -> None:
    phone, number = reported(town, "whatsapp")
    answers(town, number, jpeg(scene(3)))
    phone.got()
    (url,) = [
        one.form["MediaUrl"] for one in town.twilio.sent if one.to == phone.address and "MediaUrl" in one.form
    ]
    assert url.startswith(f"{PUBLIC}/media/") and number not in url
    got = town.client.get(url.removeprefix(PUBLIC))
    assert got.status_code == 200 and got.mimetype == "image/jpeg"
    assert got.headers["X-Content-Type-Options"] == "nosniff" and "noindex" in got.headers["X-Robots-Tag"]
    assert not Image.open(io.BytesIO(got.data)).getexif()
    town.clock.moment += timedelta(days=31)
    assert town.client.get(url.removeprefix(PUBLIC)).status_code == 404
    town.clock.moment -= timedelta(days=31)


def test_by_sms_one_link_comes_and_leads_to_the_photo(town: Town) -> None:
    phone, number = reported(town, "sms")
    answers(town, number, jpeg(scene(4)), jpeg(scene(5)))
    _, linked = phone.got()
    link = re.fullmatch(rf"Foto hasil laporan {number}: (\S+)", linked.text)
    assert link and len(linked.text) <= 160
    assert town.client.get(link[1].removeprefix(PUBLIC)).status_code == 200


def test_a_photo_goes_to_the_reporter_and_to_no_follower(town: Town) -> None:
    phone, number = reported(town, "telegram")
    follower = town.phone("telegram")
    follower.writes(f"IKUT {number}")
    follower.got()
    answers(town, number, jpeg(scene(6)))
    assert len(follower.got()) == 1 and len(phone.got()) == 2


@pytest.fixture
def local(
    city_database: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Town]:
    """A town on one machine, with the simulator and without an address that others reach."""
    monkeypatch.setattr(phones, "BASE", "http://127.0.0.1:1708")
    with open_town(city_database, tmp_path_factory.mktemp("local")) as made:
        yield made


@pytest.mark.parametrize("kind", ["whatsapp", "sms"])
def test_without_a_public_address_the_citizen_reads_that_staff_keep_the_photo(local: Town, kind: str) -> None:
    phone, number = reported(local, kind)
    answers(local, number, jpeg(scene(7)))
    assert phone.got()[-1].text == f"Foto hasil pekerjaan laporan {number} disimpan petugas kami."
    assert not [one for one in local.twilio.sent if "MediaUrl" in one.form]


@pytest.mark.parametrize("look", ["whatsapp", "telegram"])
def test_the_simulator_shows_the_picture(local: Town, look: str) -> None:
    phone, number = reported(local, f"simulator/{look}")
    answers(local, number, jpeg(scene(8)))
    assert phone.got()[-1].text == f"Foto hasil pekerjaan, laporan {number}."
    where = {"base_url": phones.BASE, "query_string": {"address": phone.address}}
    page = local.client.get(f"/simulator/{look}/messages.json", **where).get_json()
    shown = local.client.get(page["messages"][-1]["picture"])
    assert shown.status_code == 200 and shown.mimetype == "image/jpeg"


# --- links ----------
def test_a_link_is_ours_unchanged_and_in_time_or_leads_nowhere(town: Town) -> None:
    settings, now = town.house.settings, town.clock.now()
    token = photo_link(settings, 41, now).rpartition("/")[2]
    assert photo_of(settings, token, now) == 41
    other = photo_link(settings.model_copy(update={"secret_key": "y" * 40}), 41, now).rpartition("/")[2]
    for wrong in (other, token[:-4] + "AAAA", "B" + token[1:], "", "%%", "é", token * 2, token[:16]):
        assert photo_of(settings, wrong, now) is None, wrong
        assert town.client.get(f"/media/{wrong}").status_code == 404


def test_a_citizen_s_own_photo_has_no_link(town: Town) -> None:
    phone, _ = reported(town, "telegram")
    phone.sends_photo()
    row = town.one("select max(id) as id from attachment where purpose = ''")
    with town.house.database.transaction() as tx:
        tx.execute(text("update attachment set state = 'stored', path = 'x' where id = :id"), {"id": row.id})
    link = photo_link(town.house.settings, row.id, town.clock.now())
    assert town.client.get(link.removeprefix(PUBLIC)).status_code == 404


# --- seen before ----------
def test_a_photo_that_was_a_proof_before_is_shown_first_and_told_when_it_is_sent(town: Town) -> None:
    _, first = reported(town, "sms")
    answers(town, first, jpeg(scene(20)))
    _, second = reported(town, "sms")
    with pytest.raises(Repeated, match=f"mirip dengan foto laporan {first}"):
        answers(town, second, used_again(scene(20)))
    assert town.one("select status from ticket where number = :n", n=second).status == "received"
    assert not kept(town, second)
    answers(town, second, used_again(scene(20)), knowingly=True)
    assert notices(town, second) == [
        ("pimpinan@kota.test", "proof_repeat", f"Foto bukti mirip dengan foto laporan {first}.")
    ]
    detail = town.one(
        """select e.detail from event e join ticket t on t.id = e.ticket_id
           where t.number = :n and e.kind = 'proof_repeat'""",
        n=second,
    ).detail
    assert detail == {"alike": [{"number": first, "own": False}]}


def test_the_citizen_s_own_photo_is_no_proof(local: Town) -> None:
    phone, number = reported(local, "simulator/telegram")
    assert isinstance(phone, SimulatorPhone)
    phone.sends_file(jpeg(scene(30)))
    phone.got()
    _fetch_media(local)
    with pytest.raises(Repeated, match="foto di laporan ini"):
        answers(local, number, used_again(scene(30)))


def _fetch_media(town: Town) -> None:
    """What the worker's job does with each file that waits."""
    context: Any = SimpleNamespace(additional_context={"house": town.house})
    for row in town.all("select id from attachment where state = 'waiting'"):
        asyncio.run(jobs.fetch_media.func(context, attachment_id=row.id))


def test_a_secret_report_is_not_named_by_a_repeat(town: Town) -> None:
    _, first = reported(town, "sms")
    answers(town, first, jpeg(scene(40)))
    with town.house.database.transaction() as tx:
        tx.execute(text("update ticket set confidential = true where number = :n"), {"n": first})
    _, second = reported(town, "sms")
    with pytest.raises(Repeated, match="mirip dengan foto laporan lain"):
        answers(town, second, jpeg(scene(40)))


@pytest.mark.parametrize("number", range(100, 112))
def test_a_photo_used_again_is_known_and_another_scene_is_not(number: int) -> None:
    one, other = look_hash(scene(number)), look_hash(scene(number + 500))
    assert one is not None and other is not None
    assert distance(one, _look(used_again(scene(number)))) <= ALIKE < distance(one, other)


def test_a_dark_photo_looks_like_nothing() -> None:
    assert look_hash(Image.new("RGB", (800, 600), (9, 9, 9))) is None


# --- what is refused ----------
def test_what_is_no_photo_or_too_many_changes_nothing(town: Town) -> None:
    _, number = reported(town, "sms")
    for photos in ([b"%PDF-1.4 surat"], [b"\xff\xd8\xff broken"], [jpeg(scene(n)) for n in range(50, 54)]):
        with pytest.raises(NotAllowed):
            answers(town, number, *photos)
    assert town.one("select status from ticket where number = :n", n=number).status == "received"


def test_nobody_shows_a_photo_on_another_office_s_report(town: Town) -> None:
    add_staff(town.house, "dinkes@kota.test", "officer", "DINKES", "rahasia-sekali")
    _, number = reported(town, "sms")
    with pytest.raises(NotFound):
        proving.answer(town.house, town.staff("dinkes@kota.test"), number, "Sudah.", [jpeg(scene(60))])


def test_why_there_is_no_photo_stands_in_the_history_and_goes_up(town: Town) -> None:
    _, number = reported(town, "sms")
    proving.answer(town.house, town.staff(BOSS), number, "Selesai.", [], no_photo="Kamera rusak.")
    query = """select e.note from event e join ticket t on t.id = e.ticket_id
               where t.number = :n and e.kind = 'no_proof'"""
    assert town.one(query, n=number).note == "Kamera rusak."


def test_the_count_of_a_report_s_attachments_is_that_of_the_citizen(town: Town) -> None:
    _, number = reported(town, "sms")
    answers(town, number, jpeg(scene(70)))
    with town.house.database.reading() as tx:
        (row,) = [one for one in ticket_rows(tx, town.clock.now()) if one["number"] == number]
    assert row["attachments"] == 0


# --- length by SMS ----------
def test_an_answer_of_more_than_six_sms_is_refused_and_says_how_many(town: Town) -> None:
    phone, number = reported(town, "sms")
    long = "Penambalan jalan dilakukan bertahap mulai Senin. " * 30
    with pytest.raises(NotAllowed, match=r"menjadi 1\d SMS, paling banyak 6"):
        proving.answer(town.house, town.staff(DPU), number, long, [])
    assert phone.got() == []
    proving.answer(town.house, town.staff(DPU), number, long[:700], [])
    assert 4 <= len(phone.got()) <= 6


def test_photos_of_several_offices_come_with_their_one_answer(town: Town) -> None:
    phone, number = reported(town, "telegram")
    add_staff(town.house, "dlh@kota.test", "officer", "DLH", "rahasia-sekali")
    given = {"offices": ["DPU", "DLH"]}
    desk.move(town.house, town.staff(BOSS), number, "forwarded", given)
    phone.got()
    query = """select part.number, o.code from ticket part join ticket t on t.id = part.parent_id
               join office o on o.id = part.office_id where t.number = :n order by o.code desc"""
    (dpu, _), (dlh, _) = town.all(query, n=number)
    proving.answer(town.house, town.staff(DPU), dpu, "Jalan ditambal.", [jpeg(scene(80))])
    assert phone.got() == []
    proving.answer(town.house, town.staff("dlh@kota.test"), dlh, "Pohon dipangkas.", [jpeg(scene(81))])
    said = [one.text for one in phone.got()]
    assert "Jalan ditambal." in said[0] and "Pohon dipangkas." in said[0]
    assert said[1:] == [f"Foto hasil pekerjaan, laporan {number}."] * 2
