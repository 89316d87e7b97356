"""Secrecy goes up alone: raised by staff, told to the citizen, handed down to parts, lowered by nobody."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

import panel
from bot.care import desk, secrecy
from bot.people import retention
from bot.workflow import NotAllowed
from tests.guards import ADMIN, BOSS, CHIEF, INSPECTOR, KEEPER, OFFICER, PASSWORD, Guarded, guarded
from tests.installation import Installation, is_one_sentence, tell
from tests.people import files, says

HOLE = "jalan berlubang besar di depan masjid, Kelurahan Sekayu"
_numbers = itertools.count(710_000_000)


@pytest.fixture(scope="module")
def here(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with guarded(shared_database, tmp_path_factory.mktemp("secrecy")) as made:
        yield made


def flags(here: Guarded, number: str) -> tuple[bool, bool]:
    row = here.town.one("select anonymous, confidential from ticket where number = :n", n=number)
    return row.anonymous, row.confidential


def reported(here: Guarded, channel: str = "whatsapp") -> tuple[Any, str]:
    here.town.age_reports()  # else the next citizen is asked whether he means the same thing
    phone = here.town.phone(channel)
    return phone, files(phone, HOLE)


# --- raised -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("email", [ADMIN, BOSS, OFFICER])
def test_staff_raise_it_and_the_citizen_is_told(here: Guarded, email: str) -> None:
    phone, number = reported(here)
    assert flags(here, number) == (False, False)
    secrecy.raise_secrecy(here.house, here.town.staff(email), number, "confidential", "Ada nama anak")
    assert "menjadikan laporan" in phone.got()[-1].text and flags(here, number) == (False, True)
    secrecy.raise_secrecy(here.house, here.town.staff(email), number, "anonymous", "Pelapor terancam")
    assert "tanpa nama" in phone.got()[-1].text and flags(here, number) == (True, True)
    with pytest.raises(NotAllowed, match="sudah anonim"):
        secrecy.raise_secrecy(here.house, here.town.staff(email), number, "anonymous", "lagi")
    assert phone.got() == []


def test_it_needs_a_reason_which_stands_in_the_history(here: Guarded) -> None:
    _, number = reported(here)
    boss = here.town.staff(BOSS)
    with pytest.raises(NotAllowed, match="alasannya"):
        secrecy.raise_secrecy(here.house, boss, number, "confidential", " ")
    with pytest.raises(NotAllowed):
        secrecy.raise_secrecy(here.house, boss, number, "public", "x")
    client = here.browser(BOSS)
    page = f"/panel/tickets/{number}/secrecy"
    assert here.send(client, BOSS, page, flag="confidential", note="Ada nama anak").status_code == 302
    shown = client.get(f"/panel/tickets/{number}").text
    assert "Dijadikan rahasia" in shown and "Ada nama anak" in shown


@pytest.mark.parametrize("email", [INSPECTOR, CHIEF, KEEPER])
def test_who_does_not_act_on_it_raises_nothing(here: Guarded, email: str) -> None:
    _, number = reported(here)
    with pytest.raises((NotAllowed, desk.NotFound)):
        secrecy.raise_secrecy(here.house, here.town.staff(email), number, "confidential", "x")
    assert flags(here, number) == (False, False)


def test_followers_hear_nothing_of_it_any_more(here: Guarded) -> None:
    follower = here.town.phone("whatsapp")
    _, number = reported(here)
    says(follower, f"IKUT {number}")
    secrecy.raise_secrecy(here.house, here.town.staff(OFFICER), number, "anonymous", "Pelapor terancam")
    desk.answer(here.house, here.town.staff(OFFICER), number, "Sudah ditambal.")
    assert follower.got() == []
    assert "PIN" in says(follower, f"CEK {number}")[-1]


# --- never lowered ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("flag", ["anonymous", "confidential"])
def test_the_database_refuses_to_lower_it(here: Guarded, flag: str) -> None:
    _, number = reported(here)
    secrecy.raise_secrecy(here.house, here.town.staff(BOSS), number, flag, "Pelapor terancam")
    for lower in (f"{flag} = false", "anonymous = false, confidential = false"):
        with pytest.raises(IntegrityError, match="never lowered"), here.house.database.transaction() as tx:
            tx.execute(text(f"update ticket set {lower} where number = :n"), {"n": number})
    assert True in flags(here, number)


def test_no_form_field_lowers_it(here: Guarded) -> None:
    _, number = reported(here)
    secrecy.raise_secrecy(here.house, here.town.staff(BOSS), number, "confidential", "Ada nama anak")
    secrecy.raise_secrecy(here.house, here.town.staff(BOSS), number, "anonymous", "Pelapor terancam")
    slipped = {"anonymous": "false", "confidential": "", "supervised": "false", "status": "in_progress"}
    rules = [rule.rule for rule in here.app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    assert len(rules) > 10
    for email in (ADMIN, BOSS, OFFICER):
        client = here.browser(email)
        for rule in rules:
            if "<number>" in rule:
                reads_it = rule.endswith("/secrecy")
                for flag in ("", "none", "confidential", "anonymous") if reads_it else ("none",):
                    form = {**slipped, "flag": flag, "note": "x"}
                    here.send(client, email, rule.replace("<number>", number), **form)
                    assert flags(here, number) == (True, True), rule


def test_the_citizen_changes_a_draft_as_he_likes_until_staff_raised_it(here: Guarded) -> None:
    phone = here.town.phone("telegram")
    says(phone, "petugas loket minta uang pelicin untuk surat pindah, Kelurahan Sekayu")
    number = here.town.one("select number from ticket where status = 'draft' order by id desc limit 1")[0]
    assert flags(here, number)[1], "proposed by the words"
    with here.house.database.transaction() as tx:  # as a turn does in which he chooses "biasa"
        tx.execute(text("update ticket set confidential = false where number = :n"), {"n": number})
    assert flags(here, number) == (False, False)
    secrecy.raise_secrecy(here.house, here.town.staff(BOSS), number, "confidential", "Dugaan pungli")
    with here.house.database.transaction() as tx:
        tx.execute(text("update ticket set confidential = false where number = :n"), {"n": number})
    assert flags(here, number) == (False, True)


def test_filing_forgetting_and_retention_work_with_what_is_raised(here: Guarded) -> None:
    phone = here.town.phone("whatsapp")
    says(phone, "lampu jalan mati di Kelurahan Tugurejo dekat balai")
    number = here.town.one("select number from ticket where status = 'draft' order by id desc limit 1")[0]
    secrecy.raise_secrecy(here.house, here.town.staff(BOSS), number, "confidential", "Ada nama anak")
    assert number in "\n".join(says(phone, "1"))
    assert flags(here, number) == (False, True)
    with here.house.database.transaction() as tx:
        tx.execute(
            text("update ticket set status = 'closed', changed_at = '2020-01-01' where number = :n"),
            {"n": number},
        )
    retention.let_go(here.house, here.town.clock.now())
    assert flags(here, number) == (False, True)
    assert "dihapus" in here.town.one("select text from ticket where number = :n", n=number)[0]


# --- handed down --------------------------------------------------------------------------------------------
FLAGS = ("anonymous", "confidential", "supervised")
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["raise", "part"]), st.integers(0, 3), st.sets(st.sampled_from(FLAGS), max_size=3)
    ),
    max_size=8,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.sets(st.sampled_from(FLAGS)), steps=_STEPS)
def test_a_part_is_at_least_as_secret_as_the_whole_whatever_happens(
    here: Guarded, first: set[str], steps: list[tuple[str, int, set[str]]]
) -> None:
    with here.house.database.transaction() as tx:
        made = [made_ticket(tx, None, first)]
        for what, which, raised in steps:
            about = made[which % len(made)]
            if what == "part":
                made.append(made_ticket(tx, about, raised))
            elif raised:
                changed = ", ".join(f"{flag} = true" for flag in sorted(raised))
                tx.execute(text(f"update ticket set {changed} where id = :id"), {"id": about})
        wrong = tx.execute(_LESS_SECRET, {"ids": made}).all()
    assert wrong == []


def made_ticket(tx: Any, parent: int | None, flags: set[str]) -> int:
    values = {"number": str(next(_numbers)), "parent": parent, **{flag: flag in flags for flag in FLAGS}}
    return int(tx.execute(_NEW, values).scalar_one())


_NEW = text(
    """insert into ticket (number, status, created_at, changed_at, parent_id, anonymous, confidential,
                           supervised)
       values (:number, 'received', '2026-11-23', '2026-11-23', :parent, :anonymous, :confidential,
               :supervised) returning id"""
)
_LESS_SECRET = text(
    """select part.id from ticket part left join ticket whole on whole.id = part.parent_id
       where part.id = any(:ids)
         and (whole.anonymous and not part.anonymous or whole.confidential and not part.confidential
              or whole.supervised and not part.supervised or part.supervised and not part.confidential)"""
)


# --- by command ---------------------------------------------------------------------------------------------
def test_the_commands_raise_it_and_keep_the_lane(city_database: str, data_dir: Any) -> None:
    installed = Installation(data_dir, {"DATABASE_URL": city_database})
    house = installed.house()
    panel.add_staff(house, BOSS, "coordinator", None, PASSWORD)
    panel.add_staff(house, INSPECTOR, "inspector", "INSPEKTORAT", PASSWORD)
    tell(house, "Lapor ada pungli di loket parkir Pasar Johar")
    (row,) = installed.tickets()
    number = row["number"]
    said = installed.ok("secrecy", number, "anonymous", "--as", BOSS, "--note", "Pelapor terancam")
    assert said.strip() == f"{number}: anonymous"
    again = installed.command("secrecy", number, "anonymous", "--as", BOSS, "--note", "lagi")
    assert again.code and is_one_sentence(again.errors)
    assert installed.ok("supervise", number, "--as", BOSS).strip() == f"{number}: supervised"
    blind = installed.command("answer", number, "Halo.", "--as", BOSS)
    assert blind.code and is_one_sentence(blind.errors)
    (row,) = installed.tickets()
    assert (row["anonymous"], row["confidential"], bool(row["text"])) == (True, True, True)
    installed.ok("answer", number, "Sudah diperiksa.", "--as", INSPECTOR)
    released = installed.ok("supervise", number, "--as", INSPECTOR, "--release", "--note", "Retribusi resmi")
    assert released.strip() == f"{number}: released"
    installed.ok("answer", number, "Itu retribusi resmi.", "--as", BOSS)
