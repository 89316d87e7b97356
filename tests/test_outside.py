"""A report about another city: told plainly, kept, and for the coordinator."""

from bot.talk.deeds import File, KeepDraft
from tests.talking import CITY, TUGUREJO, Talk

KANDANGAN = "35.06.19"


def test_a_report_about_another_city_is_told_so_once_and_kept_for_the_coordinator() -> None:
    talk = Talk()
    said = talk.hears("jalan rusak parah di Kandangan, Kediri")
    assert "Kandangan, Kabupaten Kediri berada di luar Kota Semarang" in said[0]
    assert talk.state["answers"]["place"]["code"] == KANDANGAN
    assert any(isinstance(deed, KeepDraft) for deed in talk.does)
    assert "Diskominfo" in said[-1]
    again = talk.hears("1")
    assert any(isinstance(deed, File) for deed in talk.does)
    assert not any("di luar" in line for line in again)


def test_by_sms_it_is_filed_at_once_and_told_behind_the_number() -> None:
    talk = Talk(sms=True)
    said = talk.hears("jln rusak kec. kandangan kab. kediri")
    filed = [isinstance(deed, File) for deed in talk.does]
    assert any(filed) and "di luar Kota Semarang" in said[-1]
    assert filed.index(True) < len(filed) - 1


def test_a_place_elsewhere_as_the_answer_to_where_is_told_too() -> None:
    talk = Talk()
    talk.hears("lampu jalan mati semua")
    said = talk.hears("Kabupaten Sidoarjo")
    assert any("berada di luar Kota Semarang" in line for line in said)
    assert talk.state["answers"]["place"]["code"] == "35.15"


def test_another_place_is_asked_and_told_anew_when_it_is_changed() -> None:
    talk = Talk()
    talk.hears("jalan rusak parah di Kandangan, Kediri")
    talk.hears("3")
    talk.hears("2")
    said = talk.hears("kelurahan tugurejo")
    assert talk.state["answers"]["place"]["code"] == TUGUREJO
    assert not any("di luar" in line for line in said)


def test_a_town_in_passing_is_not_taken_for_the_place() -> None:
    talk = Talk()
    said = talk.hears("bus dari Solo parkir sembarangan, jalan jadi macet")
    assert "place" not in talk.state["answers"]
    assert not any("di luar" in line for line in said)


def test_what_lies_outside_the_city_is_the_coordinators() -> None:
    assert CITY.route("jalan", KANDANGAN) == CITY.coordinator
    assert CITY.route("jalan", TUGUREJO) != CITY.coordinator
