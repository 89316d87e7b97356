"""What becomes of a report that is followed: who gets its news, and what a follower can and cannot do."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from bot.care import desk
from panel.shown import happened, who_did
from storage import queries
from tests.phones import Phone, SimulatorPhone
from tests.streets import NOW, Town, open_town

STORY = "lampu jalan mati di Jalan Pemuda, Kelurahan Sekayu"
COORDINATOR = "koordinator@kota.test"


@pytest.fixture(scope="module")
def open_door(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("following")
    with open_town(shared_database, folder) as made:
        yield made


@pytest.fixture
def town(open_door: Town) -> Town:
    open_door.clock.moment = NOW
    open_door.age_reports()
    return open_door


def filed(town: Town, kind: str = "whatsapp", button: str = "Kirim") -> tuple[Phone, Any]:
    """A phone that has filed a report, and the ticket's row."""
    phone = town.phone(kind)
    phone.writes(STORY)
    phone.presses(phone.got()[-1], button)
    phone.got()
    return phone, town.one("select * from ticket order by id desc limit 1")


def following(town: Town, number: str, kind: str = "telegram") -> Phone:
    phone = town.phone(kind)
    phone.writes(f"IKUT {number}")
    (said,) = phone.got()
    assert number in said.text
    return phone


def move(town: Town, number: str, status: str, **given: str) -> None:
    desk.move(town.house, town.staff(COORDINATOR), number, status, given)


def row(town: Town, number: str) -> Any:
    return town.one("select * from ticket where number = :number", number=number)


def change(town: Town, number: str, what: str) -> None:
    with town.house.database.transaction() as tx:
        tx.execute(text(f"update ticket set {what} where number = :number"), {"number": number})


def followers(town: Town, number: str) -> int:
    query = "select count(*) from follower f join ticket t on t.id = f.ticket_id where t.number = :number"
    return int(town.one(query, number=number)[0])


@pytest.mark.parametrize("hidden", ["anonymous = true", "confidential = true", "status = 'draft'"])
def test_a_report_that_others_may_not_see_cannot_be_followed(town: Town, hidden: str) -> None:
    _, made = filed(town)
    change(town, made.number, hidden)
    phone = town.phone("telegram")
    phone.writes(f"IKUT {made.number}")
    (said,) = phone.got()
    assert "tidak ditemukan" in said.text and followers(town, made.number) == 0


@pytest.mark.parametrize("hidden", ["anonymous = true", "confidential = true"])
def test_a_report_that_is_hidden_later_tells_its_followers_nothing_more(town: Town, hidden: str) -> None:
    reporter, made = filed(town)
    follower = following(town, made.number)
    change(town, made.number, hidden)
    move(town, made.number, "answered", note="Untuk pelapor saja.")
    assert follower.got() == [] and reporter.got()


def test_twice_is_once_and_a_joined_report_is_followed_where_it_went(town: Town) -> None:
    _, first = filed(town)
    town.age_reports()
    _, second = filed(town, "telegram")
    move(town, second.number, "merged", into=first.number)
    follower = following(town, first.number)
    follower.writes(f"IKUT {second.number}")
    assert first.number in follower.got()[0].text
    # The one who filed the second report gets the news of the first too.
    assert followers(town, first.number) == 2 and followers(town, second.number) == 0


def test_who_filed_a_report_that_staff_joined_and_its_followers_get_the_news_of_the_other(town: Town) -> None:
    first_phone, first = filed(town)
    town.age_reports()
    second_phone, second = filed(town, "telegram")
    follower = following(town, second.number)
    move(town, second.number, "merged", into=first.number)
    assert [phone.got()[0].text.count(first.number) for phone in (second_phone, follower)] == [1, 1]
    assert "digabung dengan laporan Anda" in first_phone.got()[0].text
    move(town, first.number, "in_progress")
    for phone in (first_phone, second_phone, follower):
        (said,) = phone.got()
        assert said.text.endswith(first.number)


def test_nothing_of_a_hidden_report_goes_to_who_was_joined_with_it(town: Town) -> None:
    _, first = filed(town)
    change(town, first.number, "confidential = true")
    town.age_reports()
    other, second = filed(town, "telegram")
    move(town, second.number, "merged", into=first.number)
    assert first.number not in other.got()[0].text
    move(town, first.number, "in_progress", note="Untuk pelapor saja.")
    (said,) = other.got()
    assert said.text == (
        f"Laporan Anda: dikerjakan. Laporan ini ditangani bersama laporan lain.\n{second.number}"
    )
    assert followers(town, first.number) == 0


def test_a_follower_gets_no_question_and_no_line_meant_for_the_reporter(town: Town) -> None:
    reporter, made = filed(town)
    follower = following(town, made.number)
    move(town, made.number, "waiting", note="Tiang nomor berapa?")
    assert "Tiang nomor berapa?" in reporter.got()[0].text and follower.got() == []
    move(town, made.number, "answered", note="Lampu sudah menyala.")
    theirs, his = reporter.got()[0], follower.got()
    assert len(his) == 1 and his[0].text.endswith(f"Lampu sudah menyala.\n{made.number}")
    assert his[0].labels == () and len(theirs.text) > len(his[0].text)


