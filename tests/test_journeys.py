"""The transcripts in tests/journeys, walked through HTTP, the real adapters and the real relay.

A transcript is a page that a civil servant can read:

    kanal: whatsapp, telegram       the phones it is walked with
    warga: jalan berlubang          a citizen writes
    warga: [foto] keterangan        also [album 4], [lokasi -6.98, 110.41], [tombol Kirim], [blokir],
                               [suara], [video], [dokumen], [stiker], [kontak], [reaksi 👍],
                               and [balas] words: an answer to the bot's last message
    bot: Di mana tempatnya? …       every message that arrives, in order; … stands for any words,
         [Kirim] [Ubah]             {nomor} for the report's number, {tanggal} for a date,
                                    {kode} for the code of SAMBUNG, {pin} for a report's PIN
    petugas: [jawab: Sudah baik.]   also [tanya: ...], [dikerjakan], [teruskan: DISHUB],
                                    [selesai: Sudah baik.], [bukan kewenangan: ...],
                                    [teruskan: DPU, DLH], [ke luar: PROV-JATENG LG-1],
                                    [ambil alih], [tulis: ...], [kembalikan]
    instansi: DPU [jawab: Sudah.]   one of several offices that the report was passed on to
    sistem: setiap jam              the hourly job: reminders, silent officers, silent citizens
    [24 jam kemudian]               also [3 hari kemudian], [5 menit kemudian]
    ponsel: kedua                   another phone of it; "telegram" one of that channel, "pertama" back
    laporan: dikerjakan             the report's status; "foto: 2" its photos, "kabar: ditahan" its last news
    belum: 2                        how often the citizen said so; "penilaian: 4" his mark, "-" none
    sifat: rahasia                  also biasa, anonim; "tercatat: ..." what was kept of the last message,
                                    "tersegel: ..." personal numbers kept for the officer
    gabung: {nomor2} ke {nomor1}    staff join two reports; "pisah: {nomor2}" takes it back
    darurat: 33.74.01.1007: Posko ...  an area's emergency, with what it is told; "padam 33.74.01.1007"
    data: dilihat: dpu              also laksanakan, tolak: ..., dilupakan (the job of the next minute)
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.care import desk, officers, reminders, silence, takeover
from bot.people import farewell, requests
from bot.workflow import NAMES
from storage import looks
from tests import desk_acts, gestures
from tests.phones import Got, Phone
from tests.streets import NOW, Town, open_town

FOLDER = Path(__file__).parent / "journeys"
PLACEHOLDERS = {"{tanggal}": r"\w{3}, \d{1,2} \w{3} \d{4}", "…": r"[\s\S]*"}
DIGITS = {"nomor": 9, "kode": 6, "pin": 4}
CHANNELS = ("whatsapp", "telegram", "sms")
NEWS = {"ditahan": "held", "tidak dikirim": "cancelled"}
UNITS = {"menit": "minutes", "jam": "hours", "hari": "days"}


@pytest.fixture(scope="module")
def town(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with open_town(shared_database, folder) as made:
        yield made


def journeys() -> list[Any]:
    found = []
    for file in sorted(FOLDER.glob("*.txt")):
        channels = re.search(r"^kanal: (.+)$", file.read_text("utf-8"), re.MULTILINE)
        assert channels, f"{file.name} names no channel"
        found += [pytest.param(file, name, id=f"{file.stem}-{name}") for name in channels[1].split(", ")]
    return found


@pytest.mark.parametrize(("file", "channel"), journeys())
def test_journey(town: Town, file: Path, channel: str) -> None:
    Walk(town, channel).walk(file.read_text("utf-8"))


class Walk:
    """One walk through one transcript."""

    def __init__(self, town: Town, channel: str) -> None:
        self.town, self.channel = town, channel
        self.numbers: dict[str, str] = {}
        self.arrived: list[Got] = []
        self.shown = Got("")
        self.phone: Phone | None = None
        self.phones: dict[str, Phone] = {}
        town.clock.moment = NOW
        town.age_reports()
        desk_acts.all_clear(town)

    def walk(self, transcript: str) -> None:
        for who, words in _steps(transcript):
            if who != "bot":
                assert not self.arrived, f"before {who}: {words} there came {self.arrived}"
            ACTS[who](self, words)
        assert not self.arrived

    def citizen(self, words: str) -> None:
        self.phone = self.phone or self.town.phone(self.channel)
        tag, caption = re.fullmatch(r"(?:\[(.+?)\])?\s*([\s\S]*)", words).groups()  # type: ignore[union-attr]
        gestures.act(self.phone, self.shown, tag or "", self._filled(caption))
        self.arrived = self.phone.got()

    def bot(self, words: str) -> None:
        assert self.arrived, f"nothing came where this was expected: {words}"
        self.shown = self.arrived.pop(0)
        options = re.search(r"\n((?:\[[^\]]+\] ?)+)$", words)
        assert self.shown.labels == tuple(re.findall(r"\[([^\]]+)\]", options[1]) if options else ())
        said = words[: options.start()] if options else words
        found = re.fullmatch(self._pattern(said), self.shown.text)
        assert found, f"expected: {said}\ngot: {self.shown.text}"
        self.numbers.update(found.groupdict())

    def _pattern(self, words: str) -> str:
        pattern = re.escape(self._filled(words)).replace(r"\{", "{").replace(r"\}", "}").replace(r"\n", "\n")
        for name, meant in PLACEHOLDERS.items():
            pattern = pattern.replace(name, meant)
        for name, digits in DIGITS.items():
            pattern = re.sub(rf"{{({name}\d?)}}", rf"(?P<\1>\\d{{{digits}}})", pattern, count=1)
            pattern = re.sub(rf"{{({name}\d?)}}", r"(?P=\1)", pattern)
        return pattern

    def _filled(self, words: str) -> str:
        for name, number in self.numbers.items():
            words = words.replace(f"{{{name}}}", number)
        return words

    @property
    def number(self) -> str:
        """The number told last; before one was told, that of the newest draft."""
        newest: str = self.town.one("select number from ticket order by id desc limit 1").number
        return [newest, *(one for name, one in self.numbers.items() if name.startswith("nomor"))][-1]

    def officer(self, words: str) -> None:
        assert self.phone
        act, _, rest = words.strip("[]").partition(": ")
        house, boss = self.town.house, self.town.staff("koordinator@kota.test")
        if act in TALKS:
            TALKS[act](house, boss, self.number, *filter(None, [rest]))
        else:
            desk.move(house, boss, self.number, *OFFICER[act](rest))
        self.arrived = self.phone.got()

    def one_of_several(self, words: str) -> None:
        """What an office does with its part: "DPU [jawab: ...]"."""
        assert self.phone
        code, _, act = words.partition(" ")
        query = """select p.number from ticket p join ticket w on w.id = p.parent_id
                   join office o on o.id = p.office_id where w.number = :number and o.code = :code"""
        number = self.town.one(query, number=self.number, code=code).number
        deed, _, rest = act.strip("[]").partition(": ")
        desk.move(self.town.house, self.town.staff("koordinator@kota.test"), number, *OFFICER[deed](rest))
        self.arrived = self.phone.got()

    def system(self, words: str) -> None:
        assert self.phone and words == "setiap jam"
        takeover.let_silent_go(self.town.house)
        reminders.remind(self.town.house)
        silence.look_after(self.town.house)
        self.arrived = self.phone.got()

    def time(self, words: str) -> None:
        count, unit, _ = words.split()
        self.town.clock.moment += timedelta(**{UNITS[unit]: int(count)})

    def report(self, words: str) -> None:
        row = self.town.one("select status from ticket where number = :number", number=self.number)
        assert NAMES[row.status] == words

    def photos(self, words: str) -> None:
        query = """select count(*) from attachment a join ticket t on t.id = a.ticket_id
                   where t.number = :number"""
        assert self.town.one(query, number=self.number)[0] == int(words)

    def counted(self, column: str, words: str) -> None:
        row = self.town.one("select * from ticket where number = :number", number=self.number)
        assert (getattr(row, column) or "-") == (words if words == "-" else int(words))

    def news(self, words: str) -> None:
        query = """select m.state from message m join ticket t on t.id = m.ticket_id
                   where t.number = :number and direction = 'out' order by m.id desc limit 1"""
        assert self.town.one(query, number=self.number).state == NEWS[words]

    def other_phone(self, name: str) -> None:
        desk_acts.run_jobs(self.town)
        self.phones.setdefault("pertama", self.phone or self.town.phone(self.channel))
        if name not in self.phones:
            self.phones[name] = self.town.phone(name if name in CHANNELS else self.channel)
        self.phone = self.phones[name]
        self.arrived = self.phone.got()

    def data(self, words: str) -> None:
        act, _, rest = words.partition(": ")
        house, boss = self.town.house, self.town.staff("koordinator@kota.test")
        mine = self.town.one("select max(id) as id from privacy_request")
        if act == "dilihat":
            row = self.town.one("select id from ticket where number = :number", number=self.number)
            with house.database.transaction() as tx:
                today = house.clock.now().astimezone(house.city.timezone).date()
                looks.note_page(tx, [row.id], self.town.staff(f"{rest}@kota.test").staff_id, today)
        elif act == "dilupakan":
            farewell.forget_addresses(house)
        elif act == "tolak":
            requests.refuse(house, boss, mine.id, rest)
        else:
            requests.carry_out(house, boss, mine.id)
        self.arrived = self.phone.got() if self.phone else []

    def secrecy(self, words: str) -> None:
        row = self.town.one("select * from ticket where number = :number", number=self.number)
        signs = {"rahasia": row.confidential, "anonim": row.anonymous}
        assert (", ".join(sign for sign, is_so in signs.items() if is_so) or "biasa") == words

    def noted(self, words: str) -> None:
        query = "select text from message where direction = 'in' order by id desc limit 1"
        assert self.town.one(query).text == self._filled(words)

    def sealed(self, words: str) -> None:
        row = self.town.one("select hidden from ticket where number = :number", number=self.number)
        opened = self.town.house.database.keys.open(row.hidden) if row.hidden else "tidak ada"
        assert opened.replace("\n", "; ") == words

    def at_desk(self, act: Callable[[Town, str], None], words: str) -> None:
        act(self.town, self._filled(words))
        self.arrived = self.phone.got() if self.phone else []

    def address(self, words: str) -> None:
        self.phone = self.town.phone(self.channel, words)


OFFICER: Mapping[str, Callable[[str], tuple[str, dict[str, Any]]]] = {
    "jawab": lambda words: ("answered", {"note": words}),
    "tanya": lambda words: ("waiting", {"note": words}),
    "dikerjakan": lambda words: ("in_progress", {}),
    "teruskan": lambda codes: ("forwarded", {"offices": codes.split(", ")}),
    "ke luar": lambda words: (
        "forwarded",
        dict(zip(("office", "external_number"), words.split(maxsplit=1), strict=False)),
    ),
    "bukan kewenangan": lambda words: ("returned", {"note": words}),
    "selesai": lambda words: ("closed", {"how": "confirmed", "note": words}),
}
TALKS: Mapping[str, Callable[..., None]] = {
    "ambil alih": officers.take,
    "tulis": officers.say,
    "kembalikan": officers.hand_back,
}
ACTS: Mapping[str, Callable[[Walk, str], None]] = {
    "warga": Walk.citizen,
    "bot": Walk.bot,
    "petugas": Walk.officer,
    "instansi": Walk.one_of_several,
    "sistem": Walk.system,
    "waktu": Walk.time,
    "laporan": Walk.report,
    "foto": Walk.photos,
    "belum": lambda walk, words: walk.counted("objections", words),
    "penilaian": lambda walk, words: walk.counted("rating", words),
    "kabar": Walk.news,
    "alamat": Walk.address,
    "data": Walk.data,
    "ponsel": Walk.other_phone,
    "gabung": lambda walk, words: walk.at_desk(desk_acts.join, words),
    "pisah": lambda walk, words: walk.at_desk(desk_acts.part, words),
    "darurat": lambda walk, words: walk.at_desk(desk_acts.emergency, words),
    "sifat": Walk.secrecy,
    "tercatat": Walk.noted,
    "tersegel": Walk.sealed,
    "kanal": lambda walk, words: None,
}


def _steps(transcript: str) -> list[tuple[str, str]]:
    """Who does what; an indented line goes on with the line before."""
    steps: list[tuple[str, str]] = []
    for line in transcript.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith(" "):
            who, words = steps.pop()
            steps.append((who, f"{words}\n{line.strip()}"))
        elif line.startswith("["):
            steps.append(("waktu", line.strip("[]")))
        else:
            who, _, words = line.partition(":")
            steps.append((who, words.strip()))
    return steps
