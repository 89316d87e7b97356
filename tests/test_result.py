"""What staff need to call a report finished, and whose word it is that the citizen is content."""

from collections.abc import Iterator

import pytest

from bot.care import desk
from bot.care.result import confirmed_by_citizens
from bot.workflow import NotAllowed
from panel import shown
from storage import queries
from tests.phones import Phone
from tests.streets import Town, open_town

BOSS, DPU = "koordinator@kota.test", "dpu@kota.test"


@pytest.fixture(scope="module")
def town(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(shared_database, tmp_path_factory.mktemp("result")) as made:
        yield made


def reported(town: Town) -> tuple[Phone, str, int]:
    town.age_reports()
    phone = town.phone("sms")
    phone.writes("LAPOR jalan berlubang besar di Kelurahan Sekayu depan masjid")
    row = town.one("select number, id from ticket order by id desc limit 1")
    return phone, row.number, row.id


def closed(town: Town, number: str, **given: str) -> None:
    desk.move(town.house, town.staff(BOSS), number, "closed", given)


def confirmed(town: Town, ticket_id: int) -> int:
    with town.house.database.reading() as tx:
        return confirmed_by_citizens(tx, [ticket_id])


def history(town: Town, ticket_id: int) -> list[str]:
    with town.house.database.reading() as tx:
        return [shown.happened(row) for row in queries.ticket_events(tx, ticket_id)]


@pytest.mark.parametrize("how", ["confirmed", "no_answer", "withdrawn"])
def test_what_was_never_answered_is_closed_only_with_a_result(town: Town, how: str) -> None:
    phone, number, _ = reported(town)
    with pytest.raises(NotAllowed, match="tulis dulu hasilnya"):
        closed(town, number, how=how)
    phone.got()
    closed(town, number, how=how, note="Lubang sudah ditambal Senin lalu.")
    assert "Lubang sudah ditambal Senin lalu." in phone.got()[-1].text


def test_an_answer_is_a_result(town: Town) -> None:
    _, number, _ = reported(town)
    desk.answer(town.house, town.staff(DPU), number, "Sudah ditambal.")
    closed(town, number, how="no_answer")
    assert town.one("select status from ticket where number = :n", n=number).status == "closed"


def test_staff_s_word_that_the_citizen_is_content_is_marked_and_counts_for_nothing(town: Town) -> None:
    phone, number, ticket_id = reported(town)
    desk.answer(town.house, town.staff(DPU), number, "Sudah ditambal.")
    closed(town, number, how="confirmed")
    assert "Status: selesai (dinyatakan petugas, bukan oleh pelapor)" in history(town, ticket_id)
    assert confirmed(town, ticket_id) == 0
    phone.got()
    phone.writes("belum")
    desk.answer(town.house, town.staff(DPU), number, "Ditambal lagi.")
    phone.got()
    phone.writes("ya")
    assert history(town, ticket_id)[-1] == "Status: selesai (warga menyatakan selesai)"
    assert confirmed(town, ticket_id) == 1
