"""What officers see and do: list, ticket, answer, forward, status, files."""

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import text

from bot.house import House
from tests.panel_house import (
    CITIZEN_NAME,
    CITIZEN_NUMBER,
    NOW,
    attach,
    client_of,
    file_ticket,
    house_on,
    panel_app,
    rows_of,
    send_out,
    submit,
)

OFFICER = "dinkes@kota.test"
COORDINATOR = "koordinator@kota.local"
SCRIPT = '<script>alert("x")</script><img src=x onerror=alert(1)>'
ESCAPED = "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;"


@pytest.fixture
def house(city_database: str, data_dir: Path) -> Iterator[House]:
    with house_on(city_database, data_dir) as house:
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    return panel_app(house)


def test_the_list_says_how_much_time_is_left_in_words(app: Flask, house: House) -> None:
    file_ticket(house, "DINKES")
    file_ticket(house, "DINKES", due_at=NOW - timedelta(days=4))
    file_ticket(house, "DINKES", due_at=NOW.replace(hour=16, minute=59, second=59))  # 23.59.59 WIB
    file_ticket(house, "DINKES", status="waiting", paused_at=NOW - timedelta(days=3))
    page = client_of(app, OFFICER).get("/panel/").text
    for words in ("sisa 5 hari kerja", "lewat 2 hari kerja", "batas hari ini", "jeda, sisa 6 hari kerja"):
        assert words in page
    assert page.index("lewat 2 hari kerja") < page.index("batas hari ini") < page.index("sisa 5 hari kerja")
    assert "3 hari lalu" in page


def test_a_queue_shows_its_own_and_every_count(app: Flask, house: House) -> None:
    late = file_ticket(house, "DINKES", due_at=NOW - timedelta(days=4))
    done = file_ticket(house, "DINKES", status="closed", closed_how="confirmed")
    client = client_of(app, OFFICER)
    page = client.get("/panel/?queue=overdue").text
    assert late in page
    assert done not in page
    assert 'Lewat batas <span class="count">1</span>' in page
    assert 'Selesai <span class="count">1</span>' in page
    assert done in client.get("/panel/?queue=finished").text


def test_search_finds_by_number_word_and_place(app: Flask, house: House) -> None:
    lamp = file_ticket(house, "DINKES", text="Lampu padam", place="Tugurejo")
    dirt = file_ticket(house, "DINKES", text="Sampah menumpuk", place="Mangkang")
    client = client_of(app, OFFICER)
    for words in (lamp, "lampu", "tugurejo padam"):
        page = client.get("/panel/", query_string={"q": words}).text
        assert f"/panel/tickets/{lamp}" in page
        assert f"/panel/tickets/{dirt}" not in page
    assert "Tidak ada laporan yang cocok." in client.get("/panel/?q=%25").text


def test_a_long_queue_has_pages(app: Flask, house: House) -> None:
    numbers = {file_ticket(house, "DINKES") for _ in range(31)}
    client = client_of(app, OFFICER)
    first, second = client.get("/panel/").text, client.get("/panel/?page=2").text
    on_first = {number for number in numbers if number in first}
    assert len(on_first) == 30
    assert {number for number in numbers if number in second} == numbers - on_first
    assert "Berikutnya" in first
    assert "Berikutnya" not in second


def test_a_ticket_shows_facts_conversation_and_times(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES", category="penerangan_jalan", latitude=-6.98371, longitude=110.34869)
    send_out(house, number, "read", text="Laporan Anda diterima.")
    page = client_of(app, OFFICER).get(f"/panel/tickets/{number}").text
    facts = ("Lampu Jalan", "Tugurejo", "-6.98371, 110.34869", "Dinas Kesehatan", "Telegram", "pengaduan")
    for words in (*facts, "Jumat, 20 Nov 2026 14.05 WIB", "Laporan Anda diterima.", "Kentongan (otomatis)"):
        assert words in page
    assert "Status: diterima" in page.partition("Riwayat")[2]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("waiting", "menunggu dikirim"),
        ("held", "tertahan sampai warga menulis lagi"),
        ("sending", "sedang dikirim"),
        ("sent", "terkirim"),
        ("delivered", "sampai"),
        ("read", "dibaca"),
        ("failed", "gagal: Warga memblokir kanal ini."),
        ("unknown", "belum pasti terkirim"),
    ],
)
def test_every_message_says_what_became_of_it(app: Flask, house: House, state: str, words: str) -> None:
    number = file_ticket(house, "DINKES")
    send_out(
        house, number, state, text="isi", error="Warga memblokir kanal ini." if state == "failed" else ""
    )
    page = client_of(app, OFFICER).get(f"/panel/tickets/{number}").text
    assert f"<span>{words}</span>" in page


