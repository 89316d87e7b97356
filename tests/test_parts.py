"""What a report and its parts mean for each other: questions, belum, the end, and passing on anew."""

from collections.abc import Iterator

import pytest

from bot.workflow import NotAllowed
from tests.offices import SARI, Desk, hire, shared
from tests.streets import open_town


@pytest.fixture
def desk(city_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_town(city_database, tmp_path_factory.mktemp("town")) as town:
        hire(town, "DLH", "DISHUB")
        yield Desk(town)


# --- questions and belum ------------------------------------------------------------------------------------
def test_a_parts_question_is_asked_once_and_its_answer_comes_back_to_it(desk: Desk) -> None:
    number, parts = shared(desk)
    desk.move(parts["DLH"], "in_progress", "dlh")
    desk.move(parts["DPU"], "waiting", "dpu", note="Seberapa dalam?")
    assert [one for one in desk.told(number) if "Seberapa dalam?" in one] == [desk.told(number)[-1]]
    assert desk.told(number)[-1].startswith("DPU bertanya")
    assert desk.row(number).status == "waiting" and desk.parts(number)["DPU"].paused_at
    desk.says(SARI, "setinggi lutut")
    assert desk.row(number).status == "in_progress"
    asked = desk.parts(number)["DPU"]
    assert asked.status == "in_progress" and asked.paused_at is None
    query = "select note from event where ticket_id = :id and kind = 'added'"
    assert [row.note for row in desk.town.all(query, id=asked.id)] == ["setinggi lutut"]
    assert not desk.town.all(query, id=desk.parts(number)["DLH"].id)


def test_belum_goes_back_to_every_office_that_had_answered(desk: Desk) -> None:
    number, parts = shared(desk)
    desk.move(parts["DPU"], "answered", "dpu", note="Jalan sudah ditambal.")
    desk.move(parts["DLH"], "answered", "dlh", note="Puing sudah diangkut.")
    desk.says(SARI, "belum, masih bocor pak")
    whole = desk.row(number)
    assert (whole.status, whole.objections) == ("in_progress", 1)
    for part in desk.parts(number).values():
        assert (part.status, part.objections, part.due_at) == ("in_progress", 1, whole.due_at)
    assert {f"dpu {parts['DPU']}", f"dlh {parts['DLH']}"} <= set(desk.notices("objection"))
    desk.move(parts["DLH"], "rejected", note="Tinggal pipa.")
    desk.move(parts["DPU"], "answered", "dpu", note="Pipa diganti.")
    assert desk.row(number).status == "answered" and "DPU: Pipa diganti." in desk.told(number)[-1]


# --- the end ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("words", "how"), [("ya sudah", "confirmed"), ("CABUT", "withdrawn"), ("", "withdrawn")]
)
def test_when_the_whole_ends_so_do_its_parts_and_back_again(desk: Desk, words: str, how: str) -> None:
    number, parts = shared(desk)
    if how == "confirmed":
        for code, part in parts.items():
            desk.move(part, "answered", code.lower(), note="Sudah selesai.")
    if words:
        desk.says(SARI, words)
        desk.says(SARI, "ya") if words == "CABUT" else None
    else:
        desk.move(number, "rejected", note="Sudah pernah dijawab.")
    assert desk.row(number).status in ("closed", "rejected")
    ended = desk.parts(number).values()
    assert {(part.status, part.closed_how) for part in ended} == {("closed", how)}
    desk.move(number, "in_progress")
    assert {part.status for part in desk.parts(number).values()} == {"in_progress"}


def test_a_part_is_neither_merged_nor_closed_nor_the_whole_merged_while_parts_are_open(desk: Desk) -> None:
    number, parts = shared(desk)
    other = desk.files("+628121000002")
    for status, given in (("merged", {"into": other}), ("closed", {"how": "confirmed", "note": "x"})):
        with pytest.raises(NotAllowed, match=r"[Bb]agian"):
            desk.move(parts["DPU"], status, **given)
    with pytest.raises(NotAllowed, match=r"[Bb]agian"):
        desk.move(number, "merged", into=other)
    desk.move(number, "forwarded", office="DPU")
    desk.move(number, "merged", into=other)
    assert {part.status for part in desk.parts(number).values()} == {"rejected"}


def test_passed_on_anew_the_offices_are_exactly_those_named(desk: Desk) -> None:
    number, parts = shared(desk)
    desk.move(parts["DPU"], "answered", "dpu", note="Jalan sudah ditambal.")
    desk.move(number, "forwarded", offices=("DPU", "DISHUB"))
    now = desk.parts(number)
    assert {code: part.status for code, part in now.items()} == {
        "DPU": "answered",
        "DLH": "rejected",
        "DISHUB": "forwarded",
    }
    desk.move(number, "forwarded", office="DISHUB")
    assert {part.status for part in desk.parts(number).values()} == {"rejected"}
    row = desk.row(number)
    assert (row.status, row.office, row.stage) == ("forwarded", "DISHUB", "follow_up")
    assert "diteruskan ke Dishub." in desk.told(number)[-1]


def test_an_answer_after_the_coordinator_answered_changes_nothing_but_is_noticed(desk: Desk) -> None:
    number, parts = shared(desk)
    desk.move(number, "answered", note="Sementara: lokasi dipagari.")
    told = desk.told(number)
    desk.move(parts["DPU"], "answered", "dpu", note="Ditambal.")
    assert desk.told(number) == told and desk.notices("part") == [f"koordinator {number}"]
    desk.move(parts["DLH"], "waiting", "dlh", note="Puingnya di mana?")  # a question is asked all the same
    assert desk.told(number)[-1].startswith("DLH bertanya") and desk.row(number).status == "waiting"
