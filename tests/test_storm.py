"""Everybody at once: officers, citizens and the clock's jobs change the same few reports at the same time.

No deadlock, no error that is no sentence, no message lost, and every report is where the table allows.
"""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from itertools import pairwise

import pytest

from bot import inbound, jobs, workflow
from bot.care import assigning, crisis_switch, desk, handover, lane, reporters, secrecy, tiering, unmerging
from bot.delivery.earlier import RESEND_LETTERS
from bot.people import requests
from bot.workflow import NotAllowed
from panel.staff import add_staff
from tests.offices import BOSS, Desk, hire
from tests.people import event
from tests.streets import Town, open_town

pytestmark = pytest.mark.drill
HANDS, ACTS = 8, 45  # threads, and what each of them does
PEOPLE, VILLAGE = 7, "33.74.01.1007"
CODES = ("DPU", "DLH", "DISHUB")
STORIES = ("banjir setinggi lutut di depan pasar", "pipa bocor dan jalan amblas", "lampu jalan mati")
WORDS = (
    *("ya", "belum, masih rusak", "CEK", "BALAS {0} tambah parah", "TUTUP {0}", "CABUT {0}", "IKUT {0}"),
    *("CABUT", "1", "2", "terima kasih", "LAPOR lampu jalan mati di Jalan Pemuda, Kelurahan Sekayu"),
)
GIVEN = {
    "planned": {"note": "Menunggu anggaran.", "year": "2027"},
    "closed": {"how": "withdrawn", "note": "Sudah ditangani."},
}
WAYS = (*("forwarded",) * 5, *("answered",) * 6, *("merged",) * 5, *workflow.STATUSES)


