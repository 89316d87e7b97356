"""Whatever a citizen does, in any order: the commands reach their goal at once, and there is no dead end.

A machine walks through the product by HTTP (webhooks, database, real adapters); only the relay stands still.
"""

import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bot.care import desk, officers
from bot.workflow import NotAllowed
from tests.phones import Phone, TelegramPhone
from tests.streets import NOW, Town, open_town
from tests.telegram_methods import SentMessage

WHOLE = "LAPOR jalan berlubang besar di depan pasar, Kelurahan Sekayu"
STORIES = (
    WHOLE,
    "lampu jalan padam",
    "sampah menumpuk di Kelurahan Tugurejo",
    "air masuk rumah, banjir di Semarang Barat",
    "the street light in front of my house is broken",
    "kapan jadwal layanan kependudukan buka?",
    "petugas minta uang pelicin di kantor kelurahan Sekayu",
    "lampunipun pejah wonten ngajeng griya kula",
)
WORDS = (
    *("ya", "tidak", "belum", "sudah", "1", "2", "3", "4", "5", "0", "9", "satu", "kirim", "ubah"),
    *("hah?", "terima kasih", "halo", "?", "👍", "Kelurahan Sekayu", "tidak tahu", "masih rusak pak"),
    *("ULANG", "MENU", "BAHASA", "SAMBUNG", "DATA SAYA", "HAPUS DATA", "tarik laporan", "lapor"),
    *("tolong ada kebakaran", "NIK saya 3374011505900001", "rahasia", "tanpa nama"),
)
OFFICER: tuple[tuple[str, dict[str, str]], ...] = (
    ("answered", {"note": "Sudah kami tambal."}),
    ("waiting", {"note": "Boleh tahu nomor rumahnya?"}),
    ("in_progress", {}),
    ("closed", {"how": "confirmed"}),
    ("rejected", {"note": "Bukan layanan kota."}),
)


