"""The table of moves: every step of the specification is allowed to whom it should be, and nothing else."""

import itertools

import pytest

from bot.workflow import MOVES, NAMES, OPEN, STATUSES, Actor, NotAllowed, allow, choices
from storage.models import FINISHED, TICKET_STATUSES

ACTORS: tuple[Actor, ...] = ("citizen", "system", "administrator", "coordinator", "officer")
GIVEN: dict[str, object] = {
    "note": "keterangan",
    "office": "DPU",
    "how": "confirmed",
    "into": "417058236",
    "year": "2027",
}
PAIRS = list(itertools.product(STATUSES, STATUSES))
MAY = {pair: {who for move in MOVES if (move.start, move.end) == pair for who in move.who} for pair in PAIRS}


def test_the_statuses_are_those_that_the_database_takes() -> None:
    assert list(STATUSES) == list(NAMES) == TICKET_STATUSES
    assert {*OPEN, *FINISHED, "draft"} == set(STATUSES)


@pytest.mark.parametrize(("start", "end"), PAIRS)
def test_every_move_is_allowed_or_refused_with_a_sentence(start: str, end: str) -> None:
    for actor in ACTORS:
        if actor in MAY[(start, end)]:
            assert allow(start, end, frozenset({actor}), GIVEN).name == end
            assert end in choices(start, frozenset({actor}))
            continue
        with pytest.raises(NotAllowed) as refused:
            allow(start, end, frozenset({actor}), GIVEN)
        assert str(refused.value).endswith(".") and len(str(refused.value).split()) >= 4
        assert end not in choices(start, frozenset({actor}))


@pytest.mark.parametrize("start", [*OPEN, "draft"])
def test_an_answer_is_allowed_in_every_status_before_closed(start: str) -> None:
    for actor in ("administrator", "coordinator", "officer"):
        assert allow(start, "answered", frozenset({actor}), GIVEN)


@pytest.mark.parametrize("start", STATUSES)
def test_nothing_becomes_a_draft_again_and_merged_stays_merged(start: str) -> None:
    assert not MAY[(start, "draft")] and not MAY[("merged", start)]


@pytest.mark.parametrize("end", ["rejected", "merged"])
def test_officers_neither_reject_nor_merge(end: str) -> None:
    for start in STATUSES:
        assert "officer" not in MAY[(start, end)]


def test_what_was_sent_back_is_passed_on_by_the_coordination_alone() -> None:
    assert "officer" not in MAY[("returned", "forwarded")]


@pytest.mark.parametrize(
    ("start", "end", "who"),
    [
        ("answered", "closed", "citizen coordinator administrator officer system"),
        ("answered", "in_progress", "citizen coordinator administrator officer system"),
        ("waiting", "in_progress", "citizen coordinator administrator officer system"),
        ("closed", "in_progress", "citizen coordinator administrator system"),
        ("received", "closed", "citizen coordinator administrator system"),
        ("received", "forwarded", "coordinator administrator officer"),
        ("returned", "forwarded", "coordinator administrator"),
        ("received", "returned", "coordinator administrator officer"),
    ],
)
def test_who_stands_in_several_lines_of_the_table_may_do_what_any_of_them_allows(
    start: str, end: str, who: str
) -> None:
    for actor in ACTORS:
        allowed = end in choices(start, frozenset({actor}))
        assert allowed is (actor in who.split())


@pytest.mark.parametrize(
    ("end", "needed"),
    [
        ("waiting", "note"),
        ("answered", "note"),
        ("rejected", "note"),
        ("planned", "note"),
        ("planned", "year"),
        ("forwarded", "office"),
        ("merged", "into"),
        ("closed", "how"),
    ],
)
def test_a_move_without_what_it_needs_is_refused_and_names_it(end: str, needed: str) -> None:
    with pytest.raises(NotAllowed, match=f"--{needed}"):
        allow("received", end, frozenset({"coordinator"}), {**GIVEN, needed: ""})


def test_an_unknown_status_is_refused() -> None:
    with pytest.raises(NotAllowed, match="tidak dikenal"):
        allow("received", "selesai", frozenset({"coordinator"}), GIVEN)


def test_only_a_wait_for_others_pauses_the_clock() -> None:
    assert {name for name, status in STATUSES.items() if status.pauses} == {"waiting", "planned"}


def test_no_push_asks_ya_or_belum() -> None:
    assert not any("belum" in status.push.casefold() or " ya " in status.push for status in STATUSES.values())