def test_nobody_sees_the_citizens_name_or_number(app: Flask, house: House) -> None:
    known, hidden = file_ticket(house, "DINKES"), file_ticket(house, "DINKES", anonymous=True)
    client = client_of(app, "admin@kota.test")
    pages = [client.get(page).text for page in ("/panel/", *(f"/panel/tickets/{n}" for n in (known, hidden)))]
    assert not [page for page in pages if CITIZEN_NAME in page or CITIZEN_NUMBER in page]
    assert "Pelapor (anonim)" in pages[2]
    assert "Pelapor (anonim)" not in pages[1]


def test_an_answer_waits_for_the_chat_and_the_ticket_is_answered(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    client = client_of(app, OFFICER)
    done = submit(client, number, "answer", note="Lampu sudah menyala.\r\nTerima kasih.")
    assert (done.status_code, done.location) == (302, f"/panel/tickets/{number}")
    found, out = rows_of(house, number)
    assert found.status == "answered"
    assert [(row.state, row.author) for row in out] == [("waiting", "staff")]
    assert "Lampu sudah menyala.\nTerima kasih." in out[0].text
    page = client.get(f"/panel/tickets/{number}").text
    assert "menunggu dikirim" in page
    assert "Jawaban disimpan" in page
    assert OFFICER in page.partition("Riwayat")[2]
    assert "Jawaban disimpan" not in client.get(f"/panel/tickets/{number}").text


def test_forwarding_moves_the_ticket_to_the_other_office(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    coordinator, before, after = (client_of(app, who) for who in (COORDINATOR, OFFICER, "dpu@kota.test"))
    assert submit(coordinator, number, "forward", office="DPU", note="Ini jalan kota").status_code == 302
    assert rows_of(house, number)[0].status == "forwarded"
    assert after.get(f"/panel/tickets/{number}").status_code == 200
    assert before.get(f"/panel/tickets/{number}").status_code == 404
    assert "Ini jalan kota" in after.get(f"/panel/tickets/{number}").text


def test_the_offices_that_somebody_may_forward_to_are_offered(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    page = client_of(app, COORDINATOR).get(f"/panel/tickets/{number}").text
    assert '<option value="PKM-MANGKANG">Puskesmas Mangkang</option>' in page
    assert '<option value="DPU">' in page.partition("Teruskan ke instansi")[0]
    officers = client_of(app, OFFICER).get(f"/panel/tickets/{number}").text.partition("Teruskan ke instansi")
    assert 'value="PKM-MANGKANG"' in officers[0] and 'value="DPU"' not in officers[0]


def test_a_question_stops_the_clock_and_asks_the_citizen(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    client = client_of(app, OFFICER)
    assert submit(client, number, "move", status="waiting", note="RT berapa?").status_code == 302
    found, out = rows_of(house, number)
    assert found.status == "waiting"
    assert found.paused_at == NOW
    assert "RT berapa?" in out[0].text
    assert "jeda, sisa 5 hari kerja" in client.get(f"/panel/tickets/{number}").text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"status": "rejected"}, "Anda tidak berwenang mengubah status menjadi ditolak."),
        ({"status": "draft"}, "Laporan berstatus diterima tidak dapat menjadi belum lengkap."),
        ({"status": "planned"}, "Untuk status menunggu anggaran, isi dulu: tahun anggaran."),
        ({"status": "planned", "year": "²²²²"}, "Tahun anggaran harus empat angka"),
        ({"status": "planned", "year": "99999999999"}, "Tahun anggaran harus empat angka"),
        ({"status": "raja"}, "Pilih status baru dulu."),
        ({"status": "in_progress", "note": "y" * 5001}, "Teks terlalu panjang: 5001 huruf"),
    ],
)
def test_a_refused_move_says_why_and_keeps_what_was_typed(
    app: Flask, house: House, fields: dict[str, str], says: str
) -> None:
    number = file_ticket(house, "DINKES")
    form = {"note": "Alasan yang panjang & sudah diketik", **fields}
    answer = submit(client_of(app, OFFICER), number, "move", **form)
    assert answer.status_code == 409
    assert says in answer.text
    assert form["note"].replace("&", "&amp;") + "</textarea>" in answer.text
    found, out = rows_of(house, number)
    assert (found.status, out) == ("received", [])