@pytest.fixture(scope="module")
def town(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("states")
    with open_town(shared_database, folder) as made:
        yield made


class Citizen(RuleBasedStateMachine):
    """One citizen with one phone; an officer and the time happen in between."""

    town: Town
    channel: str

    @initialize()
    def arrives(self) -> None:
        self.phone: Phone = self.town.phone(self.channel)
        self.town.clock.moment = NOW
        self.before, self.last = 0, ""
        self.shown: list[tuple[str, str]] = []
        self.pushed = True

    # --- what is in the database ---
    def chat(self) -> Any:
        channel = self.channel.partition("/")[0]
        lookup = self.town.house.database.keys.index(channel, self.phone.address)
        query = """select c.id, c.state, c.taken_at from conversation c join address a on a.id = c.address_id
                   where a.channel = :channel and a.lookup = :lookup"""
        return self.town.one(query, channel=channel, lookup=lookup)

    def heard(self) -> list[str]:
        """What the bot or staff said since the last look; remembers the options that were shown."""
        rows = self.town.all(
            """select id, text, payload from message where conversation_id = :chat and direction = 'out'
               and id > :before order by id""",
            chat=self.chat().id,
            before=self.before,
        )
        for row in rows:
            self.before = row.id
            self.shown = [tuple(one) for one in row.payload.get("options", [])] or self.shown
        return [row.text for row in rows]

    def ticket(self) -> Any:
        query = "select number, status from ticket where conversation_id = :chat order by id desc limit 1"
        return self.town.one(query, chat=self.chat().id) if self.chat() else None

    # --- what the citizen does ---
    def tells(self, words: str) -> list[str]:
        # By SMS a long text that comes again before anything was delivered is taken for the same message.
        self.town.clock.moment += timedelta(minutes=3 if self.channel == "sms" else 0)
        self.phone.writes(words)
        return self.answers()

    def answers(self) -> list[str]:
        said = self.heard()
        for one, two in itertools.pairwise(["" if self.pushed else self.last, *said]):
            assert one != two, f"the same message twice in a row: {one}"
        self.pushed = self.pushed and not said
        self.last = said[-1] if said else self.last
        return said

    @rule(words=st.sampled_from(STORIES + WORDS))
    def writes(self, words: str) -> None:
        said = self.tells(words)
        assert said or self.chat().taken_at, f"no answer to {words}"

    @rule(position=st.integers(0, 4))
    def presses(self, position: int) -> None:
        if self.shown and self.channel == "telegram":
            id_, _ = self.shown[position % len(self.shown)]
            shown = SentMessage(int(self.phone.address), "", None, 0.0, 1)
            query = self.town.telegram.methods.query(shown.chat_id, id_, shown)
            assert cast(TelegramPhone, self.phone).post({"callback_query": query}) == 200
            assert self.answers() or self.chat().taken_at, f"no answer to the button {id_}"

    @rule()
    def sends_a_photo(self) -> None:
        if self.channel != "sms":
            self.phone.sends_photo()
            self.answers()

    @rule(latitude=st.sampled_from((-6.98, -6.2)))
    def shares(self, latitude: float) -> None:
        if self.channel != "sms":
            self.phone.shares(latitude, 110.41)
            assert self.answers() or self.chat().taken_at, "no answer to a position"

    @rule(hours=st.sampled_from((0.01, 2, 25, 200)))
    def waits(self, hours: float) -> None:
        self.town.clock.moment += timedelta(hours=hours)

    @rule(act=st.sampled_from(OFFICER))
    def officer_acts(self, act: tuple[str, dict[str, str]]) -> None:
        one = self.ticket()
        if one is None:
            return
        try:
            by = self.town.staff("koordinator@kota.test")
            desk.move(self.town.house, by, one.number, act[0], dict(act[1]))
        except (NotAllowed, desk.NotFound):
            return
        self.heard()
        self.pushed = True

    @rule(act=st.sampled_from((officers.take, officers.hand_back)))
    def officer_takes_the_chat(self, act: Callable[..., None]) -> None:
        one = self.ticket()
        try:
            if one:
                act(self.town.house, self.town.staff("koordinator@kota.test"), one.number)
        except (NotAllowed, desk.NotFound):
            return
        self.pushed = bool(self.heard() if one else ()) or self.pushed

    # --- the commands reach their goal in one step ---
    @rule()
    def cancels(self) -> None:
        assert self.tells("BATAL")
        state = self.chat().state
        assert not {"script", "aside", "resuming"} & set(state), state

    @rule()
    def asks_for_help(self) -> None:
        state = self.chat().state if self.chat() else {}
        said = self.tells("BANTUAN")
        assert any("PETUGAS" in one for one in said)
        kept = ("script", "answers", "aside")
        assert [self.chat().state.get(name) for name in kept] == [state.get(name) for name in kept]

    @rule()
    def asks_how_it_stands(self) -> None:
        one = self.ticket()
        said = "\n".join(self.tells("STATUS"))
        shown = one and one.status != "merged"  # of a joined report the other one is shown
        assert said and (not shown or one.number in said)

    @rule()
    def asks_for_an_officer(self) -> None:
        assert self.tells("PETUGAS")
        query = """select count(*) from event e join ticket t on t.id = e.ticket_id
                   where t.conversation_id = :chat and e.kind in ('human', 'taken')"""
        assert self.town.one(query, chat=self.chat().id)[0]

    # --- no dead end ---
    def teardown(self) -> None:
        if not hasattr(self, "phone"):
            return
        self.officer_takes_the_chat(officers.hand_back)
        for words in ("BAHASA INDONESIA", "START", "BATAL"):
            self.tells(words)
        said = self.tells(WHOLE)
        for _ in range(3):
            answers = self.chat().state.get("answers", {})
            if self.ticket().status == "received":
                return
            asked = "twins" in answers and "twin" not in answers
            said += self.tells(str(len(answers["twins"]) + 1) if asked else "kirim")
        pytest.fail(f"not filed: {said}")

    @invariant()
    def the_state_is_small(self) -> None:
        assert not hasattr(self, "phone") or self.chat() is None or len(str(self.chat().state)) < 8000


@pytest.mark.parametrize("channel", ["telegram", "sms", "whatsapp"])
def test_from_every_state_the_commands_work_and_a_report_can_be_filed(town: Town, channel: str) -> None:
    machine = type("CitizenHere", (Citizen,), {"town": town, "channel": channel})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=16,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            phases=(
                Phase.generate,
            ),  # a failure is a walk of a few steps as it is; making it shorter takes long
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
