"""The demo: a month that a newcomer sees at once, and that goes again without a trace."""

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.demo.fates import FATES
from bot.demo.people import DOMAIN
from bot.demo.stories import TOPICS
from storage.columns import metadata
from storage.models import TICKET_STATUSES
from tests.installation import STORY, Installation, is_one_sentence, tell

# What only grows with use: words for the search are gathered anew from what is left.
LEFT_OUT = {"term", "position", "heartbeat", "place", "office", "category", "role"}
REPORTS = "25"
NOW = "2026-11-26T16:00:00+07:00"  # a Thursday


@pytest.fixture
def here(city_database: str, data_dir: Path) -> Installation:
    return Installation(data_dir, {"DATABASE_URL": city_database, "KENTONGAN_TEST_CLOCK": NOW})


def counts(here: Installation) -> dict[str, int]:
    """How many rows each table has."""
    with here.house().database.reading() as tx:
        names = sorted(set(metadata.tables) - LEFT_OUT)
        return {name: tx.scalar(text(f"select count(*) from {name}")) or 0 for name in names}


def test_the_demo_fills_an_empty_city_once_and_goes_again_without_a_trace(here: Installation) -> None:
    before = counts(here)
    said = here.ok("demo", "--reports", REPORTS)
    assert f"koordinator@{DOMAIN}" in said and "Kata sandi semuanya: " in said
    filled = Counter(one["status"] for one in here.tickets())
    assert {"received", "in_progress", "answered", "closed", "rejected", "planned", "waiting"} <= set(filled)
    with here.house().database.reading() as tx:
        assert (
            tx.scalar(text("select count(*) from message where state in ('waiting', 'held', 'failed')")) == 0
        )
        assert tx.scalar(text(f"select count(*) from ticket where created_at > '{NOW}'")) == 0
        photos = tx.scalars(text("select path from attachment where state = 'stored'")).all()
    assert photos and all((here.folder / "files" / path).exists() for path in photos)
    again = here.command("demo")
    assert again.code == 1 and is_one_sentence(again.errors) and "sudah ada" in again.errors

    tell(here.house(), STORY)
    here.ok("demo", "--remove")
    assert [one["text"] for one in here.tickets()] == [STORY]
    assert not [path for path in photos if (here.folder / "files" / path).exists()]
    after = counts(here)
    told = {"person", "address", "conversation", "ticket", "event", "passage", "message", "seen", "raw_event"}
    assert {name for name in after if after[name] != before[name]} <= told
    assert (after["ticket"], after["passage"], after["person"]) == (1, 1, 1)
    assert after["staff"] == before["staff"]


def test_history_is_only_appended_again_after_the_demo_went(here: Installation) -> None:
    tell(here.house(), STORY)
    here.ok("demo", "--remove")
    with (
        pytest.raises(Exception, match="history is only appended"),
        here.house().database.transaction() as tx,
    ):
        tx.execute(text("delete from event"))


def test_who_has_reports_or_a_public_address_gets_no_demo(here: Installation) -> None:
    away = here.command(
        "demo", PUBLIC_URL="https://lapor.example.org", SECRET_KEY="k" * 40, ADMIN_PASSWORD="x" * 12
    )
    assert away.code == 1 and is_one_sentence(away.errors) and "--yes" in away.errors
    tell(here.house(), STORY)
    refused = here.command("demo")
    assert refused.code == 1 and is_one_sentence(refused.errors) and "instalasi kosong" in refused.errors
    assert len(here.tickets()) == 1


def test_staff_who_touched_another_report_are_disabled_instead_of_deleted(here: Installation) -> None:
    here.ok("demo", "--reports", "3")
    tell(here.house(), STORY)
    number = next(one["number"] for one in here.tickets() if one["text"] == STORY)
    here.ok("answer", number, "Sudah ditambal.", "--as", f"koordinator@{DOMAIN}")
    assert "1 petugas contoh dinonaktifkan" in here.ok("demo", "--remove")
    [left] = here.tickets()
    assert (left["number"], left["status"]) == (number, "answered")
    assert here.command("answer", number, "Lagi.", "--as", f"koordinator@{DOMAIN}").code == 1


def test_the_whole_month_has_every_language_and_every_end() -> None:
    assert len(FATES) >= 100
    assert {language for topic in TOPICS for language in topic.told} == {"id", "en", "jv", "su"}
    ends = {"draft", "new", "forwarded", "begun", "asked", "planned", "returned", "answered"}
    ends |= {"confirmed", "rejected", "merged"}
    assert ends <= {name for name, _ in FATES} and len(ends) == len(TICKET_STATUSES)