def test_the_words_of_a_follower_answer_nothing_and_open_nothing_again(town: Town) -> None:
    _, made = filed(town)
    follower = following(town, made.number)
    for status, given in (("waiting", {"note": "Di mana?"}), ("answered", {"note": "Sudah."})):
        move(town, made.number, status, **given)
        follower.writes(f"BALAS {made.number} masih mati di depan kantor pos")
        assert row(town, made.number).status == status
    move(town, made.number, "closed", how="confirmed", note="Beres.")
    follower.writes(f"BALAS {made.number} mati lagi")
    assert row(town, made.number).status == "closed"
    query = "select count(*) from event where ticket_id = :id and detail ->> 'by' = 'follower'"
    assert town.one(query, id=made.id)[0] == 3


def test_a_follower_cannot_close_a_report(town: Town) -> None:
    _, made = filed(town)
    follower = following(town, made.number)
    follower.writes(f"TUTUP {made.number}")
    assert "tidak ditemukan" in follower.got()[0].text and row(town, made.number).status == "received"


def test_what_a_follower_writes_after_the_news_is_not_the_reporters_word(town: Town) -> None:
    _, made = filed(town)
    follower = following(town, made.number)
    move(town, made.number, "answered", note="Lampu sudah menyala.")
    for words in ("ya", "belum", "5"):
        follower.writes(words)
    after = row(town, made.number)
    assert (after.status, after.rating, after.objections) == ("answered", None, 0)
    assert not town.one("select 1 from event where ticket_id = :id and kind = 'added'", id=made.id)


def test_who_quotes_the_news_of_a_followed_report_speaks_as_a_follower(town: Town) -> None:
    _, made = filed(town)
    follower = following(town, made.number, "simulator/telegram")
    assert isinstance(follower, SimulatorPhone)
    move(town, made.number, "answered", note="Lampu sudah menyala.")
    (news,) = follower.got()
    for words in ("ya", "belum", "masih mati sampai sekarang di depan kantor pos"):
        follower.answers(news, words)
    after = row(town, made.number)
    assert (after.status, after.rating, after.objections) == ("answered", None, 0)
    added = "select detail ->> 'by' as who from event where ticket_id = :id and kind = 'added'"
    assert {one.who for one in town.all(added, id=made.id)} == {"follower"}


def test_stop_ends_the_news_of_a_follower_and_of_nobody_else(town: Town) -> None:
    reporter, made = filed(town)
    follower = following(town, made.number)
    follower.writes("STOP")
    follower.got()
    move(town, made.number, "in_progress")
    assert follower.got() == [] and len(reporter.got()) == 1


def test_following_from_the_question_joins_the_draft_and_keeps_its_words_for_staff(town: Town) -> None:
    reporter, made = filed(town)
    phone = town.phone("telegram")
    phone.writes("lampu jalan mati, Jalan Pemuda Kelurahan Sekayu, dekat kantor pos")
    phone.presses(phone.got()[-1], "Ikut laporan itu")
    assert made.number in phone.got()[-1].text
    draft = town.one("select * from ticket order by id desc limit 1")
    assert (draft.status, draft.merged_into_id, draft.anonymous) == ("merged", made.id, False)
    assert "kantor pos" in draft.text and followers(town, made.number) == 1
    assert reporter.got() == []  # the one who reported is told nothing of it
    phone.writes("STATUS")
    assert phone.got()[0].text.startswith(f"{made.number}: diterima")
    # What he writes later is not taken for the reporter's words.
    phone.writes("terima kasih banyak ya")
    assert row(town, made.number).changed_at == made.changed_at


def test_a_report_that_is_hidden_before_the_choice_is_not_followed_and_the_draft_is_filed(town: Town) -> None:
    _, made = filed(town)
    phone = town.phone("telegram")
    phone.writes("lampu jalan mati di Jalan Pemuda Kelurahan Sekayu")
    asked = phone.got()[-1]
    change(town, made.number, "confidential = true")
    phone.presses(asked, "Ikut laporan itu")
    said = phone.got()[-1].text
    draft = town.one("select * from ticket order by id desc limit 1")
    assert draft.status == "received" and draft.number in said and made.number not in said
    assert followers(town, made.number) == 0


def test_staff_see_the_news_once_and_the_words_of_a_follower_as_his(town: Town) -> None:
    _, made = filed(town)
    followed = [following(town, made.number) for _ in range(3)]
    followed[0].writes(f"BALAS {made.number} di dekat kantor pos juga mati")
    move(town, made.number, "in_progress")
    with town.house.database.reading() as tx:
        said = queries.ticket_messages(tx, made.id)
        (added,) = [one for one in queries.ticket_events(tx, made.id) if one["kind"] == "added"]
    assert (happened(added), who_did(added)) == ("Pengikut menambahkan keterangan", "Pengikut")
    assert len([one for one in said if one["direction"] == "out" and "dikerjakan" in one["text"]]) == 1
    assert [one["text"] for one in said if one["conversation_id"] != made.conversation_id] == [
        f"BALAS {made.number} di dekat kantor pos juga mati"
    ]
