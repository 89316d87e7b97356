"""The table of a ticket's life says what it says, whatever the order in which Python reads it."""

import pytest

from bot.workflow import CITIZEN, MOVES, STAFF, STATUSES, NotAllowed, allow, choices

GIVEN: dict[str, object] = {"note": "x", "office": "x", "how": "confirmed", "into": "1", "year": "2027"}


def test_everybody_named_in_a_line_may_take_its_step() -> None:
    for move in MOVES:
        for actor in move.who:
            assert allow(move.start, move.end, frozenset({actor}), GIVEN).name == move.end
            assert move.end in choices(move.start, frozenset({actor}))


def test_a_citizen_and_the_desk_may_both_take_a_finished_report_up_again() -> None:
    assert allow("closed", "in_progress", frozenset({"citizen"}), {}).name == "in_progress"
    assert allow("closed", "in_progress", frozenset({"coordinator"}), {}).name == "in_progress"
    with pytest.raises(NotAllowed):
        allow("closed", "in_progress", frozenset({"officer"}), {})


def test_nothing_becomes_a_draft_again_and_a_joined_report_stays_joined() -> None:
    everybody = STAFF | CITIZEN
    for start in STATUSES:
        assert "draft" not in choices(start, everybody)
    assert choices("merged", everybody) == []


def test_what_a_move_needs_is_asked_for_by_its_option() -> None:
    for status in STATUSES.values():
        starts = [move for move in MOVES if move.end == status.name]
        for need in status.needs if starts else ():
            lacking = {name: value for name, value in GIVEN.items() if name != need}
            with pytest.raises(NotAllowed, match=f"--{need}"):
                allow(starts[0].start, status.name, starts[0].who, lacking)
