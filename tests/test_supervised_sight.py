"""Who sees what is in the supervised lane: inspectors, on every address and in every list; nobody else."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.care import desk, lane
from bot.care.export import ticket_rows
from storage import likes, queries
from tests.guards import (
    ADMIN,
    BOSS,
    CHIEF,
    INSPECTOR,
    INTERNAL,
    KEEPER,
    OFFICER,
    PEOPLE,
    Guarded,
    guarded,
    in_lane,
    reported,
    row_of,
)
from tests.people import says
from tests.streets import NOW

BLIND = (ADMIN, BOSS, OFFICER, INTERNAL, CHIEF, KEEPER)


@pytest.fixture(scope="module")
def here(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with guarded(shared_database, tmp_path_factory.mktemp("sight")) as made:
        yield made


def test_in_the_lane_it_exists_for_inspectors_alone(here: Guarded) -> None:
    _, number = in_lane(here, "ada pungli di loket srikaya, Kelurahan Sekayu")
    now = here.town.clock.now()
    row = row_of(here, number)
    with here.house.database.reading() as tx:
        words, since = ["pungli", "loket", "srikaya"], NOW - timedelta(days=90)
        sought = likes.Sought(words, since, likes.Around(), ["received"])
        for email in PEOPLE:
            by = here.town.staff(email)
            sees = email == INSPECTOR
            assert (queries.one_ticket(tx, by, number) is not None) == sees, email
            alike = {one["number"] for one in likes.seen_by(tx, by, sought, 0)}
            assert (number in alike) == sees, email
            for queue in queries.QUEUES:
                listed = queries.ticket_list(tx, by, queue=queue, now=now, limit=1000)
                assert queries.queue_counts(tx, by, now)[queue] == len(listed), (email, queue)
                assert sees or number not in {one["number"] for one in listed}
            searched = queries.ticket_list(tx, by, queue="all", now=now, search=number)
            assert bool(searched) == sees, email
            by_words = queries.ticket_list(tx, by, queue="all", now=now, search="loket srikaya")
            assert bool(by_words) == sees, email
    assert row.assignee_id is None


def test_no_role_but_the_inspectors_opens_any_address_of_it(here: Guarded) -> None:
    _, number = in_lane(here)
    rules = [rule for rule in here.app.url_map.iter_rules() if "<number>" in rule.rule]
    assert len(rules) >= 12
    form = {"note": "x", "status": "in_progress", "flag": "anonymous", "office": "DPU", "how": "withdrawn"}
    for email in BLIND:
        client = here.browser(email)
        for rule in rules:
            page = rule.rule.replace("<number>", number)
            changes = "POST" in (rule.methods or ())
            answer = here.send(client, email, page, **form) if changes else client.get(page)
            assert answer.status_code in (403, 404), (email, page)
            assert number not in answer.text
            if email in (ADMIN, BOSS):  # who sees all else gets no other answer than for what is not there
                missing = rule.rule.replace("<number>", "999999999")
                other = here.send(client, email, missing, **form) if changes else client.get(missing)
                assert other.status_code == answer.status_code, page
    assert (row_of(here, number).status, row_of(here, number).anonymous) == ("received", False)


def test_an_inspector_only_reads_what_is_not_in_the_lane(here: Guarded) -> None:
    _, number = reported(here)
    client = here.browser(INSPECTOR)
    page = client.get(f"/panel/tickets/{number}").text
    assert "Masukkan ke jalur pengawasan" in page and "Kirim jawaban" not in page
    for action in ("answer", "move", "say", "take", "secrecy"):
        form = {"note": "x", "status": "in_progress", "flag": "anonymous"}
        answer = here.send(client, INSPECTOR, f"/panel/tickets/{number}/{action}", **form)
        assert answer.status_code == 409, action
    assert row_of(here, number).status == "received"


def test_citizens_other_than_the_reporter_learn_nothing_of_it(here: Guarded) -> None:
    follower = here.town.phone("whatsapp")
    _, number = reported(here, "jalan ambles besar di Kelurahan Tugurejo depan gudang")
    assert "mengikuti" in says(follower, f"IKUT {number}")[-1].lower()
    lane.place(here.house, here.town.staff(BOSS), number, "Proyeknya diduga fiktif")
    assert follower.got() == []
    status = says(follower, f"CEK {number}")[-1]
    assert "PIN" in status and "Inspektorat" not in status
    desk.answer(here.house, here.town.staff(INSPECTOR), number, "Diperiksa.")
    assert follower.got() == []


def test_the_export_on_the_machine_keeps_it_and_says_that_it_is_confidential(here: Guarded) -> None:
    _, number = in_lane(here)
    with here.house.database.reading() as tx:
        found = {row["number"]: row for row in ticket_rows(tx, here.town.clock.now())}
    assert found[number]["confidential"] is True and found[number]["text"]


def test_a_supervisor_reads_figures_without_it(here: Guarded) -> None:
    client = here.browser(CHIEF)
    landed = client.get("/panel/", follow_redirects=True)
    assert (landed.status_code, landed.request.path) == (200, "/panel/figures")
    _, number = reported(here)
    before = client.get("/panel/figures").text
    lane.place(here.house, here.town.staff(BOSS), number)
    after = client.get("/panel/figures").text
    assert number not in before and "pungli" not in before
    assert all_count(before) == all_count(after) + 1


def all_count(page: str) -> int:
    return int(page.partition("<dt>Semua</dt><dd>")[2].partition("<")[0])
