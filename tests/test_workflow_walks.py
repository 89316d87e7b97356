"""Whatever citizens, officers and time do to reports, in any order: no state outside the table, no word lost.

A machine moves several reports at once through the use-cases, webhooks and passes of the real product.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from bot import workflow
from bot.care import desk
from bot.workflow import NotAllowed
from panel.staff import add_staff
from tests.month.simulation import PASSES
from tests.phones import Phone
from tests.streets import NOW, Town, open_town

STAFF = ("koordinator@kota.test", "koordinator@kota.test", "dpu@kota.test", "dlh@kota.test")
TROUBLES = ("jalan berlubang besar", "sampah menumpuk tidak diangkut", "lampu jalan mati")
PLACES = ("Kelurahan Sekayu", "Kelurahan Tugurejo", "Kelurahan Jrakah")
OTHERS = ("file", "wait", "deliver")
WORDS = (
    *("BALAS NOMOR ini tambahan", "TUTUP NOMOR", "CABUT NOMOR", "IKUT NOMOR"),
    *("ya", "belum", "1", "2", "masih rusak pak", "terima kasih", "baca", "sudah", "5"),
)
STATUSES = tuple(workflow.STATUSES)
NEEDED = {name: ("note", *status.needs) for name, status in workflow.STATUSES.items()}
GIVEN = {
    **{name: {"note": "Sedang kami periksa."} for name in ("waiting", "returned", "answered", "rejected")},
    "forwarded": {"office": "DLH"},
    "planned": {"note": "Menunggu anggaran.", "year": "2027"},
    "closed": {"how": "no_answer", "note": "Warga tidak memberi kabar."},
}
ANYTHING = {
    "note": st.sampled_from(("Boleh tahu nomor rumahnya?", "")),
    "office": st.sampled_from(("DPU", "DINKES", "TIDAK-ADA")),
    "how": st.sampled_from(("confirmed", "entah")),
    "year": st.sampled_from(("2028", "1999", "dua")),
    "into": st.sampled_from(("123456789", "")),
}


@pytest.fixture(scope="module")
def town(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(shared_database, tmp_path_factory.mktemp("walks")) as made:
        add_staff(made.house, "dlh@kota.test", "officer", "DLH", "rahasia-sekali")
        yield made


class City(RuleBasedStateMachine):
    """Some reports, three of the staff, and time."""

    town: Town

    @initialize()
    def morning(self) -> None:
        self.town.clock.moment = NOW
        self.numbers: list[str] = []
        self.phones: list[Phone] = []
        self.wrote = self.kept()
        self.files("whatsapp", f"{TROUBLES[0]} di {PLACES[0]}")

    def kept(self) -> int:
        """How many messages of citizens there are."""
        return int(self.town.one("select count(*) from message where direction = 'in'")[0])

    # One rule, so that every walk can do everything; what changes a report comes most often.
    @rule(what=st.sampled_from([*["move"] * 12, *["word"] * 4, *["misstep"] * 2, *OTHERS]), data=st.data())
    def happens(self, what: str, data: st.DataObject) -> None:
        draw = data.draw
        number, phone = draw(st.sampled_from(self.numbers)), draw(st.sampled_from(self.phones))
        if what == "move":
            status = draw(st.sampled_from((*STATUSES, "planned", "merged", "merged")))
            given = {**GIVEN.get(status, {}), "into": draw(st.sampled_from(self.numbers))}
            wanted = {name: value for name, value in given.items() if name in NEEDED[status]}
            self.tries(draw(st.sampled_from(STAFF)), number, status, wanted)
        elif what == "misstep":
            status = draw(st.sampled_from([*STATUSES, "tidak_ada"]))
            given = draw(st.fixed_dictionaries({}, optional=ANYTHING))
            self.tries(draw(st.sampled_from(STAFF)), number, status, given)
        elif what == "word":
            self.writes(phone, draw(st.sampled_from(WORDS)).replace("NOMOR", number))
        elif what == "file":
            story = f"{draw(st.sampled_from(TROUBLES))} di {draw(st.sampled_from(PLACES))}"
            self.files(draw(st.sampled_from(("sms", "whatsapp", "telegram"))), story)
        elif what == "wait":
            self.waits(draw(st.sampled_from((1, 24, 100, 400))))
        else:
            self.town.deliver()

    def files(self, channel: str, story: str) -> None:
        phone = self.town.phone(channel)
        self.writes(phone, story)
        if channel != "sms":
            self.writes(phone, "kirim")
        self.phones.append(phone)
        self.numbers.append(self.town.one("select number from ticket order by id desc limit 1").number)

    def writes(self, phone: Phone, words: str) -> None:
        # By SMS the same words at the same time are taken for the same message.
        self.town.clock.moment += timedelta(minutes=3)
        phone.writes(words)
        self.wrote += 1

    def tries(self, email: str, number: str, status: str, given: dict[str, str]) -> None:
        before = self.state(number)
        try:
            desk.move(self.town.house, self.town.staff(email), number, status, dict(given))
        except (NotAllowed, desk.NotFound) as refusal:
            assert str(refusal).endswith("."), "a refusal is a sentence"
            assert self.state(number) == before, "a refused move leaves no trace"

    def waits(self, hours: int) -> None:
        self.town.clock.moment += timedelta(hours=hours)
        for one in PASSES:
            one(self.town.house)

    def state(self, number: str) -> Any:
        """All there is to know of a ticket, its history and what was told."""
        return self.town.one(
            """select t.*, (select count(*) from event e where e.ticket_id = t.id) as events,
                      (select count(*) from message m where m.ticket_id = t.id) as messages
               from ticket t where number = :number""",
            number=number,
        )

    # --- what always holds ----------------------------------------------------------------------------------
    @invariant()
    def every_step_is_in_the_table(self) -> None:
        rows = self.town.all(
            """select t.number, t.status, array_agg(e.status order by e.id) as went from ticket t
               join event e on e.ticket_id = t.id and e.kind = 'status'
               where t.number = any(:numbers) group by t.id""",
            numbers=self.numbers,
        )
        for row in rows:
            assert row.status == row.went[-1], "the status is the last line of the history"
            for start, end in pairwise(row.went):
                assert workflow.is_step(start, end), f"{row.number}: {row.went}"

    @invariant()
    def no_word_is_lost(self) -> None:
        assert self.kept() == self.wrote

    @invariant()
    def clocks_agree_with_the_status(self) -> None:
        rows = self.town.all("select * from ticket where number = any(:numbers)", numbers=self.numbers)
        for row in rows:
            assert (row.paused_at is not None) == (row.status in ("waiting", "planned")), row.status
            assert (row.status == "closed") == (row.closed_how in workflow.HOW_CLOSED), row
            assert row.due_at is None or row.due_at > row.filed_at


def test_no_sequence_of_moves_leaves_the_table_or_loses_a_message(town: Town) -> None:
    City.town = town
    run_state_machine_as_test(
        City,
        settings=settings(
            max_examples=15,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,  # a run that misses a status would be a false alarm
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )
    reached = {row.status for row in town.all("select distinct status from event where kind = 'status'")}
    assert reached == set(workflow.STATUSES), "the walk went everywhere"
