"""Staff of the simulated month: a coordinator, and in every office an officer with a manner of working."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.care import desk
from panel.staff import add_staff
from storage import queries
from tests.month.ledger import WIB
from tests.month.people import MANNERS, QUESTION, Citizen
from tests.streets import Town

# The offices that most reports go to: so that every manner is met.
CYCLE = ("fast", "silent", "asking", "bouncing", "slow", "fast")
NEXT_YEAR = 2027
AT_WORK = ("received", "forwarded", "in_progress")


class Staff:
    """Everybody who works in the city."""

    def __init__(self, town: Town, dice: random.Random) -> None:
        self.town, self.dice = town, dice
        self.coordinator = town.staff("koordinator@kota.test")
        routed = sorted({route.office for route in town.house.city.routing})
        self.manners = {code: CYCLE[n % len(CYCLE)] for n, code in enumerate(routed)}
        for code in town.house.city.offices:
            self.manners.setdefault(code, dice.choice(MANNERS))
        self.opd = [one.code for one in town.house.city.offices.values() if one.kind == "opd"]
        self.had_work: set[str] = set()
        self._hired: dict[str, queries.Reader] = {}

    def officer(self, code: str) -> queries.Reader:
        """The officer of an office, who begins to work there when first needed."""
        if code not in self._hired:
            email = f"{code.lower()}@kota.test"
            add_staff(self.town.house, email, "officer", code, "rahasia-sekali")
            self._hired[code] = self.town.staff(email)
        return self._hired[code]

    @property
    def offices(self) -> int:
        """How many offices had something to do."""
        return len(self.had_work)

    def work(self, citizens: Sequence[Citizen], now: datetime) -> None:
        """One look at everything that is open."""
        rows = self.town.all(
            """select t.number, o.code, t.due_at, w.number as whole from ticket t
               join office o on o.id = t.office_id left join ticket w on w.id = t.parent_id
               where t.status not in ('closed', 'rejected', 'merged', 'draft', 'answered')
               order by t.id"""
        )
        lives = {citizen.life.number: citizen for citizen in citizens}
        for row in rows:
            if row.whole:
                self._part(lives[row.whole], row, now)
            elif row.number in lives and not lives[row.number].life.parts:
                self._look_at(lives[row.number], row, now)

    def _look_at(self, citizen: Citizen, row: Any, now: datetime) -> None:
        life = citizen.life
        self.had_work.add(row.code)
        if life.status == "received" and not life.told and self.dice.random() < 0.05:
            self.dice.choice((self._share, self._share, self._plan, self._reject))(citizen, now)
        elif life.status == "returned":
            if self.dice.random() < 0.5:
                self._pass_on(citizen, now)
        elif life.status in AT_WORK:
            getattr(self, f"_{self.manners[row.code]}")(citizen, row, now)

    # --- manners --------------------------------------------------------------------------------------------
    def _fast(self, citizen: Citizen, row: Any, now: datetime) -> None:
        if self.dice.random() < 0.5:
            self._answer(citizen, row, now)

    def _asking(self, citizen: Citizen, row: Any, now: datetime) -> None:
        if "waiting" in citizen.life.told:
            self._fast(citizen, row, now)
        elif self.dice.random() < 0.5:
            self._move(row.code, citizen, "waiting", now, note=QUESTION)

    def _slow(self, citizen: Citizen, row: Any, now: datetime) -> None:
        if citizen.life.status != "in_progress":
            self._move(row.code, citizen, "in_progress", now)
        elif now > row.due_at + timedelta(days=self.dice.randint(1, 8)):
            self._answer(citizen, row, now)

    def _bouncing(self, citizen: Citizen, row: Any, now: datetime) -> None:
        if citizen.life.returns >= 2 or citizen.life.objections:
            self._fast(citizen, row, now)
        elif self.dice.random() < 0.5:
            citizen.life.returns += 1
            reason = f"Bukan kewenangan kami, sudah kami periksa {citizen.life.returns} kali."
            self._move(row.code, citizen, "returned", now, note=reason)

    def _silent(self, citizen: Citizen, row: Any, now: datetime) -> None:
        """Nobody there."""

    # --- what they do ---------------------------------------------------------------------------------------
    def _answer(self, citizen: Citizen, row: Any, now: datetime) -> None:
        mark = f"[{citizen.life.number}-{len(citizen.life.rounds) + 1}]"
        desk.answer(self.town.house, self.officer(row.code), citizen.life.number, f"Sudah beres {mark}.")
        citizen.life.said = [mark]
        self._answered(citizen, now)

    def _answered(self, citizen: Citizen, now: datetime) -> None:
        citizen.life.becomes("answered", now)
        citizen.life.rounds.append(citizen.life.said)
        citizen.life.said = []
        citizen.life.unread = citizen.is_asleep(now)

    def _pass_on(self, citizen: Citizen, now: datetime) -> None:
        fast = [code for code in self.opd if self.manners[code] == "fast"]
        code = self.dice.choice(fast if citizen.life.returns > 1 else self.opd)
        given = {"office": code, "note": "Sesuai tugas instansi."}
        desk.move(self.town.house, self.coordinator, citizen.life.number, "forwarded", given)
        citizen.life.becomes("forwarded", now)

    def _share(self, citizen: Citizen, now: datetime) -> None:
        """Two offices, each with its part; the report is answered when both have."""
        codes = tuple(self.dice.sample([code for code in self.opd if self.manners[code] == "fast"], 2))
        desk.move(self.town.house, self.coordinator, citizen.life.number, "forwarded", {"offices": codes})
        citizen.life.becomes("forwarded", now)
        citizen.life.parts = set(codes)
        citizen.life.shared = codes

    def _part(self, citizen: Citizen, row: Any, now: datetime) -> None:
        if row.code not in citizen.life.parts or self.dice.random() < 0.5:
            return
        citizen.life.parts.discard(row.code)
        mark = f"[{citizen.life.number}-{row.code}-{citizen.life.objections}]"
        desk.answer(self.town.house, self.officer(row.code), row.number, f"Bagian kami beres {mark}.")
        citizen.life.said.append(mark)
        if not citizen.life.parts:
            self._answered(citizen, now)

    def _plan(self, citizen: Citizen, now: datetime) -> None:
        citizen.life.year, citizen.life.planned_in = NEXT_YEAR, now.astimezone(WIB).year
        given = {"note": "Masuk rencana tahun depan.", "year": str(NEXT_YEAR)}
        desk.move(self.town.house, self.coordinator, citizen.life.number, "planned", given)
        citizen.life.becomes("planned", now)

    def _reject(self, citizen: Citizen, now: datetime) -> None:
        given = {"note": "Bukan layanan pemerintah kota."}
        desk.move(self.town.house, self.coordinator, citizen.life.number, "rejected", given)
        citizen.life.becomes("rejected", now)

    def _move(self, code: str, citizen: Citizen, status: str, now: datetime, **given: Any) -> None:
        desk.move(self.town.house, self.officer(code), citizen.life.number, status, given)
        citizen.life.becomes(status, now)
        if status == "waiting":
            citizen.life.unread = citizen.is_asleep(now)
