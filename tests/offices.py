"""For tests about reports on their way between offices: what officers do, and what becomes of a report."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import panel
from bot import inbound
from bot.care import desk
from tests.people import event
from tests.streets import Town

BOSS = "koordinator@kota.test"
SARI = "+628121000001"
PIPE = "pipa bocor dan jalan amblas di depan pasar, Kelurahan Sekayu"


def hire(town: Town, *codes: str) -> None:
    """An officer for each office: dlh@kota.test for DLH."""
    for code in codes:
        panel.add_staff(town.house, f"{code.lower()}@kota.test", "officer", code, "kata-sandi-uji")


@dataclass
class Desk:
    """What staff of a town do, and how a report stands."""

    town: Town

    def files(self, address: str, words: str = PIPE) -> str:
        """A report by SMS; returns its number."""
        assert inbound.receive(self.town.house, event("sms", address, f"LAPOR {words}")) == "taken"
        return str(self.town.one("select number from ticket order by id desc limit 1").number)

    def says(self, address: str, words: str) -> None:
        """The citizen has read what came, and writes an SMS."""
        self.town.deliver()
        assert inbound.receive(self.town.house, event("sms", address, words)) == "taken"

    def move(self, number: str, status: str, by: str = "koordinator", **given: Any) -> None:
        """One of the staff moves a report."""
        desk.move(self.town.house, self.town.staff(f"{by}@kota.test"), number, status, given)

    def later(self, number: str, status: str, by: str, **given: Any) -> partial[None]:
        """The same, to be done when it is called."""
        return partial(self.move, number, status, by, **given)

    def row(self, number: str) -> Any:
        """The report with its office's code."""
        return self.town.one(
            """select t.*, o.code as office from ticket t left join office o on o.id = t.office_id
               where t.number = :number""",
            number=number,
        )

    def parts(self, number: str) -> dict[str, Any]:
        """The parts of a report by their offices' codes."""
        rows = self.town.all(
            """select t.*, o.code as office from ticket t join office o on o.id = t.office_id
               join ticket whole on whole.id = t.parent_id where whole.number = :number order by t.id""",
            number=number,
        )
        return {row.office: row for row in rows}

    def told(self, number: str) -> list[str]:
        """Everything that was put into chats about a report, one text a message."""
        rows = self.town.all(
            """select string_agg(m.text, ' ' order by m.part) as text from message m
               join ticket t on t.id = m.ticket_id
               where t.number = :number and m.direction = 'out' group by m.say order by min(m.id)""",
            number=number,
        )
        return [row.text for row in rows]

    def history(self, number: str) -> list[str]:
        """The statuses that a report came into, in order."""
        return [
            row.status
            for row in self.town.all(
                """select e.status from event e join ticket t on t.id = e.ticket_id
                   where t.number = :number and e.kind = 'status' order by e.id""",
                number=number,
            )
        ]

    def notices(self, kind: str) -> list[str]:
        """To whom notices of a kind went, and about which report."""
        return [
            f"{row.email.partition('@')[0]} {row.number}"
            for row in self.town.all(
                """select s.email, t.number from notice n join staff s on s.id = n.staff_id
                   join ticket t on t.id = n.ticket_id where n.kind = :kind order by n.id""",
                kind=kind,
            )
        ]


def shared(desk: Desk, *codes: str, address: str = SARI) -> tuple[str, dict[str, str]]:
    """A report at several offices: its number, and those of its parts by office."""
    number = desk.files(address)
    desk.move(number, "forwarded", offices=codes or ("DPU", "DLH"))
    return number, {code: part.number for code, part in desk.parts(number).items()}