def test_an_empty_answer_is_not_sent(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    answer = submit(client_of(app, OFFICER), number, "answer", note=" \x00\n ")
    assert (answer.status_code, rows_of(house, number)[1]) == (409, [])
    assert "isi dulu: keterangan" in answer.text


def test_an_answer_to_a_ticket_that_moved_on_is_kept_for_the_officer(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    client = client_of(app, OFFICER)
    with house.database.transaction() as tx:
        tx.execute(text("update ticket set status = 'closed' where number = :n"), {"n": number})
    answer = submit(client, number, "answer", note="Jawaban yang terlambat")
    assert answer.status_code == 409
    assert "Laporan berstatus selesai tidak dapat menjadi dijawab." in answer.text
    assert "Jawaban yang terlambat" in answer.text


def test_only_moves_that_are_allowed_are_offered(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES", status="answered")
    own = client_of(app, OFFICER).get(f"/panel/tickets/{number}").text
    desk = client_of(app, COORDINATOR).get(f"/panel/tickets/{number}").text
    assert '<option value="closed">' in own
    assert '<option value="rejected">' not in own
    assert '<option value="rejected">' in desk
    assert '<option value="draft">' not in desk


def test_the_page_says_whether_the_citizen_reads_the_note(app: Flask, house: House) -> None:
    open_one, closed = file_ticket(house, "DINKES"), file_ticket(house, "DINKES", status="closed")
    client = client_of(app, COORDINATOR)
    told = client.get(f"/panel/tickets/{open_one}").text
    assert "bila status menjadi menunggu pelapor, menunggu anggaran, selesai, ditolak; selain itu" in told
    assert "Hanya tercatat di riwayat." in client.get(f"/panel/tickets/{closed}").text


def test_scripts_in_words_are_shown_and_not_run(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES", text=SCRIPT, place=SCRIPT, category=SCRIPT, channel="simulator")
    send_out(house, number, "failed", text=SCRIPT, error=SCRIPT)
    client = client_of(app, OFFICER)
    submit(client, number, "move", status="in_progress", note=SCRIPT)
    refused = submit(client, number, "move", status="planned", note=SCRIPT, year=SCRIPT)
    pages = [client.get("/panel/").text, client.get(f"/panel/tickets/{number}").text, refused.text]
    pages.append(client.get("/panel/", query_string={"q": SCRIPT}).text)
    for page in pages:
        assert ESCAPED in page
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_a_photo_is_shown_and_other_files_are_only_saved(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    drawn = io.BytesIO()
    Image.new("RGB", (8, 8)).save(drawn, "JPEG")
    photo = attach(house, number, drawn.getvalue(), "image/jpeg", "jpg")
    paper = attach(house, number, b"%PDF-1.4", "application/pdf", "pdf")
    page = attach(house, number, b"<script>alert(1)</script>", "text/html", "html")
    client = client_of(app, OFFICER)
    shown = client.get(f"/panel/files/{photo}")
    assert (shown.data, shown.mimetype) == (drawn.getvalue(), "image/jpeg")
    assert shown.headers["Content-Disposition"].startswith("inline")
    for file_id, name in ((paper, f"lampiran-{paper}.pdf"), (page, f"lampiran-{page}.html")):
        saved = client.get(f"/panel/files/{file_id}")
        assert saved.headers["Content-Disposition"] == f"attachment; filename={name}"
        assert saved.mimetype == "application/octet-stream"
        assert "sandbox" in saved.headers["Content-Security-Policy"]
        assert saved.headers["X-Content-Type-Options"] == "nosniff"
        assert saved.headers["Cache-Control"] == "no-store"
    text_of_page = client.get(f"/panel/tickets/{number}").text
    assert f'<img class="photo" src="/panel/files/{photo}"' in text_of_page
    assert f'src="/panel/files/{paper}"' not in text_of_page


def test_a_file_that_is_not_kept_is_not_served(app: Flask, house: House) -> None:
    number = file_ticket(house, "DINKES")
    refused = attach(house, number, b"x", "image/jpeg", "jpg", state="refused")
    lost = attach(house, number, b"y", "image/jpeg", "jpg")
    for file in Path(house.settings.data_dir, "files").rglob("*.jpg"):
        file.unlink()
    client = client_of(app, OFFICER)
    assert client.get(f"/panel/files/{refused}").status_code == 404
    assert client.get(f"/panel/files/{lost}").status_code == 404
    assert "Lampiran ditolak" in client.get(f"/panel/tickets/{number}").text