@pytest.fixture
def town(city_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(city_database, tmp_path_factory.mktemp("storm")) as made:
        hire(made, *CODES[1:])
        add_staff(made.house, "pengawas@kota.test", "inspector", "DPU", "kata-sandi-uji")
        yield made


class Hand:
    """One thread: some of what staff, citizens and the clock do, in an order of its own."""

    def __init__(self, town: Town, seed: int) -> None:
        self.town, self.seed, self.dice, self.wrote = town, seed, random.Random(seed), 0
        self.wrong: list[str] = []

    def acts(self) -> None:
        each: tuple[Callable[[], object], ...] = (
            *((self.moves,) * 8),
            *((self.writes,) * 8),
            *((self.weighs,) * 4),
            *((self.waits,) * 2),
        )
        for _ in range(ACTS):
            act = self.dice.choice(each)
            try:
                act()
            except (NotAllowed, desk.NotFound, requests.NoRequest):
                pass
            except Exception as error:
                self.wrong.append(f"{act.__name__}: {type(error).__name__} {error}")

    def number(self) -> str:
        rows = self.town.all("select number from ticket order by id")
        return str(self.dice.choice(rows).number)

    def moves(self) -> None:
        status, by = self.dice.choice(WAYS), self.dice.choice((BOSS, BOSS, "dpu@kota.test", "dlh@kota.test"))
        given: dict[str, object] = {"note": f"Catatan {self.dice.random()}.", **GIVEN.get(status, {})}
        if status == "merged":
            given = {"into": self.number()}
        if status == "forwarded":
            given = {"offices": self.dice.sample(CODES, self.dice.choice((1, 2, 2)))}
        desk.move(self.town.house, self.town.staff(by), self.number(), status, given)

    def writes(self) -> None:
        words = self.dice.choice(WORDS).format(self.number())
        self.sends(f"+62812100000{self.dice.randrange(PEOPLE)}", words)

    def sends(self, where: str, words: str) -> None:
        self.wrote += 1
        if len(words) > RESEND_LETTERS // 2:  # the same long words at the same time are one message by SMS
            words += f" {self.seed}-{self.wrote}"
        became = inbound.receive(self.town.house, event("sms", where, words))
        if became != "taken":
            self.wrong.append(f"a message became {became}")

    def weighs(self) -> None:
        house, boss, number = self.town.house, self.town.staff(BOSS), self.number()
        inspector, code = self.town.staff("pengawas@kota.test"), self.dice.choice(CODES).lower()
        some: tuple[Callable[[], object], ...] = (
            partial(unmerging.unmerge, house, boss, number),
            partial(unmerging.unmerge, house, boss, number),
            partial(secrecy.raise_secrecy, house, boss, number, "confidential", "Ada nama orang."),
            partial(tiering.set_tier, house, boss, number, self.dice.choice(list(tiering.TIERS)), "Berat."),
            partial(assigning.assign, house, boss, number, f"{code}@kota.test"),
            partial(handover.hand_over, house, boss, f"{code}@kota.test", office_code="DPU"),
            partial(lane.place, house, inspector, number),
            partial(lane.release, house, inspector, number, "Bukan pungli."),
            partial(crisis_switch.switch_on, house, boss, VILLAGE, "Posko dibuka."),
            partial(crisis_switch.switch_off, house, boss, VILLAGE),
            self.forgets,
        )
        self.dice.choice(some)()

    def forgets(self) -> None:
        """A citizen asks to be forgotten, and is."""
        where = f"+62812100000{PEOPLE}"
        for words in ("LAPOR got mampet di Kelurahan Sekayu", "HAPUS DATA", "1"):
            self.sends(where, words)
        rows = self.town.all("select id from privacy_request where state = 'open'")
        for row in rows:
            requests.carry_out(self.town.house, self.town.staff(BOSS), row.id)

    def waits(self) -> None:
        self.town.clock.moment += timedelta(hours=self.dice.choice((1, 5, 30)))
        for one in jobs.EVERY_HOUR + jobs.EVERY_QUARTER:
            self.check(one(self.town.house))
        for row in self.town.all("select id, status, conversation_id from ticket order by id desc limit 3"):
            reporters.tell_listeners(self.town.house, row.id, row.status, row.conversation_id)

    def check(self, passed: object) -> None:
        if getattr(passed, "failed", 0):
            self.wrong.append(f"a pass failed: {passed}")


@pytest.mark.parametrize("seed", [1, 2])
def test_everybody_at_once(town: Town, seed: int) -> None:
    desk_ = Desk(town)
    for place in range(PEOPLE):
        for story in STORIES[: 1 + place % 2]:
            desk_.files(f"+62812100000{place}", f"{story} di Jalan Pemuda {place}, Kelurahan Sekayu")
    before = town.one("select count(*) from message where direction = 'in'")[0]
    hands = [Hand(town, 100 * seed + n) for n in range(HANDS)]
    with ThreadPoolExecutor(HANDS) as pool:
        list(pool.map(lambda one: one.acts(), hands))
    assert not [wrong for one in hands for wrong in one.wrong]
    assert town.one("select deadlocks from pg_stat_database where datname = current_database()")[0] == 0
    kept = town.one("select count(*) from message where direction = 'in'")[0] - before
    assert kept == sum(one.wrote for one in hands), "no word is lost"
    assert not faults(town)


def faults(town: Town) -> list[str]:
    """Whatever no order of events may bring about."""
    rows = town.all(
        """select t.*, w.status as whole, w.confidential as secret, w.due_at as whole_due,
                  array(select e.status from event e
                        where e.ticket_id = t.id and e.kind = 'status' order by e.id) as went
           from ticket t left join ticket w on w.id = t.parent_id order by t.id"""
    )
    found = []
    for row in rows:
        undone = "merged" in row.went  # a merger that was taken back leads from anywhere to anywhere
        wrong = {
            "status is not the last of history": row.status != row.went[-1],
            "a step outside the table": not undone
            and not all(workflow.is_step(start, end) for start, end in pairwise(row.went)),
            "closed how": (row.status == "closed") != (row.closed_how in workflow.HOW_CLOSED),
            "a pause": row.paused_at is not None
            and row.status not in ("waiting", "planned", "merged", "closed"),
            "merged into nothing": row.status == "merged" and row.merged_into_id is None,
            "an open part of a finished whole": bool(row.parent_id)
            and row.status in workflow.OPEN
            and row.whole in ("closed", "rejected", "merged"),
            "a part with a citizen": bool(row.parent_id) and row.person_id is not None,
            "a part less secret": bool(row.parent_id) and row.secret and not row.confidential,
        }
        found += [f"{row.number} {row.status} {row.went}: {name}" for name, is_so in wrong.items() if is_so]
    chained = town.all(
        """select one.number from ticket one join ticket other on other.id = one.merged_into_id
           where one.status = 'merged' and one.closed_how = '' and other.status = 'merged'"""
    )
    return found + [f"{row.number} is joined with a joined one" for row in chained]
